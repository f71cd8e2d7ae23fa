//! P5: what several people type or paste at the same place, at the same time, on a document with a
//! random past, never mixes: characters forwards and backwards, pasted lines, lines typed one below
//! and one above the other.

use tideline_model::{DraftLine, Intent, Kind, LineId, Placement};
use tideline_tests::merge::check::expect_equal;
use tideline_tests::merge::names;
use tideline_tests::merge::property::Property;
use tideline_tests::shown::Shown;

use crate::past::{Outcome, Past, check};

/// How many letters or lines one person makes in a row.
const RUN: usize = 4;

#[derive(Clone, Copy)]
enum Direction {
    /// Each behind the one before.
    Forwards,
    /// Each in front of the one before, so always at the same place.
    Backwards,
}

impl Direction {
    fn any(past: &mut Past) -> Self {
        [Self::Forwards, Self::Backwards][past.luck.below(2)]
    }

    fn in_order<T>(self, mut run: Vec<T>) -> Vec<T> {
        match self {
            Self::Forwards => {}
            Self::Backwards => run.reverse(),
        }
        run
    }
}

/// Every replica types a run at the same place.
#[test]
fn runs_of_characters_stay_in_one_piece() {
    check(|past| {
        let line = past.line(0)?;
        let at = past.at(&line);
        let mut runs = Vec::new();
        for replica in 0..past.simulation.peers.len() {
            let direction = Direction::any(past);
            let mut run = Vec::new();
            for typed in 0..RUN {
                let letters = past.fresh(1 + typed as u32 % 2);
                let behind: usize = match direction {
                    Direction::Forwards => run.iter().map(|it: &String| it.chars().count()).sum(),
                    Direction::Backwards => 0,
                };
                let keystroke = Intent::EditText {
                    line: line.id,
                    at: at + behind as u32,
                    delete: 0,
                    insert: letters.clone(),
                };
                if let Err(error) = past.simulation.act(replica, &keystroke) {
                    return Some(Err(error));
                }
                run.push(letters);
            }
            runs.push(direction.in_order(run).concat());
        }
        Some(past.sync().and_then(|got| {
            let text = got.find(line.id).map_or("", |line| line.text.as_str());
            let torn = runs.iter().find(|run| !text.contains(*run));
            torn.map_or(Ok(()), |run| {
                Err(Property::NoInterleaving.broken(format!("{run} is torn in {text}")))
            })
        }))
    });
}

fn draft(past: &mut Past, replica: usize, depth: u32) -> DraftLine {
    DraftLine {
        id: past.simulation.peers[replica].maker.line(),
        depth,
        kind: Kind::Text,
        text: past.fresh(1),
        properties: Vec::new(),
        tags: Vec::new(),
    }
}

/// A place below the root or below a line.
fn placement(past: &mut Past) -> Option<Placement> {
    let parent = match past.luck.below(2) {
        0 => LineId::ROOT,
        _ => past.line(0)?.id,
    };
    let siblings = match parent {
        LineId::ROOT => past.base.lines.clone(),
        parent => past.base.find(parent)?.children.clone(),
    };
    let after = past.luck.below(siblings.len() + 1).checked_sub(1);
    let after = after.map(|index| siblings[index].id);
    Some(Placement { parent, after })
}

fn siblings(shown: &Shown, parent: LineId) -> Vec<LineId> {
    let lines = match parent {
        LineId::ROOT => Some(&shown.lines),
        parent => shown.find(parent).map(|line| &line.children),
    };
    lines.into_iter().flatten().map(|line| line.id).collect()
}

/// Each block stands in one piece, and around the blocks everything is as before.
fn expect_blocks(past: &Past, mut got: Shown, parent: LineId, blocks: &[Vec<LineId>]) -> Outcome {
    let order = siblings(&got, parent);
    for block in blocks {
        if !order.windows(block.len()).any(|lines| lines == block) {
            let how = format!("a block is torn in {}", got.named(&names::line));
            return Err(Property::NoInterleaving.broken(how));
        }
    }
    let mut lines = std::mem::take(&mut got.lines);
    remove(&mut lines, &blocks.concat());
    got.lines = lines;
    expect_equal("around the blocks", &got, &past.base)
}

fn remove(lines: &mut Vec<tideline_tests::shown::ShownLine>, gone: &[LineId]) {
    lines.retain(|line| !gone.contains(&line.id));
    for line in lines {
        remove(&mut line.children, gone);
    }
}

/// Every replica pastes at the same place: lines, with others below them.
#[test]
fn pasted_lines_stay_together() {
    check(|past| {
        let placement = placement(past)?;
        let mut blocks = Vec::new();
        for replica in 0..past.simulation.peers.len() {
            let depths = [0, 1, 0, 0];
            let lines = depths.map(|depth| draft(past, replica, depth)).to_vec();
            let top = lines.iter().filter(|line| line.depth == 0);
            blocks.push(top.map(|line| line.id).collect());
            let paste = Intent::CreateLines { placement, lines };
            if let Err(error) = past.simulation.act(replica, &paste) {
                return Some(Err(error));
            }
        }
        let got = past.sync();
        Some(got.and_then(|got| expect_blocks(past, got, placement.parent, &blocks)))
    });
}

/// Every replica makes lines at the same place, one by one.
#[test]
fn lines_made_one_by_one_stay_together() {
    check(|past| {
        let place = placement(past)?;
        let mut blocks: Vec<Vec<LineId>> = Vec::new();
        for replica in 0..past.simulation.peers.len() {
            let direction = Direction::any(past);
            let mut block = Vec::new();
            for _ in 0..RUN {
                let line = draft(past, replica, 0);
                let after = match direction {
                    Direction::Forwards => block.last().copied().or(place.after),
                    Direction::Backwards => place.after,
                };
                block.push(line.id);
                let create = Intent::CreateLines {
                    placement: Placement { after, ..place },
                    lines: vec![line],
                };
                if let Err(error) = past.simulation.act(replica, &create) {
                    return Some(Err(error));
                }
            }
            blocks.push(direction.in_order(block));
        }
        let got = past.sync();
        Some(got.and_then(|got| expect_blocks(past, got, place.parent, &blocks)))
    });
}

/// Two people press Enter in, or at the end of, the same line and type on, several times.
#[test]
fn paragraphs_typed_at_one_place_stay_together() {
    check(|past| {
        let line = past.line(1)?;
        let at = past.at(&line).max(1);
        let mut blocks: Vec<Vec<LineId>> = Vec::new();
        for replica in [past.one, past.other] {
            let (mut current, mut caret) = (line.id, at);
            let mut block = Vec::new();
            for _ in 0..RUN {
                let new_line = past.simulation.peers[replica].maker.line();
                let enter = Intent::Split {
                    line: current,
                    at: caret,
                    new_line,
                    kind: Kind::Text,
                };
                let typing = Intent::EditText {
                    line: new_line,
                    at: 0,
                    delete: 0,
                    insert: past.fresh(1),
                };
                for intent in [enter, typing] {
                    if let Err(error) = past.simulation.act(replica, &intent) {
                        return Some(Err(error));
                    }
                }
                (current, caret) = (new_line, 1);
                block.push(new_line);
            }
            blocks.push(block);
        }
        Some(past.sync().and_then(|got| {
            let order: Vec<LineId> = got.flat().iter().map(|(_, line)| line.id).collect();
            let positions = |block: &Vec<LineId>| -> Vec<Option<usize>> {
                let position = |id: &LineId| order.iter().position(|other| other == id);
                block.iter().map(position).collect()
            };
            for (own, other) in [(0, 1), (1, 0)] {
                let (own, other) = (positions(&blocks[own]), positions(&blocks[other]));
                let (first, last) = (own[0], own[RUN - 1]);
                let is_torn = other.iter().any(|it| first < *it && *it < last);
                if own.contains(&None) || !own.is_sorted() || is_torn {
                    let how = format!("paragraphs are torn in {}", got.named(&names::line));
                    return Err(Property::NoInterleaving.broken(how));
                }
            }
            Ok(())
        }))
    });
}
