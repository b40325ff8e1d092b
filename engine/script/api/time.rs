//! `time::…`: durations and instants as seconds to reckon with.

use jiff::Timestamp;
use rhai::Module;

use super::primitive::{Primitive, primitive};
use crate::api::register::function;
use crate::fault;
use crate::host::Scripted;
use base::duration;
use base::fault::Fault;

pub(super) const FUNCTIONS: &[Primitive] = &[
    primitive(
        "duration",
        &["text"],
        "Returns the seconds of a duration as settings have it, such as `1m 30s`.

Error `InvalidTime`: it is none.",
    ),
    primitive(
        "instant",
        &["text"],
        "Returns the seconds since 1970 of a time as `run::now` returns it (RFC 3339).

Error `InvalidTime`: it is none.",
    ),
];

pub(super) fn module() -> Module {
    let mut module = Module::new();
    function(&mut module, "duration", length);
    function(&mut module, "instant", instant);
    module
}

/// Seconds of a duration as settings have it, such as `1m 30s`.
fn length(text: &str) -> Scripted<f64> {
    let length = duration::parse(text).map_err(wrong)?;
    Ok(length.as_secs_f64())
}

/// Seconds since 1970 of a time as `run::now` returns it.
fn instant(text: &str) -> Scripted<f64> {
    let instant: Timestamp = text.parse().map_err(|_| {
        wrong(format!(
            "`{text}` is not a time such as `2026-11-21T09:12:03Z`"
        ))
    })?;
    Ok(instant.as_duration().as_secs_f64())
}

fn wrong(message: String) -> Box<rhai::EvalAltResult> {
    fault::throw(&Fault {
        message,
        code: Some("InvalidTime".into()),
        ..Fault::default()
    })
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
