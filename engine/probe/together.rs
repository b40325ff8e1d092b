//! Several probes side by side.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{dns, http, ping, tcp};
use crate::question::{Probe, Way};
use crate::report::Found;
use crate::tally::Tally;
use crate::unlooked::Unlooked;

/// Makes one probe, within its time.
pub(super) async fn one(probe: &Probe) -> Result<Value, Unlooked> {
    match &probe.way {
        Way::Ping(options) => ping::ping(probe, options).await,
        Way::Tcp { host, port, source } => Ok(tcp::tcp(probe, host, *port, *source).await),
        Way::Http(options) => Ok(http::http(probe, options).await),
        Way::Dns(options) => dns::dns(probe, options).await,
    }
}

/// Returns the results in the order of the targets.
pub(super) async fn each(probes: &[Probe]) -> Result<Value, Unlooked> {
    let (results, _) = gather(probes, false).await?;
    Ok(results.into())
}

/// Returns as soon as one succeeds.
pub(super) async fn any(probes: &[Probe]) -> Result<Value, Unlooked> {
    let (results, ok) = gather(probes, true).await?;
    Ok(json!({"ok": ok, "results": results}))
}

/// What is left when it returns is dropped, and ends with that.
async fn gather(probes: &[Probe], first: bool) -> Result<(Vec<Value>, bool), Unlooked> {
    let mut results: Vec<Value> = probes.iter().map(not_awaited).collect();
    let mut running = JoinSet::new();
    for (place, probe) in probes.iter().enumerate() {
        let probe = Arc::new(probe.clone());
        running.spawn(async move { (place, one(&probe).await) });
    }
    let mut ok = false;
    while let Some(ended) = running.join_next().await {
        let (place, result) = ended.map_err(|error| Unlooked::new("Defect", error.to_string()))?;
        results[place] = result?;
        ok |= results[place]["ok"] == true;
        if ok && first {
            break;
        }
    }
    Ok((results, ok))
}

/// Returns what is said of a probe that was dropped because another one succeeded.
fn not_awaited(probe: &Probe) -> Value {
    let error = "not awaited";
    let mut found = Found {
        error: Some(error.into()),
        ..Found::default()
    };
    let members: &[&str] = match &probe.way {
        Way::Ping(_) => return Tally::default().report(&probe.target, Some(error)),
        Way::Tcp { .. } => &[],
        Way::Http(_) => &["status"],
        Way::Dns(_) => &["answers"],
    };
    for member in members {
        found.more.insert((*member).into(), Value::Null);
    }
    found.report(&probe.target, false)
}
