//! Enter. The marker goes behind the character on the left; what is attached behind it follows.

use crate::change::Change;
use crate::display::Part;
use crate::document::IntentError;
use crate::id::LineId;
use crate::index::LineIndex;
use crate::line::Kind;
use crate::plan::spot::NewMarker;
use crate::plan::{Departure, Plan};

impl Plan<'_> {
    pub fn split(
        &mut self,
        line: LineId,
        at: u32,
        new_line: LineId,
        kind: &Kind,
    ) -> Result<(), IntentError> {
        let head = self.line(line)?;
        self.check_new(new_line)?;
        let parts = self.document.display.parts(&self.document.state, head);
        let at = self.check_end(head, &parts, u64::from(at))?;
        if at == parts.iter().map(|part| part.chars).sum() {
            self.create_empty(new_line, kind, self.spot_behind(head));
            return Ok(());
        }
        if at == 0 {
            self.create_empty(new_line, kind, self.spot_before(head));
            return Ok(());
        }
        let (place, _) = Self::part_at(&parts, at);
        let point = self.point(&parts, at);
        let state = &self.document.state;
        let strand = state.strands.get(point.strand);
        let marker = NewMarker {
            part: parts[place].line,
            strand: point.strand,
            rank: strand.rank_at(point.at - 1),
        };
        let spot = self.spot_for_split(head, marker);
        self.changes.push(Change::Split {
            strand: self.id(strand.first_line()),
            at: point.at,
            line: new_line,
            kind: kind.clone(),
            parent: self.id(spot.parent),
            slot: spot.slot,
            ordered: spot.ordered,
        });
        self.own_slot();
        self.carry(head, &parts, place);
        Ok(())
    }

    /// Parts behind the one that is split go along. Those attached to it follow by themselves, the
    /// others are attached behind them; the children of all of them stay with the first line.
    fn carry(&mut self, head: LineIndex, parts: &[Part], split: usize) {
        let state = &self.document.state;
        let part = parts[split].line;
        let carried: Vec<LineIndex> = parts[split + 1..].iter().map(|part| part.line).collect();
        let follows = |line: LineIndex| state.is_below_or_at(part, line);
        let last = carried.iter().copied().rev().find(|&line| follows(line));
        let bound = state.right_bound(last.unwrap_or(part));
        for &line in &carried {
            let above = state.above(state.place_of(line).edge);
            if above == part {
                self.departures.push(Departure { line, to: head });
            } else if !follows(line) && !carried.contains(&above) {
                self.push_join(line, bound, head);
            }
        }
        self.keep_children(head, &parts[..=split], &carried);
    }

    fn keep_children(&mut self, head: LineIndex, staying: &[Part], carried: &[LineIndex]) {
        let display = &self.document.display;
        let visible = |part: LineIndex| {
            let children = display.all_children(&self.document.state, part);
            children
                .into_iter()
                .filter(|&child| display.is_displayed(child))
        };
        let children: Vec<LineIndex> = carried.iter().flat_map(|&part| visible(part)).collect();
        let last = staying.iter().flat_map(|part| visible(part.line)).last();
        let spot = match last {
            Some(last) => self.spot_behind(last),
            None => self.spot_last(head),
        };
        self.move_in_a_row(&children, spot, head);
    }
}
