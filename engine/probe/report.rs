//! What a probe answers.

use std::time::Duration;

use serde_json::{Map, Value, json};

/// A probe's outcome, as far as it got.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) address: Option<String>,
    pub(super) elapsed: Option<Duration>,
    pub(super) error: Option<String>,
    /// What only this kind of probe tells.
    pub(super) more: Map<String, Value>,
}

impl Found {
    /// Returns the map that a script gets.
    pub(super) fn report(self, target: &str, ok: bool) -> Value {
        let mut map = self.more;
        map.insert("target".into(), target.into());
        map.insert("address".into(), json!(self.address));
        map.insert("ok".into(), ok.into());
        map.insert("ms".into(), json!(self.elapsed.map(milliseconds)));
        map.insert("error".into(), json!(self.error));
        Value::Object(map)
    }
}

/// Rounded to a thousandth, for people read them too.
pub(super) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
