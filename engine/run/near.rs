//! What is near: this host's network, its programs, and servers that are not AWS's.

use serde_json::Value;
use tokio::runtime::Handle;

use super::cancel::Cancel;
use super::cloud::{Cloud, Doubt, Found};
use crate::aws::call::{Call, Failure, Repeat, Reply};
use crate::aws::effects::{Class, Effect};
use crate::outside;
use crate::probe::{self, Host, Prober, Question, Unlooked};

/// The real ones. Blocks the calling thread, which is never one of the runtime's own.
pub struct Near {
    runtime: Handle,
    cancel: Cancel,
    host: Host,
}

impl Near {
    #[must_use]
    pub fn new(runtime: &Handle, cancel: &Cancel) -> Self {
        Self {
            runtime: runtime.clone(),
            cancel: cancel.clone(),
            host: Host::default(),
        }
    }
}

impl Prober for Near {
    fn look(&self, question: &Question) -> Result<Value, Unlooked> {
        self.runtime.block_on(async {
            tokio::select! {
                answer = probe::answer(question, &self.host) => answer,
                () = self.cancel.cancelled() => Err(Unlooked {
                    code: "Interrupted",
                    message: "interrupted".into(),
                }),
            }
        })
    }
}

impl Cloud for Near {
    fn call(&self, call: &Call) -> Result<Reply, Failure> {
        self.runtime.block_on(async {
            let send = outside::send(call);
            if call.repeat == Repeat::Never {
                return send.await;
            }
            tokio::select! {
                result = send => result,
                () = self.cancel.cancelled() => Err(call.lost("interrupted".into())),
            }
        })
    }

    fn context(&self, _: &Effect, _: &Value) -> Result<Option<Value>, Failure> {
        Ok(None)
    }

    fn look_up(&self, doubt: &Doubt<'_>) -> Result<Found, Failure> {
        Ok(nobody_knows(doubt))
    }

    fn look_again(&self, doubt: &Doubt<'_>) -> Result<Found, Failure> {
        Ok(nobody_knows(doubt))
    }
}

/// There is nobody to ask.
fn nobody_knows(doubt: &Doubt<'_>) -> Found {
    if doubt.effect.class == Class::Idempotent {
        return Found::CallAgain;
    }
    let Effect {
        service, operation, ..
    } = doubt.effect;
    Found::Unknowable(format!(
        "nobody can be asked whether `{service}.{operation}` was done"
    ))
}
