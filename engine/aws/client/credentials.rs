//! Credentials, fetched once and again shortly before they expire.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use tokio::sync::Mutex;

use base::error::chain;

/// Renewed this long before they expire, as AWS's own clients do.
const EARLY: Duration = Duration::from_mins(5);

#[derive(Debug)]
pub(super) struct CredentialCache {
    provider: SharedCredentialsProvider,
    /// Held while fetching, so that parallel branches fetch once.
    current: Mutex<Option<Credentials>>,
}

impl CredentialCache {
    pub(super) fn new(provider: SharedCredentialsProvider) -> Self {
        Self {
            provider,
            current: Mutex::new(None),
        }
    }

    /// Returns credentials that are valid now; the error says why there are none.
    pub(super) async fn get(&self) -> Result<Credentials, String> {
        let now = SystemTime::from(base::clock::now());
        let mut current = self.current.lock().await;
        if let Some(credentials) = current
            .as_ref()
            .filter(|credentials| lasts(credentials, now + EARLY))
        {
            return Ok(credentials.clone());
        }
        match self.provider.provide_credentials().await {
            Ok(fresh) => Ok(current.insert(fresh).clone()),
            // What has not expired yet is better than nothing.
            Err(error) => match current
                .as_ref()
                .filter(|credentials| lasts(credentials, now))
            {
                Some(credentials) => Ok(credentials.clone()),
                None => Err(chain(&error)),
            },
        }
    }
}

fn lasts(credentials: &Credentials, until: SystemTime) -> bool {
    credentials.expiry().is_none_or(|expiry| expiry > until)
}
