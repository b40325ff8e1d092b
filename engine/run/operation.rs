//! What the models say of an operation, as a run needs it.

use std::sync::Arc;

use serde_json::Value;

use base::fault::Fault;
use knowledge::{Class, Effect, ModelFacts};
use models::check;
use models::waiter::Waiter;
use models::{ModelError, Service};
use script::fault;
use script::host::Scripted;

/// Returns how the engine treats an operation.
pub(super) fn effect(service: &str, operation: &str) -> Result<Effect, ModelError> {
    if models::outside::knows(service) {
        return Ok(knowledge::effect(service, operation, ModelFacts::default()));
    }
    let model = models::service(service)?;
    let found = model.operation(operation)?;
    let token = model
        .input_fields(found)
        .iter()
        .find(|field| field.token)
        .map(|field| field.snake.as_str());
    Ok(knowledge::effect(
        service,
        operation,
        ModelFacts {
            token_member: token,
        },
    ))
}

/// Returns how the engine treats a call: one that only asks whether it would be allowed changes nothing.
pub(super) fn effect_of(
    service: &str,
    operation: &str,
    input: &Value,
) -> Result<Effect, ModelError> {
    let mut effect = effect(service, operation)?;
    if service == "ec2" && input["dry_run"] == true {
        effect.class = Class::Read;
    }
    Ok(effect)
}

/// Checks an input before anything is sent; every problem is in the error.
pub(super) fn check_input(service: &str, operation: &str, input: &Value) -> Scripted<()> {
    let problems = problems(service, operation, input).map_err(|error| unknown(&error))?;
    if problems.is_empty() {
        return Ok(());
    }
    let message = format!("the input was not sent: {}", problems.join("; "));
    let refused = Fault::coded("InvalidInput", message).of_call(service, operation);
    Err(fault::throw(&refused))
}

fn problems(service: &str, operation: &str, input: &Value) -> Result<Vec<String>, ModelError> {
    if models::outside::knows(service) {
        return Ok(models::outside::check(service, input));
    }
    let model = models::service(service)?;
    let problems = check::check(&model, model.operation(operation)?, input);
    Ok(problems.iter().map(ToString::to_string).collect())
}

/// Returns a waiter, by the name that scripts call it by.
pub(super) fn waiter(service: &str, name: &str) -> Scripted<(Arc<Service>, Waiter)> {
    let model = models::service(service).map_err(|error| unknown(&error))?;
    match model.waiters.get(name).cloned() {
        Some(waiter) => Ok((model, waiter)),
        None => Err(fault::throw(&Fault::new(format!(
            "`aws/{service}` has no waiter `{name}`"
        )))),
    }
}

pub(super) fn unknown(error: &ModelError) -> Box<rhai::EvalAltResult> {
    fault::throw(&Fault::new(error.to_string()))
}
