//! `run::now` and its kin: recorded values, facts of the run, and what a command puts out.

use std::sync::Arc;

use rhai::{Dynamic, Module};
use serde_json::Value;

use crate::api::options::wrong;
use crate::api::primitive::{Primitive, primitive};
use crate::api::register::function;
use crate::host::{Fact, Host};
use crate::secret::no_secret;
use crate::{fault, value};

pub(super) const FUNCTIONS: &[Primitive] = &[
    primitive(
        "now",
        &[],
        "Returns the time (RFC 3339, UTC), recorded: a resumed run gets the same, each attempt of a wait its own.",
    ),
    primitive(
        "uuid",
        &[],
        "Returns a random UUID, recorded: a resumed run gets the same.",
    ),
    primitive(
        "random",
        &["low", "high"],
        "Returns a random integer, both bounds included, recorded: a resumed run gets the same.\n\nError `InvalidArgument`: `low` is above `high`.",
    ),
    primitive(
        "output",
        &["text", "data"],
        "Writes the result of the command to stdout: the text for people, the data with `--output json`.

For runbooks that report: the text is printed as it is, and neither is recorded. With `--output json`, `data` is the member `data`
of an event `output`. Error `NotRecordable`: JSON cannot hold the data.",
    ),
    primitive("id", &[], "Returns the run's id."),
    primitive(
        "account",
        &[],
        "Returns the AWS account that the run is pinned to.\n\nError: the runbook imports no `aws/…` module.",
    ),
    primitive(
        "region",
        &[],
        "Returns the AWS region that the run is pinned to.\n\nError: the runbook imports no `aws/…` module.",
    ),
];

pub(super) fn add(module: &mut Module, host: &Arc<dyn Host>) {
    let to = Arc::clone(host);
    function(module, "now", move || {
        to.now().map(|time| value::to_script(&time))
    });
    let to = Arc::clone(host);
    function(module, "uuid", move || {
        to.note("run.uuid", &|| uuid::Uuid::new_v4().to_string().into())
            .map(|uuid| value::to_script(&uuid))
    });
    let to = Arc::clone(host);
    function(module, "random", move |low: i64, high: i64| {
        if low > high {
            let message = format!("`run::random({low}, {high})`: `low` is above `high`");
            return Err(wrong(message));
        }
        to.note("run.random", &|| Value::from(random(low, high)))
            .map(|number| value::to_script(&number))
    });
    let to = Arc::clone(host);
    function(module, "output", move |text: &str, data: Dynamic| {
        let data = value::to_json(&data)
            .map_err(|error| fault::error("NotRecordable", format!("`run::output`: {error}")))?;
        no_secret("run::output", &data.to_string())?;
        to.output(text, data)
    });
    for (name, fact) in [
        ("id", Fact::Id),
        ("account", Fact::Account),
        ("region", Fact::Region),
    ] {
        let host = Arc::clone(host);
        function(module, name, move || host.fact(fact));
    }
}

/// Both bounds included; the bias of the remainder is below one in 2^64.
fn random(low: i64, high: i64) -> i64 {
    let span = u128::from(high.abs_diff(low)) + 1;
    let offset = uuid::Uuid::new_v4().as_u128().rotate_left(64) % span;
    i64::try_from(i128::from(low) + i128::try_from(offset).unwrap_or(0)).unwrap_or(low)
}
