//! Typed clients that read canned replies, without a network.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;

use crate::client::Session;
use crate::look_up::doubt::Clients;

/// Answers each request with the next reply and keeps what was asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Replay {
    replies: Arc<Mutex<VecDeque<(u16, String)>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Replay {
    pub(super) fn ok(self, body: impl Into<String>) -> Self {
        self.reply(200, body)
    }

    pub(super) fn reply(self, status: u16, body: impl Into<String>) -> Self {
        self.replies
            .lock()
            .unwrap()
            .push_back((status, body.into()));
        self
    }

    pub(super) fn clients(&self) -> Clients {
        let connector = SharedHttpConnector::new(self.clone());
        let config = SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "a", "b", None, None, "test",
            )))
            .retry_config(RetryConfig::disabled())
            .http_client({
                let connector = connector.clone();
                http_client_fn(move |_, _| connector.clone())
            })
            .build();
        Clients::new(&Session::over(config, connector))
    }

    /// Returns the bodies of the requests so far.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl HttpConnector for Replay {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        self.asked.lock().unwrap().push(body);
        let (status, body) = self
            .replies
            .lock()
            .unwrap()
            .pop_front()
            .expect("one request too many");
        let status = status.try_into().expect("a status code");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
    }
}
