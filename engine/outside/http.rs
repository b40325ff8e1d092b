//! `http.post`

use std::time::Duration;

use serde_json::{Value, json};

use crate::refusal::refused;
use base::secret;
use exchange::ExchangeError;
use models::call::{Call, Failure};

const TIMEOUT: Duration = Duration::from_secs(5);

/// Posts once; a status other than 2xx is an answer that says no.
pub(super) async fn post(call: &Call) -> Result<Value, Failure> {
    let input = &call.input;
    let url = input["url"].as_str().unwrap_or_default();
    let (body, kind) = body(&input["body"]);
    let mut headers = vec![("content-type".to_owned(), kind.to_owned())];
    for (name, value) in input["headers"].as_object().into_iter().flatten() {
        let name = name.to_ascii_lowercase();
        headers.retain(|(known, _)| *known != name);
        headers.push((name, value.as_str().unwrap_or_default().to_owned()));
    }
    let request = exchange::Request {
        method: "POST",
        url,
        headers: &headers,
        body,
        timeout: models::outside::timeout(&input["timeout"]).unwrap_or(TIMEOUT),
        proxies: true,
    };
    let page = exchange::exchange(&request)
        .await
        .map_err(|trouble| match trouble {
            ExchangeError::NotSent(reason) => call.not_sent(reason),
            ExchangeError::Lost(reason) => call.lost(reason),
        })?;
    let mut body = page.text();
    if page.body.len() >= exchange::LIMIT {
        body = secret::scrub_cut(&body);
    }
    judge(call, json!({"status": page.status, "body": body}))
}

/// Refuses an answer whose status says no.
pub(super) fn judge(call: &Call, answer: Value) -> Result<Value, Failure> {
    let status = answer["status"].as_u64().unwrap_or_default();
    if (200..300).contains(&status) {
        return Ok(answer);
    }
    let url = call.input["url"].as_str().unwrap_or_default();
    let host = base::url::host(url).unwrap_or_default();
    let message = format!("`{host}` answered with status {status}");
    Err(refused(call, "HttpStatus", message, answer))
}

fn body(value: &Value) -> (Vec<u8>, &'static str) {
    match value {
        Value::Null => (Vec::new(), "text/plain; charset=utf-8"),
        Value::String(text) => (text.clone().into_bytes(), "text/plain; charset=utf-8"),
        value => (value.to_string().into_bytes(), "application/json"),
    }
}
