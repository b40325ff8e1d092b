//! A recorded error in one line.

use std::collections::{BTreeSet, HashMap};

use crate::clean;
use base::fault::Fault;

/// Returns `Code: message`, the code only where the message does not have it.
#[must_use]
pub(crate) fn short(fault: &Fault) -> String {
    let message = clean::line(&fault.message);
    match &fault.code {
        Some(code) if !message.contains(code.as_str()) => {
            format!("{}: {message}", clean::line(code))
        }
        _ => message,
    }
}

/// Returns `short` and, in brackets, what it came from: service, operation, request id, place in the script.
#[must_use]
pub(crate) fn long(fault: &Fault) -> String {
    let call: Vec<_> = [&fault.service, &fault.operation]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let request = fault.request_id.as_ref().map(|id| format!("request {id}"));
    let origin = (!call.is_empty()).then(|| call.join(" "));
    let parts: Vec<_> = [origin, request, fault.place.clone()]
        .into_iter()
        .flatten()
        .collect();
    if parts.is_empty() {
        short(fault)
    } else {
        format!("{} ({})", short(fault), clean::line(&parts.join(", ")))
    }
}

/// The keys of the errors told so far, by message: one that goes up through a run is told where it arose, not at each level above.
#[derive(Debug, Default)]
pub(crate) struct Told(HashMap<String, BTreeSet<String>>);

impl Told {
    /// Returns whether the error at `key` was not told for something within `key`.
    pub(crate) fn is_news(&mut self, key: &str, fault: &Fault) -> bool {
        let keys = self.0.entry(short(fault)).or_default();
        let within = format!("{key}/");
        let told = keys.range(within.clone()..);
        let told: Vec<_> = told
            .take_while(|told| told.starts_with(&within))
            .cloned()
            .collect();
        for key in &told {
            keys.remove(key);
        }
        keys.insert(key.to_owned());
        told.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{Told, long, short};
    use base::fault::Fault;

    #[test]
    fn an_aws_error_says_where_it_comes_from() {
        let fault = Fault {
            message: "the instance is not ready\u{1b}[1m".into(),
            code: Some("IncorrectInstanceState".into()),
            service: Some("ec2".into()),
            operation: Some("create_route".into()),
            request_id: Some("r-1".into()),
            place: Some("network.rhai:12".into()),
            details: None,
            thrown: None,
        };
        assert_eq!(
            short(&fault),
            "IncorrectInstanceState: the instance is not ready"
        );
        assert_eq!(
            long(&fault),
            "IncorrectInstanceState: the instance is not ready (ec2 create_route, request r-1, network.rhai:12)"
        );
    }

    #[test]
    fn an_error_is_told_once_on_its_way_up() {
        let fault = Fault {
            message: "m".into(),
            ..Fault::default()
        };
        let mut told = Told::default();
        assert!(told.is_news("a/b/c", &fault));
        assert!(!told.is_news("a/b", &fault));
        assert!(!told.is_news("a", &fault));
        assert!(told.is_news("a", &fault));
    }
}
