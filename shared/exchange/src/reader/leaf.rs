//! What paragraphs, headings, code and HTML become.

use comrak::nodes::NodeCodeBlock;
use tideline_model::{Kind, OutlineLine, TodoState, Value};

use super::walk::Walk;
use crate::annotation::{Annotation, Reading};
use crate::code_block::{Frame, INDENT};
use crate::escape::{
    check_box, is_definition, is_table, read_behind, read_comment, read_heading, read_paragraph,
    split_indent,
};
use crate::property_text::{self, PropertyLine, is_property_line};
use crate::verbatim::Verbatim;

const CODE_INDENT: usize = 4;
/// Headings of a deeper level keep it as a property.
const HEADING_LEVEL_MAX: u8 = 3;
pub(crate) const HEADING_LEVEL: &str = "heading-level";

impl<'s> Walk<'s> {
    pub(super) fn paragraph(&mut self, start: usize, end: usize) {
        let lines = self.paragraph_lines(start, end);
        let bare: Vec<&str> = lines.iter().map(|line| split_indent(line).1).collect();
        let frame = self.frame();
        if let Some((heading, heading_end)) = frame.heading
            && heading_end + 1 == start
            && bare.iter().all(|line| is_property_line(line))
        {
            frame.heading = None;
            self.add_properties(heading, &lines);
        } else if let (Some(owner), true) = (frame.owner, frame.is_fresh) {
            self.begin_block(None);
            self.owner_text(owner, &lines);
            // Whatever was annotated before the text was annotated by hand; it belongs to the line.
            self.settle_pending(owner);
        } else if is_table(&bare) {
            self.verbatim(Verbatim::Table, &bare);
        } else if bare.iter().all(|line| is_definition(line)) {
            self.verbatim(Verbatim::Definition, &bare);
        } else {
            let (text, properties) = split_properties(&lines, 0);
            let index = self.add_block(Kind::Text, read_paragraph(text));
            self.add_properties(index, properties);
        }
    }

    fn owner_text(&mut self, owner: usize, lines: &[&str]) {
        let line = &mut self.drafts[owner].line;
        let first = lines.first().copied().unwrap_or_default();
        let todo = check_box(first).filter(|_| matches!(line.kind, Kind::Bullet | Kind::Numbered));
        if let Some((mark, length)) = todo {
            let (text, properties) = split_properties(lines, 1);
            let first = &first[length..];
            line.kind = Kind::Todo(todo_state(mark));
            line.text = read_behind(&[&[first], &text[1..]].concat());
            self.add_properties(owner, properties);
        } else {
            let (text, properties) = split_properties(lines, 0);
            line.text = read_paragraph(text);
            self.add_properties(owner, properties);
        }
    }

    fn add_properties(&mut self, index: usize, lines: &[&str]) {
        let line = &mut self.drafts[index].line;
        let read = |line: &&str| property_text::read(split_indent(line).1);
        for read in lines.iter().filter_map(read) {
            match read {
                PropertyLine::Property(name, value) => line.properties.push((name, value)),
                PropertyLine::Tags(tags) => line.tags.extend(tags),
            }
        }
    }

    fn verbatim(&mut self, what: Verbatim, lines: &[&str]) {
        let depth = self.begin_block(None);
        let first = self.drafts.len();
        for line in lines {
            let OutlineLine {
                kind,
                text,
                properties,
                ..
            } = what.line(line);
            self.add_line(depth, kind, text, properties);
        }
        self.settle_pending(first);
    }

    pub(super) fn heading(&mut self, level: u8, start: usize) {
        let (_, source) = self.source.within(start, &self.containers).indent();
        let text = source
            .trim_start_matches('#')
            .trim_start_matches([' ', '\t']);
        self.add_heading(level, read_heading(text), start);
    }

    pub(super) fn setext_heading(&mut self, level: u8, start: usize, end: usize) {
        let lines = self.paragraph_lines(start, end.max(start + 1) - 1);
        self.add_heading(level, read_paragraph(&lines), end);
    }

    fn add_heading(&mut self, level: u8, text: String, end: usize) {
        let depth = self.begin_block(Some(level));
        let is_deeper = level > HEADING_LEVEL_MAX;
        let kept = is_deeper.then(|| (HEADING_LEVEL.to_owned(), Value::Integer(level.into())));
        let kind = Kind::Heading(level.min(HEADING_LEVEL_MAX));
        let index = self.add_line(depth, kind, text, kept.into_iter().collect());
        self.settle_pending(index);
        self.frame().heading = Some((index, end));
    }

    pub(super) fn code(&mut self, block: &NodeCodeBlock, start: usize) {
        let mut frame = Frame {
            info: String::new(),
            fence: INDENT.to_owned(),
        };
        let mut first = start;
        if !block.fenced
            && self
                .drafts
                .last()
                .is_some_and(|draft| is_footnote(&draft.line))
        {
            self.remark(
                start,
                "more of a footnote than its first paragraph, kept as code",
            );
        }
        if block.fenced {
            let (_, opening) = self.source.within(start, &self.containers).indent();
            let info = opening.trim_start_matches(char::from(block.fence_char));
            frame.fence = opening[..opening.len() - info.len()].to_owned();
            frame.info = info.trim_matches([' ', '\t']).to_owned();
            first += 1;
        }
        let count = block.literal.lines().count().max(1);
        let lines: Vec<String> = (first..first + count)
            .map(|number| {
                let mut cursor = self.source.within(number, &self.containers);
                if block.literal.is_empty() {
                    return String::new();
                }
                if block.fenced {
                    cursor.advance_blank(block.fence_offset);
                } else {
                    cursor.advance(CODE_INDENT);
                }
                cursor.rest().into_owned()
            })
            .collect();
        self.add_code(&frame, lines);
    }

    fn add_code(&mut self, frame: &Frame, lines: Vec<String>) {
        let depth = self.begin_block(None);
        let last = self.drafts.last().map(|draft| &draft.line);
        let follows_code = last.is_some_and(|line| line.kind == Kind::Code && line.depth == depth);
        let texts: Vec<&str> = lines.iter().map(String::as_str).collect();
        let mut properties = frame.properties(&texts, follows_code);
        let first = self.drafts.len();
        for line in lines {
            self.add_line(depth, Kind::Code, line, std::mem::take(&mut properties));
        }
        self.settle_pending(first);
    }

    pub(super) fn html(&mut self, start: usize, count: usize) {
        let end = start + count.max(1) - 1;
        let (_, first) = self.source.within(start, &self.containers).indent();
        let rest = (start + 1..=end).map(|number| {
            self.source
                .within(number, &self.containers)
                .rest()
                .into_owned()
        });
        let lines: Vec<String> = std::iter::once(first.to_owned()).chain(rest).collect();
        let block = lines.join("\n");
        let block = block.trim_end_matches([' ', '\t']);
        match Annotation::read(block) {
            Reading::Annotation(annotation) => return self.annotate(*annotation, start),
            Reading::Damaged => {
                self.remark(
                    start,
                    "a note of Tideline's that is damaged or newer, kept as comment",
                );
            }
            Reading::Foreign => {}
        }
        if let Some(text) = comment_text(block) {
            let text = read_comment(&text.replace('\n', "\u{2028}"));
            self.add_block(Kind::Comment, text);
        } else {
            self.remark(start, "HTML, kept as text");
            self.add_html(&lines, start, end);
        }
    }

    /// A blank line between two blocks of HTML is a line too, so that they stay two.
    fn add_html(&mut self, lines: &[String], start: usize, end: usize) {
        let is_apart = self
            .frame()
            .html_end
            .is_some_and(|before| before + 1 < start);
        let blank = if is_apart { &[""][..] } else { &[] };
        let lines: Vec<&str> = blank
            .iter()
            .copied()
            .chain(lines.iter().map(String::as_str))
            .collect();
        self.verbatim(Verbatim::Html, &lines);
        self.frame().html_end = Some(end);
    }

    /// The source lines of a paragraph, the first behind its indentation.
    fn paragraph_lines(&self, start: usize, end: usize) -> Vec<&'s str> {
        let (_, first) = self.source.within(start, &self.containers).indent();
        let rest =
            (start + 1..=end).map(|number| self.source.within(number, &self.containers).raw());
        std::iter::once(first).chain(rest).collect()
    }
}

fn is_footnote(line: &OutlineLine) -> bool {
    Verbatim::of(line) == Some(Verbatim::Definition) && line.text.starts_with("[^")
}

/// What stands in an HTML block that is one comment, without the spaces around it.
fn comment_text(block: &str) -> Option<&str> {
    let text = block.strip_prefix("<!--")?.strip_suffix("-->")?;
    if text.contains("-->") || text.starts_with('>') || text.starts_with("->") {
        return None;
    }
    let text = text.strip_prefix(' ').unwrap_or(text);
    Some(text.strip_suffix(' ').unwrap_or(text))
}

/// Splits the source lines of a paragraph into its text and the properties it ends with. The first
/// `text_lines_min` lines are text in any case.
fn split_properties<'a, 's>(
    lines: &'a [&'s str],
    text_lines_min: usize,
) -> (&'a [&'s str], &'a [&'s str]) {
    let last_text = lines
        .iter()
        .rposition(|line| !is_property_line(split_indent(line).1));
    let length = last_text.map_or(0, |last| last + 1);
    lines.split_at(length.max(text_lines_min))
}

fn todo_state(mark: char) -> TodoState {
    match mark {
        'x' | 'X' => TodoState::Done,
        '/' => TodoState::Started,
        '?' => TodoState::Waiting,
        '-' => TodoState::Cancelled,
        _ => TodoState::Open,
    }
}
