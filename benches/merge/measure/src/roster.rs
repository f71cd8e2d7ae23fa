//! The names of all engines. Knows nothing else of them.

/// Whose figures a row of a table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    Strand,
    Lines,
    Diamond,
    Cola,
    Loro,
    Yrs,
    Automerge,
}

impl Name {
    pub const ALL: [Name; 7] = [
        Name::Strand,
        Name::Lines,
        Name::Diamond,
        Name::Cola,
        Name::Loro,
        Name::Yrs,
        Name::Automerge,
    ];

    /// What a reader knows it as.
    pub fn title(self) -> &'static str {
        match self {
            Name::Strand => "tideline, strand",
            Name::Lines => "tideline, lines",
            Name::Diamond => "diamond-types 1.0",
            Name::Cola => "cola 0.1.1",
            Name::Loro => "loro 1.17",
            Name::Yrs => "yrs 0.28",
            Name::Automerge => "automerge 0.12",
        }
    }

    /// The short name on the command line and in files.
    pub fn key(self) -> &'static str {
        match self {
            Name::Strand => "strand",
            Name::Lines => "lines",
            Name::Diamond => "diamond-types",
            Name::Cola => "cola",
            Name::Loro => "loro",
            Name::Yrs => "yrs",
            Name::Automerge => "automerge",
        }
    }

    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.key() == key)
    }

    pub fn is_ours(self) -> bool {
        matches!(self, Name::Strand | Name::Lines)
    }
}
