//! What a script can do with a `Secret`, and how all else is refused.

use rhai::{Dynamic, Engine, EvalAltResult, ImmutableString};

use crate::fault;
use crate::host::Scripted;
use crate::secret_text::{Secret, TYPE, USE};
use base::fault::Fault;
use base::secret;

/// Registers the type. Rhai makes a text of an interpolated one, token and all: where it arrives, it is a secret again.
pub(crate) fn register(engine: &mut Engine) {
    engine
        .register_type_with_name::<Secret>(TYPE)
        .register_fn("to_string", |secret: &mut Secret| secret.0.clone())
        .register_fn("+", |one: Secret, other: Secret| {
            Secret(one.0 + other.0.as_str())
        })
        .register_fn("+", |text: ImmutableString, secret: Secret| {
            Secret(text + secret.0.as_str())
        })
        .register_fn("+", |secret: Secret, text: ImmutableString| {
            Secret(secret.0 + text.as_str())
        })
        // Whether a parameter was given.
        .register_fn("==", |_: Secret, (): ()| false)
        .register_fn("==", |(): (), _: Secret| false)
        .register_fn("!=", |_: Secret, (): ()| true)
        .register_fn("!=", |(): (), _: Secret| true);
    for operator in ["==", "!=", "<", "<=", ">", ">=", "in"] {
        let refused = move || Err::<bool, _>(refusal(operator));
        engine
            .register_fn(operator, move |_: Secret, _: Secret| refused())
            .register_fn(operator, move |_: Secret, _: Dynamic| refused())
            .register_fn(operator, move |_: Dynamic, _: Secret| refused());
    }
    for name in ["print", "debug"] {
        engine
            .register_fn(name, move |_: Secret| {
                Err::<ImmutableString, _>(refusal(name))
            })
            .register_fn(name, move |text: ImmutableString| {
                no_secret(name, &text).map(|()| text)
            });
    }
}

/// Refuses a text that has a secret in it.
pub(crate) fn no_secret(title: &str, text: &str) -> Scripted<()> {
    if secret::is_in(text) {
        return Err(refusal(title));
    }
    Ok(())
}

/// Refuses what a function takes besides maps, if it is a secret or a text that has one in it.
pub(crate) fn none_of(title: &str, arguments: &[&mut Dynamic]) -> Scripted<()> {
    for argument in arguments {
        if argument.is::<Secret>() {
            return Err(refusal(title));
        }
        if let Ok(text) = argument.as_immutable_string_ref() {
            no_secret(title, &text)?;
        }
    }
    Ok(())
}

fn refusal(title: &str) -> Box<EvalAltResult> {
    fault::throw(&Fault {
        message: format!("`{title}` cannot take a secret: {USE}"),
        code: Some("InvalidArgument".into()),
        ..Fault::default()
    })
}
