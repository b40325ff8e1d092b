//! One HTTP exchange: no redirects, a hard deadline over all of it, a bounded body.

use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

use base::clock;
use base::error::{plain, root_cause};

/// More of a body is not read.
pub const LIMIT: usize = 64 << 10;

pub struct Request<'a> {
    pub method: &'a str,
    pub url: &'a str,
    pub headers: &'a [(String, String)],
    pub body: Vec<u8>,
    /// From the look-up of the name to the last byte of the body.
    pub timeout: Duration,
    /// Whether those of the environment are used.
    pub proxies: bool,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Page {
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExchangeError {
    /// The request certainly stayed here.
    NotSent(String),
    /// The other side may have acted on it.
    Lost(String),
}

/// Sends the request on a connection of its own and reads the answer.
pub async fn exchange(request: &Request<'_>) -> Result<Page, ExchangeError> {
    let built = built(request).map_err(ExchangeError::NotSent)?;
    let connector = connector(request);
    match clock::timeout(request.timeout, answered(&connector, built)).await {
        Ok(result) => result,
        Err(_) => Err(ExchangeError::Lost(format!(
            "no answer within {:?}",
            request.timeout
        ))),
    }
}

async fn answered(
    connector: &SharedHttpConnector,
    request: HttpRequest,
) -> Result<Page, ExchangeError> {
    let response = connector.call(request).await.map_err(|error| {
        let cause = plain(&root_cause(&error));
        if never_connected(&error) {
            ExchangeError::NotSent(format!("no connection: {cause}"))
        } else {
            ExchangeError::Lost(format!("no answer: {cause}"))
        }
    })?;
    let status = response.status().as_u16();
    let mut stream = ByteStream::new(response.into_body());
    let mut body = Vec::new();
    while body.len() < LIMIT {
        match stream.next().await {
            Some(Ok(bytes)) => body.extend_from_slice(&bytes),
            Some(Err(error)) => {
                let cause = plain(&root_cause(&error));
                return Err(ExchangeError::Lost(format!(
                    "the answer is incomplete: {cause}"
                )));
            }
            None => break,
        }
    }
    body.truncate(LIMIT);
    Ok(Page { status, body })
}

fn built(request: &Request<'_>) -> Result<HttpRequest, String> {
    let mut built = HttpRequest::new(SdkBody::from(request.body.clone()));
    let failed = |what: &str| format!("`{what}` cannot be sent");
    built
        .set_method(request.method)
        .map_err(|_| failed(request.method))?;
    built
        .set_uri(request.url)
        .map_err(|_| failed(request.url))?;
    let agent = format!("runbook/{}", env!("CARGO_PKG_VERSION"));
    // A connection that an earlier exchange left open says nothing of the network now.
    let ours = [("user-agent", agent.as_str()), ("connection", "close")];
    let given = request.headers.iter();
    let given = given.map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in ours.into_iter().chain(given) {
        let name = name.to_ascii_lowercase();
        built
            .headers_mut()
            .try_insert(name.clone(), value.to_owned())
            .map_err(|_| failed(&name))?;
    }
    Ok(built)
}

/// Connecting ends before the whole does, so that what was never sent is known to be so.
fn connector(request: &Request<'_>) -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(request.timeout.mul_f64(0.9))
        .build();
    let proxies = if request.proxies {
        ProxyConfig::from_env()
    } else {
        ProxyConfig::disabled()
    };
    let builder = Connector::builder()
        .connector_settings(settings)
        .proxy_config(proxies)
        .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new());
    if request.url.starts_with("http://") {
        // No certificates are read for it.
        return SharedHttpConnector::new(builder.build_http());
    }
    let tls = Provider::Rustls(CryptoMode::Ring);
    SharedHttpConnector::new(builder.tls_provider(tls).build())
}

/// Whether the request certainly stayed here: no address, no connection, no TLS.
#[must_use]
pub fn never_connected(error: &(dyn std::error::Error + 'static)) -> bool {
    base::error::causes(error)
        .filter_map(|cause| cause.downcast_ref::<hyper_util::client::legacy::Error>())
        .any(hyper_util::client::legacy::Error::is_connect)
}
