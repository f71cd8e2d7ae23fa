//! The running core, asked as an interface asks it: commands in, messages out, with its threads and
//! the disk behind it.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::Context;
use tideline_client::protocol::{Command, EditIntent, Message, Row, RowChange};
use tideline_client::{Core, CoreConfig, Interface, MissingFolder};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::report::{ms, note, result, result_beside, share};
use crate::synthetic::{CHAPTER_LINES, DOCUMENT, Luck, SECTION_LINES};

pub const PANEL: u32 = 1;
const RUNS: usize = 7;
const FOLDS: usize = 20;
const MOVES: usize = 20;
const JUMPS: u64 = 240;
const KEYSTROKES: u64 = 2_000;
/// Keystrokes in one place before the next.
const KEYS_AT_ONCE: u64 = 20;
const FIRST_SCREEN: &str = "rows";
const READY: &str = "ready";

/// One window on the document.
pub struct Desk {
    core: Core,
    interface: Interface,
    messages: UnboundedReceiver<Message>,
    serial: u32,
    revision: u32,
    /// Ids for lines that it makes: what they begin with, and the next number.
    new_lines: (String, u64),
    pub total: u32,
    pub rows: Vec<Row>,
}

impl Desk {
    /// Opens the document; `shown` hears of the first rows.
    pub fn open(folder: &Path, shown: impl Fn()) -> anyhow::Result<Self> {
        let core = Core::start(CoreConfig {
            data: folder.to_owned(),
            missing: MissingFolder::Refuse,
        })?;
        let (interface, messages) = core.attach();
        interface.send(Command::Hello);
        let mut desk = Self {
            core,
            interface,
            messages,
            serial: 0,
            revision: 0,
            new_lines: (String::new(), 0),
            total: 0,
            rows: Vec::new(),
        };
        desk.interface.send(open_panel(DOCUMENT.to_string()));
        let mut is_early = true;
        while is_early {
            is_early = match desk.next()? {
                Message::PanelRows { early, .. } => {
                    shown();
                    early
                }
                Message::PanelPatch { .. } => false,
                _ => true,
            };
        }
        Ok(desk)
    }

    pub fn stop(self) -> anyhow::Result<()> {
        self.core.stop()?;
        Ok(())
    }

    pub fn send(&self, command: Command) {
        self.interface.send(command);
    }

    /// An id that no line has.
    pub fn new_line(&mut self) -> String {
        let (prefix, number) = &mut self.new_lines;
        *number += 1;
        format!("{prefix}{number}")
    }

    /// What has been said and was not heard yet.
    pub fn heard(&mut self) -> Option<Message> {
        let message = self.messages.try_recv().ok()?;
        self.hear(&message);
        Some(message)
    }

    pub fn next(&mut self) -> anyhow::Result<Message> {
        let message = self.messages.blocking_recv();
        let message = message.context("the core has stopped")?;
        self.hear(&message);
        Ok(message)
    }

    fn hear(&mut self, message: &Message) {
        match message {
            Message::Boot {
                line_prefix,
                first_number,
                ..
            } => self.new_lines = (line_prefix.clone(), *first_number),
            Message::PanelRows {
                revision,
                total,
                rows,
                ..
            } => {
                (self.revision, self.total) = (*revision, *total);
                self.rows.clone_from(rows);
            }
            Message::PanelPatch {
                revision,
                total,
                changes,
                ..
            } => {
                (self.revision, self.total) = (*revision, *total);
                self.apply(changes);
            }
            _ => {}
        }
    }

    fn apply(&mut self, changes: &[RowChange]) {
        for change in changes {
            match change {
                RowChange::Splice { at, delete, insert } => {
                    let at = *at as usize;
                    let gone = at..at + *delete as usize;
                    self.rows.splice(gone, insert.iter().cloned());
                }
                RowChange::Row { at, row } => self.rows[*at as usize] = row.clone(),
                RowChange::Text { .. } => {}
            }
        }
    }

    /// From a command to the patch that answers it, in milliseconds.
    fn ask(&mut self, command: Command) -> anyhow::Result<f64> {
        self.answered(command, 0)
    }

    /// The same, to the patch that says that the edit with this serial is in it.
    fn answered(&mut self, command: Command, serial: u32) -> anyhow::Result<f64> {
        while self.heard().is_some() {}
        let start = Instant::now();
        self.interface.send(command);
        loop {
            let message = self.messages.blocking_recv();
            let took = ms(start.elapsed());
            let message = message.context("the core has stopped")?;
            self.hear(&message);
            if let Message::PanelPatch { ack, .. } = message
                && ack >= serial
            {
                return Ok(took);
            }
        }
    }

    pub fn edit(&mut self, intent: EditIntent) -> anyhow::Result<f64> {
        self.serial += 1;
        let edit = Command::Edit {
            panel: PANEL,
            serial: self.serial,
            revision: self.revision,
            intents: vec![intent],
        };
        self.answered(edit, self.serial)
    }

    /// Whether there are no other rows to be asked for, which nobody would answer.
    pub fn holds_all(&self) -> bool {
        self.total as usize == self.rows.len()
    }

    pub fn move_window(&mut self, first: u32) -> anyhow::Result<f64> {
        self.ask(Command::MoveWindow {
            panel: PANEL,
            first,
        })
    }

    fn row(&self, depth: u32) -> anyhow::Result<Row> {
        let row = self.rows.iter().find(|row| row.depth == depth);
        row.cloned().context("no line so deep")
    }
}

fn open_panel(document: String) -> Command {
    Command::OpenPanel {
        panel: PANEL,
        document,
        root: None,
        folds: None,
        near: None,
        stream: None,
        again: None,
    }
}

/// In a process of its own: opens the document and says when its first rows are there, and when all
/// that are held.
#[expect(clippy::print_stdout, reason = "the other process reads it")]
pub fn first_screen(folder: &Path) -> anyhow::Result<()> {
    let desk = Desk::open(folder, || println!("{FIRST_SCREEN}"))?;
    println!("{READY}");
    desk.core.stop()?;
    Ok(())
}

/// From the start of a process to the rows of a screen.
pub fn open(folder: &Path, lines: u64, peers: &[(&'static str, f64)]) -> anyhow::Result<()> {
    keep_as_the_core_does(folder)?;
    let mut times: HashMap<String, Vec<f64>> = HashMap::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        let mut process = Process::new(std::env::current_exe()?)
            .arg("--first-screen")
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()?;
        let said = process.stdout.take().context("no output")?;
        for line in BufReader::new(said).lines() {
            times.entry(line?).or_default().push(ms(start.elapsed()));
        }
        anyhow::ensure!(process.wait()?.success(), "the other process failed");
    }
    let median = |what: &str| share(times.get(what).cloned().unwrap_or_default(), 0.5);
    let name = format!("{lines}/open-first-screen");
    result_beside(
        &name,
        median(FIRST_SCREEN),
        "ms",
        100.0,
        peers,
        |one, other| one < other,
    );
    note(&format!(
        "all rows that are held, of the document itself: {:.1} ms",
        median(READY)
    ));
    Ok(())
}

/// Leaves beside the database what a core leaves that had the document open: its saved form with what
/// can be undone in it, and its hash.
fn keep_as_the_core_does(folder: &Path) -> anyhow::Result<()> {
    std::fs::remove_dir_all(folder.join("saved"))?;
    let desk = Desk::open(folder, || ())?;
    desk.core.stop()?;
    Ok(())
}

/// Folds, moves, jumps and keystrokes, with all that the core does behind them.
pub fn act(folder: &Path, lines: u64) -> anyhow::Result<()> {
    let mut desk = Desk::open(folder, || ())?;
    if !desk.holds_all() {
        jumps(&mut desk, lines)?;
        desk.move_window(0)?;
    }
    if lines > u64::from(CHAPTER_LINES) {
        folds(&mut desk, lines)?;
        moves(&mut desk, lines)?;
    }
    keystrokes(&mut desk, lines)?;
    desk.core.stop()?;
    Ok(())
}

/// Jumps to and fro in a list in which every line has its number.
pub fn number(folder: &Path, lines: u64) -> anyhow::Result<()> {
    let mut desk = Desk::open(folder, || ())?;
    let far = lines * 7 / 10;
    let mut times = Vec::new();
    for run in 0..JUMPS / 10 {
        let first = far - run * 1_000;
        times.push(desk.move_window(first as u32)?);
        anyhow::ensure!(desk.rows.first().and_then(|row| row.number) == Some(first as u32 + 1));
        desk.move_window(0)?;
    }
    let longest = share(times.clone(), 1.0);
    let name = format!("{lines}-numbered/jump");
    result(&name, share(times, 0.5), "ms", Some(1.0));
    note(&format!("the longest took {longest:.1} ms"));
    desk.stop()
}

fn jumps(desk: &mut Desk, lines: u64) -> anyhow::Result<()> {
    let mut luck = Luck::new(9);
    let mut times = Vec::new();
    for _ in 0..JUMPS {
        // Somewhere else than before: the next rows are answered by a patch.
        let first = 1 + luck.below(u64::from(desk.total) - 4_000) as u32;
        times.push(desk.move_window(first)?);
    }
    figure(&format!("{lines}/jump"), times);
    Ok(())
}

/// The first chapter, folded and unfolded.
fn folds(desk: &mut Desk, lines: u64) -> anyhow::Result<()> {
    let chapter = desk.row(0)?;
    let before = desk.total;
    let mut times = Vec::new();
    for run in 0..2 * FOLDS {
        let folded = run % 2 == 0;
        times.push(desk.ask(Command::SetFold {
            panel: PANEL,
            line: chapter.id.clone(),
            folded,
        })?);
        let hidden = if folded { CHAPTER_LINES - 1 } else { 0 };
        anyhow::ensure!(desk.total == before - hidden, "{} rows", desk.total);
    }
    figure(&format!("{lines}/fold-100000"), times);
    Ok(())
}

/// The first section, to the end of its chapter and back.
fn moves(desk: &mut Desk, lines: u64) -> anyhow::Result<()> {
    let (chapter, section) = (desk.row(0)?, desk.row(1)?);
    desk.move_window(CHAPTER_LINES - SECTION_LINES - 100)?;
    let last = desk.row(1)?;
    anyhow::ensure!(last.id != section.id && last.parent == chapter.id);
    let mut times = Vec::new();
    for run in 0..2 * MOVES {
        times.push(desk.edit(EditIntent::Move {
            lines: vec![section.id.clone()],
            parent: chapter.id.clone(),
            after: (run % 2 == 0).then(|| last.id.clone()),
        })?);
    }
    figure(&format!("{lines}/move-10000"), times);
    Ok(())
}

fn figure(name: &str, times: Vec<f64>) {
    let longest = share(times.clone(), 1.0);
    result(name, share(times, 0.5), "ms", Some(16.0));
    note(&format!("the longest took {longest:.1} ms"));
}

/// Keystrokes all over the document, while the writer stores what another window writes elsewhere.
fn keystrokes(desk: &mut Desk, lines: u64) -> anyhow::Result<()> {
    let writing = AtomicBool::new(true);
    let core = desk.core.clone();
    let times = std::thread::scope(|scope| {
        let busy = scope.spawn(|| write_elsewhere(&core, &writing));
        let times = type_everywhere(desk);
        writing.store(false, Ordering::Relaxed);
        let written = busy.join().map_err(|_| anyhow::anyhow!("a panic"))??;
        note(&format!("{written} gestures were stored meanwhile"));
        times
    })?;
    let figure = |name: &str| format!("{lines}/keystroke-{name}");
    result(&figure("p50"), share(times.clone(), 0.5), "ms", Some(0.3));
    result(&figure("p99"), share(times, 0.99), "ms", Some(2.0));
    Ok(())
}

fn type_everywhere(desk: &mut Desk) -> anyhow::Result<Vec<f64>> {
    let mut luck = Luck::new(11);
    let mut times = Vec::new();
    for number in 0..KEYSTROKES {
        let at = number % KEYS_AT_ONCE;
        if at == 0 && !desk.holds_all() {
            desk.move_window(1 + luck.below(u64::from(desk.total) - 4_000) as u32)?;
        }
        let row = &desk.rows[desk.rows.len() / 2];
        let line = row.id.clone();
        times.push(desk.edit(EditIntent::EditText {
            line,
            at: at as u32,
            delete: 0,
            insert: "x".to_owned(),
        })?);
    }
    Ok(times)
}

/// Splits off one line after the other in a small document, as fast as they are answered.
fn write_elsewhere(core: &Core, writing: &AtomicBool) -> anyhow::Result<u32> {
    let (interface, mut messages) = core.attach();
    interface.send(Command::Hello);
    interface.send(Command::CreateDocument {
        title: "Elsewhere".to_owned(),
        open_in: None,
    });
    let (mut prefix, mut line) = (None, None);
    let mut serial = 0;
    while let Some(message) = messages.blocking_recv() {
        match message {
            Message::Boot {
                line_prefix,
                first_number,
                ..
            } => prefix = Some((line_prefix, first_number)),
            Message::DocumentCreated { document, .. } => interface.send(open_panel(document)),
            Message::PanelRows { rows, .. } => line = rows.first().map(|row| row.id.clone()),
            Message::PanelPatch { .. } => {}
            _ => continue,
        }
        if !writing.load(Ordering::Relaxed) {
            break;
        }
        if let (Some((prefix, first)), Some(line)) = (&prefix, &line) {
            serial += 1;
            interface.send(Command::Edit {
                panel: PANEL,
                serial,
                revision: serial,
                intents: vec![EditIntent::Split {
                    line: line.clone(),
                    at: 0,
                    new_line: format!("{prefix}{}", first + u64::from(serial)),
                    kind: "text".to_owned(),
                }],
            });
        }
    }
    Ok(serial)
}
