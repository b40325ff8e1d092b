//! Makes a session from what this host knows: environment, profiles, SSO, instance role.

use std::sync::Arc;

use aws_config::{BehaviorVersion, Region};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpConnector};
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use thiserror::Error;

use super::credentials::CredentialCache;
use super::limits::{Limits, Pace};
use base::exit::Exit;
use base::report::Report;

use super::{Inner, Session};

#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ConnectError {
    #[error("no AWS region is set")]
    NoRegion,
    #[error("no AWS credentials were found")]
    NoCredentials { reason: String },
    #[error("the endpoint `{endpoint}` is not a URL such as `https://ec2.eu-west-1.amazonaws.com`")]
    BadEndpoint { endpoint: String },
    #[error("AWS cannot be reached at {endpoint}: {reason}")]
    Unreachable { endpoint: String, reason: String },
    /// AWS does not accept the credentials, or does not tell whose they are.
    #[error("AWS refused GetCallerIdentity: {code}: {message}")]
    Refused { code: String, message: String },
    /// Nobody wants to know any more.
    #[error("interrupted before AWS identified the caller")]
    Interrupted,
}

impl ConnectError {
    /// Returns why, a line each, where there is more to say.
    #[must_use]
    pub fn causes(&self) -> Vec<String> {
        let Self::NoCredentials { reason } = self else {
            return Vec::new();
        };
        // AWS's crate lists all that it tried after this word, and says the same of each.
        let tried = reason
            .split_once("Attempted:")
            .map_or(reason.as_str(), |(_, tried)| tried);
        let lines = tried.lines().map(str::trim).filter(|line| !line.is_empty());
        lines
            .map(|line| line.replace("the credential provider was not enabled: ", ""))
            .collect()
    }

    /// Returns what to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoRegion => {
                "set AWS_REGION, or `region` in the site file where the runbook has that setting"
            }
            Self::BadEndpoint { .. } => {
                "correct AWS_ENDPOINT_URL, or `endpoint_url` of the AWS profile"
            }
            Self::NoCredentials { .. } => {
                "the engine reads AWS_ACCESS_KEY_ID, the profile in AWS_PROFILE or `default` (keys, SSO, role, process), \
                 web identity, and the container's and instance's role; `aws sts get-caller-identity` must work"
            }
            Self::Unreachable { .. } => {
                "check the network, the proxy, the region's name and AWS_ENDPOINT_URL"
            }
            Self::Interrupted => "nothing was started: run the same command again",
            Self::Refused { .. } => {
                "check that the credentials are current: `aws sts get-caller-identity` must work"
            }
        }
    }
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
        report.with_causes(error.causes())
    }
}

/// Makes a session for `region`, or the one that environment or profile name. Sends nothing to AWS's services,
/// but may ask the instance or SSO for credentials.
pub async fn connect(region: Option<&str>, pace: Pace) -> Result<Session, ConnectError> {
    let limits = Limits::from_environment(pace);
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(limits.connect)
        .operation_attempt_timeout(limits.attempt);
    let client = Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(client)
        .timeout_config(timeouts.build());
    let loader = match region {
        Some(region) => loader.region(Region::new(region.to_owned())),
        None => loader,
    };
    let session = session(loader.load().await, limits)?;
    session
        .inner
        .credentials
        .get()
        .await
        .map_err(|reason| ConnectError::NoCredentials { reason })?;
    Ok(session)
}

pub(super) fn session(config: SdkConfig, limits: Limits) -> Result<Session, ConnectError> {
    over(config, limits, connector(limits))
}

/// Makes a session whose requests take this way.
pub(super) fn over(
    config: SdkConfig,
    limits: Limits,
    connector: SharedHttpConnector,
) -> Result<Session, ConnectError> {
    let region = config
        .region()
        .map(ToString::to_string)
        .filter(|region| !region.is_empty());
    let region = region.ok_or(ConnectError::NoRegion)?;
    let provider = config.credentials_provider();
    let provider = provider.ok_or_else(|| ConnectError::NoCredentials {
        reason: "no provider".to_owned(),
    })?;
    let inner = Inner {
        config,
        region,
        connector,
        credentials: CredentialCache::new(provider),
        limits,
    };
    Ok(Session {
        inner: Arc::new(inner),
    })
}

/// The time limit of an attempt is the client's; only here can the connecting be told apart.
fn connector(limits: Limits) -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(limits.connect)
        .build();
    let connector = Connector::builder()
        .connector_settings(settings)
        .proxy_config(ProxyConfig::from_env())
        .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new())
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build();
    SharedHttpConnector::new(connector)
}
