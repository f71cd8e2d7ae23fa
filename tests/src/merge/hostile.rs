//! Events that no planner would make: changes with the wrong lines, places and positions, which must
//! mean the same to everybody, and damaged events, which nobody may accept.

use std::collections::BTreeSet;

use tideline_model::{
    ApplyError, Boundary, Change, Event, EventId, Frontier, LineId, NewLine, Side, SlotId,
    SlotOrigin, SlotRef, Value,
};

use super::gesture::kind_of;
use super::names::{self, Luck};
use super::peer::Peer;

struct Forger<'a> {
    luck: Luck,
    lines: Vec<LineId>,
    events: Vec<EventId>,
    peer: &'a mut Peer,
}

/// Up to four changes, of every sort, with ids that mostly exist.
pub fn changes(peer: &mut Peer, made: &BTreeSet<LineId>, luck: u64) -> Vec<Change> {
    let known = made
        .iter()
        .filter(|&&line| peer.document.line(line).is_some());
    let mut lines: Vec<LineId> = known.copied().collect();
    lines.push(LineId::ROOT);
    let events = peer.log.events().map(|event| event.id).collect();
    let mut forger = Forger {
        luck: Luck::new(luck),
        lines,
        events,
        peer,
    };
    (0..=forger.luck.below(4))
        .map(|_| forger.change())
        .collect()
}

impl Forger<'_> {
    fn change(&mut self) -> Change {
        match self.luck.below(16) {
            0 => Change::CreateLines {
                lines: (0..self.luck.below(3)).map(|_| self.new_line()).collect(),
            },
            1 | 2 => Change::EditText {
                strand: self.line(),
                at: self.number(),
                delete: self.number() / 2,
                insert: String::new(),
            },
            3..=5 => Change::Split {
                strand: self.line(),
                at: self.number(),
                line: self.new_id(),
                kind: kind_of(0),
                parent: self.line(),
                slot: self.slot_ref(),
                ordered: self.luck.one_in(2),
            },
            6 | 7 => Change::Join {
                line: self.line(),
                boundary: if self.luck.one_in(2) {
                    Boundary::Marker(self.line())
                } else {
                    Boundary::End(self.line())
                },
            },
            8 | 9 => Change::Move {
                line: self.line(),
                parent: self.line(),
                slot: self.slot_ref(),
            },
            10 => Change::MoveBack {
                line: self.line(),
                parent: self.line(),
                slot: self.slot(),
            },
            11 => {
                let lines = (0..self.luck.below(4)).map(|_| self.line()).collect();
                if self.luck.one_in(2) {
                    Change::DeleteLines { lines }
                } else {
                    Change::DeleteAgain { lines }
                }
            }
            12 => Change::Restore {
                line: self.line(),
                deletions: (0..self.luck.below(4)).map(|_| self.event()).collect(),
            },
            13 => Change::UndeleteText {
                deletion: self.event(),
            },
            14 => Change::Keep { line: self.line() },
            _ => self.description(),
        }
    }

    fn description(&mut self) -> Change {
        let line = self.line();
        match self.luck.below(7) {
            0 => Change::SetKind {
                line,
                kind: kind_of(3),
            },
            1 => Change::SetProperty {
                line,
                name: "due".to_owned(),
                value: Some(Value::Integer(7)),
            },
            2 => Change::AddTag {
                line,
                tag: "home".to_owned(),
            },
            3 => Change::RemoveTag {
                line,
                tag: "home".to_owned(),
            },
            4 => Change::Continues,
            5 => Change::Undoes {
                event: self.event(),
            },
            _ => Change::Unknown {
                kind: 4_000,
                bytes: vec![1, 2, 3],
            },
        }
    }

    fn new_line(&mut self) -> NewLine {
        NewLine {
            id: self.new_id(),
            parent: self.line(),
            slot: self.slot_ref(),
            kind: kind_of(0),
            text: String::new(),
        }
    }

    /// Mostly a new one; else one that exists, or that another replica might make.
    fn new_id(&mut self) -> LineId {
        match self.luck.below(8) {
            0 => self.line(),
            1 => LineId {
                replica: names::replica(self.luck.below(4)),
                number: 1_000_000,
            },
            _ => self.peer.maker.line(),
        }
    }

    fn line(&mut self) -> LineId {
        if self.luck.one_in(20) {
            return LineId {
                replica: names::replica(0),
                number: 999_999,
            };
        }
        let hot = if self.luck.one_in(2) { 8 } else { usize::MAX };
        self.lines[self.luck.below(self.lines.len().min(hot))]
    }

    fn number(&mut self) -> u32 {
        let number = match self.luck.below(30) {
            0 => return u32::MAX,
            1 => 1_000,
            _ => self.luck.below(8),
        };
        u32::try_from(number).unwrap_or(0)
    }

    fn event(&mut self) -> EventId {
        if self.luck.one_in(20) || self.events.is_empty() {
            return EventId {
                replica: names::replica(self.luck.below(3)),
                seq: 1_000,
            };
        }
        self.events[self.luck.below(self.events.len())]
    }

    fn slot(&mut self) -> SlotId {
        SlotId {
            event: self.event(),
            index: u32::try_from(self.luck.below(3)).unwrap_or(0),
        }
    }

    fn slot_ref(&mut self) -> SlotRef {
        let side = if self.luck.one_in(3) {
            Side::Left
        } else {
            Side::Right
        };
        let origin = match self.luck.below(5) {
            0 | 1 => SlotOrigin::Start,
            2 => SlotOrigin::Own(self.luck.below(3) as u32),
            _ => SlotOrigin::Slot(self.slot()),
        };
        SlotRef { origin, side }
    }
}

/// Hands the peer an event with something wrong about it.
///
/// # Errors
/// When it is accepted, or changes something all the same.
pub fn expect_refused(peer: &mut Peer, luck: &mut Luck) -> Result<(), String> {
    let event = damaged(peer, luck);
    let hash = peer.document.hash();
    let outcome = peer.document.apply(&event);
    match outcome {
        Err(ApplyError::MissingParent { .. } | ApplyError::Malformed { .. }) => {}
        Ok(_) => return Err(format!("a damaged event was accepted: {event:?}")),
    }
    if peer.document.hash() != hash {
        return Err(format!("a refused event changed the hash: {event:?}"));
    }
    peer.expect_unchanged("a damaged event")
}

/// An event with something wrong about it, in the name of the peer.
pub fn damaged(peer: &Peer, luck: &mut Luck) -> Event {
    let changes = vec![Change::SetTitle {
        title: "damaged".to_owned(),
    }];
    let (replica, author) = (names::replica(peer.index), names::user(peer.index));
    let mut event = peer.document.stamp(replica, author, 0, changes);
    let unknown = EventId {
        replica: names::replica(9),
        seq: 3,
    };
    match luck.below(6) {
        0 => event.lamport = 0,
        1 => event.lamport -= 1,
        2 => event.id.seq += 1,
        3 => event.id.seq = 0,
        4 => event.parents = Frontier::new(vec![unknown]),
        _ => event.parents = Frontier::new(vec![event.id]),
    }
    event
}
