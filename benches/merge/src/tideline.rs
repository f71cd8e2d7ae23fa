//! Tideline's engines: the strand alone, and the same text through lines.

mod lines;
mod moves;
mod strand;

use merge_measure::{Entry, Name};

pub fn entries() -> Vec<Entry> {
    vec![
        Entry::new::<strand::Strand>(Name::Strand),
        Entry::new::<lines::Lines>(Name::Lines).with_moves(moves::measure),
    ]
}
