//! The instance's metadata service, version 2 only.

use std::collections::HashMap;
use std::time::Duration;

use aws_config::imds::Client;
use aws_config::provider_config::ProviderConfig;
use aws_smithy_async::rt::sleep::TokioSleep;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::host::fact::Fact;
use crate::unlooked::Unlooked;
use base::clock;
use base::error::root_cause;

/// The service is on the host itself: it answers at once or not at all.
const ATTEMPT: Duration = Duration::from_secs(1);

const ATTEMPTS: u32 = 2;

/// What it has answered does not change while the instance runs.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    known: Mutex<HashMap<&'static str, String>>,
}

impl Metadata {
    pub(super) async fn get(&self, fact: Fact, path: &'static str) -> Result<Value, Unlooked> {
        let mut known = self.known.lock().await;
        if let Some(value) = known.get(path) {
            return Ok(value.as_str().into());
        }
        let value = ask(path).await.map_err(|reason| absent(fact, &reason))?;
        known.insert(path, value.clone());
        Ok(value.into())
    }
}

async fn ask(path: &str) -> Result<String, String> {
    let config = ProviderConfig::default()
        .with_sleep_impl(TokioSleep::new())
        .with_http_client(aws_smithy_http_client::Builder::new().build_http());
    let client = Client::builder()
        .configure(&config)
        .connect_timeout(ATTEMPT)
        .read_timeout(ATTEMPT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(ATTEMPT * ATTEMPTS)
        .max_attempts(ATTEMPTS)
        .build();
    let asked = client.get(format!("/latest/meta-data/{path}"));
    match clock::timeout(ATTEMPT * ATTEMPTS, asked).await {
        Ok(Ok(value)) => Ok(value.as_ref().to_owned()),
        Ok(Err(error)) => Err(root_cause(&error)),
        Err(_) => Err(format!("no answer within {:?}", ATTEMPT * ATTEMPTS)),
    }
}

fn absent(fact: Fact, reason: &str) -> Unlooked {
    let message = format!(
        "`host::{}` is not known: the instance's metadata service does not return it ({reason}); \
         outside EC2 set {}",
        fact.name(),
        fact.variable()
    );
    Unlooked::new("NoMetadata", message)
}
