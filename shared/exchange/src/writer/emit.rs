//! Writes a plan: indentation, markers, blank lines, and where sections end.
//! Knows nothing of why a line became the block it is.

use tideline_model::TodoState;

use super::plan::{Form, Piece, Plan};
use crate::SOFT_BREAK;
use crate::annotation::Annotation;
use crate::code_block::{Frame, INDENT};
use crate::escape::{EMPTY, write_behind, write_comment, write_heading, write_paragraph};
use crate::verbatim::Verbatim;

/// Containers that may begin on one line; parsers have limits.
const OPENED_IN_LINE_MAX: usize = 8;

pub(super) fn emit(plan: &Plan<'_>) -> String {
    let mut emitter = Emitter::new(plan.headings_are_flat);
    emitter.about_document(plan);
    for (index, piece) in plan.pieces.iter().enumerate() {
        if piece.form != Form::Within {
            emitter.piece(&plan.pieces[index..]);
        }
    }
    emitter.close_to(0);
    emitter.out
}

/// The document or a container that is open.
struct Open {
    /// The depth of lines right below it.
    base: u32,
    /// How long the prefix is outside of it.
    prefix_length: usize,
    /// The levels of the headings that are open in it.
    sections: Vec<u8>,
    last: Last,
    /// The list that the latest block was an item of: its mark, and whether it is loose.
    list: Option<(char, bool)>,
}

#[derive(PartialEq)]
enum Last {
    /// Nothing was written in the container yet.
    Nothing,
    /// The container's own text.
    Text,
    Block,
}

struct Emitter {
    out: String,
    /// What every line begins with here.
    prefix: String,
    /// What the next line begins with instead, when markers stand in front of it.
    lead: Option<String>,
    /// How many containers begin in `lead`.
    opened: usize,
    open: Vec<Open>,
    document: Open,
    headings_are_flat: bool,
}

impl Open {
    fn new(base: u32, prefix_length: usize) -> Self {
        Self {
            base,
            prefix_length,
            sections: Vec::new(),
            last: Last::Nothing,
            list: None,
        }
    }
}

impl Emitter {
    fn new(headings_are_flat: bool) -> Self {
        Self {
            out: String::new(),
            prefix: String::new(),
            lead: None,
            opened: 0,
            open: Vec::new(),
            document: Open::new(0, 0),
            headings_are_flat,
        }
    }

    fn about_document(&mut self, plan: &Plan<'_>) {
        let has_plus = plan.pieces.iter().any(|piece| piece.form == Form::Plus);
        let annotation = Annotation {
            plus: has_plus.then(|| "text".to_owned()),
            headings: plan.headings_are_flat.then(|| "flat".to_owned()),
            ..Annotation::default()
        };
        if !annotation.is_empty() {
            self.line(&annotation.to_comment());
            self.document.last = Last::Block;
        }
    }

    /// Writes the block that the first of `pieces` begins.
    fn piece(&mut self, pieces: &[Piece<'_>]) {
        let piece = &pieces[0];
        self.close_to(piece.depth);
        let section = self.enter_section(piece);
        self.separate(piece, section.is_some());
        if let Some(section) = section {
            let section = Annotation {
                section: Some(section),
                ..Annotation::default()
            };
            self.line(&section.to_comment());
        }
        if piece.form.is_container() {
            self.container(pieces);
        } else {
            for annotation in &piece.annotations {
                self.line(&annotation.to_comment());
            }
            self.leaf(pieces);
            self.here().last = Last::Block;
        }
    }

    fn here(&mut self) -> &mut Open {
        self.open.last_mut().unwrap_or(&mut self.document)
    }

    /// Closes the containers that a line at `depth` is not in.
    fn close_to(&mut self, depth: u32) {
        while self.open.last().is_some_and(|open| depth < open.base) {
            self.flush_lead();
            if let Some(open) = self.open.pop() {
                self.prefix.truncate(open.prefix_length);
            }
        }
    }

    /// Ends the sections that a line is not in; says how many it is in where Markdown would not.
    fn enter_section(&mut self, piece: &Piece<'_>) -> Option<usize> {
        let level = match piece.form {
            Form::Heading(level) if !self.headings_are_flat => Some(level),
            _ => None,
        };
        let here = self.here();
        let wanted = (piece.depth - here.base) as usize;
        // A heading closes from the inside, up to the first heading of a lower level.
        let is_outer = |level: u8| here.sections.iter().rposition(|&open| open < level);
        let given = match level {
            Some(level) => is_outer(level).map_or(0, |at| at + 1),
            None => here.sections.len(),
        };
        here.sections.truncate(wanted);
        here.sections.extend(level);
        (given != wanted).then_some(wanted)
    }

    /// Puts a blank line in front of a block where Markdown needs one or readers expect one.
    fn separate(&mut self, piece: &Piece<'_>, has_section: bool) {
        let mark = piece.form.mark();
        let here = self.here();
        let list = here
            .list
            .filter(|(open, _)| Some(*open) == mark && !has_section);
        let is_apart = match here.last {
            Last::Nothing => false,
            Last::Text => !can_follow_text(piece),
            Last::Block => list.is_none_or(|(_, is_loose)| is_loose),
        };
        let is_first = here.last == Last::Nothing;
        here.list = mark.map(|mark| list.unwrap_or((mark, piece.is_loose)));
        if is_apart {
            self.line("");
        } else if is_first && !self.fits_behind_marker(piece) {
            self.flush_lead();
        }
    }

    fn fits_behind_marker(&self, piece: &Piece<'_>) -> bool {
        let shows = match &piece.form {
            Form::Heading(_) => !piece.line.text.is_empty(),
            Form::Code { frame, .. } => frame.fence != INDENT,
            form => form.is_container() && !piece.line.text.is_empty(),
        };
        shows && piece.annotations.is_empty() && self.opened < OPENED_IN_LINE_MAX
    }

    fn container(&mut self, pieces: &[Piece<'_>]) {
        let piece = &pieces[0];
        let (marker, indent) = match &piece.form {
            Form::Item { style, .. } => (style.marker(), " ".repeat(style.marker().len())),
            Form::Quote => ("> ".to_owned(), "> ".to_owned()),
            _ => ("+ ".to_owned(), "  ".to_owned()),
        };
        self.here().last = Last::Block;
        self.open
            .push(Open::new(piece.depth + 1, self.prefix.len()));
        self.lead
            .get_or_insert_with(|| self.prefix.clone())
            .push_str(&marker);
        self.opened += 1;
        self.prefix.push_str(&indent);
        let lines = piece.annotations.iter().map(Annotation::to_comment);
        let lines: Vec<String> = lines.chain(container_text(pieces, &marker)).collect();
        for line in &lines {
            self.line(line);
        }
        if !lines.is_empty() {
            self.here().last = Last::Text;
        }
    }

    fn leaf(&mut self, pieces: &[Piece<'_>]) {
        let piece = &pieces[0];
        match &piece.form {
            Form::Heading(level) => {
                let text = write_heading(&piece.line.text);
                let gap = if text.is_empty() { "" } else { " " };
                self.line(&format!("{}{gap}{text}", "#".repeat((*level).into())));
                self.lines(&piece.property_lines);
            }
            Form::Comment => {
                let text = write_comment(&piece.line.text);
                let before = if text.starts_with(SOFT_BREAK) {
                    ""
                } else {
                    " "
                };
                let behind = if text.ends_with(SOFT_BREAK) { "" } else { " " };
                let comment = format!("<!--{before}{text}{behind}-->");
                comment.split(SOFT_BREAK).for_each(|line| self.line(line));
            }
            // At the very top, three dashes would begin front matter.
            Form::Divider if self.out.is_empty() => self.line("***"),
            Form::Divider => self.line("---"),
            Form::Code { frame, count } => self.code(frame, &pieces[..*count]),
            Form::Verbatim { count, .. } => {
                pieces[..*count]
                    .iter()
                    .for_each(|piece| self.line(&piece.line.text));
            }
            _ => {
                if !piece.line.text.is_empty() || piece.property_lines.is_empty() {
                    self.lines(&write_paragraph(&piece.line.text, ""));
                }
                self.lines(&piece.property_lines);
            }
        }
    }

    fn code(&mut self, frame: &Frame, pieces: &[Piece<'_>]) {
        if frame.fence == INDENT {
            for piece in pieces {
                let indent = if piece.line.text.is_empty() {
                    ""
                } else {
                    "    "
                };
                self.line(&format!("{indent}{}", piece.line.text));
            }
            return;
        }
        self.line(&format!("{}{}", frame.fence, frame.info));
        pieces.iter().for_each(|piece| self.line(&piece.line.text));
        self.line(&frame.fence);
    }

    fn lines(&mut self, lines: &[String]) {
        lines.iter().for_each(|line| self.line(line));
    }

    fn line(&mut self, text: &str) {
        let lead = self.lead.take();
        let start = lead.as_deref().unwrap_or(&self.prefix);
        self.out.push_str(if text.is_empty() {
            start.trim_end()
        } else {
            start
        });
        self.out.push_str(text);
        self.out.push('\n');
        self.opened = 0;
    }

    /// Ends the line that only markers stand on.
    fn flush_lead(&mut self) {
        if self.lead.is_some() {
            self.line("");
        }
    }
}

/// Whether a list can begin right under its parent's text: a marker with something behind it, and
/// the number 1 if any, ends a paragraph.
fn can_follow_text(piece: &Piece<'_>) -> bool {
    let has_content = !piece.line.text.is_empty()
        || !piece.annotations.is_empty()
        || !piece.property_lines.is_empty();
    match &piece.form {
        Form::Item { style, todo } => {
            let starts = style.number.is_none_or(|number| number == 1);
            starts && !piece.is_loose && (has_content || todo.is_some())
        }
        Form::Plus => has_content && !piece.is_loose,
        _ => false,
    }
}

/// The source lines of the text and properties that a container begins with.
fn container_text(pieces: &[Piece<'_>], marker: &str) -> Vec<String> {
    let piece = &pieces[0];
    let text = &piece.line.text;
    let mut lines = match piece.form {
        Form::Item {
            todo: Some(state), ..
        } => todo_text(state, text),
        _ if !text.is_empty() => write_paragraph(text, marker),
        _ if piece.property_lines.is_empty() && needs_text(pieces) => vec![EMPTY.to_owned()],
        _ => Vec::new(),
    };
    lines.extend_from_slice(&piece.property_lines);
    lines
}

/// Whether a container without text must say so, or what is first in it would be taken for its own.
fn needs_text(pieces: &[Piece<'_>]) -> bool {
    let Some(child) = pieces.get(1).filter(|_| pieces[0].has_children) else {
        return false;
    };
    let is_paragraph = match &child.form {
        Form::Paragraph => true,
        Form::Verbatim { what, .. } => *what != Verbatim::Html,
        _ => false,
    };
    let is_annotated = !child.form.is_container() && !child.annotations.is_empty();
    is_paragraph || (is_annotated && pieces[0].annotations.is_empty())
}

fn todo_text(state: TodoState, text: &str) -> Vec<String> {
    let mark = match state {
        TodoState::Open => ' ',
        TodoState::Started => '/',
        TodoState::Waiting => '?',
        TodoState::Done => 'x',
        TodoState::Cancelled => '-',
    };
    let mut lines = write_behind(text);
    let gap = if lines[0].is_empty() { "" } else { " " };
    lines[0].insert_str(0, &format!("[{mark}]{gap}"));
    lines
}
