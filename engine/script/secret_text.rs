//! `Secret`: a text that a script can join with others and hand on, and not look into.

use std::fmt;

use rhai::ImmutableString;

/// A text with tokens of secrets in it.
#[derive(Clone, Debug)]
pub struct Secret(pub(crate) ImmutableString);

/// The name by which scripts and messages call the type.
pub(crate) const TYPE: &str = "Secret";

/// What it is for, in the messages of what it is not for.
pub(crate) const USE: &str = "a secret can only be joined with text, and given to a call";

impl fmt::Display for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}
