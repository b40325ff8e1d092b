//! What the models say of an operation, as a run needs it.

use std::sync::Arc;

use serde_json::Value;

use crate::aws::check;
use crate::aws::effects::{self, Effect, ModelFacts};
use crate::aws::models::{self, ModelError, Service};
use crate::aws::waiter::Waiter;
use crate::journal::entry::Fault;
use crate::script::fault;
use crate::script::host::Scripted;

/// Returns how the engine treats an operation.
pub(super) fn effect(service: &str, operation: &str) -> Result<Effect, ModelError> {
    let model = models::service(service)?;
    let found = model.operation(operation)?;
    let token = model
        .input_fields(found)
        .iter()
        .find(|field| field.token)
        .map(|field| field.snake.as_str());
    Ok(effects::effect(
        service,
        operation,
        ModelFacts {
            token_member: token,
        },
    ))
}

/// Checks an input before anything is sent; every problem is in the error.
pub(super) fn check_input(service: &str, operation: &str, input: &Value) -> Scripted<()> {
    let model = models::service(service).map_err(|error| unknown(&error))?;
    let found = model
        .operation(operation)
        .map_err(|error| unknown(&error))?;
    let problems: Vec<String> = check::check(&model, found, input)
        .iter()
        .map(ToString::to_string)
        .collect();
    if problems.is_empty() {
        return Ok(());
    }
    Err(fault::throw(&Fault {
        message: format!("the input was not sent: {}", problems.join("; ")),
        code: Some("InvalidInput".into()),
        service: Some(service.into()),
        operation: Some(operation.into()),
        ..Fault::default()
    }))
}

/// Returns a waiter, by the name that scripts call it by.
pub(super) fn waiter(service: &str, name: &str) -> Scripted<(Arc<Service>, Waiter)> {
    let model = models::service(service).map_err(|error| unknown(&error))?;
    match model.waiters.get(name).cloned() {
        Some(waiter) => Ok((model, waiter)),
        None => Err(fault::throw(&Fault {
            message: format!("`aws/{service}` has no waiter `{name}`"),
            ..Fault::default()
        })),
    }
}

pub(super) fn unknown(error: &ModelError) -> Box<rhai::EvalAltResult> {
    fault::throw(&Fault {
        message: error.to_string(),
        ..Fault::default()
    })
}
