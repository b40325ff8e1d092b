//! The real AWS behind a run: calls and look-ups, on the runtime's threads.

use std::collections::BTreeSet;

use serde_json::Value;
use tokio::runtime::Handle;

use super::cancel::Cancel;
use super::cloud::{Cloud, Doubt, Found};
use super::life::Connected;
use super::pinned;
use aws::client::{self, ConnectError, Endpoints, Pace, Session};
use aws::look_up::{Clients, LookUpError};
use aws::{dependents, look_up};
use journal::entry::Target;
use knowledge::{Deletions, Dependent, Effect, Kind, State};
use models::call::{Call, Failure, Repeat, Reply};

/// Blocks the calling thread, which is never one of the runtime's own.
pub struct Live {
    session: Session,
    clients: Clients,
    runtime: Handle,
    cancel: Cancel,
}

/// A way to AWS that nothing has been sent on yet.
pub struct Way<'a> {
    session: Session,
    runtime: &'a Handle,
    cancel: &'a Cancel,
}

impl<'a> Way<'a> {
    /// Finds region, credentials and endpoints of this host.
    pub fn find(
        region: Option<&str>,
        pace: Pace,
        runtime: &'a Handle,
        cancel: &'a Cancel,
    ) -> Result<Self, ConnectError> {
        let session = unless_cancelled(runtime, cancel, client::connect(region, pace))?;
        Ok(Self {
            session,
            runtime,
            cancel,
        })
    }

    /// Returns the endpoints that are set for these services.
    #[must_use]
    pub fn endpoints(&self, services: &BTreeSet<String>) -> Endpoints {
        self.session.endpoints(services)
    }

    /// Asks AWS who is calling; `endpoints` are what the run is pinned to.
    pub fn connect(self, endpoints: Endpoints) -> Result<Connected, ConnectError> {
        let Self {
            session,
            runtime,
            cancel,
        } = self;
        let identity = unless_cancelled(runtime, cancel, session.identity())?;
        let target = Target {
            account: identity.account,
            partition: pinned::partition(&identity.arn),
            caller: identity.arn,
            region: session.region().to_owned(),
            endpoint: endpoints.general,
            endpoints: endpoints.services,
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
}

fn unless_cancelled<T>(
    runtime: &Handle,
    cancel: &Cancel,
    ask: impl Future<Output = Result<T, ConnectError>>,
) -> Result<T, ConnectError> {
    runtime.block_on(async {
        tokio::select! {
            asked = ask => asked,
            () = cancel.cancelled() => Err(ConnectError::Interrupted),
        }
    })
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
        let read = look_up::context(&self.clients, effect, input);
        self.ask(read).map_err(|error| not_asked(effect, &error))
    }

    fn look_up(&self, doubt: &Doubt<'_>) -> Result<Found, Failure> {
        let read = look_up::look_up(&self.clients, *doubt);
        self.ask(read)
            .map_err(|error| not_asked(doubt.effect, &error))
    }

    fn look_again(&self, doubt: &Doubt<'_>) -> Result<Found, Failure> {
        let read = look_up::look_again(&self.clients, *doubt);
        self.ask(read)
            .map_err(|error| not_asked(doubt.effect, &error))
    }

    fn dependents(&self, deletions: &Deletions) -> Result<Vec<Dependent>, Failure> {
        let read = dependents::dependents(&self.session, deletions);
        self.ask(read).map_err(|error| unread(&error))
    }

    fn carriers(&self, ids: &[String], tags: &Value) -> Result<Vec<String>, Failure> {
        let read = dependents::carriers(&self.session, ids, tags);
        self.ask(read).map_err(|error| unread(&error))
    }

    fn states(&self, kind: &Kind, ids: &[String]) -> Result<Vec<State>, Failure> {
        let read = dependents::states(&self.session, kind, ids);
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
}

/// Nothing is settled by a question that has no answer.
fn not_asked(effect: &Effect, error: &LookUpError) -> Failure {
    Failure::NotSent {
        service: effect.service.clone(),
        operation: effect.operation.clone(),
        reason: error.to_string(),
    }
}
