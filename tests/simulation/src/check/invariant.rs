//! Invariants: what must hold in every life, and what is said of one that does not.

use std::fmt;

use strum::{IntoStaticStr, VariantArray};

/// What must hold, by its word in reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, VariantArray)]
pub enum Invariant {
    I1,
    I2,
    I3,
    I4,
    I5,
    I6,
    I7,
    I11,
    I12,
    I13,
    I18,
    F11,
    #[strum(serialize = "panic")]
    Panic,
}

impl Invariant {
    /// What it means when it does not hold.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::I1 => "lost or unexpected jobs",
            Self::I2 => "second POSTs or responses",
            Self::I3 => "results read by who may not",
            Self::I4 => "changes of ended jobs",
            Self::I5 => "gaps in the audit trail",
            Self::I6 => "unpublished events",
            Self::I7 => "wrong bills",
            Self::I11 => "controls that nobody may give, or given twice",
            Self::I12 => "unreadable results",
            Self::I13 => "unfounded transitions",
            Self::I18 => "duties nobody would do in time",
            Self::F11 => "runs seen or stopped too late",
            Self::Panic => "panics",
        }
    }
}

/// Something that must never be, by its invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub invariant: Invariant,
    pub what: String,
}

impl Violation {
    pub fn new(invariant: Invariant, what: String) -> Self {
        Self { invariant, what }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word: &str = self.invariant.into();
        write!(f, "{word} ({}): {}", self.invariant.meaning(), self.what)
    }
}
