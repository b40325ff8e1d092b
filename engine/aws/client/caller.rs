//! Who calls: a run is pinned to it.

use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::get_caller_identity::{
    GetCallerIdentityError, GetCallerIdentityOutput,
};

use super::retry::{AttemptError, Patience};
use super::{ConnectError, Session};
use base::error::{chain, root_cause};
use models::call::Repeat;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub account: String,
    pub arn: String,
    pub user_id: String,
}

impl Session {
    /// Asks AWS whose credentials these are.
    pub async fn identity(&self) -> Result<Caller, ConnectError> {
        let endpoint = self.sts_endpoint();
        if !is_url(&endpoint) {
            return Err(ConnectError::BadEndpoint { endpoint });
        }
        let identity = self.ask_for_identity().await?;
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Ok(Caller {
            account: text(identity.account()),
            arn: text(identity.arn()),
            user_id: text(identity.user_id()),
        })
    }

    /// What cannot be read, the typed client does not ask for again.
    async fn ask_for_identity(&self) -> Result<GetCallerIdentityOutput, ConnectError> {
        let client = aws_sdk_sts::Client::new(self.sdk_config());
        let mut patience = Patience::new(Repeat::Safe, self.inner.limits);
        loop {
            let error = match client.get_caller_identity().send().await {
                Ok(identity) => return Ok(identity),
                Err(error) => error,
            };
            let lost = AttemptError::Lost(root_cause(&error));
            match patience.next(&lost).filter(|_| is_unreadable(&error)) {
                Some(pause) => base::clock::sleep(pause).await,
                None => return Err(self.refusal(&error)),
            }
        }
    }

    fn refusal(&self, error: &SdkError<GetCallerIdentityError>) -> ConnectError {
        match error {
            SdkError::ServiceError(refusal) => ConnectError::Refused {
                code: refusal.err().code().unwrap_or("Unknown").to_owned(),
                message: refusal.err().message().unwrap_or_default().to_owned(),
            },
            SdkError::ConstructionFailure(_) => ConnectError::NoCredentials {
                reason: chain(error),
            },
            _ => ConnectError::Unreachable {
                endpoint: self.sts_endpoint(),
                reason: root_cause(error),
            },
        }
    }

    fn sts_endpoint(&self) -> String {
        models::service("sts").map_or_else(|_| "STS".to_owned(), |sts| self.endpoint(&sts))
    }
}

fn is_unreadable(error: &SdkError<GetCallerIdentityError>) -> bool {
    match error {
        SdkError::ResponseError(_) => true,
        SdkError::ServiceError(refusal) => refusal.err().code().is_none(),
        _ => false,
    }
}

fn is_url(endpoint: &str) -> bool {
    let host = endpoint
        .strip_prefix("https://")
        .or_else(|| endpoint.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !host.contains(char::is_whitespace))
}
