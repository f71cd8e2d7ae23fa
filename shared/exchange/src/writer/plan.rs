//! Decides which block of Markdown each line becomes, which of its properties the block itself says,
//! and what is left for property lines and annotations.
//! Knows nothing of indentation and blank lines.

use tideline_model::{Kind, OutlineLine, TodoState, Value};

use super::family::{Kin, kin};
use crate::annotation::{Annotation, to_json};
use crate::code_block::{FENCE, Frame, INDENT, INFO, LANGUAGE, begins_block, usual_fence};
use crate::escape::is_delimiter_row;
use crate::list_style::{LOOSE, MARKER, NUMBER, Siblings, Style, mark_of, number_of};
use crate::property_text::{property_line, tags_line};
use crate::reader::{HEADING_LEVEL, read_lines};
use crate::verbatim::Verbatim;

/// The block that a line becomes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Form {
    Item {
        style: Style,
        todo: Option<TodoState>,
    },
    /// An item with `+`: a line of text, or any other that Markdown cannot put blocks under.
    Plus,
    Quote,
    Heading(u8),
    Paragraph,
    Comment,
    Divider,
    /// This line and the next ones, `count` together.
    Code {
        frame: Frame,
        count: usize,
    },
    Verbatim {
        what: Verbatim,
        count: usize,
    },
    /// Part of a block that began before.
    Within,
}

impl Form {
    /// The mark of a list item.
    pub fn mark(&self) -> Option<char> {
        match self {
            Form::Item { style, .. } => Some(style.mark),
            Form::Plus => Some('+'),
            _ => None,
        }
    }

    pub fn is_container(&self) -> bool {
        matches!(self, Form::Item { .. } | Form::Plus | Form::Quote)
    }

    fn has_property_lines(&self) -> bool {
        self.is_container() || matches!(self, Form::Heading(_) | Form::Paragraph)
    }
}

#[derive(Debug)]
pub(super) struct Piece<'o> {
    pub line: &'o OutlineLine,
    pub depth: u32,
    pub form: Form,
    pub has_children: bool,
    /// On the first item of a list: blank lines between the items.
    pub is_loose: bool,
    pub property_lines: Vec<String>,
    /// Of this line; for the first line of a block, of the block's other lines too.
    pub annotations: Vec<Annotation>,
}

pub(super) struct Plan<'o> {
    pub pieces: Vec<Piece<'o>>,
    pub headings_are_flat: bool,
}

pub(super) fn plan(lines: &[OutlineLine]) -> Plan<'_> {
    let mut planner = Planner::new(lines);
    planner.choose_forms();
    planner.choose_blocks();
    planner.choose_styles();
    let headings_are_flat = planner.are_headings_flat();
    Plan {
        pieces: planner.pieces(),
        headings_are_flat,
    }
}

struct Planner<'o> {
    lines: &'o [OutlineLine],
    kin: Vec<Kin>,
    forms: Vec<Form>,
    /// The properties of each line that its block says.
    said: Vec<Vec<&'static str>>,
    loose: Vec<bool>,
}

impl<'o> Planner<'o> {
    fn new(lines: &'o [OutlineLine]) -> Self {
        Self {
            lines,
            kin: kin(lines),
            forms: Vec::with_capacity(lines.len()),
            said: vec![Vec::new(); lines.len()],
            loose: vec![false; lines.len()],
        }
    }

    fn choose_forms(&mut self) {
        let crowded = self.crowded();
        for index in 0..self.lines.len() {
            let form = self.choose_form(index, &crowded);
            if matches!(form, Form::Heading(level) if level > 3) {
                self.said[index].push(HEADING_LEVEL);
            }
            self.forms.push(form);
        }
    }

    fn choose_form(&self, index: usize, crowded: &[bool]) -> Form {
        let (line, kin) = (&self.lines[index], self.kin[index]);
        let is_leaf = !kin.has_children;
        if kin.deeper > 0 {
            return Form::Plus;
        }
        match &line.kind {
            Kind::Bullet | Kind::Numbered | Kind::Todo(_) => {
                // The number and mark follow when the siblings are known.
                let todo = if let Kind::Todo(state) = line.kind {
                    Some(state)
                } else {
                    None
                };
                Form::Item {
                    style: Style {
                        mark: '-',
                        number: None,
                    },
                    todo,
                }
            }
            Kind::Quote => Form::Quote,
            Kind::Heading(level) => Form::Heading(heading_level(line, *level)),
            Kind::Comment if is_leaf => Form::Comment,
            Kind::Divider if is_leaf => Form::Divider,
            Kind::Code if is_leaf => Form::Paragraph,
            Kind::Text
                if is_leaf && Verbatim::of(line).is_none() && self.joins_list(kin, crowded) =>
            {
                Form::Plus
            }
            Kind::Text | Kind::Other(_) if is_leaf => Form::Paragraph,
            _ => Form::Plus,
        }
    }

    /// Whether a text without children is an item because its neighbours are.
    fn joins_list(&self, kin: Kin, crowded: &[bool]) -> bool {
        let parent_is_plus = kin
            .parent
            .is_some_and(|parent| self.forms[parent] == Form::Plus);
        parent_is_plus || crowded[kin.parent.map_or(0, |parent| parent + 1)]
    }

    /// By parent (0 for the document, else its index and one): whether at least half of the texts
    /// below it have children.
    fn crowded(&self) -> Vec<bool> {
        let mut counts = vec![(0_usize, 0_usize); self.lines.len() + 1];
        for (line, kin) in self.lines.iter().zip(&self.kin) {
            if line.kind == Kind::Text && Verbatim::of(line).is_none() {
                let count = &mut counts[kin.parent.map_or(0, |parent| parent + 1)];
                count.0 += 1;
                count.1 += usize::from(kin.has_children);
            }
        }
        counts
            .into_iter()
            .map(|(texts, parents)| parents > 0 && parents * 2 >= texts)
            .collect()
    }

    /// Joins neighbouring lines of code, and of tables, HTML and definitions, into blocks.
    fn choose_blocks(&mut self) {
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
        let mut end = self.run_end(start, |index| {
            Verbatim::of(&self.lines[index]) == Some(what)
        });
        if what == Verbatim::Table {
            let begins = |&index: &usize| is_delimiter_row(&self.lines[index + 1].text);
            end = (start + 2..end.saturating_sub(1))
                .find(begins)
                .unwrap_or(end);
        }
        if self.is_read_back(start, end, what) {
            for said in &mut self.said[start..end] {
                said.push(crate::verbatim::MARKDOWN);
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
        let bare = |line: &OutlineLine| OutlineLine {
            text: line.text.clone(),
            properties: vec![what.property()],
            ..OutlineLine::default()
        };
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

    fn choose_styles(&mut self) {
        let plus_is_text = self.forms.contains(&Form::Plus);
        let mut siblings = Siblings::default();
        for index in 0..self.lines.len() {
            let line = &self.lines[index];
            let Form::Item { todo, .. } = self.forms[index] else {
                siblings.record(line.depth, None);
                continue;
            };
            let (style, said) = style(line, todo.is_some(), &siblings, plus_is_text);
            self.said[index].extend(said);
            siblings.record(line.depth, Some(style));
            self.forms[index] = Form::Item { style, todo };
        }
        for index in 0..self.lines.len() {
            if self.is_list_start(index)
                && unique(&self.lines[index], LOOSE) == Some(&Value::Boolean(true))
            {
                self.loose[index] = true;
                self.said[index].push(LOOSE);
            }
        }
    }

    /// Whether a line is the first of several items of one list.
    fn is_list_start(&self, index: usize) -> bool {
        let Some(mark) = self.forms[index].mark() else {
            return false;
        };
        let is_same = |other: Option<usize>| {
            other.is_some_and(|other| self.forms[other].mark() == Some(mark))
        };
        !is_same(self.kin[index].previous) && is_same(self.kin[index].next)
    }

    /// Headings that have no lines below them, but others behind them, hold no sections.
    fn are_headings_flat(&self) -> bool {
        let mut is_needed = false;
        for (index, form) in self.forms.iter().enumerate() {
            let Form::Heading(level) = form else {
                continue;
            };
            if self.kin[index].has_children {
                return false;
            }
            is_needed |= self.kin[index].next.is_some_and(
                |next| !matches!(self.forms[next], Form::Heading(other) if other <= *level),
            );
        }
        is_needed
    }

    fn pieces(self) -> Vec<Piece<'o>> {
        let mut pieces: Vec<Piece<'o>> = Vec::with_capacity(self.lines.len());
        let mut block_start = 0;
        for (index, form) in self.forms.into_iter().enumerate() {
            let (line, kin) = (&self.lines[index], self.kin[index]);
            let (property_lines, mut annotation) = leftover(line, &form, &self.said[index]);
            annotation.deeper = kin.deeper;
            if form != Form::Within {
                block_start = index;
            }
            annotation.line = index - block_start;
            let is_needed = annotation
                != Annotation {
                    line: annotation.line,
                    ..Annotation::default()
                };
            let annotations = if is_needed {
                vec![annotation]
            } else {
                Vec::new()
            };
            let is_within = form == Form::Within;
            pieces.push(Piece {
                line,
                depth: kin.depth,
                form,
                has_children: kin.has_children,
                is_loose: self.loose[index],
                property_lines,
                annotations,
            });
            if is_within {
                let own = std::mem::take(&mut pieces[index].annotations);
                pieces[block_start].annotations.extend(own);
            }
        }
        pieces
    }
}

/// The property `name`, if the line has exactly one.
fn unique<'a>(line: &'a OutlineLine, name: &str) -> Option<&'a Value> {
    let mut values = line.properties.iter().filter(|(known, _)| known == name);
    let (_, value) = values.next()?;
    values.next().is_none().then_some(value)
}

fn heading_level(line: &OutlineLine, level: u8) -> u8 {
    match unique(line, HEADING_LEVEL) {
        Some(Value::Integer(deeper @ 4..=6)) if level == 3 => *deeper as u8,
        _ => level.clamp(1, 3),
    }
}

/// The marker of an item, and which of its properties say it.
fn style(
    line: &OutlineLine,
    is_todo: bool,
    siblings: &Siblings,
    plus_is_text: bool,
) -> (Style, Vec<&'static str>) {
    let number = unique(line, NUMBER).and_then(number_of);
    let is_ordered = if is_todo {
        number.is_some()
    } else {
        line.kind == Kind::Numbered
    };
    let mut style = siblings.expected(line.depth, is_ordered);
    let mut said = Vec::new();
    let mark = unique(line, MARKER).and_then(|value| mark_of(value, is_ordered));
    if let Some(mark) = mark.filter(|&mark| mark != style.mark && !(mark == '+' && plus_is_text)) {
        style.mark = mark;
        said.push(MARKER);
    }
    if let Some(number) = number.filter(|_| is_ordered)
        && (is_todo || style.number != Some(number))
    {
        style.number = Some(number);
        said.push(NUMBER);
    }
    (style, said)
}

/// What a block does not say of its line: in property lines where all of it fits there.
fn leftover(line: &OutlineLine, form: &Form, said: &[&str]) -> (Vec<String>, Annotation) {
    let mut annotation = Annotation::default();
    let mut lines = Vec::new();
    let left = line
        .properties
        .iter()
        .filter(|(name, _)| !said.contains(&name.as_str()));
    let written: Option<Vec<String>> = left
        .clone()
        .map(|(name, value)| property_line(name, value))
        .collect();
    match written.filter(|_| form.has_property_lines()) {
        Some(written) => lines.extend(written),
        None => annotation
            .properties
            .extend(left.map(|(name, value)| (name.clone(), to_json(value)))),
    }
    if !line.tags.is_empty() {
        match tags_line(&line.tags).filter(|_| form.has_property_lines()) {
            Some(tags) => lines.push(tags),
            None => annotation.tags.clone_from(&line.tags),
        }
    }
    annotation.kind = unsaid_kind(line, form);
    if *form == Form::Divider && !line.text.is_empty() {
        annotation.text = Some(line.text.clone());
    }
    (lines, annotation)
}

fn unsaid_kind(line: &OutlineLine, form: &Form) -> Option<String> {
    let shows_text = matches!(form, Form::Plus | Form::Paragraph);
    (shows_text && line.kind != Kind::Text).then(|| line.kind.to_string())
}
