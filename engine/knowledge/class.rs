//! How an effect in doubt is settled.

use std::fmt;

/// How an effect in doubt is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Changes nothing.
    Read,
    /// Twice is the same as once.
    Idempotent,
    /// AWS recognises a repeat by our token.
    Tokened,
    /// What it made carries our tag.
    Tagged,
    /// What it made has a natural key, or a mark of ours in one of its fields.
    Keyed,
    /// Nothing tells whether it was done.
    Unsafe,
}

impl fmt::Display for Class {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Read => "read",
            Self::Idempotent => "idempotent",
            Self::Tokened => "tokened",
            Self::Tagged => "tagged",
            Self::Keyed => "keyed",
            Self::Unsafe => "unsafe",
        })
    }
}
