//! What kind of thing a key stands for.

use serde::Serialize;

use crate::entry::Record;
use crate::state::Slot;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Step,
    Effect,
    Wait,
    /// Of `run::now`, `run::uuid` or `run::random`.
    Value,
}

impl Kind {
    /// Returns what people call one.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Effect => "effect",
            Self::Wait => "wait",
            Self::Value => "value",
        }
    }
}

impl Slot {
    /// Returns the kind of what is recorded; the run itself and what is forgotten have none.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Self::Step(_) => Some(Kind::Step),
            Self::Effect(_) => Some(Kind::Effect),
            Self::Wait(_) => Some(Kind::Wait),
            Self::Note { .. } => Some(Kind::Value),
            Self::Run(_) | Self::Forgotten { .. } => None,
        }
    }
}

impl Record {
    /// Returns the kind of what a script begins with this record.
    pub(crate) fn begins(&self) -> Option<Kind> {
        match self {
            Self::StepStarted { .. } => Some(Kind::Step),
            Self::EffectIntended(_) => Some(Kind::Effect),
            Self::WaitStarted(_) => Some(Kind::Wait),
            Self::Noted { .. } => Some(Kind::Value),
            _ => None,
        }
    }
}
