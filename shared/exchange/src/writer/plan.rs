//! Decides which block of Markdown each line becomes, which of its properties the block itself says,
//! and what is left for property lines and annotations.
//! Knows nothing of indentation and blank lines.

use tideline_model::{Kind, OutlineLine, TodoState, Value};

use super::family::{Kin, kin};
use crate::annotation::{Annotation, to_json};
use crate::code_block::Frame;
use crate::list_style::{LOOSE, MARKER, NUMBER, Siblings, Style, mark_of, number_of};
use crate::property_text::{property_line, tags_line};
use crate::reader::HEADING_LEVEL;
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
    /// An item whose marker follows when its siblings are known.
    fn item(todo: Option<TodoState>) -> Self {
        let style = Style {
            mark: '-',
            number: None,
        };
        Form::Item { style, todo }
    }

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

pub(super) struct Planner<'o> {
    pub lines: &'o [OutlineLine],
    pub kin: Vec<Kin>,
    pub forms: Vec<Form>,
    /// The properties of each line that its block says.
    pub said: Vec<Vec<&'static str>>,
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
            Kind::Bullet | Kind::Numbered => Form::item(None),
            Kind::Todo(state) => Form::item(Some(*state)),
            Kind::Quote => Form::Quote,
            Kind::Heading(level) => Form::Heading(heading_level(line, *level)),
            Kind::Comment if is_leaf => Form::Comment,
            Kind::Divider if is_leaf => Form::Divider,
            Kind::Text if is_leaf && !self.joins_list(line, kin, crowded) => Form::Paragraph,
            Kind::Code | Kind::Table | Kind::Other(_) if is_leaf => Form::Paragraph,
            _ => Form::Plus,
        }
    }

    /// Whether a text without children is an item because its neighbours are.
    fn joins_list(&self, line: &OutlineLine, kin: Kin, crowded: &[bool]) -> bool {
        let is_below_plus = |parent: usize| self.forms[parent] == Form::Plus;
        let has_list = kin.parent.is_some_and(is_below_plus)
            || crowded[kin.parent.map_or(0, |parent| parent + 1)];
        has_list && Verbatim::of(line).is_none()
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
pub(super) fn unique<'a>(line: &'a OutlineLine, name: &str) -> Option<&'a Value> {
    let mut values = line.properties.iter().filter(|(known, _)| known == name);
    let (_, value) = values.next()?;
    values.next().is_none().then_some(value)
}

fn heading_level(line: &OutlineLine, level: u8) -> u8 {
    match unique(line, HEADING_LEVEL) {
        Some(Value::Integer(4)) if level == 3 => 4,
        Some(Value::Integer(5)) if level == 3 => 5,
        Some(Value::Integer(6)) if level == 3 => 6,
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
