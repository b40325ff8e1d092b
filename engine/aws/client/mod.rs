//! The client: sends calls with credentials of this host, and tells what certainly did not happen from what may have.

mod attempt;
mod caller;
mod connect;
mod credentials;
pub mod endpoint;
mod limits;
mod retry;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_types::SdkConfig;
use serde_json::Value;

use base::secret;

use crate::protocol;
use attempt::{Attempt, Outgoing};
use credentials::CredentialCache;
use limits::Limits;
use models::call::{Call, Failure, Reply, ServiceError};
use models::check::check;
use models::rename::fill_lists;
use models::{Operation, Service, sensitive};
use retry::{AttemptError, Patience};

pub use caller::Caller;
pub use connect::{ConnectError, connect};
pub use endpoint::Endpoints;
pub use limits::{Pace, TIMEOUT_VARIABLE};

/// One account's and region's AWS, as this host reaches it; clones share connections and credentials.
#[derive(Clone, Debug)]
pub struct Session {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: SdkConfig,
    region: String,
    connector: SharedHttpConnector,
    credentials: CredentialCache,
    limits: Limits,
}

/// A call whose names are resolved.
struct Target<'a> {
    call: &'a Call,
    service: &'a Service,
    operation: &'a Operation,
}

impl Session {
    /// Makes a session for tests that answer requests themselves.
    #[cfg(test)]
    pub(crate) fn over(config: SdkConfig, connector: SharedHttpConnector) -> Self {
        connect::over(config, Limits::STANDARD, connector).unwrap()
    }

    #[must_use]
    pub fn region(&self) -> &str {
        &self.inner.region
    }

    /// Returns the configuration for the typed crates. Their clients retry by themselves: they are for look-ups.
    #[must_use]
    pub fn sdk_config(&self) -> &SdkConfig {
        &self.inner.config
    }

    /// Returns the address at which a service is reached.
    #[must_use]
    pub fn endpoint(&self, service: &Service) -> String {
        endpoint::of(&self.inner.config, &self.inner.region, &service.metadata)
    }

    /// Returns the endpoints that are set for these services and for the question who is calling.
    #[must_use]
    pub fn endpoints(&self, services: &BTreeSet<String>) -> Endpoints {
        let names = services.iter().map(String::as_str).chain(["sts"]);
        // A service without a model is never called.
        let services: Vec<_> = names
            .filter_map(|name| models::service(name).ok())
            .collect();
        let services: Vec<_> = services.iter().map(Arc::as_ref).collect();
        endpoint::set(&self.inner.config, &services)
    }

    /// Sends a call and returns its reply, with every page of it and an empty list where AWS left a list out.
    ///
    /// A caller that gives a token or a page size itself gets that page.
    ///
    /// Secrets in the input are revealed here and nowhere before; one that AWS repeats does not come back.
    pub async fn send(&self, call: &Call) -> Result<Reply, Failure> {
        self.send_revealed(call).await.map_err(Failure::scrubbed)
    }

    async fn send_revealed(&self, call: &Call) -> Result<Reply, Failure> {
        let not_sent = |reason: String| call.not_sent(reason);
        let service =
            models::service(&call.service).map_err(|error| not_sent(error.to_string()))?;
        let operation = service
            .operation(&call.operation)
            .map_err(|error| not_sent(error.to_string()))?;
        let problems = check(&service, operation, &call.input);
        if !problems.is_empty() {
            return Err(not_sent(
                problems
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("; "),
            ));
        }
        let target = Target {
            call,
            service: &service,
            operation,
        };
        let mut reply = self.all_pages(&target).await?.scrubbed();
        if let Some(output) = &operation.output {
            fill_lists(&service, output.shape, &mut reply.output);
            sensitive::hide(&service, operation, &mut reply.output);
        }
        Ok(reply)
    }

    async fn all_pages(&self, target: &Target<'_>) -> Result<Reply, Failure> {
        let input = &target.call.input;
        let mut reply = self.page(target, input).await?;
        let Some(paginator) = target
            .operation
            .paginator
            .as_ref()
            .filter(|paginator| !paginator.steered_by(input))
        else {
            return Ok(reply);
        };
        let mut next = paginator.next(input, &reply.output);
        while let Some(input) = next {
            let page = self.page(target, &input).await?;
            next = paginator.next(&input, &page.output);
            if next.as_ref() == Some(&input) {
                return Err(target
                    .call
                    .lost("the next page has the same token as this page".to_owned()));
            }
            paginator.merge(&mut reply.output, page.output);
        }
        paginator.finish(&mut reply.output);
        Ok(reply)
    }

    async fn page(&self, target: &Target<'_>, input: &Value) -> Result<Reply, Failure> {
        let input = secret::reveal_value(input);
        let input = input.map_err(|error| target.call.not_sent(error.to_string()))?;
        let request = protocol::request(target.service, target.operation, &input);
        let request = request.map_err(|error| target.call.not_sent(error.to_string()))?;
        let outgoing = Outgoing {
            endpoint: self.endpoint(target.service),
            signing_name: &target.service.metadata.signing_name,
            signing_region: endpoint::signing_region(&self.inner.region, &target.service.metadata),
            user_agent: attempt::user_agent(&target.call.origin),
            request,
        };
        let mut patience = Patience::new(target.call.repeat, self.inner.limits);
        loop {
            let trouble = match self.attempt(&outgoing).await {
                Attempt::Answered(response) => match target.judge(&response) {
                    Ok(reply) => return Ok(reply),
                    Err(trouble) => trouble,
                },
                Attempt::Failed(trouble) => trouble,
            };
            match patience.next(&trouble) {
                Some(pause) => base::clock::sleep(pause).await,
                None => return Err(target.failure(trouble)),
            }
        }
    }
}

impl Target<'_> {
    /// Reads an answer; an unreadable one says nothing about what happened.
    fn judge(&self, response: &protocol::Response) -> Result<Reply, AttemptError> {
        if (200..300).contains(&response.status) {
            let output = protocol::reply(self.service, self.operation, response);
            let output = output.map_err(|error| AttemptError::Lost(error.to_string()))?;
            return Ok(Reply {
                output,
                request_id: protocol::request_id(response),
            });
        }
        let error = protocol::error(self.service, response);
        let Some(error) = error else {
            return Err(AttemptError::Lost(format!(
                "status {} without an AWS error",
                response.status
            )));
        };
        let error = ServiceError {
            service: self.call.service.clone(),
            operation: self.call.operation.clone(),
            code: error.code,
            message: error.message,
            request_id: error.request_id,
            status: response.status,
            details: None,
        };
        Err(AttemptError::from(error))
    }

    fn failure(&self, trouble: AttemptError) -> Failure {
        match trouble {
            AttemptError::Throttled(error) | AttemptError::Answered(error) => {
                Failure::Answered(*error)
            }
            AttemptError::Unreachable(reason) | AttemptError::NotSent(reason) => {
                self.call.not_sent(reason)
            }
            AttemptError::Lost(reason) => self.call.lost(reason),
        }
    }
}
