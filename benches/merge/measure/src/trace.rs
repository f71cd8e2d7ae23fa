//! Editing histories: who typed what, on top of what. Read from files, or made by another module.
//! Knows nothing of engines.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

/// At this character, so many went, and this came.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Patch {
    pub at: usize,
    pub deleted: usize,
    pub inserted: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Transaction {
    pub agent: usize,
    /// The transactions that had been seen, without those that they had seen themselves.
    pub parents: Vec<usize>,
    pub patches: Vec<Patch>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Trace {
    pub name: String,
    pub agents: usize,
    pub transactions: Vec<Transaction>,
    /// The text that everybody must end with.
    pub end: String,
}

/// Transactions that one agent typed without hearing of others in between.
#[derive(Debug)]
pub struct Stretch {
    pub agent: usize,
    /// What the agent receives first, each behind what it builds on.
    pub receive: Vec<usize>,
    pub transactions: Range<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TraceFile {
    #[serde(default)]
    start_content: String,
    end_content: String,
    txns: Vec<FileTransaction>,
}

#[derive(Deserialize)]
struct FileTransaction {
    parents: Option<Vec<usize>>,
    #[serde(default)]
    agent: usize,
    patches: Vec<(usize, usize, String)>,
}

/// The traces of a folder, by name.
pub fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in folder
        .read_dir()
        .with_context(|| format!("no traces: {}", folder.display()))?
    {
        let path = entry?.path();
        let name = path.to_string_lossy();
        if name.ends_with(".json.gz") || name.ends_with(".json") {
            found.push(path);
        }
    }
    found.sort();
    if found.is_empty() {
        bail!("{} holds no *.json.gz", folder.display());
    }
    Ok(found)
}

/// `automerge-paper` of `…/automerge-paper.json.gz`.
pub fn name_of(path: &Path) -> String {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    name.split('.').next().unwrap_or_default().to_owned()
}

impl Trace {
    /// # Errors
    /// When the file is no trace.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes = unpack(path).with_context(|| format!("reading {}", path.display()))?;
        let file: TraceFile = serde_json::from_slice(&bytes)
            .with_context(|| format!("{} is not a trace", path.display()))?;
        let is_concurrent = file.txns.iter().any(|it| it.parents.is_some());
        if is_concurrent && !file.start_content.is_empty() {
            bail!("a concurrent trace that does not start empty");
        }
        let mut transactions = Vec::with_capacity(file.txns.len() + 1);
        if !file.start_content.is_empty() {
            transactions.push(first(file.start_content));
        }
        for transaction in file.txns {
            let before = transactions
                .len()
                .checked_sub(1)
                .into_iter()
                .collect::<Vec<_>>();
            transactions.push(Transaction {
                agent: transaction.agent,
                parents: transaction.parents.unwrap_or(before),
                patches: transaction.patches.into_iter().map(Patch::from).collect(),
            });
        }
        Ok(Self {
            name: name_of(path),
            agents: 1 + transactions.iter().map(|it| it.agent).max().unwrap_or(0),
            transactions,
            end: file.end_content,
        })
    }

    /// The same history with a space for every newline: everything happens in one line.
    #[must_use]
    pub fn in_one_line(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self.end = self.end.replace('\n', " ");
        for transaction in &mut self.transactions {
            for patch in &mut transaction.patches {
                patch.inserted = patch.inserted.replace('\n', " ");
            }
        }
        self
    }

    pub fn is_ascii(&self) -> bool {
        let inserted = |it: &Transaction| it.patches.iter().all(|patch| patch.inserted.is_ascii());
        self.transactions.iter().all(inserted)
    }

    /// The history as its writers lived it; at the end each receives what is missing.
    ///
    /// # Errors
    /// When an agent has not seen what it wrote itself: it would be two writers.
    pub fn stretches(&self) -> anyhow::Result<Vec<Stretch>> {
        let mut stretches: Vec<Stretch> = Vec::new();
        let mut own: Vec<Vec<usize>> = vec![Vec::new(); self.agents];
        // How many transactions of each agent: seen by a transaction, and in an agent's replica.
        let mut versions: Vec<Vec<usize>> = Vec::with_capacity(self.transactions.len());
        let mut known = vec![vec![0; self.agents]; self.agents];
        for (index, transaction) in self.transactions.iter().enumerate() {
            let agent = transaction.agent;
            let mut version = vec![0; self.agents];
            for &parent in &transaction.parents {
                for (count, seen) in version.iter_mut().zip(&versions[parent]) {
                    *count = (*seen).max(*count);
                }
            }
            if version[agent] != own[agent].len() {
                bail!("transaction {index}: agent {agent} has not seen what it wrote itself");
            }
            let receive = missing(&own, &mut known[agent], &version, agent);
            match stretches.last_mut() {
                Some(last) if last.agent == agent && receive.is_empty() => {
                    last.transactions.end = index + 1;
                }
                _ => stretches.push(Stretch {
                    agent,
                    receive,
                    transactions: index..index + 1,
                }),
            }
            own[agent].push(index);
            version[agent] += 1;
            versions.push(version);
        }
        let everything: Vec<usize> = own.iter().map(Vec::len).collect();
        for (agent, known) in known.iter_mut().enumerate() {
            stretches.push(Stretch {
                agent,
                receive: missing(&own, known, &everything, agent),
                transactions: 0..0,
            });
        }
        Ok(stretches)
    }
}

fn missing(own: &[Vec<usize>], known: &mut [usize], version: &[usize], agent: usize) -> Vec<usize> {
    let mut missing = Vec::new();
    for other in (0..own.len()).filter(|&other| other != agent) {
        if version[other] > known[other] {
            missing.extend_from_slice(&own[other][known[other]..version[other]]);
            known[other] = version[other];
        }
    }
    missing.sort_unstable();
    missing
}

fn first(text: String) -> Transaction {
    Transaction {
        agent: 0,
        parents: Vec::new(),
        patches: vec![Patch {
            at: 0,
            deleted: 0,
            inserted: text,
        }],
    }
}

impl From<(usize, usize, String)> for Patch {
    fn from((at, deleted, inserted): (usize, usize, String)) -> Self {
        Self {
            at,
            deleted,
            inserted,
        }
    }
}

fn unpack(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.read_to_end(&mut bytes)?;
    if path.extension().is_some_and(|it| it == "gz") {
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut unpacked)?;
        return Ok(unpacked);
    }
    Ok(bytes)
}
