//! What is on this host or reached without AWS: this host's network, its programs, and servers that are not AWS's.

use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::runtime::Handle;

use super::cancel::Cancel;
use super::cloud::{Cloud, Doubt, Found};
use super::event::{Event, Watch};
use base::clock::Stopwatch;
use base::level::Level;
use knowledge::{Class, Effect};
use models::call::{Call, Failure, Repeat, Reply};
use probe::{Host, Prober, Question, Unlooked};

/// The real ones. Blocks the calling thread, which is never one of the runtime's own.
pub struct LocalHost {
    runtime: Handle,
    cancel: Cancel,
    watch: Arc<dyn Watch>,
    host: Host,
}

impl LocalHost {
    #[must_use]
    pub fn new(runtime: &Handle, cancel: &Cancel, watch: Arc<dyn Watch>) -> Self {
        Self {
            runtime: runtime.clone(),
            cancel: cancel.clone(),
            watch,
            host: Host::default(),
        }
    }
}

impl LocalHost {
    fn say_what_is_awaited(&self, call: &Call, elapsed: Duration) {
        let Call {
            service, operation, ..
        } = call;
        let program = call.input["program"].as_str();
        let what = program.map_or(format!("{service}.{operation}"), str::to_owned);
        let elapsed = Duration::from_secs(elapsed.as_secs());
        self.watch.event(&Event::Log {
            scope: String::new(),
            level: Level::Warn,
            message: format!(
                "interrupted; waiting for `{what}`, which has run for {elapsed:?}; a second signal (Ctrl-C) ends `{what}` and leaves the call in doubt"
            ),
        });
    }
}

impl Prober for LocalHost {
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

impl Cloud for LocalHost {
    fn call(&self, call: &Call) -> Result<Reply, Failure> {
        self.runtime.block_on(async {
            let watch = Stopwatch::start();
            let mut send = pin!(outside::send(call));
            tokio::select! {
                // This process is about to end, and the death of what it kills first is not the call's answer.
                biased;
                () = self.cancel.cut_off() => return pending().await,
                result = &mut send => return result,
                () = self.cancel.cancelled() => {}
            }
            if call.repeat != Repeat::Never {
                return Err(call.lost("interrupted".into()));
            }
            self.say_what_is_awaited(call, watch.elapsed());
            tokio::select! {
                biased;
                () = self.cancel.cut_off() => pending().await,
                result = send => result,
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
        "nothing shows whether `{service}.{operation}` was done"
    ))
}
