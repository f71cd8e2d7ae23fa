//! What can be worked out about lines before they are written: what their columns will say, and the
//! words for the search index. For many lines, a thread beside the writer's does it meanwhile. Knows
//! nothing of the database.

use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::error::StoreError;
use crate::query;
use crate::rows::{LineContent, LineRow};
use crate::vocabulary::KnownWords;

/// Lines that are prepared together, and how many such portions may wait to be written.
const PORTION_LINES: usize = 500;
const PORTIONS_AHEAD: usize = 32;

/// A line that is to be written.
pub(crate) struct Draft<'a> {
    pub(crate) row: &'a LineRow,
    pub(crate) content: LineContent<'a>,
    /// Of the content.
    pub(crate) checksum: i64,
}

impl<'a> Draft<'a> {
    pub(crate) fn of(row: &'a LineRow) -> Self {
        let content = LineContent::of(&row.line);
        let checksum = content.checksum(row.line.id);
        Self {
            row,
            content,
            checksum,
        }
    }
}

/// Some drafts with their words.
#[derive(Default)]
pub(crate) struct Portion<'a> {
    drafts: Vec<(Draft<'a>, Range<usize>)>,
    /// Of all of them, as the index takes them.
    words: String,
    /// Those that were not known.
    pub(crate) new_words: Vec<String>,
}

impl<'a> Portion<'a> {
    /// Each draft with its words.
    pub(crate) fn drafts(&self) -> impl Iterator<Item = (&Draft<'a>, &str)> {
        let drafts = self.drafts.iter();
        drafts.map(|(draft, words)| (draft, &self.words[words.clone()]))
    }

    fn of(lines: &'a [LineRow], known: &mut KnownWords) -> Self {
        let mut portion = Self::default();
        let mut lower = String::new();
        for row in lines {
            let start = portion.words.len();
            query::each_word(&row.line.text, &mut lower, |word| {
                portion.words.push_str(word);
                portion.words.push(' ');
                if known.note(word) {
                    portion.new_words.push(word.to_owned());
                }
            });
            let words = start..portion.words.len();
            portion.drafts.push((Draft::of(row), words));
        }
        portion
    }
}

/// Has `write` take drafts of `lines`, in order, while another thread prepares those behind them.
pub(crate) fn beside<T, E: From<StoreError>>(
    lines: &[LineRow],
    known: &mut KnownWords,
    write: impl FnOnce(Portions<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let (ready, portions) = sync_channel(PORTIONS_AHEAD);
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("line-drafts".into());
        let spawned = thread.spawn_scoped(scope, move || prepare(lines, known, &ready));
        spawned.map_err(|error| StoreError::Disk {
            what: format!("no thread to prepare lines: {error}"),
        })?;
        // The thread ends with its listener, also when not all was written.
        write(Portions {
            portions,
            left: lines.len(),
        })
    })
}

fn prepare<'a>(lines: &'a [LineRow], known: &mut KnownWords, ready: &SyncSender<Portion<'a>>) {
    for lines in lines.chunks(PORTION_LINES) {
        if ready.send(Portion::of(lines, known)).is_err() {
            return;
        }
    }
}

pub(crate) struct Portions<'a> {
    portions: Receiver<Portion<'a>>,
    /// Lines that are still to come.
    left: usize,
}

impl<'a> Iterator for Portions<'a> {
    type Item = Portion<'a>;

    fn next(&mut self) -> Option<Portion<'a>> {
        if self.left == 0 {
            return None;
        }
        let portion = self.portions.recv();
        let portion = portion.expect("the thread prepares all lines");
        self.left -= portion.drafts.len();
        Some(portion)
    }
}
