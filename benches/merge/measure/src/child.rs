//! A process that finds out one thing about one engine and answers on its standard output.

use std::path::PathBuf;

use anyhow::Context;
use clap::Subcommand;

use crate::engine::{Engine, Figure};
use crate::figures::{Answer, Prepared, measure, prepare};
use crate::roster::Name;

/// What such a process is asked. FOLDER holds a prepared history.
#[derive(Debug, Clone, Subcommand)]
pub enum Part {
    /// Type a history and keep the messages.
    Prepare { engine: String, folder: PathBuf },
    /// Measure one figure once.
    Measure {
        engine: String,
        figure: String,
        folder: PathBuf,
    },
    /// Measure the moves once.
    Moves { engine: String, folder: PathBuf },
}

/// What can be asked about one engine.
pub struct Entry {
    pub name: Name,
    prepare: fn(&Prepared, &str) -> anyhow::Result<Answer>,
    measure: fn(&Prepared, &str, Figure) -> anyhow::Result<Answer>,
    moves: Option<fn() -> Answer>,
}

impl Entry {
    pub fn new<E: Engine>(name: Name) -> Self {
        Self {
            name,
            prepare: prepare::<E>,
            measure: measure::<E>,
            moves: None,
        }
    }

    #[must_use]
    pub fn with_moves(self, moves: fn() -> Answer) -> Self {
        let moves = Some(moves);
        Self { moves, ..self }
    }

    fn carry_out(&self, part: &Part) -> anyhow::Result<Answer> {
        let key = self.name.key();
        match part {
            Part::Prepare { folder, .. } => (self.prepare)(&Prepared::new(folder.clone()), key),
            Part::Measure { figure, folder, .. } => {
                let figure = Figure::of_name(figure).context("no such figure")?;
                (self.measure)(&Prepared::new(folder.clone()), key, figure)
            }
            Part::Moves { .. } => Ok(match self.moves {
                Some(moves) => moves(),
                None => Answer::Cannot("has no tree to move in".to_owned()),
            }),
        }
    }
}

impl Part {
    fn engine(&self) -> &str {
        match self {
            Part::Prepare { engine, .. }
            | Part::Measure { engine, .. }
            | Part::Moves { engine, .. } => engine,
        }
    }

    /// Does it with one of `entries`, and prints the answer.
    pub fn answer(&self, entries: &[Entry]) -> anyhow::Result<()> {
        let entry = entries.iter().find(|it| it.name.key() == self.engine());
        let entry = entry.with_context(|| format!("no engine {} here", self.engine()))?;
        println!("{}", serde_json::to_string(&entry.carry_out(self)?)?);
        Ok(())
    }
}
