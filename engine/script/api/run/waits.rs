//! `run::wait_until`, `run::retry` and `run::sleep`.

use std::sync::Arc;
use std::time::Duration;

use rhai::{Dynamic, FnPtr, Map, Module, NativeCallContext};

use crate::api::options::{Options, wrong};
use crate::api::primitive::{Primitive, primitive};
use crate::api::register::function;
use crate::host::{Host, Pace, Scripted};
use base::duration;

pub(super) const FUNCTIONS: &[Primitive] = &[
    primitive(
        "wait_until",
        &["what", "options", "body"],
        "Calls `body` again and again until it returns something other than `()` or `false`, and returns that.

Options: `every` (5s), the pause between two attempts; `timeout` (10m); `attempts` (no limit), a whole number from 1; `backoff` (1),
a factor from 1 to 10 by which the pause grows, up to ten times `every`. The deadline is recorded: a resumed run waits only for
the rest. Error: `TimedOut`.",
    ),
    primitive(
        "retry",
        &["what", "options", "body"],
        "Calls `body` until it does not fail, and returns its value.

Options: those of `wait_until`, and `on`, the AWS error codes that are worth another attempt (every error of AWS). Without `timeout`
and `attempts`, 5 attempts. A resumed run goes on counting; an attempt that a crash cut off does not count. What an attempt has
finished stays finished for the next one; `run::now`, `run::sleep` and reads are anew in each. Error: `TimedOut`, with the last
failure.",
    ),
    primitive(
        "sleep",
        &["duration"],
        "Waits, for example \"30s\" or \"5m\". The end is recorded: after a crash only the rest is waited.",
    ),
];

/// The options of a wait and a retry.
pub(in crate::api) const PACE: [&str; 5] = ["every", "timeout", "attempts", "backoff", "on"];

pub(super) fn add(module: &mut Module, host: &Arc<dyn Host>) {
    let to = Arc::clone(host);
    function(
        module,
        "wait_until",
        move |context: NativeCallContext, what: &str, options: Map, body: FnPtr| {
            let mut pace = pace("run::wait_until", &options)?;
            pace.timeout = Some(pace.timeout.unwrap_or(Duration::from_mins(10)));
            to.wait_until(what, &pace, &|| body.call_within_context(&context, ()))
        },
    );
    let to = Arc::clone(host);
    function(
        module,
        "retry",
        move |context: NativeCallContext, what: &str, options: Map, body: FnPtr| {
            let mut pace = pace("run::retry", &options)?;
            if pace.timeout.is_none() && pace.attempts.is_none() {
                pace.attempts = Some(5);
            }
            to.retry(what, &pace, &|| body.call_within_context(&context, ()))
        },
    );
    let to = Arc::clone(host);
    function(module, "sleep", move |length: Dynamic| {
        to.sleep(duration::parse(&length.to_string()).map_err(wrong)?)
    });
}

fn pace(function: &str, options: &Map) -> Scripted<Pace> {
    let options = Options::of(function, &PACE, options)?;
    Ok(Pace {
        every: options.duration("every")?.unwrap_or(Duration::from_secs(5)),
        timeout: options.duration("timeout")?,
        attempts: options.count("attempts", i64::MAX)?,
        backoff: options
            .read("backoff", "a factor from 1 to 10", factor)?
            .unwrap_or(1.0),
        on: options.texts("on", "a list of AWS error codes")?,
    })
}

fn factor(value: &Dynamic) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a factor is a small number")]
    let factor = value
        .as_float()
        .or_else(|_| value.as_int().map(|whole| whole as f64));
    let factor = factor.ok()?;
    (1.0..=10.0).contains(&factor).then_some(factor)
}
