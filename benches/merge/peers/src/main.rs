//! The peers: one process answers one question about one of them. Knows nothing of Tideline.

mod automerge;
mod cola;
mod diamond;
mod loro;
mod moves;
mod yrs;

use clap::Parser;
use merge_measure::{Entry, Name, Part, memory};

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

#[derive(Parser)]
struct Options {
    #[command(subcommand)]
    part: Part,
}

fn main() -> anyhow::Result<()> {
    Options::parse().part.answer(&[
        Entry::new::<diamond::Diamond>(Name::Diamond),
        Entry::new::<cola::Cola>(Name::Cola),
        Entry::new::<loro::Loro>(Name::Loro).with_moves(moves::measure),
        Entry::new::<yrs::Yrs>(Name::Yrs),
        Entry::new::<automerge::Automerge>(Name::Automerge),
    ])
}
