//! Which lines are moved where: the same for every engine that has a tree.

use std::time::{Duration, Instant};

use crate::figures::Answer;
use crate::synthetic::Luck;

/// Lines below one line: 10 × 100 × 100, and the eleven hundred above them.
pub const SECTIONS: usize = 10;
const CHAPTERS: usize = 100;
const LINES: usize = 99;
pub const MOVES: usize = 1_000;
const WARM_UP_MAX: Duration = Duration::from_secs(10);
/// Warm, unless getting there takes too long.
pub fn twice(once: fn() -> Option<f64>) -> Answer {
    let began = Instant::now();
    let mut took_ms = once();
    if began.elapsed() < WARM_UP_MAX {
        took_ms = once();
    }
    took_ms.map_or(Answer::Wrong, Answer::Value)
}

/// Each line's parent by number, before its children; `None` for the topmost ones.
pub fn parents() -> Vec<Option<usize>> {
    let mut parents = Vec::new();
    for _ in 0..SECTIONS {
        let section = parents.len();
        parents.push(None);
        for _ in 0..CHAPTERS {
            let chapter = parents.len();
            parents.push(Some(section));
            parents.extend([Some(chapter); LINES]);
        }
    }
    parents
}

/// Which line goes below which other, as its first child.
pub fn moves(writer: u64, lines: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut luck = Luck(writer);
    std::iter::from_fn(move || Some((luck.below(lines), luck.below(lines))))
}
