//! Who acts where, in a few words.

use crate::clean;
use journal::entry::Target;

/// Returns `runbook, account …, region …`, and the endpoints where they are not AWS's own.
pub(crate) fn text(runbook: &str, target: Option<&Target>) -> String {
    let Some(target) = target else {
        return clean::line(&format!("{runbook}, without AWS"));
    };
    let Target {
        account, region, ..
    } = target;
    let endpoints = endpoints(target).map(|text| format!(", endpoint {text}"));
    let endpoints = endpoints.unwrap_or_default();
    clean::line(&format!(
        "{runbook}, account {account}, region {region}{endpoints}"
    ))
}

/// Returns the endpoints that are not AWS's own: of all services, then of single ones.
pub(crate) fn endpoints(target: &Target) -> Option<String> {
    let general = target.endpoint.iter().cloned();
    let own = target.endpoints.iter();
    let own = own.map(|(service, url)| format!("{url} ({service})"));
    let all: Vec<_> = general.chain(own).collect();
    (!all.is_empty()).then(|| all.join(", "))
}
