//! The properties that must hold whatever happened, by the names that failures give them.
//! Knows nothing of how they are checked: that is in `witness.rs`, `proof.rs` and `peer.rs`, and for
//! two people at a time in `tests/merge/pairs.rs` and `runs.rs`.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Property {
    NoCharacterTwice,
    NoCharacterLost,
    RightLine,
    DeletedStaysDeleted,
    LinesWhole,
    NoLineLost,
    SplitHalves,
    JoinKeeps,
    NoInterleaving,
    PlainOutliner,
    UndoRestores,
    UndoSparesOthers,
    Convergence,
    Oracle,
    Restart,
    Patches,
    Hash,
    Refusal,
    Repetition,
}

impl Property {
    /// The message of a failure.
    pub fn broken(self, how: impl fmt::Display) -> String {
        format!("{self}: {how}")
    }

    /// What it says.
    const fn statement(self) -> &'static str {
        match self {
            Self::NoCharacterTwice => "P1, no character is displayed twice",
            Self::NoCharacterLost => {
                "P1, a character that nobody made vanish from their own screen is displayed"
            }
            Self::RightLine => {
                "P1, a character stands behind the one it was typed behind, in the same line, and \
                 before the one it was typed in front of, unless somebody parted them"
            }
            Self::DeletedStaysDeleted => {
                "P1, a character that was deleted is not displayed unless that was undone"
            }
            Self::LinesWhole => "P2, a line is displayed once, below the parent it names",
            Self::NoLineLost => {
                "P2, a line that nobody made vanish from their own screen is displayed, or part of \
                 a line that is"
            }
            Self::SplitHalves => "P3, what is typed goes where its half of a split line goes",
            Self::JoinKeeps => "P4, a join keeps what others did to the joined line",
            Self::NoInterleaving => {
                "P5, inside of a run stands only what somebody put there who had seen it"
            }
            Self::PlainOutliner => "P6, alone, a gesture does what it does in a plain outliner",
            Self::UndoRestores => "P7, an undo brings back what was displayed before",
            Self::UndoSparesOthers => "P7, an undo takes nothing back that others did",
            Self::Convergence => "the same events show the same",
            Self::Oracle => "the engine shows what the oracle shows",
            Self::Restart => "what was written to bytes and read again is the same document",
            Self::Patches => "who follows the patches sees what is displayed",
            Self::Hash => "hashes are equal when what is displayed is",
            Self::Refusal => "a refused event or gesture changes nothing",
            Self::Repetition => "an event that comes again changes nothing",
        }
    }
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?} ({})", self.statement())
    }
}
