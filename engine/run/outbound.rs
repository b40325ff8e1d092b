//! The ways out of this process: to AWS, to what is not AWS, and to the network that probes look at.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::cancel::Cancel;
use super::cloud::Cloud;
use super::patience::{Patience, window_after};
use super::recent::Recent;
use base::clock::{Moment, Stopwatch};
use knowledge::{Effect, Identity};
use models::call::{Call, Failure, Repeat, Reply};
use probe::{Prober, Question, Unlooked};

/// The pause before AWS is asked again for what it does not know yet.
const AGAIN: Duration = Duration::from_secs(1);

pub(super) struct Outbound {
    /// The run's id, which AWS gets with each call.
    pub(super) run: String,
    pub(super) cloud: Option<Box<dyn Cloud>>,
    pub(super) outside: Arc<dyn Cloud>,
    pub(super) prober: Arc<dyn Prober>,
    pub(super) recent: Recent,
    /// How long a look-up that finds nothing is repeated before an effect is issued again.
    pub(super) settle_window: Duration,
    /// Runs since this process took the run up.
    pub(super) started: Stopwatch,
    pub(super) cancel: Cancel,
}

impl Outbound {
    /// Returns who is called, and asked about calls.
    pub(super) fn cloud(&self, service: &str) -> Result<&dyn Cloud, Failure> {
        if models::outside::knows(service) {
            return Ok(&*self.outside);
        }
        self.cloud.as_deref().ok_or_else(|| Failure::NotSent {
            service: "aws".into(),
            operation: "connect".into(),
            reason: "this run has no connection to AWS".into(),
        })
    }

    pub(super) fn compose(
        &self,
        service: &str,
        operation: &str,
        input: Value,
        key: &str,
        repeat: Repeat,
    ) -> Call {
        Call {
            service: service.into(),
            operation: operation.into(),
            input,
            origin: format!("run/{} effect/{key}", self.run),
            repeat,
        }
    }

    /// Sends a call, again for a while if AWS does not yet know something that this run has just made.
    pub(super) fn send(&self, call: &Call, named: &Value) -> Result<Reply, Failure> {
        self.send_unless(call, named, || false)
    }

    /// Sends a call, and not again once `over`.
    pub(super) fn send_unless(
        &self,
        call: &Call,
        named: &Value,
        over: fn() -> bool,
    ) -> Result<Reply, Failure> {
        let cloud = self.cloud(&call.service)?;
        let watch = Stopwatch::start();
        loop {
            let result = cloud.call(call);
            let unseen = matches!(&result, Err(Failure::Answered(error)) if knowledge::consistency_retryable(&error.code));
            if !unseen || watch.elapsed() > self.recent.span || !self.recent.named_in(named) {
                return result;
            }
            if self.cancel.sleep_unless(AGAIN, over) {
                return result;
            }
        }
    }

    pub(super) fn probe(&self, question: &Question) -> Result<Value, Unlooked> {
        self.prober.look(question)
    }

    /// Reads what a later look-up needs; what cannot be read now it will have to do without.
    pub(super) fn context(&self, effect: &Effect, input: &Value) -> Option<Value> {
        let cloud = self.cloud(&effect.service);
        let read = cloud.and_then(|cloud| cloud.context(effect, input));
        read.unwrap_or_default()
    }

    /// Returns the effect that made what the input names, where its mark has to be kept.
    pub(super) fn creator(&self, effect: &Effect, input: &Value) -> Option<Identity> {
        let id = knowledge::creator_member(effect).and_then(|member| input[member].as_str())?;
        self.recent.creator(id)
    }

    /// For what this process has sent.
    pub(super) fn patience(&self) -> Patience<'_> {
        Patience {
            window: self.settle_window,
            cancel: &self.cancel,
            watch: Stopwatch::start(),
        }
    }

    /// For what an earlier process may have sent: it was over when this one began.
    pub(super) fn patience_before(&self, written: Option<&Moment>) -> Patience<'_> {
        Patience {
            window: window_after(written, self.settle_window),
            cancel: &self.cancel,
            watch: self.started,
        }
    }
}
