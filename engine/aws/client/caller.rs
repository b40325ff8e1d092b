//! Who calls: a run is pinned to it.

use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError;

use super::attempt::{chain, root_cause};
use super::{ConnectError, Session};
use crate::aws::models;

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
        let client = aws_sdk_sts::Client::new(self.sdk_config());
        let identity = client
            .get_caller_identity()
            .send()
            .await
            .map_err(|error| self.refusal(&error))?;
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Ok(Caller {
            account: text(identity.account()),
            arn: text(identity.arn()),
            user_id: text(identity.user_id()),
        })
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

fn is_url(endpoint: &str) -> bool {
    let host = endpoint
        .strip_prefix("https://")
        .or_else(|| endpoint.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !host.contains(char::is_whitespace))
}
