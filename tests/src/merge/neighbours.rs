//! The right line: what stood next to a character when it was typed, and whether that still holds.
//!
//! A character belongs behind the one on its left on the screen of who typed it, in the same line;
//! at the start of a line, into that line; and in front of the one on its right, where that shows in
//! the same line behind the one on its left. This ends when somebody's gesture parts them: puts them
//! into two lines on its author's screen; or, where the author had not seen the character yet, parts
//! the neighbours, between whom it has no better place than on either side.
//! Knows nothing of strands, markers, or what events say.

use std::collections::BTreeSet;
use std::rc::Rc;

use tideline_model::{EventId, LineId};

use super::names;
use super::property::Property;
use super::screen::{Screen, Spot};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Letter(u32),
    Start(LineId),
}

#[derive(Debug, Clone)]
struct Claim {
    letter: u32,
    left: Left,
    right: Option<u32>,
    /// Its author had typed the letter on the right just before.
    is_backwards: bool,
}

/// A gesture that parted letters.
#[derive(Debug, Clone)]
struct Cut {
    event: EventId,
    before: Rc<Screen>,
    after: Rc<Screen>,
    /// Of the rows before, those whose letters stand in several rows now.
    rows: Vec<bool>,
}

#[derive(Debug, Clone, Default)]
pub struct Neighbours {
    claims: Vec<Claim>,
    cuts: Vec<Cut>,
}

impl Neighbours {
    /// Notes where letters stand that were typed just now on the screen `after`. `heads`: its
    /// displayed lines; `is_just_before`: whether a letter was typed just before by the same person;
    /// `seen`: whether that person has seen an event.
    pub fn note(
        &mut self,
        (after, heads): (&Screen, &[LineId]),
        fresh: &[u32],
        is_just_before: impl Fn(u32) -> bool,
        seen: impl Fn(EventId) -> bool,
    ) {
        let cuts: Vec<&Cut> = self.cuts.iter().filter(|cut| !seen(cut.event)).collect();
        for &letter in fresh {
            let Some(Spot { line, at }) = after.spot(letter) else {
                continue;
            };
            let row = &after.rows[line];
            let left = at.checked_sub(1).map(|left| Left::Letter(row[left]));
            let right = row.get(at + 1).copied();
            let mut claim = Claim {
                letter,
                left: left.unwrap_or(Left::Start(heads[line])),
                right,
                is_backwards: right.is_some_and(&is_just_before),
            };
            if cuts.iter().all(|cut| claim.outlives(cut)) {
                self.claims.push(claim);
            }
        }
    }

    /// Gives up what a gesture parted, also of what others type before they learn of it.
    pub fn part(&mut self, event: EventId, before: &Rc<Screen>, after: &Rc<Screen>) {
        let rows = cut_rows(before, after);
        if !rows.contains(&true) {
            return;
        }
        let (before, after) = (Rc::clone(before), Rc::clone(after));
        let cut = Cut {
            event,
            before,
            after,
            rows,
        };
        self.claims.retain_mut(|claim| claim.outlives(&cut));
        self.cuts.push(cut);
    }

    /// How many claims there still are about letters of which none is in `vanished`.
    pub fn count(&self, vanished: &BTreeSet<u32>) -> usize {
        self.standing(vanished).count()
    }

    fn standing(&self, vanished: &BTreeSet<u32>) -> impl Iterator<Item = &Claim> {
        self.claims.iter().filter(|claim| {
            let left = match claim.left {
                Left::Letter(left) => vanished.contains(&left),
                Left::Start(_) => false,
            };
            !left && !vanished.contains(&claim.letter)
        })
    }

    /// Letters in `vanished` count no more: deleted characters may come back on either side of a cut.
    /// `saw`: whether the first letter was typed by somebody who had seen the second.
    ///
    /// # Errors
    /// The first letter that does not stand where it should.
    pub fn expect_in_place(
        &self,
        screen: &Screen,
        vanished: &BTreeSet<u32>,
        saw: impl Fn(u32, u32) -> bool,
    ) -> Result<(), String> {
        for claim in self.standing(vanished) {
            let Some(spot) = screen.spot(claim.letter) else {
                continue;
            };
            claim.expect_behind_left(screen, spot, &saw)?;
            let right = claim.right.filter(|right| !vanished.contains(right));
            if let Some(right) = right {
                claim.expect_before(right, screen, spot, &saw)?;
            }
        }
        Ok(())
    }
}

impl Claim {
    /// Whether it still stands after the gesture; what it says of the right may not.
    fn outlives(&mut self, cut: &Cut) -> bool {
        let Cut { before, after, .. } = cut;
        let Some((row, from, now)) = self.left.on(before, after) else {
            return true;
        };
        if !cut.rows[row] {
            return true;
        }
        let is_parted = |letter: u32| after.spot(letter).is_some_and(|spot| spot.line != now);
        let is_behind = |letter: &u32| {
            let spot = before.spot(*letter);
            spot.is_some_and(|spot| spot.line == row && spot.at >= from)
        };
        let right = self.right.filter(is_behind);
        if right.is_some_and(is_parted) {
            self.right = None;
        }
        if before.shows(self.letter) {
            return !(is_behind(&self.letter) && is_parted(self.letter));
        }
        match right {
            Some(right) => !is_parted(right),
            None => !before.rows[row][from..].iter().any(|&it| is_parted(it)),
        }
    }

    fn expect_behind_left(
        &self,
        screen: &Screen,
        spot: Spot,
        saw: &impl Fn(u32, u32) -> bool,
    ) -> Result<(), String> {
        let letter = names::letter(self.letter);
        match self.left {
            Left::Start(line) if screen.lines.get(&line) != Some(&spot.line) => {
                let line = names::line(line);
                let how = format!("{letter} was typed at the start of {line} and is not in it");
                Err(Property::RightLine.broken(how))
            }
            Left::Start(_) => Ok(()),
            Left::Letter(left) => match screen.spot(left) {
                Some(Spot { line, at }) if line == spot.line && at < spot.at => {
                    let between = &screen.rows[line][at + 1..spot.at];
                    expect_seen(between, &[left], saw)
                }
                _ => {
                    let left = names::letter(left);
                    let how = format!("{letter} was typed behind {left} and is not behind it");
                    Err(Property::RightLine.broken(how))
                }
            },
        }
    }

    fn expect_before(
        &self,
        right: u32,
        screen: &Screen,
        spot: Spot,
        saw: &impl Fn(u32, u32) -> bool,
    ) -> Result<(), String> {
        let Some(other) = screen.spot(right).filter(|other| other.line == spot.line) else {
            return Ok(());
        };
        let is_behind_left = match self.left {
            Left::Letter(left) => screen.spot(left).is_some_and(|left| left.at < other.at),
            Left::Start(_) => true,
        };
        if is_behind_left && other.at < spot.at {
            let (letter, right) = (names::letter(self.letter), names::letter(right));
            let how = format!("{letter} was typed in front of {right} and is behind it");
            return Err(Property::RightLine.broken(how));
        }
        if self.is_backwards && spot.at < other.at {
            let between = &screen.rows[spot.line][spot.at + 1..other.at];
            return expect_seen(between, &[self.letter, right], saw);
        }
        Ok(())
    }
}

/// P5: what stands between neighbours was typed by somebody who had seen one of them.
fn expect_seen(
    between: &[u32],
    run: &[u32],
    saw: &impl Fn(u32, u32) -> bool,
) -> Result<(), String> {
    let stranger = between
        .iter()
        .find(|&&it| !run.iter().any(|&one| saw(it, one)));
    stranger.map_or(Ok(()), |&stranger| {
        let how = format!(
            "{} stands inside of a run, next to {}, without having been typed there",
            names::letter(stranger),
            names::letter(run[0]),
        );
        Err(Property::NoInterleaving.broken(how))
    })
}

impl Left {
    /// The row in which it stands before a gesture, the offset from which on letters are behind it,
    /// and the row in which it stands afterwards.
    fn on(self, before: &Screen, after: &Screen) -> Option<(usize, usize, usize)> {
        match self {
            Self::Letter(letter) => {
                let spot = before.spot(letter)?;
                Some((spot.line, spot.at + 1, after.spot(letter)?.line))
            }
            Self::Start(line) => Some((*before.lines.get(&line)?, 0, *after.lines.get(&line)?)),
        }
    }
}

/// For each row, whether what stood in it stands in several now.
fn cut_rows(before: &Screen, after: &Screen) -> Vec<bool> {
    let mut cut = vec![false; before.rows.len()];
    let mut now: Vec<Option<usize>> = vec![None; before.rows.len()];
    let letters = before
        .letters()
        .filter_map(|letter| Some((before.spot(letter)?.line, after.spot(letter)?.line)));
    let lines = before.lines.iter();
    let lines = lines.filter_map(|(line, &row)| Some((row, *after.lines.get(line)?)));
    for (row, to) in letters.chain(lines) {
        cut[row] |= now[row].is_some_and(|known| known != to);
        now[row] = Some(to);
    }
    cut
}
