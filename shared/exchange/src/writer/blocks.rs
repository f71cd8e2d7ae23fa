//! Joins neighbouring lines into blocks of code, tables, HTML and definitions, where what is written is
//! read back as these lines.
//! Knows nothing of lists and sections.

use tideline_model::{Kind, OutlineLine, Value};

use super::plan::{Form, Planner, unique};
use crate::code_block::{FENCE, Frame, INDENT, INFO, LANGUAGE, begins_block, usual_fence};
use crate::escape::is_delimiter_row;
use crate::reader::read_lines;
use crate::verbatim::{MARKDOWN, Verbatim};

impl Planner<'_> {
    /// Joins neighbouring lines of code, and of tables, HTML and definitions, into blocks.
    pub fn choose_blocks(&mut self) {
        let mut index = 0;
        let mut before = None;
        while index < self.lines.len() {
            let line = &self.lines[index];
            let is_free = self.forms[index] == Form::Paragraph;
            let verbatim = Verbatim::of(line).filter(|_| is_free);
            index = if is_free && line.kind == Kind::Code {
                self.choose_code(index, &mut before)
            } else if let Some(what) = verbatim {
                self.choose_verbatim(index, what)
            } else {
                index + 1
            };
        }
    }

    /// Where the run of neighbouring leaves that begins at `start` ends.
    fn run_end(&self, start: usize, is_in: impl Fn(usize) -> bool) -> usize {
        let depth = self.lines[start].depth;
        let is_leaf =
            |index: usize| self.forms[index] == Form::Paragraph && self.lines[index].depth == depth;
        let mut rest = start + 1..self.lines.len();
        rest.find(|&index| !(is_leaf(index) && is_in(index)))
            .unwrap_or(self.lines.len())
    }

    /// `before` is the end and frame of the block of code planned last.
    fn choose_code(&mut self, start: usize, before: &mut Option<(usize, Frame)>) -> usize {
        let goes_on = |index: usize| {
            let line = &self.lines[index];
            line.kind == Kind::Code && ![LANGUAGE, INFO, FENCE].iter().any(|name| {
                matches!(unique(line, name), Some(Value::Text(text)) if begins_block(name, text))
            })
        };
        let end = self.run_end(start, goes_on);
        let touches_indented = before
            .as_ref()
            .is_some_and(|(end, frame)| *end == start && frame.fence == INDENT);
        let follows_item = self.kin[start]
            .previous
            .is_some_and(|index| self.forms[index].mark().is_some());
        match self.frame(start, end, !touches_indented && !follows_item) {
            Some((frame, said)) => {
                self.said[start] = said;
                *before = Some((end, frame.clone()));
                self.fill(
                    start,
                    end,
                    Form::Code {
                        frame,
                        count: end - start,
                    },
                );
            }
            None => self.forms[start..end].fill(Form::Plus),
        }
        end
    }

    /// The frame that says as many properties of a block's first line as one can, and which.
    fn frame(
        &self,
        start: usize,
        end: usize,
        may_indent: bool,
    ) -> Option<(Frame, Vec<&'static str>)> {
        let line = &self.lines[start];
        let follows_code = start > 0
            && self.lines[start - 1].kind == Kind::Code
            && self.lines[start - 1].depth == line.depth;
        let texts: Vec<&str> = self.lines[start..end]
            .iter()
            .map(|line| line.text.as_str())
            .collect();
        let text_of = |name| match unique(line, name) {
            Some(Value::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        let info = text_of(INFO).or(text_of(LANGUAGE)).unwrap_or_default();
        for info in [info, ""] {
            let usual = usual_fence(info, &texts);
            for fence in [text_of(FENCE), Some(usual.as_str())].into_iter().flatten() {
                let frame = Frame {
                    info: info.to_owned(),
                    fence: fence.to_owned(),
                };
                let kept = frame.properties(&texts, follows_code);
                let is_said = |(name, value): &(String, Value)| unique(line, name) == Some(value);
                let is_placed = fence != INDENT || may_indent;
                if is_placed && frame.can_hold(&texts) && kept.iter().all(is_said) {
                    let names = [LANGUAGE, INFO, FENCE];
                    let is_kept = |name: &&str| kept.iter().any(|(kept, _)| kept == name);
                    return Some((frame, names.into_iter().filter(is_kept).collect()));
                }
            }
        }
        None
    }

    fn choose_verbatim(&mut self, start: usize, what: Verbatim) -> usize {
        let is_of = |index: usize| self.lines.get(index).and_then(Verbatim::of) == Some(what);
        // A row in front of a delimiter row begins another table.
        let begins_table = |index: usize| {
            what == Verbatim::Table
                && index >= start + 2
                && is_of(index + 1)
                && is_delimiter_row(&self.lines[index + 1].text)
        };
        let end = self.run_end(start, |index| is_of(index) && !begins_table(index));
        if self.is_read_back(start, end, what) {
            if what.property().is_some() {
                for said in &mut self.said[start..end] {
                    said.push(MARKDOWN);
                }
            }
            self.fill(
                start,
                end,
                Form::Verbatim {
                    what,
                    count: end - start,
                },
            );
        }
        end
    }

    /// Whether the lines, written as they are, become these lines again, and nothing after them is
    /// drawn into their block.
    fn is_read_back(&self, start: usize, end: usize, what: Verbatim) -> bool {
        let lines = &self.lines[start..end];
        let has_more = |line: &OutlineLine| line.properties.len() > 1 || !line.tags.is_empty();
        if what == Verbatim::Html && lines.iter().any(has_more) {
            // One annotation cannot speak of several blocks.
            return false;
        }
        let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        let (read, _) = read_lines(&format!("{}\n\nx\n", texts.join("\n")));
        let bare = |line: &OutlineLine| what.line(&line.text);
        let guard = OutlineLine {
            text: "x".to_owned(),
            ..OutlineLine::default()
        };
        read.into_iter().eq(lines.iter().map(bare).chain([guard]))
    }

    fn fill(&mut self, start: usize, end: usize, form: Form) {
        self.forms[start] = form;
        self.forms[start + 1..end].fill(Form::Within);
    }
}
