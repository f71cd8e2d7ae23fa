//! Two gestures at the same time on a document with a random past: what properties P3, P4 and P7 say
//! of them.

use tideline_model::{Event, Intent, LineId, Placement};
use tideline_tests::merge::check::expect_equal;
use tideline_tests::merge::names;
use tideline_tests::merge::property::Property;
use tideline_tests::shown::{Shown, ShownLine};

use crate::past::{Past, check};

fn to_the_top(line: LineId) -> Intent {
    Intent::Move {
        lines: vec![line],
        placement: Placement {
            parent: LineId::ROOT,
            after: None,
        },
    }
}

/// P3, and the boundary itself belongs to the left.
#[test]
fn typing_goes_where_its_half_of_a_split_line_goes() {
    check(|past| {
        let line = past.line(2)?;
        let (at, typed_at) = (past.at(&line).max(1), past.at(&line));
        let split = past.split(past.one, &line, at);
        let typing = past.typing(line.id, typed_at);
        let Intent::Split { new_line, .. } = split else {
            return None;
        };
        Some(past.together(&split, &typing).and_then(|got| {
            let mut after_the_split = typing.clone();
            if let Intent::EditText {
                line, at: place, ..
            } = &mut after_the_split
                && typed_at > at
            {
                (*line, *place) = (new_line, typed_at - at);
            }
            expect_equal(
                &Property::SplitHalves.to_string(),
                &got,
                &past.plainly(&[&split, &after_the_split]),
            )
        }))
    });
}

/// P4.
#[test]
fn typing_follows_its_line_into_a_join() {
    check(|past| {
        let (into, line) = past.two_lines()?;
        let at = past.at(&line);
        let typing = past.typing(line.id, at);
        let join = Intent::Join {
            line: line.id,
            into: into.id,
        };
        let got = past.together(&join, &typing);
        Some(got.and_then(|got| {
            expect_equal(
                &Property::JoinKeeps.to_string(),
                &got,
                &past.plainly(&[&typing, &join]),
            )
        }))
    });
}

/// P4.
#[test]
fn the_tail_of_a_split_stays_where_a_joined_line_stood() {
    check(|past| {
        let (into, line) = past.lines_to_join()?;
        let at = Some(past.at(&line)).filter(|&at| at > 0)?;
        let split = past.split(past.other, &line, at);
        let join = Intent::Join {
            line: line.id,
            into: into.id,
        };
        let got = past.together(&join, &split);
        Some(got.and_then(|got| {
            expect_equal(
                &Property::JoinKeeps.to_string(),
                &got,
                &past.plainly(&[&split, &join]),
            )
        }))
    });
}

/// P4.
#[test]
fn the_later_of_a_join_and_a_move_wins() {
    check(|past| {
        let (into, line) = past.lines_to_join()?;
        let join = Intent::Join {
            line: line.id,
            into: into.id,
        };
        let to_the_top = to_the_top(line.id);
        Some(past.together(&join, &to_the_top).and_then(|got| {
            let own = |replica: usize| {
                let events = past.simulation.peers[0].log.events();
                let own = events.filter(|it| it.id.replica == names::replica(replica));
                own.map(Event::order).max()
            };
            let later = if own(past.one) > own(past.other) {
                &join
            } else {
                &to_the_top
            };
            expect_equal(
                &Property::JoinKeeps.to_string(),
                &got,
                &past.plainly(&[later]),
            )
        }))
    });
}

fn check_undo(gesture: impl Fn(&mut Past, &ShownLine, &ShownLine) -> Option<Intent>) {
    check(|past| {
        let (other_line, line) = past.two_lines()?;
        let typed_into = past.line(0)?;
        let at = past.at(&typed_into);
        let typing = past.typing(typed_into.id, at);
        let gesture = gesture(past, &line, &other_line)?;
        let event = past.simulation.act(past.one, &gesture).transpose()?;
        Some(event.and_then(|_| {
            past.simulation.act(past.other, &typing)?;
            past.sync()?;
            past.simulation.undo(past.one, 0)?;
            let got = past.sync()?;
            expect_equal(
                &Property::UndoRestores.to_string(),
                &got,
                &past.plainly(&[&typing]),
            )
        }))
    });
}

#[test]
fn undo_of_a_split_leaves_what_others_typed_meanwhile() {
    check_undo(|past, line, _| {
        let at = Some(past.at(line)).filter(|&at| at > 0)?;
        Some(past.split(past.one, line, at))
    });
}

#[test]
fn undo_of_a_join_leaves_what_others_typed_meanwhile() {
    check_undo(|_, line, into| {
        Some(Intent::Join {
            line: line.id,
            into: into.id,
        })
    });
}

#[test]
fn undo_of_a_deletion_leaves_what_others_typed_meanwhile() {
    check_undo(|_, line, other| {
        Some(Intent::Delete {
            lines: vec![line.id, other.id],
        })
    });
}

#[test]
fn undo_of_a_move_leaves_what_others_typed_meanwhile() {
    check_undo(|_, line, _| Some(to_the_top(line.id)));
}

#[test]
fn undo_of_a_deletion_over_several_lines_leaves_what_others_typed_meanwhile() {
    check_undo(|past, _, _| {
        let flat: Vec<ShownLine> = past
            .base
            .flat()
            .iter()
            .map(|(_, it)| (*it).clone())
            .collect();
        let first = past.luck.below(flat.len());
        let last = (first + past.luck.below(4)).min(flat.len() - 1);
        let (first_at, last_at) = (past.at(&flat[first]), past.at(&flat[last]));
        let is_backwards = first == last && first_at > last_at;
        (!is_backwards).then(|| Intent::DeleteRange {
            first: flat[first].id,
            first_at,
            last: flat[last].id,
            last_at,
        })
    });
}

/// One moves the line to the top, the other does `later` with it, having seen that; then the one
/// undoes the move, of which nothing is left.
fn check_undo_of_a_move_that_was_overtaken(later: impl Fn(&ShownLine, &ShownLine) -> Intent) {
    check(|past| {
        let (other_line, line) = past.two_lines()?;
        let event = past.simulation.act(past.one, &to_the_top(line.id));
        let event = event.transpose()?;
        Some(event.and_then(|_| {
            past.sync()?;
            past.simulation
                .act(past.other, &later(&line, &other_line))?;
            let before = past.sync()?;
            past.simulation.undo(past.one, 0)?;
            let got = past.sync()?;
            expect_equal(&Property::UndoSparesOthers.to_string(), &got, &before)
        }))
    });
}

#[test]
fn undo_of_a_move_leaves_a_line_where_somebody_put_it_since() {
    check_undo_of_a_move_that_was_overtaken(|line, other| Intent::Move {
        lines: vec![line.id],
        placement: Placement {
            parent: other.id,
            after: None,
        },
    });
}

#[test]
fn undo_of_a_move_leaves_a_line_that_somebody_joined_since() {
    check_undo_of_a_move_that_was_overtaken(|line, other| Intent::Join {
        line: line.id,
        into: other.id,
    });
}

/// Takes out what `base` does not show: a restore ends older deletions of the line, too.
fn keep_only(lines: &mut Vec<ShownLine>, base: &Shown) {
    lines.retain(|line| base.find(line.id).is_some());
    for line in lines {
        keep_only(&mut line.children, base);
    }
}

#[test]
fn another_person_can_restore_what_was_deleted() {
    check(|past| {
        let line = past.line(0)?;
        let lines = vec![line.id];
        let delete = Intent::Delete {
            lines: lines.clone(),
        };
        let restore = Intent::Restore { lines };
        Some(past.simulation.act(past.one, &delete).and_then(|_| {
            past.sync()?;
            past.simulation.act(past.other, &restore)?;
            let mut got = past.sync()?;
            keep_only(&mut got.lines, &past.base);
            expect_equal("restored by another", &got, &past.base)
        }))
    });
}
