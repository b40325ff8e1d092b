//! `run::…`: steps, branches, waits, and what a run knows of itself.

use std::sync::Arc;
use std::time::Duration;

use rhai::{Array, Dynamic, Engine, FnPtr, Map, Module, NativeCallContext};
use serde_json::Value;

use super::primitive::{Primitive, primitive};
use crate::api::register::function;
use crate::host::{Branch, BranchLimits, Fact, Host, Named, Pace, Scripted};
use crate::{fault, value};
use base::duration;
use base::fault::Fault;
use base::level::Level;
use base::nearest::nearest;

pub(super) const FUNCTIONS: &[Primitive] = &[
    primitive(
        "step",
        &["name", "body"],
        "Runs `body` once and records what it returns; from then on that record is returned.

The key of a step is the path of names from `main`; a name that comes again gets `#2`, `#3`. Names are identities: renaming a
step makes it a new one. The body's value must be one that JSON can hold (error `NotRecordable`).",
    ),
    primitive(
        "step",
        &["name", "item", "body"],
        "Runs a step of a loop or branch; its key is `name[item]`.

`item` is a string, an integer, or a map with a `name`.",
    ),
    primitive(
        "call",
        &["runbook", "params"],
        "Runs another runbook as a step, and returns what its `main` returns.

`runbook` is a literal such as \"other.rhai\", looked up where modules are and pinned with the run. Its file's name is the step's;
its steps and effects have keys of their own below that. `params` is checked against its `PARAMS`, then by its `validate`, before
its `main` begins (error `InvalidParameters`, with `problems`). With `READ_ONLY` it is held to that here too; its `LOCK` is
taken until this run's process ends (error `Locked`); one with `TICK` cannot be called.",
    ),
    primitive(
        "call",
        &["runbook", "item", "params"],
        "Runs another runbook as a step of a loop or branch; its key is `name[item]`.",
    ),
    primitive(
        "parallel",
        &["branches"],
        "Runs the closures of a map side by side and returns a map of their results.

If one fails, the others finish their current step; then the whole fails with every branch's error.",
    ),
    primitive(
        "parallel",
        &["items", "body"],
        "Runs `body(item)` for each item of a list side by side and returns a map of results by the items' names.

Items are those of `run::step`: strings, integers, or maps with a `name`; no two are equal.",
    ),
    primitive(
        "parallel",
        &["items", "options", "body"],
        "Runs `body(item)` for each item of a list, so many at once, in the items' order.

Options: `at_most` (all), how many run at once; `stop_after` (1), the number of failures after which no other is started and those
under way end as after any failure: before that many, the others go on. The error tells how many were not started.",
    ),
    primitive(
        "wait_until",
        &["what", "options", "body"],
        "Calls `body` again and again until it returns something other than `()` or `false`, and returns that.

Options: `every` (5s), `timeout` (10m), `attempts`, `backoff` (a factor from 1 to 10 by which the pause grows, up to ten times
`every`). The deadline is recorded: after a crash only the rest is waited. Error `TimedOut`.",
    ),
    primitive(
        "retry",
        &["what", "options", "body"],
        "Calls `body` until it does not fail, and returns its value.

Options: those of `wait_until`, and `on`: the AWS error codes that are worth another attempt; without it every error of AWS is.
Without `timeout` and `attempts`, 5 attempts; they are counted over a crash, save one that was cut off. What an attempt has
finished stays finished for the next one; `run::now`, `run::sleep` and reads are anew in each. Error: `TimedOut` with the last
failure.",
    ),
    primitive(
        "sleep",
        &["duration"],
        "Waits, for example \"30s\" or \"5m\". The end is recorded: after a crash only the rest is waited.",
    ),
    primitive(
        "finally",
        &["body", "cleanup"],
        "Runs `body`, then `cleanup(outcome)` once, however `body` ended, and returns what `body` returned.

`outcome` is `#{state, value, error}`: `state` is \"succeeded\", \"failed\" or \"cancelled\" (Ctrl-C, a signal, `runbook cancel`).
How `body` ended is recorded first: after a crash a resume cleans up and does not go back into `body`. A body that waits for an
approval, or has an effect in doubt, has not ended. After the cleanup the failure of `body` is thrown again; a cancelled run is
over. A cleanup that fails is an error that tells both, and a resume tries it again; write it so that it finds nothing wrong
where `body` got nowhere.",
    ),
    primitive(
        "approve",
        &["question"],
        "Asks a person whether the run may go on, and returns who approved: `#{approved: true, by, host, at, via, why}`.

At a terminal the question is asked there (`y` or `yes` approves, anything else does not). Without one the run ends as waiting
(exit code 3): `runbook approve` answers, and `runbook resume` goes on. The answer is recorded: a resumed run is not asked again,
unless the question has become another one; put into it what is decided on, and read nothing live for it outside a step. A refusal
is the error `NotApproved`, which has `details` with who refused and why; a resume after a refusal that nobody caught asks again.
In a rehearsal everything is approved, and the journal says so. Error `NotInTicks`: a tick has nobody to ask.",
    ),
    primitive(
        "approve",
        &["question", "details"],
        "Asks with what a person should know to decide, a map such as `#{zone: \"az1\", from: old, to: nat}`.

The details are shown and recorded; they may differ on a resume without the question being asked again.",
    ),
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
        "Returns a random integer, both bounds included, recorded: a resumed run gets the same.",
    ),
    primitive(
        "output",
        &["text", "data"],
        "Puts out on stdout what the command was asked for: the text for people, the data with `--output json`.

For runbooks that report: the text is printed as it is laid out, and neither is recorded. `data` is any value that JSON can hold
(error `NotRecordable`); with `--output json` it is the member `data` of an event `output`.",
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

pub(super) fn module(host: &Arc<dyn Host>) -> Module {
    let mut module = Module::new();
    steps(&mut module, host);
    runbooks(&mut module, host);
    branches(&mut module, host);
    waits(&mut module, host);
    cleanups(&mut module, host);
    approvals(&mut module, host);
    notes(&mut module, host);
    let to = Arc::clone(host);
    function(&mut module, "output", move |text: &str, data: Dynamic| {
        to.output(text, recordable(&data)?)
    });
    for (name, fact) in [
        ("id", Fact::Id),
        ("account", Fact::Account),
        ("region", Fact::Region),
    ] {
        let host = Arc::clone(host);
        function(&mut module, name, move || host.fact(fact));
    }
    module
}

fn steps(module: &mut Module, host: &Arc<dyn Host>) {
    let to = Arc::clone(host);
    function(
        module,
        "step",
        move |context: NativeCallContext, name: &str, body: FnPtr| {
            to.step(name, None, &|| body.call_within_context(&context, ()))
        },
    );
    let to = Arc::clone(host);
    function(
        module,
        "step",
        move |context: NativeCallContext, name: &str, item: Dynamic, body: FnPtr| {
            let item = label(&item)?;
            to.step(name, Some(&item), &|| {
                body.call_within_context(&context, ())
            })
        },
    );
}

fn runbooks(module: &mut Module, host: &Arc<dyn Host>) {
    let to = Arc::clone(host);
    function(
        module,
        "call",
        move |context: NativeCallContext, path: &str, params: Map| {
            to.runbook(context.engine(), path, None, &passed(params)?)
        },
    );
    let to = Arc::clone(host);
    function(
        module,
        "call",
        move |context: NativeCallContext, path: &str, item: Dynamic, params: Map| {
            let item = label(&item)?;
            to.runbook(context.engine(), path, Some(&item), &passed(params)?)
        },
    );
}

fn passed(params: Map) -> Scripted<Value> {
    value::to_record(&params.into()).map_err(|error| wrong(error.to_string()))
}

fn branches(module: &mut Module, host: &Arc<dyn Host>) {
    let to = Arc::clone(host);
    function(
        module,
        "parallel",
        move |context: NativeCallContext, branches: Map| {
            let mut prepared = Vec::new();
            for (name, body) in branches {
                let body = body
                    .try_cast::<FnPtr>()
                    .ok_or_else(|| wrong(format!("the branch `{name}` is not a closure")))?;
                let context = &context;
                prepared.push(Branch {
                    name: name.to_string(),
                    named: Named::ByName,
                    body: Box::new(move || body.call_within_context(context, ())),
                });
            }
            to.parallel(&prepared, BranchLimits::NONE)
        },
    );
    let to = Arc::clone(host);
    function(
        module,
        "parallel",
        move |context: NativeCallContext, items: Array, body: FnPtr| {
            to.parallel(&of_items(&context, items, &body)?, BranchLimits::NONE)
        },
    );
    let to = Arc::clone(host);
    function(
        module,
        "parallel",
        move |context: NativeCallContext, items: Array, options: Map, body: FnPtr| {
            let limits = limits(&options)?;
            to.parallel(&of_items(&context, items, &body)?, limits)
        },
    );
}

fn of_items<'a>(
    context: &'a NativeCallContext,
    items: Array,
    body: &'a FnPtr,
) -> Scripted<Vec<Branch<'a>>> {
    let branch = |item: Dynamic| {
        Ok(Branch {
            name: label(&item)?,
            named: Named::ByItem,
            body: Box::new(move || body.call_within_context(context, (item.clone(),))),
        })
    };
    items.into_iter().map(branch).collect()
}

fn waits(module: &mut Module, host: &Arc<dyn Host>) {
    let to = Arc::clone(host);
    function(
        module,
        "wait_until",
        move |context: NativeCallContext, what: &str, options: Map, body: FnPtr| {
            let mut pace = pace(&options)?;
            pace.timeout = Some(pace.timeout.unwrap_or(Duration::from_mins(10)));
            to.wait_until(what, &pace, &|| body.call_within_context(&context, ()))
        },
    );
    let to = Arc::clone(host);
    function(
        module,
        "retry",
        move |context: NativeCallContext, what: &str, options: Map, body: FnPtr| {
            let mut pace = pace(&options)?;
            if pace.timeout.is_none() && pace.attempts.is_none() {
                pace.attempts = Some(5);
            }
            to.retry(what, &pace, &|| body.call_within_context(&context, ()))
        },
    );
    let to = Arc::clone(host);
    function(module, "sleep", move |length: Dynamic| {
        to.sleep(length_of(&length)?)
    });
}

fn cleanups(module: &mut Module, host: &Arc<dyn Host>) {
    let to = Arc::clone(host);
    function(
        module,
        "finally",
        move |context: NativeCallContext, body: FnPtr, cleanup: FnPtr| {
            to.finally(&|| body.call_within_context(&context, ()), &|outcome| {
                cleanup.call_within_context(&context, (outcome,))
            })
        },
    );
}

fn approvals(module: &mut Module, host: &Arc<dyn Host>) {
    let to = Arc::clone(host);
    function(module, "approve", move |question: &str| {
        to.approve(question, Value::Null)
            .map(|value| value::to_script(&value))
    });
    let to = Arc::clone(host);
    function(module, "approve", move |question: &str, details: Map| {
        let details =
            value::to_record(&details.into()).map_err(|error| wrong(error.to_string()))?;
        to.approve(question, details)
            .map(|value| value::to_script(&value))
    });
}

fn notes(module: &mut Module, host: &Arc<dyn Host>) {
    let to = Arc::clone(host);
    function(module, "now", move || {
        to.now().map(|value| value::to_script(&value))
    });
    let to = Arc::clone(host);
    function(module, "uuid", move || {
        to.note("run.uuid", &|| {
            Value::from(uuid::Uuid::new_v4().to_string())
        })
        .map(|value| value::to_script(&value))
    });
    let to = Arc::clone(host);
    function(module, "random", move |low: i64, high: i64| {
        if low > high {
            return Err(wrong(format!(
                "`run::random({low}, {high})`: the first bound is above the second"
            )));
        }
        to.note("run.random", &|| Value::from(random(low, high)))
            .map(|value| value::to_script(&value))
    });
}

fn recordable(data: &Dynamic) -> Scripted<Value> {
    value::to_json(data).map_err(|error| {
        fault::throw(&Fault {
            message: format!("`run::output`: {error}"),
            code: Some("NotRecordable".into()),
            ..Fault::default()
        })
    })
}

/// Both bounds included; the bias of the remainder is below one in 2^64.
fn random(low: i64, high: i64) -> i64 {
    let span = u128::from(high.abs_diff(low)) + 1;
    let offset = uuid::Uuid::new_v4().as_u128().rotate_left(64) % span;
    i64::try_from(i128::from(low) + i128::try_from(offset).unwrap_or(0)).unwrap_or(low)
}

/// `print` and `debug` are log lines too.
pub(super) fn on_print(engine: &mut Engine, host: &Arc<dyn Host>) {
    // Rhai gives these no way to fail; a journal that cannot be written stops the run at the next call.
    let to = Arc::clone(host);
    engine.on_print(move |text| drop(to.log(Level::Info, text)));
    let to = Arc::clone(host);
    engine.on_debug(move |text, _, _| drop(to.log(Level::Debug, text)));
}

/// A branch or an item is named by a string, a number, or a map's `name`.
fn label(item: &Dynamic) -> Scripted<String> {
    if let Some(map) = item.read_lock::<Map>() {
        return map
            .get("name")
            .and_then(|name| name.clone().into_string().ok())
            .ok_or_else(|| {
                wrong("an item that is a map needs a `name`, which is a string".into())
            });
    }
    if item.is_string() || item.is_int() {
        return Ok(item.to_string());
    }
    Err(wrong(format!(
        "an item is a string, an integer or a map with a `name`, not a value of type {}",
        item.type_name()
    )))
}

/// What a wait or a retry can be told.
pub(super) const OPTIONS: [&str; 5] = ["every", "timeout", "attempts", "backoff", "on"];

/// What `run::parallel` can be told.
pub(super) const LIMITS: [&str; 2] = ["at_most", "stop_after"];

fn limits(options: &Map) -> Scripted<BranchLimits> {
    known(options, &LIMITS)?;
    let limit = |name, preset| {
        let count = count(options, name)?;
        Ok::<_, Box<rhai::EvalAltResult>>(count.map_or(preset, |count| count as usize))
    };
    Ok(BranchLimits {
        at_most: limit("at_most", BranchLimits::NONE.at_most)?,
        stop_after: limit("stop_after", BranchLimits::NONE.stop_after)?,
    })
}

fn known(options: &Map, names: &[&str]) -> Scripted<()> {
    let unknown = |name: &&rhai::Identifier| !names.contains(&name.as_str());
    let Some(name) = options.keys().find(unknown) else {
        return Ok(());
    };
    let meant = nearest(name, names.iter().copied())
        .map(|name| format!("; did you mean `{name}`?"))
        .unwrap_or_default();
    Err(wrong(format!("unknown option `{name}`{meant}")))
}

/// Returns the option that is not `()`.
fn given<'a>(options: &'a Map, name: &str) -> Option<&'a Dynamic> {
    options.get(name).filter(|value| !value.is_unit())
}

fn count(options: &Map, name: &str) -> Scripted<Option<u32>> {
    let Some(value) = given(options, name) else {
        return Ok(None);
    };
    let count = value
        .as_int()
        .ok()
        .and_then(|count| u32::try_from(count).ok());
    let positive = count.filter(|count| *count > 0);
    positive
        .map(Some)
        .ok_or_else(|| wrong(format!("`{name}` is a whole number from 1")))
}

fn pace(options: &Map) -> Scripted<Pace> {
    known(options, &OPTIONS)?;
    let given = |name: &str| given(options, name);
    let backoff = given("backoff").map(|value| {
        #[expect(clippy::cast_precision_loss, reason = "a factor is a small number")]
        let factor = value
            .as_float()
            .or_else(|_| value.as_int().map(|whole| whole as f64));
        factor
            .ok()
            .filter(|factor| (1.0..=10.0).contains(factor))
            .ok_or_else(|| wrong("`backoff` is a factor from 1 to 10".into()))
    });
    Ok(Pace {
        every: given("every")
            .map(length_of)
            .transpose()?
            .unwrap_or(Duration::from_secs(5)),
        timeout: given("timeout").map(length_of).transpose()?,
        attempts: count(options, "attempts")?,
        backoff: backoff.transpose()?.unwrap_or(1.0),
        on: given("on").map(codes).transpose()?,
    })
}

fn codes(value: &Dynamic) -> Scripted<Vec<String>> {
    let refused = || wrong("`on` is a list of AWS error codes".into());
    let array = value.read_lock::<Array>().ok_or_else(refused)?;
    array
        .iter()
        .map(|code| code.clone().into_string().map_err(|_| refused()))
        .collect()
}

fn length_of(value: &Dynamic) -> Scripted<Duration> {
    duration::parse(&value.to_string()).map_err(wrong)
}

fn wrong(message: String) -> Box<rhai::EvalAltResult> {
    fault::throw(&Fault {
        message,
        code: Some("InvalidArgument".into()),
        ..Fault::default()
    })
}
