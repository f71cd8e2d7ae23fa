//! Histories that nobody lived, of any length: two people who type at the same time, each in a half
//! of the text of their own, and hear from each other now and then. What they end with is known
//! without any engine.

use jumprope::JumpRope;

use crate::trace::{Patch, Trace, Transaction};

const WRITERS: usize = 2;
/// What stands between the halves. Nobody deletes it.
const FENCE: &str = "\n-----\n";
/// Keystrokes from one exchange to the next.
const KEYSTROKES_APART: usize = 1_000;
/// Keystrokes at one place, before the caret jumps.
const RUN_LENGTH_MAX: usize = 120;
const LINE_LENGTH: usize = 50;

/// `keystrokes` transactions of one character each, inserted or deleted.
pub fn trace(name: &str, keystrokes: usize) -> Trace {
    let mut halves: [Half; WRITERS] = [Half::new(1), Half::new(2)];
    let mut transactions = vec![Transaction {
        agent: 0,
        parents: Vec::new(),
        patches: vec![Patch {
            at: 0,
            deleted: 0,
            inserted: FENCE.to_owned(),
        }],
    }];
    let mut heads = [0; WRITERS];
    // The length of the first half as the second writer knows it.
    let mut length_seen = 0;
    while transactions.len() <= keystrokes {
        let exchange = heads;
        for agent in 0..WRITERS {
            let start = if agent == 0 {
                0
            } else {
                length_seen + FENCE.len()
            };
            let mut parents: Vec<usize> = exchange.to_vec();
            parents.dedup();
            for _ in 0..KEYSTROKES_APART {
                let mut patch = halves[agent].keystroke();
                patch.at += start;
                heads[agent] = transactions.len();
                transactions.push(Transaction {
                    agent,
                    parents: std::mem::replace(&mut parents, vec![heads[agent]]),
                    patches: vec![patch],
                });
            }
        }
        length_seen = halves[0].text.len_chars();
    }
    Trace {
        name: name.to_owned(),
        agents: WRITERS,
        transactions,
        end: format!("{}{FENCE}{}", halves[0].text, halves[1].text),
    }
}

struct Half {
    text: JumpRope,
    caret: usize,
    run_left: usize,
    is_deleting: bool,
    luck: Luck,
}

impl Half {
    fn new(seed: u64) -> Self {
        Self {
            text: JumpRope::new(),
            caret: 0,
            run_left: 0,
            is_deleting: false,
            luck: Luck(seed),
        }
    }

    /// Mostly typing on; now and then a run of backspaces, or a jump to elsewhere.
    fn keystroke(&mut self) -> Patch {
        if self.run_left == 0 {
            self.run_left = 1 + self.luck.below(RUN_LENGTH_MAX);
            self.is_deleting = self.luck.below(6) == 0;
            if self.luck.below(3) == 0 {
                self.caret = self.luck.below(self.text.len_chars() + 1);
            }
        }
        self.run_left -= 1;
        if self.is_deleting && self.caret > 0 {
            self.caret -= 1;
            self.text.remove(self.caret..self.caret + 1);
            return patch(self.caret, 1, "");
        }
        let letters = "etaoin shrdlu";
        let letter = if self.luck.below(LINE_LENGTH) == 0 {
            "\n"
        } else {
            let index = self.luck.below(letters.len());
            &letters[index..=index]
        };
        self.text.insert(self.caret, letter);
        self.caret += 1;
        patch(self.caret - 1, 0, letter)
    }
}

fn patch(at: usize, deleted: usize, inserted: &str) -> Patch {
    Patch {
        at,
        deleted,
        inserted: inserted.to_owned(),
    }
}

/// Numbers that are spread well and follow from a seed.
#[derive(Debug, Clone)]
pub struct Luck(pub u64);

impl Luck {
    /// Below `limit`, which must not be 0. (`SplitMix64`: Steele, Lea & Flood 2014.)
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }
}
