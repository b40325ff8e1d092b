//! Whether a run is rehearsed: started by `rehearse`, and against nothing but an emulator on this host.

use std::net::IpAddr;

use crate::entry::Target;
use base::url;

/// Set by `rehearse` for the runs that it starts.
pub const VARIABLE: &str = "RUNBOOK_REHEARSAL";

/// Returns whether the run with this target is rehearsed. A run against AWS itself never is, whatever is set.
#[must_use]
pub fn is_rehearsed(target: Option<&Target>) -> bool {
    let is_set = std::env::var_os(VARIABLE).is_some_and(|value| !value.is_empty());
    is_set && target.is_none_or(is_local)
}

fn is_local(target: &Target) -> bool {
    let own = target.endpoints.values().map(|url| Some(&**url));
    let mut all = own.chain([target.endpoint.as_deref()]);
    all.all(|endpoint| endpoint.is_some_and(is_loopback))
}

fn is_loopback(endpoint: &str) -> bool {
    url::host(endpoint).is_some_and(|host| {
        host == "localhost"
            || host
                .parse()
                .is_ok_and(|address: IpAddr| address.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::fixture::started;

    fn target(endpoint: Option<&str>, of_a_service: &[&str]) -> Target {
        let service = |url: &&str| ("ec2".to_owned(), (*url).to_owned());
        Target {
            endpoint: endpoint.map(str::to_owned),
            endpoints: of_a_service.iter().map(service).collect::<BTreeMap<_, _>>(),
            ..started("r").target.unwrap()
        }
    }

    #[test]
    fn only_an_address_of_this_host_is_an_emulators() {
        assert!(is_loopback("http://127.0.0.1:5000"));
        assert!(is_loopback("http://localhost:5000/"));
        for endpoint in [
            "https://ec2.eu-west-1.amazonaws.com",
            "http://10.0.0.1:80",
            "http://127.0.0.1.example.com",
            "",
        ] {
            assert!(!is_loopback(endpoint), "{endpoint}");
        }
    }

    #[test]
    fn a_run_that_reaches_aws_for_any_service_is_not_local() {
        let emulator = Some("http://127.0.0.1:5000");
        assert!(is_local(&target(emulator, &[])));
        assert!(is_local(&target(emulator, &["http://localhost:1"])));
        assert!(!is_local(&target(None, &[])));
        assert!(!is_local(&target(None, &["http://localhost:1"])));
        assert!(!is_local(&target(emulator, &["https://ec2.amazonaws.com"])));
    }
}
