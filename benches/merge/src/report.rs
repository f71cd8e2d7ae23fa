//! What a person reads, and the lines that a program reads. Knows the targets; measures nothing.

use std::time::Duration;

use merge_measure::{Figure, Name};

use crate::run::{Outcome, Outcomes};

/// The values of all runs in short.
#[derive(Debug, Clone, Copy)]
pub struct Summary {
    pub median: f64,
    /// From the least to the greatest, as a share of the median; nothing where there is one value.
    pub spread_percent: Option<f64>,
}

impl Summary {
    /// # Errors
    /// What there is to say in place of a value.
    pub fn of(outcome: &Outcome) -> Result<Self, String> {
        let values = match outcome {
            Outcome::Values(values) => values,
            Outcome::Cannot(reason) => return Err(reason.clone()),
            Outcome::Wrong => return Err("came to a wrong text".to_owned()),
            Outcome::Unfinished(bound) => return Err(unfinished(*bound)),
            Outcome::Failed(words) => return Err(format!("failed: {words}")),
        };
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 0 {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        } else {
            sorted[middle]
        };
        let range = sorted[sorted.len() - 1] - sorted[0];
        let spread_percent = (sorted.len() > 1).then(|| 100.0 * range / median);
        Ok(Self {
            median,
            spread_percent,
        })
    }
}

fn unfinished(bound: Duration) -> String {
    format!("did not finish in {} s", bound.as_secs())
}

/// Prints one history's figures, a row an engine, with what is missing told below.
pub fn table(title: &str, engines: &[Name], figures: &[Figure], outcomes: &Outcomes) {
    println!("\n{title}");
    print!("  {:<20}", "");
    for figure in figures {
        print!(
            "{:>17}",
            format!("{}, {}", figure.name(), short_unit(*figure))
        );
    }
    println!();
    let mut notes: Vec<String> = Vec::new();
    for &engine in engines {
        print!("  {:<20}", engine.title());
        for &figure in figures {
            let summary = outcomes
                .get(&(engine, figure))
                .map_or(Err("was not measured".to_owned()), Summary::of);
            let cell = match summary {
                Ok(summary) => cell(figure, summary),
                Err(reason) => {
                    let note = format!("{}: {reason}", engine.title());
                    let number = notes.iter().position(|it| *it == note);
                    let number = number.unwrap_or_else(|| {
                        notes.push(note);
                        notes.len() - 1
                    });
                    format!("[{}]", number + 1)
                }
            };
            print!("{cell:>17}");
        }
        println!();
    }
    for (number, note) in notes.iter().enumerate() {
        println!("  [{}] {note}", number + 1);
    }
}

fn short_unit(figure: Figure) -> &'static str {
    match figure.unit() {
        "bytes" => "KB",
        unit => unit,
    }
}

fn cell(figure: Figure, summary: Summary) -> String {
    if figure.unit() == "bytes" {
        return short(summary.median / 1e3);
    }
    let median = short(summary.median);
    match summary.spread_percent {
        Some(spread) => format!("{median} ±{:.0}%", spread / 2.0),
        None => format!("{median} once"),
    }
}

/// Three figures that matter.
fn short(value: f64) -> String {
    match value {
        ..10.0 => format!("{value:.2}"),
        ..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// The lines for one history, each of our engines against the best peer.
pub fn results(
    engines: &[Name],
    figures: &[Figure],
    outcomes: &Outcomes,
    name: impl Fn(Name, Figure) -> String,
) -> Vec<String> {
    let mut lines = Vec::new();
    for &ours in engines.iter().filter(|it| it.is_ours()) {
        for &figure in figures {
            let name = format!("merge/{}", name(ours, figure));
            let of = |engine| outcomes.get(&(engine, figure)).map(Summary::of);
            let peers = engines.iter().filter(|it| !it.is_ours());
            let best = peers
                .filter_map(|&peer| Some((peer.key(), of(peer)?.ok()?.median)))
                .min_by(|(_, one), (_, other)| one.total_cmp(other));
            lines.push(match of(ours) {
                Some(Ok(summary)) => result(&name, figure.unit(), summary, best),
                Some(Err(reason)) => format!("no result for {name}: {reason}"),
                None => format!("no result for {name}"),
            });
        }
    }
    lines
}

/// One line. Where there is a target, see [`TARGETS`] for what it says.
fn result(name: &str, unit: &str, ours: Summary, best: Option<(&str, f64)>) -> String {
    let mut parts = vec![format!(
        "RESULT {name} ours={} unit={unit}",
        plain(ours.median)
    )];
    if let Some((peer, value)) = best {
        let ratio = ours.median / value;
        parts.push(format!(
            "best={peer} peer={} ratio={ratio:.3}",
            plain(value)
        ));
    }
    if let Some((_, target)) = TARGETS.iter().find(|(of, _)| *of == name) {
        parts.push(format!("target={target}"));
    }
    if let Some(spread) = ours.spread_percent {
        parts.push(format!("spread={spread:.0}"));
    }
    parts.join(" ")
}

fn plain(value: f64) -> String {
    if value.fract() == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.3}")
    }
}

/// What was set out to reach: a ratio to the best peer; for the moves, milliseconds.
const TARGETS: [(&str, f64); 12] = [
    ("merge/automerge-paper/strand-local", 1.0),
    ("merge/automerge-paper/lines-local", 4.0),
    ("merge/automerge-paper/strand-remote", 1.0),
    ("merge/automerge-paper/lines-remote", 3.0),
    ("merge/friendsforever/strand-remote", 1.5),
    ("merge/friendsforever/lines-remote", 4.0),
    ("merge/friendsforever/strand-batch", 1.0),
    ("merge/friendsforever/lines-batch", 2.0),
    ("merge/automerge-paper/strand-memory", 1.0),
    ("merge/automerge-paper/lines-memory", 3.0),
    ("merge/moves/1000x1000", 6.0),
    ("merge/oneline/friendsforever", 1.5),
];
