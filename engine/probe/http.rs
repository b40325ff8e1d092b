//! Asks for a page and looks at what comes.

use serde_json::Value;

use super::report::Found;
use crate::question::{Http, Probe};
use base::clock::Stopwatch;
use exchange::{ExchangeError, Page};

pub(super) async fn http(probe: &Probe, http: &Http) -> Value {
    let mut found = Found::default();
    found.more.insert("status".into(), Value::Null);
    let request = exchange::Request {
        method: &http.method,
        url: &probe.target,
        headers: &http.headers,
        body: Vec::new(),
        timeout: probe.timeout,
        proxies: false,
    };
    let watch = Stopwatch::start();
    match exchange::exchange(&request).await {
        Ok(page) => {
            found.elapsed = Some(watch.elapsed());
            found.more.insert("status".into(), page.status.into());
            found.error = problem(&page, http);
        }
        Err(ExchangeError::NotSent(reason) | ExchangeError::Lost(reason)) => {
            found.error = Some(reason);
        }
    }
    found.address = address(&probe.target);
    let ok = found.error.is_none();
    found.report(&probe.target, ok)
}

/// Only where the target names it.
fn address(url: &str) -> Option<String> {
    let host = base::url::host(url)?;
    let bare = host.trim_matches(['[', ']']);
    bare.parse::<std::net::IpAddr>()
        .ok()
        .map(|ip| ip.to_string())
}

fn problem(page: &Page, http: &Http) -> Option<String> {
    if page.status != http.status {
        return Some(format!("status {}, not {}", page.status, http.status));
    }
    let wanted = http.contains.as_deref()?;
    let lacks = !page.text().contains(wanted);
    lacks.then(|| format!("the body lacks `{wanted}`"))
}
