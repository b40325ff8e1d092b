//! Who acts where, in a few words.

use crate::journal::entry::Target;
use crate::ui::clean;

/// Returns `runbook, account …, region …`, and the endpoint where it is not AWS's own.
pub(crate) fn text(runbook: &str, target: Option<&Target>) -> String {
    let Some(target) = target else {
        return clean::line(&format!("{runbook}, without AWS"));
    };
    let Target {
        account, region, ..
    } = target;
    let endpoint = target
        .endpoint
        .as_ref()
        .map(|url| format!(", endpoint {url}"));
    clean::line(&format!(
        "{runbook}, account {account}, region {region}{}",
        endpoint.unwrap_or_default()
    ))
}
