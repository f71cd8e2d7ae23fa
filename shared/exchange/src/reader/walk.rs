//! The walk over the blocks of a Markdown document that makes the lines of an outline: containers,
//! depths, and annotations. What a single block becomes is in `leaf`.

use comrak::Node;
use comrak::arena_tree::NodeEdge;
use comrak::nodes::{ListDelimType, ListType, NodeList, NodeValue};
use tideline_model::{Kind, OutlineLine, Value};

use super::Remark;
use super::source_lines::{Container, SourceLines};
use crate::annotation::{Annotation, from_json};
use crate::canonical::settle;
use crate::list_style::{LOOSE, MARKER, NUMBER, Siblings, Style};

/// A line of the outline that is being made.
pub(super) struct Draft {
    pub line: OutlineLine,
    /// Set for list items.
    pub style: Option<Style>,
}

/// The document or a container, and what was read in it so far.
pub(super) struct Frame {
    /// The line that the container is.
    pub owner: Option<usize>,
    /// The depth of lines right below it.
    base: u32,
    /// The levels of the headings that are open in it.
    sections: Vec<u8>,
    /// Whether no block of it was read, so that a paragraph is its owner's text.
    pub is_fresh: bool,
    /// Whether its owner has been annotated.
    is_annotated: bool,
    /// Annotations of the next block, with their line numbers.
    pending: Vec<(Annotation, usize)>,
    /// The heading just read, and the number of its last source line.
    pub heading: Option<(usize, usize)>,
    /// The last source line of the HTML just read.
    pub html_end: Option<usize>,
}

impl Frame {
    fn new(owner: Option<usize>, base: u32) -> Self {
        Self {
            owner,
            base,
            sections: Vec::new(),
            is_fresh: true,
            is_annotated: false,
            pending: Vec::new(),
            heading: None,
            html_end: None,
        }
    }
}

pub(super) struct Walk<'s> {
    pub source: SourceLines<'s>,
    pub containers: Vec<Container>,
    pub drafts: Vec<Draft>,
    frames: Vec<Frame>,
    document: Frame,
    remarks: Vec<Remark>,
    plus_is_text: bool,
    headings_are_flat: bool,
    /// Whether the list whose first item comes next has blank lines between its items.
    is_loose: bool,
}

impl<'s> Walk<'s> {
    pub fn new(source: &'s str) -> Self {
        Self {
            source: SourceLines::new(source),
            containers: Vec::new(),
            drafts: Vec::new(),
            frames: Vec::new(),
            document: Frame::new(None, 0),
            remarks: Vec::new(),
            plus_is_text: false,
            headings_are_flat: false,
            is_loose: false,
        }
    }

    pub fn run(mut self, root: Node<'_>) -> (Vec<OutlineLine>, Vec<Remark>) {
        for edge in root.traverse() {
            match edge {
                NodeEdge::Start(node) => self.enter(node),
                NodeEdge::End(node) => self.leave(node),
            }
        }
        self.keep_pending();
        (finish(self.drafts), self.remarks)
    }

    fn enter(&mut self, node: Node<'_>) {
        let data = node.data();
        let (start, end) = (data.sourcepos.start.line, data.sourcepos.end.line);
        match &data.value {
            NodeValue::List(_) => self.is_loose = self.is_list_loose(node),
            NodeValue::Item(list) => self.enter_item(list, start),
            NodeValue::BlockQuote => {
                self.enter_container(Kind::Quote, None, Container::Quote);
            }
            NodeValue::Paragraph => self.paragraph(start, end),
            NodeValue::Heading(heading) if heading.setext => {
                self.setext_heading(heading.level, start, end);
            }
            NodeValue::Heading(heading) => self.heading(heading.level, start),
            NodeValue::CodeBlock(block) => self.code(block, start),
            NodeValue::HtmlBlock(block) => {
                self.html(
                    start,
                    block
                        .literal
                        .trim_end_matches([' ', '\t', '\n'])
                        .lines()
                        .count(),
                );
            }
            NodeValue::ThematicBreak => {
                self.add_block(Kind::Divider, String::new());
            }
            _ => {}
        }
    }

    fn leave(&mut self, node: Node<'_>) {
        if matches!(
            node.data().value,
            NodeValue::Item(_) | NodeValue::BlockQuote
        ) {
            self.keep_pending();
            self.frames.pop();
            self.containers.pop();
        }
    }

    fn enter_item(&mut self, list: &NodeList, first_line: usize) {
        let style = style_of(list);
        let kind = match (style.number, style.mark) {
            (Some(_), _) => Kind::Numbered,
            (None, '+') if self.plus_is_text => Kind::Text,
            (None, _) => Kind::Bullet,
        };
        let style = (kind != Kind::Text).then_some(style);
        let indent = list.marker_offset + list.padding;
        let index = self.enter_container(kind, style, Container::Item { indent, first_line });
        if std::mem::take(&mut self.is_loose) {
            let is_loose = (LOOSE.to_owned(), Value::Boolean(true));
            self.drafts[index].line.properties.push(is_loose);
        }
    }

    fn enter_container(&mut self, kind: Kind, style: Option<Style>, container: Container) -> usize {
        let depth = self.begin_block(None);
        let index = self.add_line(depth, kind, String::new(), Vec::new());
        self.drafts[index].style = style;
        self.settle_pending(index);
        self.frames.push(Frame::new(Some(index), depth + 1));
        self.containers.push(container);
        index
    }

    /// Whether there are blank lines in front of the second item of a list.
    fn is_list_loose(&self, list: Node<'_>) -> bool {
        let Some(second) = list.children().nth(1) else {
            return false;
        };
        let before = second.data().sourcepos.start.line - 1;
        self.source
            .within(before, &self.containers)
            .indent()
            .1
            .is_empty()
    }

    pub fn frame(&mut self) -> &mut Frame {
        self.frames.last_mut().unwrap_or(&mut self.document)
    }

    /// Notes that a block begins, and says at which depth it stands.
    pub fn begin_block(&mut self, heading_level: Option<u8>) -> u32 {
        let level = heading_level.filter(|_| !self.headings_are_flat);
        let frame = self.frame();
        frame.is_fresh = false;
        frame.heading = None;
        frame.html_end = None;
        let section = frame
            .pending
            .iter()
            .find_map(|(annotation, _)| annotation.section);
        if let Some(section) = section {
            frame.sections.truncate(section);
        } else if let Some(level) = level {
            while frame.sections.last().is_some_and(|&open| open >= level) {
                frame.sections.pop();
            }
        }
        let depth = frame.base + frame.sections.len() as u32;
        frame.sections.extend(level);
        depth
    }

    /// Adds the line of a block that is one line, and no heading.
    pub fn add_block(&mut self, kind: Kind, text: String) -> usize {
        let depth = self.begin_block(None);
        let index = self.add_line(depth, kind, text, Vec::new());
        self.settle_pending(index);
        index
    }

    pub fn add_line(
        &mut self,
        depth: u32,
        kind: Kind,
        text: String,
        properties: Vec<(String, Value)>,
    ) -> usize {
        let line = OutlineLine {
            depth,
            kind,
            text,
            properties,
            tags: Vec::new(),
        };
        self.drafts.push(Draft { line, style: None });
        self.drafts.len() - 1
    }

    pub fn remark(&mut self, line_number: usize, what: &'static str) {
        self.remarks.push(Remark { line_number, what });
    }

    /// Takes in an annotation: of the document, of the container it is first in, or of the block
    /// that follows it.
    pub fn annotate(&mut self, annotation: Annotation, line_number: usize) {
        if annotation.is_about_document() {
            self.plus_is_text |= annotation.plus.as_deref() == Some("text");
            self.headings_are_flat |= annotation.headings.as_deref() == Some("flat");
            return;
        }
        let frame = self.frame();
        match frame.owner {
            Some(owner) if frame.is_fresh && !frame.is_annotated => {
                frame.is_annotated = true;
                self.apply(annotation, owner, line_number);
            }
            _ => frame.pending.push((annotation, line_number)),
        }
    }

    /// Applies the pending annotations to the lines from `first` on, which a block has become.
    pub fn settle_pending(&mut self, first: usize) {
        for (annotation, line_number) in std::mem::take(&mut self.frame().pending) {
            let index = first.saturating_add(annotation.line);
            if index < self.drafts.len() {
                self.apply(annotation, index, line_number);
            } else {
                self.keep_annotation(&annotation, line_number);
            }
        }
    }

    /// Annotations that nothing follows any more become comments.
    fn keep_pending(&mut self) {
        for (annotation, line_number) in std::mem::take(&mut self.frame().pending) {
            self.keep_annotation(&annotation, line_number);
        }
    }

    fn keep_annotation(&mut self, annotation: &Annotation, line_number: usize) {
        let text = annotation.to_comment();
        let text = text
            .trim_start_matches("<!-- ")
            .trim_end_matches(" -->")
            .to_owned();
        self.remark(
            line_number,
            "a note of Tideline's about a line that is not there, kept as comment",
        );
        let depth = self.begin_block(None);
        self.add_line(depth, Kind::Comment, text, Vec::new());
    }

    fn apply(&mut self, annotation: Annotation, index: usize, line_number: usize) {
        let line = &mut self.drafts[index].line;
        if let Some(kind) = annotation.kind {
            line.kind = kind.parse().unwrap_or_default();
            self.drafts[index].style = None;
        }
        let line = &mut self.drafts[index].line;
        if let Some(text) = annotation.text {
            line.text = text;
        }
        line.depth = line.depth.saturating_add(annotation.deeper);
        line.tags.extend(annotation.tags);
        let mut is_understood = true;
        for (name, value) in annotation.properties {
            let read = from_json(&value);
            is_understood &= read.is_some();
            let value = read.unwrap_or_else(|| Value::Text(value.to_string()));
            line.properties.push((name, value));
        }
        if !is_understood {
            self.remark(
                line_number,
                "a property that is neither text, number nor list, kept as text",
            );
        }
    }
}

fn style_of(list: &NodeList) -> Style {
    match (list.list_type, list.delimiter) {
        (ListType::Bullet, _) => Style {
            mark: list.bullet_char.into(),
            number: None,
        },
        (ListType::Ordered, ListDelimType::Period) => Style {
            mark: '.',
            number: Some(list.start as u32),
        },
        (ListType::Ordered, ListDelimType::Paren) => Style {
            mark: ')',
            number: Some(list.start as u32),
        },
    }
}

/// Gives list items the properties that their styles are worth, and brings depths and properties
/// into the form that every outline has.
fn finish(drafts: Vec<Draft>) -> Vec<OutlineLine> {
    let mut siblings = Siblings::default();
    let mut depth_max = 0;
    let finish = |Draft { mut line, style }: Draft| {
        line.depth = line.depth.min(depth_max);
        depth_max = line.depth + 1;
        if let Some(style) = style {
            let expected = siblings.expected(line.depth, style.is_ordered());
            add_style(&mut line, style, expected);
        }
        siblings.record(line.depth, style);
        settle(&mut line);
        line
    };
    drafts.into_iter().map(finish).collect()
}

fn add_style(line: &mut OutlineLine, style: Style, expected: Style) {
    if style.mark != expected.mark {
        let mark = Value::Text(style.mark.to_string());
        line.properties.push((MARKER.to_owned(), mark));
    }
    // The number is what says that a todo stands in a numbered list.
    let is_todo = matches!(line.kind, Kind::Todo(_));
    if let Some(number) = style.number
        && (is_todo || style.number != expected.number)
    {
        line.properties
            .push((NUMBER.to_owned(), Value::Integer(number.into())));
    }
}
