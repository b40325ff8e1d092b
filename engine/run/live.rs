//! The real AWS behind a run: the model-driven client for calls, the typed ones for look-ups.

use serde_json::Value;
use tokio::runtime::Handle;

use super::cancel::Cancel;
use super::cloud::{Cloud, Doubt, Found};
use super::life::Connected;
use crate::aws::call::{Call, Failure, Repeat, Reply};
use crate::aws::client::{self, ConnectError, Haste, Session};
use crate::aws::effects::tenants::{self, Estate, State, Tenant};
use crate::aws::effects::{self, Clients, Effect, Finding, Identity, LookUpError, Recall, Rest};
use crate::exit::Exit;
use crate::journal::entry::Target;
use crate::report::Report;

/// Blocks the calling thread, which is never one of the runtime's own.
pub struct Live {
    session: Session,
    clients: Clients,
    runtime: Handle,
    cancel: Cancel,
}

/// Connects, and asks AWS who is calling.
pub fn connect(
    region: Option<&str>,
    haste: Haste,
    runtime: &Handle,
    cancel: &Cancel,
) -> Result<Connected, ConnectError> {
    let ask = async {
        let session = client::connect(region, haste).await?;
        let identity = session.identity().await?;
        Ok((session, identity))
    };
    let (session, identity) = runtime.block_on(async {
        tokio::select! {
            asked = ask => asked,
            () = cancel.cancelled() => Err(ConnectError::Interrupted),
        }
    })?;
    let target = Target {
        account: identity.account,
        caller: identity.arn,
        region: session.region().to_owned(),
        endpoint: session.sdk_config().endpoint_url().map(str::to_owned),
    };
    let clients = Clients::new(&session);
    Ok(Connected {
        cloud: Box::new(Live {
            session,
            clients,
            runtime: runtime.clone(),
            cancel: cancel.clone(),
        }),
        target,
    })
}

impl From<ConnectError> for Report {
    /// AWS that cannot be reached is no mistake of the caller's: the same command may work in a minute.
    fn from(error: ConnectError) -> Self {
        let exit = match error {
            ConnectError::Unreachable { .. } => Exit::Failed,
            ConnectError::Interrupted => Exit::Interrupted,
            _ => Exit::Usage,
        };
        let report = Self::new(exit, error.to_string()).hint(error.hint());
        error.causes().into_iter().fold(report, Self::cause)
    }
}

impl Cloud for Live {
    fn call(&self, call: &Call) -> Result<Reply, Failure> {
        let send = self.session.send(call);
        match call.repeat {
            // What may be sent again on a resume need not be waited for after Ctrl-C.
            Repeat::Safe => self.runtime.block_on(self.unless_cancelled(call, send)),
            Repeat::Never => self.runtime.block_on(send),
        }
    }

    fn context(&self, effect: &Effect, input: &Value) -> Result<Option<Value>, Failure> {
        let read = effects::context(&self.clients, effect, input);
        self.ask(read).map_err(|error| not_asked(effect, &error))
    }

    fn look_up(&self, doubt: &Doubt<'_>) -> Result<Found, Failure> {
        let finding = self.ask(effects::look_up(&self.clients, *doubt));
        self.found(doubt, finding)
    }

    fn look_again(&self, doubt: &Doubt<'_>) -> Result<Found, Failure> {
        let finding = self.ask(effects::look_again(&self.clients, *doubt));
        self.found(doubt, finding)
    }

    fn tenants(&self, estate: &Estate) -> Result<Vec<Tenant>, Failure> {
        let read = tenants::tenants(&self.clients, estate);
        self.ask(read).map_err(|error| unread(&error))
    }

    fn carriers(&self, ids: &[String], tags: &Value) -> Result<Vec<String>, Failure> {
        let read = tenants::carriers(&self.clients, ids, tags);
        self.ask(read).map_err(|error| unread(&error))
    }

    fn states(&self, kind: Rest, ids: &[String]) -> Result<Vec<State>, Failure> {
        let read = tenants::states(&self.clients, kind, ids);
        self.ask(read).map_err(|error| unread(&error))
    }
}

fn unread(error: &LookUpError) -> Failure {
    Failure::NotSent {
        service: "aws".into(),
        operation: "describe".into(),
        reason: error.to_string(),
    }
}

impl Live {
    /// Reads; nothing is lost where Ctrl-C cuts that off.
    fn ask<T>(&self, read: impl Future<Output = Result<T, LookUpError>>) -> Result<T, LookUpError> {
        self.runtime.block_on(async {
            tokio::select! {
                answer = read => answer,
                () = self.cancel.cancelled() => Err(LookUpError::Unanswered {
                    operation: "the call".into(),
                    code: None,
                    reason: "interrupted".into(),
                }),
            }
        })
    }

    async fn unless_cancelled(
        &self,
        call: &Call,
        send: impl Future<Output = Result<Reply, Failure>>,
    ) -> Result<Reply, Failure> {
        tokio::select! {
            result = send => result,
            () = self.cancel.cancelled() => Err(Failure::Lost {
                service: call.service.clone(),
                operation: call.operation.clone(),
                reason: "interrupted".into(),
            }),
        }
    }

    fn found(
        &self,
        doubt: &Doubt<'_>,
        finding: Result<Finding, LookUpError>,
    ) -> Result<Found, Failure> {
        match finding {
            Ok(Finding::Done(output)) => Ok(Found::Done(output)),
            Ok(Finding::Recall(recall)) => self.recall(doubt, &recall),
            Ok(Finding::Absent) => Ok(Found::Absent),
            Ok(Finding::CallAgain) => Ok(Found::CallAgain),
            Ok(Finding::Several(ids)) => Ok(Found::Several(ids)),
            Err(error @ LookUpError::Unanswered { .. }) => Err(not_asked(doubt.effect, &error)),
            Err(unsettled) => Ok(Found::Unknowable(unsettled.to_string())),
        }
    }

    /// Reads what was made, in the shape of the call's own reply.
    fn recall(&self, doubt: &Doubt<'_>, recall: &Recall) -> Result<Found, Failure> {
        let Identity { run, key, .. } = doubt.identity;
        let call = Call {
            service: recall.service.into(),
            operation: recall.operation.into(),
            input: recall.input.clone(),
            origin: format!("run/{run} look-up/{key}"),
            repeat: Repeat::Safe,
        };
        match self.call(&call) {
            Ok(reply) => Ok(recall
                .answer(&reply.output)
                .map_or(Found::Absent, Found::Done)),
            // Its reads lag: seen by one, not yet by the next.
            Err(Failure::Answered(error)) if effects::consistency_retryable(&error.code) => {
                Ok(Found::Absent)
            }
            Err(failure) => Err(failure),
        }
    }
}

/// Nothing is settled by a question that has no answer.
fn not_asked(effect: &Effect, error: &LookUpError) -> Failure {
    Failure::NotSent {
        service: effect.service.clone(),
        operation: effect.operation.clone(),
        reason: error.to_string(),
    }
}
