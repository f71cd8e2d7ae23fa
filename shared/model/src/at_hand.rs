//! The displayed line that was edited last, with where its parts stand in their strands: the next
//! keystroke goes there too, nearly always. A shortcut, dropped whenever lines change places. Knows
//! nothing of events.

use smallvec::SmallVec;

use crate::chars::char_count;
use crate::document::Document;
use crate::id::LineId;
use crate::index::{LineIndex, StrandIndex};
use crate::strand::Edit;

/// A part of the line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeldPart {
    line: LineIndex,
    strand: StrandIndex,
    /// The line that started the strand.
    pub first_line: LineId,
    /// Position of its first character in the strand.
    pub start: u32,
    chars: u32,
}

/// A displayed line as it is.
#[derive(Debug, Clone)]
pub(crate) struct AtHand {
    pub head: LineIndex,
    pub id: LineId,
    parts: SmallVec<[HeldPart; 1]>,
    /// The part that was asked for last, and the characters before it.
    near: (usize, u32),
}

impl AtHand {
    pub fn new(document: &Document, head: LineIndex) -> Self {
        let state = &document.state;
        let part = |line: LineIndex| {
            let this = state.line(line);
            let strand = state.strands.get(this.strand);
            let slice = strand.slice(this.marker);
            HeldPart {
                line,
                strand: this.strand,
                first_line: state.line(strand.first_line()).id,
                start: slice.start,
                chars: slice.chars,
            }
        };
        Self {
            head,
            id: state.line(head).id,
            parts: document.display.part_lines(head).map(part).collect(),
            near: (0, 0),
        }
    }

    /// The part in which so many characters behind the offset `at` are deleted, and something is
    /// inserted there or not, and how far into it that is. `None` where it is not within one part.
    pub fn part_at(&mut self, at: u32, delete: u32, inserts: bool) -> Option<(HeldPart, u32)> {
        // What is inserted goes behind the character on its left.
        let stop = if inserts { at } else { at.checked_add(1)? };
        let (mut place, mut before) = self.near;
        while place > 0 && stop <= before {
            place -= 1;
            before -= self.parts[place].chars;
        }
        while stop > before + self.parts.get(place)?.chars {
            before += self.parts[place].chars;
            place += 1;
        }
        self.near = (place, before);
        let part = self.parts[place];
        let offset = at - before;
        (delete <= part.chars - offset).then_some((part, offset))
    }

    pub fn has(&self, part: LineIndex) -> bool {
        self.parts[self.near.0].line == part || self.parts.iter().any(|it| it.line == part)
    }

    /// Takes over an edit of one of the parts; gives its offset in the displayed line.
    pub fn edit(&mut self, edit: &Edit) -> u32 {
        self.go_to(edit.owner);
        let (place, before) = self.near;
        let HeldPart { strand, start, .. } = self.parts[place];
        let inserted = char_count(&edit.insert);
        let moved = |position: u32| position + inserted - edit.delete;
        self.parts[place].chars = moved(self.parts[place].chars);
        if self.parts.len() > 1 {
            let of_strand = self.parts.iter_mut().filter(|it| it.strand == strand);
            let later = of_strand.filter(|it| it.start > start);
            later.for_each(|it| it.start = moved(it.start));
        }
        before + edit.at
    }

    fn go_to(&mut self, part: LineIndex) {
        if self.parts[self.near.0].line == part {
            return;
        }
        let place = self.parts.iter().position(|it| it.line == part);
        let place = place.expect("an edit of one of the parts");
        let before = self.parts[..place].iter().map(|it| it.chars).sum();
        self.near = (place, before);
    }
}
