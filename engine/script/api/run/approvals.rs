//! `run::approve`: a person decides.

use std::sync::Arc;

use rhai::{Map, Module};
use serde_json::Value;

use super::items::record;
use crate::api::primitive::{Primitive, primitive};
use crate::api::register::function;
use crate::host::Host;
use crate::value;

pub(super) const FUNCTIONS: &[Primitive] = &[
    primitive(
        "approve",
        &["question"],
        "Asks a person whether the run may go on, and returns who approved: `#{approved: true, by, host, at, via, why}`.

At a terminal the person answers there (`y` or `yes` approves, anything else refuses). Without a terminal the run ends as waiting
(exit code 3): `runbook approve` answers, and `runbook resume` goes on. The answer is recorded: a resumed run asks again only if the
question has changed, so put into the question what is decided on, and read nothing live for it outside a step. After a refusal that
nothing caught, a resume asks again. A rehearsal approves what its own emulator is asked for, and the journal says so. Errors: `NotApproved`, with
`details` of who refused and why; `NotInTicks`, since a tick has nobody to ask.",
    ),
    primitive(
        "approve",
        &["question", "details"],
        "Asks with what a person should know to decide, a map such as `#{zone: \"az1\", from: old, to: nat}`.

The details are shown and recorded. On a resume other details do not ask again; another question does.",
    ),
    primitive(
        "approve",
        &["question", "details", "rules"],
        "Asks those who may answer: `#{approvers: [\"alice\", \"1001\"], at_least: 2, not_starter: true}`.

`approvers` are names of `/etc/passwd` or uids (everybody, if absent); so many different people as `at_least` must approve (1, if
absent), and one refusal is enough; with `not_starter` whoever started the run does not answer. A person is the real uid of the process
that answers, whatever `USER` says. Who may not answer is refused, and an answer that does not count by these rules is not taken up.",
    ),
];

pub(super) fn add(module: &mut Module, host: &Arc<dyn Host>) {
    let to = Arc::clone(host);
    function(module, "approve", move |question: &str| {
        to.approve(question, Value::Null, Value::Null)
            .map(|answer| value::to_script(&answer))
    });
    let to = Arc::clone(host);
    function(module, "approve", move |question: &str, details: Map| {
        to.approve(question, record(details)?, Value::Null)
            .map(|answer| value::to_script(&answer))
    });
    let to = Arc::clone(host);
    let ruled = move |question: &str, details: Map, rules: Map| {
        to.approve(question, record(details)?, record(rules)?)
            .map(|answer| value::to_script(&answer))
    };
    function(module, "approve", ruled);
}
