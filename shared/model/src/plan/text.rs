//! Offsets in the text of a displayed line become positions in the strands of its parts.

use std::cmp::Reverse;

use crate::at_hand::AtHand;
use crate::change::Change;
use crate::display::Part;
use crate::document::IntentError;
use crate::id::LineId;
use crate::index::{LineIndex, StrandIndex};
use crate::plan::Plan;

/// Elements of a strand that stand side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    pub strand: StrandIndex,
    pub at: u32,
    pub count: u32,
}

impl Plan<'_> {
    pub fn edit_text(
        &mut self,
        line: LineId,
        at: u32,
        delete: u32,
        insert: &str,
    ) -> Result<(), IntentError> {
        if self.edit_at_hand(line, at, delete, insert)? {
            return Ok(());
        }
        let line = self.line(line)?;
        let parts = self.document.display.parts(&self.document.state, line);
        let end = self.check_end(line, &parts, u64::from(at) + u64::from(delete))?;
        let point = self.point(&parts, at);
        let pieces = self.pieces(&parts, at, end);
        self.push_edits(pieces, Some((point, insert)));
        Ok(())
    }

    /// Takes the line at hand, as nearly every keystroke does. Says no where an edit concerns
    /// several parts, or none.
    fn edit_at_hand(
        &mut self,
        line: LineId,
        at: u32,
        delete: u32,
        insert: &str,
    ) -> Result<bool, IntentError> {
        let document = self.document;
        let mut at_hand = document.at_hand.borrow_mut();
        if at_hand.as_ref().is_none_or(|held| held.id != line) {
            *at_hand = Some(AtHand::new(document, self.line(line)?));
        }
        let held = at_hand.as_mut();
        let part = held.and_then(|held| held.part_at(at, delete, !insert.is_empty()));
        let Some((part, offset)) = part else {
            return Ok(false);
        };
        let edit = Change::EditText {
            strand: part.first_line,
            at: part.start + offset,
            delete,
            insert: insert.to_owned(),
        };
        if self.changes.is_empty() {
            // Most plans have no more than this.
            self.changes = vec![edit];
        } else {
            self.changes.push(edit);
        }
        Ok(true)
    }

    /// An offset that is not behind the end of the line.
    pub fn check_end(&self, line: LineIndex, parts: &[Part], at: u64) -> Result<u32, IntentError> {
        let length = parts.iter().map(|part| part.chars).sum();
        let given = u32::try_from(at).unwrap_or(u32::MAX);
        if given > length {
            return Err(IntentError::BehindEnd {
                line: self.id(line),
                at: given,
                length,
            });
        }
        Ok(given)
    }

    /// The part with the character on the left of `at`, and how far into it `at` is. Boundaries
    /// belong to the left; the start of the line to its own marker.
    pub fn part_at(parts: &[Part], at: u32) -> (usize, u32) {
        let mut offset = at;
        for (place, part) in parts.iter().enumerate() {
            if offset <= part.chars && (offset > 0 || at == 0) {
                return (place, offset);
            }
            offset -= part.chars;
        }
        unreachable!("the offset was checked");
    }

    /// Where something inserted at `at` goes.
    pub fn point(&self, parts: &[Part], at: u32) -> Piece {
        let (place, offset) = Self::part_at(parts, at);
        self.piece(parts[place], offset, 0)
    }

    /// The characters from one offset to another.
    pub fn pieces(&self, parts: &[Part], from: u32, to: u32) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut start = 0;
        for &part in parts {
            let end = start + part.chars;
            let (first, last) = (from.max(start), to.min(end));
            if first < last {
                pieces.push(self.piece(part, first - start, last - first));
            }
            start = end;
        }
        pieces
    }

    fn piece(&self, part: Part, offset: u32, count: u32) -> Piece {
        let state = &self.document.state;
        let line = state.line(part.line);
        let slice = state.strands.get(line.strand).slice(line.marker);
        Piece {
            strand: line.strand,
            at: slice.start + offset,
            count,
        }
    }

    /// Deletes the pieces and inserts a text. From the end of each strand to its start, so that no
    /// change moves what a later one names.
    pub fn push_edits(&mut self, mut pieces: Vec<Piece>, insert: Option<(Piece, &str)>) {
        let insert = insert.filter(|(_, text)| !text.is_empty());
        if let Some((point, _)) = insert
            && !pieces.iter().any(|piece| is_at(*piece, point))
        {
            pieces.push(point);
        }
        pieces.sort_by_key(|piece| (piece.strand, Reverse(piece.at)));
        for piece in pieces {
            let text = insert.filter(|&(point, _)| is_at(piece, point));
            let state = &self.document.state;
            let strand = state.strands.first_line(piece.strand);
            self.changes.push(Change::EditText {
                strand: self.id(strand),
                at: piece.at,
                delete: piece.count,
                insert: text.map_or_else(String::new, |(_, text)| text.to_owned()),
            });
        }
    }
}

fn is_at(piece: Piece, point: Piece) -> bool {
    (piece.strand, piece.at) == (point.strand, point.at)
}
