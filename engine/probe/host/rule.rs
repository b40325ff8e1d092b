//! A rule that masquerades.

use serde_json::{Value, json};

/// A rule that masquerades; what it does not restrict is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) source: Option<String>,
    pub(super) interface: Option<String>,
}

impl Rule {
    pub(super) fn report(&self) -> Value {
        json!({"source": self.source, "interface": self.interface})
    }
}
