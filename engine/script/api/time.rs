//! `time::…`: durations and instants as seconds.

use jiff::Timestamp;
use rhai::Module;

use super::primitive::{Primitive, primitive};
use crate::api::register::function;
use crate::fault;
use crate::host::Scripted;
use base::duration;

pub(super) const FUNCTIONS: &[Primitive] = &[
    primitive(
        "duration",
        &["text"],
        "Returns the seconds of a duration such as `1m 30s`, with a fraction.

Error `InvalidTime`: the text is not a duration.",
    ),
    primitive(
        "instant",
        &["text"],
        "Returns the seconds since 1970 of a time as `run::now` returns it (RFC 3339), with a fraction.

Error `InvalidTime`: the text is not a time.",
    ),
];

pub(super) fn module() -> Module {
    let mut module = Module::new();
    function(&mut module, "duration", length);
    function(&mut module, "instant", instant);
    module
}

fn length(text: &str) -> Scripted<f64> {
    let length = duration::parse(text).map_err(wrong)?;
    Ok(length.as_secs_f64())
}

fn instant(text: &str) -> Scripted<f64> {
    let instant: Timestamp = text.parse().map_err(|_| {
        wrong(format!(
            "expected a time such as `2026-11-21T09:12:03Z`, found `{text}`"
        ))
    })?;
    Ok(instant.as_duration().as_secs_f64())
}

fn wrong(message: String) -> Box<rhai::EvalAltResult> {
    fault::error("InvalidTime", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_instants_are_seconds() {
        assert_eq!(length("1m 30s").unwrap().to_string(), "90");
        assert_eq!(length("200ms").unwrap().to_string(), "0.2");
        assert_eq!(
            instant("1970-01-02T00:00:00.5Z").unwrap().to_string(),
            "86400.5"
        );
        assert!(length("soon").is_err());
        assert!(instant("yesterday").is_err());
    }
}
