//! `run::parallel`: branches side by side.

use std::sync::Arc;

use rhai::{Array, Dynamic, FnPtr, Map, Module, NativeCallContext};

use super::items::label;
use crate::api::options::{Options, wrong};
use crate::api::primitive::{Primitive, primitive};
use crate::api::register::function;
use crate::host::{Branch, BranchLimits, Host, Named, Scripted};

pub(super) const FUNCTIONS: &[Primitive] = &[
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
        "Runs `body(item)` for each item of a list in the list's order, a limited number side by side.

Options: `at_most` (all), how many run at once; `stop_after` (1), the number of failures after which no other item is started and
the running ones end after their current step. The error says how many items were not started.",
    ),
];

/// The options of `run::parallel`.
pub(in crate::api) const LIMITS: [&str; 2] = ["at_most", "stop_after"];

pub(super) fn add(module: &mut Module, host: &Arc<dyn Host>) {
    let to = Arc::clone(host);
    function(
        module,
        "parallel",
        move |context: NativeCallContext, branches: Map| {
            let context = &context;
            let branch = |(name, body): (rhai::Identifier, Dynamic)| {
                let body = body
                    .try_cast::<FnPtr>()
                    .ok_or_else(|| wrong(format!("the branch `{name}` is not a closure")))?;
                Ok(Branch {
                    name: name.to_string(),
                    named: Named::ByName,
                    body: Box::new(move || body.call_within_context(context, ())),
                })
            };
            let branches: Scripted<Vec<Branch<'_>>> = branches.into_iter().map(branch).collect();
            to.parallel(&branches?, BranchLimits::NONE)
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

fn limits(options: &Map) -> Scripted<BranchLimits> {
    let options = Options::of("run::parallel", &LIMITS, options)?;
    let limit = |name| options.count::<u32>(name, i64::MAX);
    let none = BranchLimits::NONE;
    Ok(BranchLimits {
        at_most: limit("at_most")?.map_or(none.at_most, |count| count as usize),
        stop_after: limit("stop_after")?.map_or(none.stop_after, |count| count as usize),
    })
}
