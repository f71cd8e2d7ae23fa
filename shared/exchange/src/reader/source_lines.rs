//! The lines of a Markdown source, each without the marks of the list items and block quotes that it
//! is in. Columns are counted as the CommonMark specification does, with tab stops every four.
//! Knows nothing of what the lines say.

use std::borrow::Cow;

const TAB_STOP: usize = 4;
/// Indentation from which on a mark is no mark any more.
const CODE_INDENT: usize = 4;

/// A block that other blocks are in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Container {
    Quote,
    Item {
        /// Where its marker begins and how wide it is with the space behind it, together.
        indent: usize,
        first_line: usize,
    },
}

pub(super) struct SourceLines<'s>(Vec<&'s str>);

impl<'s> SourceLines<'s> {
    pub fn new(source: &'s str) -> Self {
        Self(source.split('\n').collect())
    }

    /// The line with this number, counted from 1, behind the marks of `containers`.
    pub fn within(&self, number: usize, containers: &[Container]) -> Cursor<'s> {
        let line = number
            .checked_sub(1)
            .and_then(|index| self.0.get(index))
            .copied();
        let mut cursor = Cursor::new(line.unwrap_or_default());
        for container in containers {
            if !cursor.enter(*container, number) {
                break;
            }
        }
        cursor
    }
}

/// A place in a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'s> {
    line: &'s str,
    offset: usize,
    column: usize,
    /// Whether part of the tab at `offset` is behind us.
    is_in_tab: bool,
    /// Where the white space in front of us ends: once found, it serves all containers.
    text_offset: usize,
    text_column: usize,
}

impl<'s> Cursor<'s> {
    fn new(line: &'s str) -> Self {
        let mut cursor = Self {
            line,
            offset: 0,
            column: 0,
            is_in_tab: false,
            text_offset: 0,
            text_column: 0,
        };
        cursor.find_text();
        cursor
    }

    fn find_text(&mut self) {
        let rest = &self.line[self.offset..];
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        self.text_offset = self.offset + blank;
        self.text_column = rest[..blank]
            .bytes()
            .fold(self.column, |column, byte| match byte {
                b'\t' => column + TAB_STOP - column % TAB_STOP,
                _ => column + 1,
            });
    }

    /// Steps over the mark of a container; false when the line only lazily belongs to it.
    fn enter(&mut self, container: Container, number: usize) -> bool {
        let (indent, text) = self.indent();
        match container {
            Container::Quote => {
                let is_marked = indent < CODE_INDENT && text.starts_with('>');
                if is_marked {
                    self.advance(indent + 1);
                    if self.line[self.offset..].starts_with([' ', '\t']) {
                        self.advance(1);
                    }
                }
                is_marked
            }
            Container::Item {
                indent: width,
                first_line,
            } => {
                let belongs = number == first_line || indent >= width || text.is_empty();
                if belongs {
                    self.advance(width);
                }
                belongs
            }
        }
    }

    /// Steps over up to `columns`, part of a tab counting as spaces.
    pub fn advance(&mut self, mut columns: usize) {
        while columns > 0 {
            let Some(c) = self.line[self.offset..].chars().next() else {
                break;
            };
            let width = if c == '\t' {
                TAB_STOP - self.column % TAB_STOP
            } else {
                1
            };
            let step = width.min(columns);
            self.column += step;
            columns -= step;
            self.is_in_tab = step < width;
            if !self.is_in_tab {
                self.offset += c.len_utf8();
            }
        }
        if self.offset > self.text_offset {
            self.find_text();
        }
    }

    /// Steps over up to `columns` of white space.
    pub fn advance_blank(&mut self, columns: usize) {
        let (indent, _) = self.indent();
        self.advance(columns.min(indent));
    }

    /// The text behind the indentation, and how many columns the indentation is.
    pub fn indent(&self) -> (usize, &'s str) {
        (
            self.text_column - self.column,
            &self.line[self.text_offset..],
        )
    }

    /// Everything from here on, with all of a tab that is partly behind us.
    pub fn raw(&self) -> &'s str {
        &self.line[self.offset..]
    }

    /// Everything from here on; what is left of a tab is spaces.
    pub fn rest(&self) -> Cow<'s, str> {
        let rest = &self.line[self.offset..];
        if !self.is_in_tab {
            return Cow::Borrowed(rest);
        }
        let spaces = TAB_STOP - self.column % TAB_STOP;
        Cow::Owned(format!("{}{}", " ".repeat(spaces), &rest[1..]))
    }
}
