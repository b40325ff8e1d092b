//! One attempt: sign, send, read the whole answer within the time allowed.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

use base::error::{chain, root_cause};
use exchange::never_connected;

use super::Session;
use super::retry::AttemptError;
use crate::protocol::{Request, Response};

/// `CloudTrail` keeps more, but some proxies do not.
const USER_AGENT_LENGTH: usize = 250;

pub(super) struct Outgoing<'a> {
    pub(super) endpoint: String,
    pub(super) signing_name: &'a str,
    pub(super) signing_region: &'a str,
    pub(super) user_agent: String,
    pub(super) request: Request,
}

pub(super) enum Attempt {
    Answered(Response),
    Failed(AttemptError),
}

impl Session {
    pub(super) async fn attempt(&self, outgoing: &Outgoing<'_>) -> Attempt {
        self.try_attempt(outgoing)
            .await
            .map_or_else(Attempt::Failed, Attempt::Answered)
    }

    async fn try_attempt(&self, outgoing: &Outgoing<'_>) -> Result<Response, AttemptError> {
        let credentials = self.inner.credentials.get().await;
        let credentials = credentials
            .map_err(|reason| AttemptError::NotSent(format!("no credentials: {reason}")))?;
        let request =
            signed(outgoing, credentials).map_err(|error| AttemptError::NotSent(chain(&*error)))?;
        let limit = self.inner.limits.attempt;
        match base::clock::timeout(limit, self.exchange(request, &outgoing.endpoint)).await {
            Ok(result) => result,
            Err(_) => Err(AttemptError::Lost(format!(
                "no reply from {} within {limit:?}",
                outgoing.endpoint
            ))),
        }
    }

    async fn exchange(
        &self,
        request: HttpRequest,
        endpoint: &str,
    ) -> Result<Response, AttemptError> {
        let response = self.inner.connector.call(request).await.map_err(|error| {
            if never_connected(&error) {
                AttemptError::Unreachable(format!(
                    "cannot connect to {endpoint}: {}",
                    root_cause(&error)
                ))
            } else {
                AttemptError::Lost(format!("no reply from {endpoint}: {}", root_cause(&error)))
            }
        })?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let body = ByteStream::new(response.into_body()).collect().await;
        let body = body.map_err(|error| {
            AttemptError::Lost(format!(
                "the reply from {endpoint} is incomplete: {}",
                root_cause(&error)
            ))
        })?;
        Ok(Response {
            status,
            headers,
            body: body.to_vec(),
        })
    }
}

/// Returns a user agent that leads from `CloudTrail` back to the script.
pub(super) fn user_agent(origin: &str) -> String {
    let safe = |letter: char| {
        if letter.is_ascii_graphic() || letter == ' ' {
            letter
        } else {
            '_'
        }
    };
    let agent = format!("runbook/{} {origin}", env!("CARGO_PKG_VERSION"));
    agent
        .chars()
        .map(safe)
        .take(USER_AGENT_LENGTH)
        .collect::<String>()
        .trim_end()
        .to_owned()
}

fn signed(
    outgoing: &Outgoing,
    credentials: Credentials,
) -> Result<HttpRequest, Box<dyn std::error::Error + Send + Sync>> {
    let Request {
        method,
        headers,
        body,
        ..
    } = &outgoing.request;
    let url = outgoing.request.url(&outgoing.endpoint)?;
    let identity = credentials.into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(outgoing.signing_region)
        .name(outgoing.signing_name)
        .time(SystemTime::from(base::clock::now()))
        .settings(SigningSettings::default())
        .build()?
        .into();
    let names = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let signable = SignableRequest::new(method, &url, names, SignableBody::Bytes(body))?;
    let (signature, _) = sign(signable, &parameters)?.into_parts();

    let mut request = HttpRequest::new(SdkBody::from(body.as_slice()));
    request.set_method(method)?;
    request.set_uri(url)?;
    for (name, value) in headers {
        request
            .headers_mut()
            .try_insert(name.to_ascii_lowercase(), value.clone())?;
    }
    for (name, value) in signature.headers() {
        request
            .headers_mut()
            .try_insert(name.to_owned(), value.to_owned())?;
    }
    request
        .headers_mut()
        .try_insert("user-agent", outgoing.user_agent.clone())?;
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::user_agent;

    #[test]
    fn a_user_agent_is_safe_in_a_header() {
        let agent = user_agent("run/20261121 effect/Zöne\r\nX: y[a]");
        assert_eq!(
            agent,
            format!(
                "runbook/{} run/20261121 effect/Z_ne__X: y[a]",
                env!("CARGO_PKG_VERSION")
            )
        );
        assert_eq!(user_agent(&"x".repeat(1000)).len(), 250);
    }
}
