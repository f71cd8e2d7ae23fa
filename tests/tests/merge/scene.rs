//! Two or three people with the same document, in a notation of one gesture a step:
//! `type A 2 X`, `erase A 0 2`, `split A 2 N`, `join B A`, `move B under C`, `delete B`, `restore B`,
//! `paste N M after A`, `range A 2 B 1`, `undo`.

use std::collections::BTreeMap;

use tideline_model::{DraftLine, Event, Intent, Kind, LineId, Placement};
use tideline_tests::merge::names;
use tideline_tests::merge::peer::Peer;
use tideline_tests::oracle;
use tideline_tests::shown::Shown;

/// Replicas that start from `pp | aaaa[a1] | bbbb[b1 b2] | cc`.
pub struct Scene {
    pub peers: Vec<Peer>,
    names: BTreeMap<String, LineId>,
}

impl Scene {
    pub fn new(replicas: usize) -> Self {
        let mut scene = Self {
            peers: (0..replicas).map(Peer::new).collect(),
            names: BTreeMap::new(),
        };
        let base = [
            ("P", 0, "pp"),
            ("A", 0, "aaaa"),
            ("A1", 1, "a1"),
            ("B", 0, "bbbb"),
            ("B1", 1, "b1"),
            ("B2", 1, "b2"),
            ("C", 0, "cc"),
        ];
        let lines = base
            .map(|(name, depth, text)| scene.draft(0, name, depth, text))
            .to_vec();
        let placement = Placement {
            parent: LineId::ROOT,
            after: None,
        };
        scene.act(0, &Intent::CreateLines { placement, lines });
        scene.sync();
        scene
    }

    /// Steps of one replica, separated by `;`.
    pub fn steps(&mut self, replica: usize, steps: &str) {
        for step in steps
            .split(';')
            .map(str::trim)
            .filter(|step| !step.is_empty())
        {
            self.step(replica, step);
        }
    }

    fn step(&mut self, replica: usize, step: &str) {
        let words: Vec<&str> = step.split_whitespace().collect();
        let intent = match words[..] {
            ["type", line, at, text] => self.edit(line, at, "0", text),
            ["erase", line, at, count] => self.edit(line, at, count, ""),
            ["split", line, at, new] => Intent::Split {
                line: self.line(line),
                at: number(at),
                new_line: self.new_line(replica, new),
                kind: Kind::Text,
            },
            ["join", line, into] => Intent::Join {
                line: self.line(line),
                into: self.line(into),
            },
            ["move", line, "under", parent] => self.move_under(replica, line, parent),
            ["delete", line] => Intent::Delete {
                lines: vec![self.line(line)],
            },
            ["restore", line] => Intent::Restore {
                lines: vec![self.line(line)],
            },
            ["range", first, first_at, last, last_at] => Intent::DeleteRange {
                first: self.line(first),
                first_at: number(first_at),
                last: self.line(last),
                last_at: number(last_at),
            },
            ["paste", one, two, "after", after] => {
                let after = self.line(after);
                let parent = self.peers[replica]
                    .document
                    .parent(after)
                    .expect("it is displayed");
                let lines = vec![
                    self.draft(replica, one, 0, &one.to_lowercase()),
                    self.draft(replica, two, 0, &two.to_lowercase()),
                ];
                let after = Some(after);
                let placement = Placement { parent, after };
                Intent::CreateLines { placement, lines }
            }
            ["undo"] => {
                self.peers[replica].undo(0).expect("P7 holds");
                return;
            }
            _ => panic!("no such step: {step}"),
        };
        self.act(replica, &intent);
    }

    /// Everybody gets everything.
    pub fn sync(&mut self) {
        let events = self.events();
        for peer in &mut self.peers {
            peer.receive(events.clone(), true)
                .expect("events are accepted");
        }
    }

    /// One gets everything that the other one has.
    pub fn hear(&mut self, replica: usize, from: usize) {
        let events = self.peers[from].log.events().cloned().collect();
        let peer = &mut self.peers[replica];
        peer.receive(events, true).expect("events are accepted");
    }

    /// What the oracle says that everything together shows.
    pub fn expected(&self) -> Shown {
        oracle::evaluate(&self.events())
    }

    fn events(&self) -> Vec<Event> {
        let logs = self.peers.iter().map(|peer| &peer.log);
        logs.flat_map(|log| log.events().cloned()).collect()
    }

    fn act(&mut self, replica: usize, intent: &Intent) {
        self.peers[replica].gesture(intent).expect("P6 holds");
    }

    fn line(&self, name: &str) -> LineId {
        *self
            .names
            .get(name)
            .unwrap_or_else(|| panic!("no line {name}"))
    }

    fn new_line(&mut self, replica: usize, name: &str) -> LineId {
        let line = self.peers[replica].maker.line();
        assert_eq!(line.replica, names::replica(replica));
        self.names.insert(name.to_owned(), line);
        line
    }

    fn draft(&mut self, replica: usize, name: &str, depth: u32, text: &str) -> DraftLine {
        DraftLine {
            id: self.new_line(replica, name),
            depth,
            kind: Kind::Text,
            text: text.to_owned(),
            properties: Vec::new(),
            tags: Vec::new(),
        }
    }

    fn edit(&self, line: &str, at: &str, delete: &str, insert: &str) -> Intent {
        Intent::EditText {
            line: self.line(line),
            at: number(at),
            delete: number(delete),
            insert: insert.to_owned(),
        }
    }

    fn move_under(&self, replica: usize, line: &str, parent: &str) -> Intent {
        let parent = self.line(parent);
        let after = self.peers[replica]
            .document
            .children(parent)
            .last()
            .copied();
        Intent::Move {
            lines: vec![self.line(line)],
            placement: Placement { parent, after },
        }
    }
}

fn number(word: &str) -> u32 {
    word.parse()
        .unwrap_or_else(|_| panic!("{word} is not a number"))
}
