//! How a block of code says its language and its fence, and which properties of its first line keep
//! that. Neighbouring code lines are one block; a line with such a property begins another.
//! Knows nothing of containers.

use tideline_model::Value;

pub(crate) const LANGUAGE: &str = "language";
pub(crate) const INFO: &str = "info";
pub(crate) const FENCE: &str = "fence";

/// The value of [`FENCE`] for code that is indented by four columns instead of fenced.
pub(crate) const INDENT: &str = "indent";

const FENCE_LENGTH_MIN: usize = 3;

/// The two things a block can be given besides its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// What stands behind the opening fence, trimmed.
    pub info: String,
    /// The fence itself, or [`INDENT`].
    pub fence: String,
}

impl Frame {
    /// The properties that the first line of a block gets, by name. Right behind another block it
    /// always gets one, so that the two stay apart.
    pub fn properties(&self, lines: &[&str], follows_code: bool) -> Vec<(String, Value)> {
        let language = language_of(&self.info);
        let has_info = self.info != language;
        let needs_fence = follows_code && language.is_empty() && !has_info;
        let is_usual = self.fence == usual_fence(&self.info, lines);
        [
            (FENCE, self.fence.as_str(), !is_usual || needs_fence),
            (INFO, self.info.as_str(), has_info),
            (LANGUAGE, language, !language.is_empty()),
        ]
        .into_iter()
        .filter(|(_, _, is_kept)| *is_kept)
        .map(|(name, value, _)| (name.to_owned(), Value::Text(value.to_owned())))
        .collect()
    }

    /// Whether a block with this frame is read back as `lines`.
    pub fn can_hold(&self, lines: &[&str]) -> bool {
        if self.fence == INDENT {
            let is_blank = |line: &&str| line.trim_matches([' ', '\t']).is_empty();
            return self.info.is_empty()
                && !lines.first().is_none_or(is_blank)
                && !lines.last().is_none_or(is_blank);
        }
        let Some(mark) = fence_mark(&self.fence) else {
            return false;
        };
        let closes = |line: &&str| {
            let run = run_length(line, mark);
            run >= self.fence.len() && line.trim_matches([' ', '\t', mark]).is_empty()
        };
        let is_bare = self.info.trim() == self.info
            && !self.info.contains(char::is_control)
            && !self.info.starts_with(mark);
        let is_closed_early = lines.iter().any(closes);
        is_bare && !is_closed_early && (mark == '~' || !self.info.contains('`'))
    }
}

/// The language that an info string begins with, such as `rust` in `rust,ignore`.
pub(crate) fn language_of(info: &str) -> &str {
    let is_inner = |c: char| c.is_alphanumeric() || "_+#.-".contains(c);
    &info[..info.find(|c| !is_inner(c)).unwrap_or(info.len())]
}

/// The fence that a block gets unless a property names another: long enough for its lines.
pub(crate) fn usual_fence(info: &str, lines: &[&str]) -> String {
    let mark = if info.contains('`') { '~' } else { '`' };
    let longest = lines
        .iter()
        .map(|line| run_length(line, mark))
        .max()
        .unwrap_or(0);
    mark.to_string().repeat(FENCE_LENGTH_MIN.max(longest + 1))
}

/// Whether a code line with this property begins a block, whatever the lines of the block are.
pub(crate) fn begins_block(name: &str, value: &str) -> bool {
    match name {
        LANGUAGE => !value.is_empty() && language_of(value) == value,
        INFO => language_of(value) != value,
        FENCE => value == INDENT || fence_mark(value).is_some(),
        _ => false,
    }
}

fn fence_mark(fence: &str) -> Option<char> {
    let mark = fence.chars().next().filter(|mark| "`~".contains(*mark))?;
    (fence.len() >= FENCE_LENGTH_MIN && fence.chars().all(|c| c == mark)).then_some(mark)
}

/// How many `mark`s a line begins with, behind its indentation.
fn run_length(line: &str, mark: char) -> usize {
    let line = line.trim_start_matches([' ', '\t']);
    line.len() - line.trim_start_matches(mark).len()
}
