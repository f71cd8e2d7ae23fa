//! A panel that shows only what matches: while the query is typed, and while somebody writes in it.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use tideline_client::protocol::{Command, EditIntent, Message};

use crate::app::{Desk, PANEL};
use crate::report::{ms, note, result, share};
use crate::synthetic::word;

/// Rows of a screen, or fewer where fewer lines match.
const SCREEN_ROWS: u32 = 40;
const RUNS: usize = 8;
const KEYSTROKES: usize = 200;
/// Between two letters of somebody who types fast.
const LETTER: Duration = Duration::from_millis(60);
/// What is asked: its name, and words by rank.
const QUERIES: [(&str, &[u64]); 3] = [
    ("common", &[2, 3, 5, 8, 13, 21, 34, 55]),
    (
        "rare",
        &[
            20_011, 23_017, 26_021, 29_023, 31_013, 33_029, 35_023, 38_011,
        ],
    ),
    ("two", &[300, 420, 555, 700, 860, 1_010, 1_300, 1_600]),
];

/// Filters by words of every frequency, by a tag, and by a kind, and writes in what is shown.
pub fn measure(folder: &Path, lines: u64) -> anyhow::Result<()> {
    let mut desk = Desk::open(folder, || ())?;
    let mut asked = Asked::default();
    for (name, ranks) in QUERIES {
        let queries = ranks.iter().map(|&rank| match name {
            "two" => format!("{} {}", word(rank), word(rank / 10)),
            _ => word(rank),
        });
        screens(
            &mut desk,
            &mut asked,
            &format!("{lines}/filter-{name}"),
            queries,
        )?;
    }
    let tag = "#someday".to_owned();
    if !desk.holds_all() {
        desk.move_window(desk.total / 3 * 2)?;
    }
    tag_line(&mut desk, "#someday ")?;
    screens(
        &mut desk,
        &mut asked,
        &format!("{lines}/filter-tag"),
        std::iter::repeat_n(tag, RUNS),
    )?;
    keystrokes(&mut desk, &mut asked, lines)?;
    desk.stop()
}

/// Names a tag in a line that is held.
fn tag_line(desk: &mut Desk, tag: &str) -> anyhow::Result<()> {
    let line = desk.rows[desk.rows.len() / 2].id.clone();
    let insert = tag.to_owned();
    desk.edit(EditIntent::EditText {
        line,
        at: 0,
        delete: 0,
        insert,
    })?;
    Ok(())
}

#[derive(Default)]
struct Asked {
    queries: u32,
}

/// How long it took, in milliseconds, to the rows of a screen and until all lines were looked at.
struct Took {
    screen: f64,
    done: f64,
    found: u32,
}

impl Asked {
    fn send(&mut self, desk: &Desk, query: &str) {
        self.queries += 1;
        desk.send(Command::Filter {
            panel: PANEL,
            query_id: self.queries,
            query: query.to_owned(),
            near: None,
        });
    }

    /// Types a query letter by letter; timed from the last letter on.
    fn type_query(&mut self, desk: &mut Desk, query: &str) -> anyhow::Result<Took> {
        let letters = query.char_indices().map(|(at, _)| at).skip(1);
        for end in letters {
            self.send(desk, &query[..end]);
            let pause = Instant::now();
            while pause.elapsed() < LETTER {
                if let Some(message) = desk.heard() {
                    self.answer(desk, &message);
                }
                std::thread::sleep(Duration::from_micros(200));
            }
        }
        let start = Instant::now();
        self.send(desk, query);
        self.wait(desk, start)
    }

    fn wait(&mut self, desk: &mut Desk, start: Instant) -> anyhow::Result<Took> {
        let mut totals = Vec::new();
        loop {
            let message = desk.next()?;
            let took = ms(start.elapsed());
            if matches!(message, Message::PanelPatch { .. }) {
                totals.push((took, desk.total));
            }
            let answer = self.answer(desk, &message);
            if let Some((found, false)) = answer {
                let rows = desk.total.min(SCREEN_ROWS);
                let mut totals = totals.into_iter();
                let screen = totals.find(|(_, total)| *total >= rows);
                let (screen, done) = (screen.map_or(took, |(took, _)| took), took);
                return Ok(Took {
                    screen,
                    done,
                    found,
                });
            }
        }
    }

    /// Has more lines looked at, as an interface does; how many match, and whether there are more.
    fn answer(&self, desk: &Desk, message: &Message) -> Option<(u32, bool)> {
        let Message::Filtered {
            query_id,
            found,
            more,
            ..
        } = message
        else {
            return None;
        };
        if *query_id != self.queries {
            return None;
        }
        if *more {
            desk.send(Command::FilterOn {
                panel: PANEL,
                query_id: *query_id,
            });
        }
        Some((*found, *more))
    }

    fn leave(&mut self, desk: &mut Desk) -> anyhow::Result<()> {
        self.send(desk, "");
        self.wait(desk, Instant::now())?;
        Ok(())
    }
}

fn screens(
    desk: &mut Desk,
    asked: &mut Asked,
    name: &str,
    queries: impl Iterator<Item = String>,
) -> anyhow::Result<()> {
    let (mut screens, mut done, mut found) = (Vec::new(), Vec::new(), Vec::new());
    for query in queries {
        let took = asked.type_query(desk, &query)?;
        screens.push(took.screen);
        done.push(took.done);
        found.push(took.found);
        asked.leave(desk)?;
    }
    note(&format!(
        "{found:?} lines match; all were looked at in {:.1} ms, at most {:.1}",
        share(done.clone(), 0.5),
        share(done, 1.0)
    ));
    result(
        &format!("{name}-p95"),
        share(screens, 0.95),
        "ms",
        Some(50.0),
    );
    Ok(())
}

/// Letters and new lines, in a panel that shows as many lines as one may, and beside one that still
/// looks for them.
fn keystrokes(desk: &mut Desk, asked: &mut Asked, lines: u64) -> anyhow::Result<()> {
    asked.type_query(desk, &word(3))?;
    let mut times = Vec::new();
    for number in 0..KEYSTROKES {
        let line = desk.rows[desk.rows.len() / 2].id.clone();
        times.push(desk.edit(letter(line, number))?);
    }
    let name = format!("{lines}/filter-keystroke");
    result(
        &format!("{name}-p50"),
        share(times.clone(), 0.5),
        "ms",
        Some(0.3),
    );
    result(&format!("{name}-p99"), share(times, 0.99), "ms", Some(2.0));
    enters(desk, lines)?;
    asked.leave(desk)?;
    while_looking(desk, asked, lines)
}

fn letter(line: String, number: usize) -> EditIntent {
    EditIntent::EditText {
        line,
        at: (number % 20) as u32,
        delete: 0,
        insert: "x".to_owned(),
    }
}

fn enters(desk: &mut Desk, lines: u64) -> anyhow::Result<()> {
    let mut times = Vec::new();
    let before = desk.total;
    for _ in 0..KEYSTROKES {
        let line = desk.rows[desk.rows.len() / 2].id.clone();
        let new_line = desk.new_line();
        times.push(desk.edit(EditIntent::Split {
            line,
            at: 3,
            new_line,
            kind: "text".to_owned(),
        })?);
    }
    let more = (desk.total - before) as usize;
    anyhow::ensure!(more == KEYSTROKES, "{more} new rows");
    let name = format!("{lines}/filter-enter");
    result(
        &format!("{name}-p50"),
        share(times.clone(), 0.5),
        "ms",
        Some(2.0),
    );
    result(&format!("{name}-p99"), share(times, 0.99), "ms", Some(16.0));
    Ok(())
}

/// Letters right behind a query that nothing matches: the walk is on its way.
fn while_looking(desk: &mut Desk, asked: &mut Asked, lines: u64) -> anyhow::Result<()> {
    let mut times = Vec::new();
    let held = desk.rows.first().context("no rows")?.id.clone();
    for number in 0..KEYSTROKES / 10 {
        asked.send(desk, &format!("{} qqq{number}", word(2)));
        for at in 0..10 {
            times.push(desk.edit(letter(held.clone(), at))?);
        }
    }
    asked.leave(desk)?;
    let name = format!("{lines}/filter-keystroke-beside-p99");
    result(&name, share(times, 0.99), "ms", Some(16.0));
    Ok(())
}
