//! What a run is pinned to in AWS: account, partition, and the endpoints that it calls.

use std::collections::BTreeSet;

use aws::client::Endpoints;
use aws::client::endpoint::{VARIABLE, variable};
use base::command::Command;
use base::exit::Exit;
use base::report::Report;
use journal::entry::Target;

/// Makes all of `endpoint_url`, in the environment and in a profile, count for nothing.
const IGNORE: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true";

/// Refuses to go on where calls would go elsewhere than the run's: what it made is not there, and would be made again.
///
/// `again` is what was typed.
pub fn same_endpoints(pinned: &Target, found: &Endpoints, again: &Command) -> Result<(), Report> {
    let pins = Endpoints {
        general: pinned.endpoint.clone(),
        services: pinned.endpoints.clone(),
    };
    let differences = differences(&pins, found);
    // A journal of before endpoints were pinned has no partition either.
    if pinned.partition.is_none() || differences.is_empty() {
        return Ok(());
    }
    let message =
        "the run uses a different AWS endpoint than the current settings; nothing was done";
    let report =
        Report::new(Exit::Usage, message).hint(way_back(&pins, &differences, again.clone()));
    Err(report.with_causes(differences.iter().map(Difference::text)))
}

/// Refuses to go on under another account or in another partition than the run was started in.
pub fn same_account(pinned: &Target, found: &Target) -> Result<(), Report> {
    let is_same = pinned.partition.is_none() || pinned.partition == found.partition;
    if pinned.account == found.account && is_same {
        return Ok(());
    }
    let place = |target: &Target| match &target.partition {
        Some(partition) if !is_same => format!("`{}` in partition `{partition}`", target.account),
        _ => format!("`{}`", target.account),
    };
    let message = format!(
        "the run belongs to account {}, but these credentials belong to account {}",
        place(pinned),
        place(found)
    );
    Err(Report::new(Exit::Usage, message)
        .cause(format!(
            "{} started the run; these credentials are those of {}",
            pinned.caller, found.caller
        ))
        .hint("set the credentials of the run's account, for example with AWS_PROFILE"))
}

/// Returns the partition of an ARN: `aws`, `aws-cn`, …
#[must_use]
pub fn partition(arn: &str) -> Option<String> {
    let partition = arn.strip_prefix("arn:")?.split(':').next()?;
    (!partition.is_empty()).then(|| partition.to_owned())
}

/// One service, or all that have no endpoint of their own, that would be called elsewhere.
struct Difference<'a> {
    service: Option<&'a str>,
    was: Option<&'a str>,
    now: Option<&'a str>,
}

impl Difference<'_> {
    fn text(&self) -> String {
        let place = |url: Option<&str>| {
            url.map_or_else(|| "AWS's own endpoint".to_owned(), |url| format!("`{url}`"))
        };
        format!(
            "the run calls {} at {}; the current setting is {}",
            self.service.unwrap_or("AWS"),
            place(self.was),
            place(self.now)
        )
    }

    fn variable(&self) -> String {
        let model = self.service.map(models::service);
        model.map_or_else(
            || VARIABLE.to_owned(),
            |model| model.map_or_else(|_| VARIABLE.to_owned(), |model| variable(&model)),
        )
    }
}

fn differences<'a>(pinned: &'a Endpoints, found: &'a Endpoints) -> Vec<Difference<'a>> {
    let own = pinned.services.keys().chain(found.services.keys());
    let services: BTreeSet<&str> = own.map(String::as_str).collect();
    let all = std::iter::once(None).chain(services.into_iter().map(Some));
    all.map(|service| Difference {
        service,
        was: at(pinned, service),
        now: at(found, service),
    })
    .filter(|it| it.was != it.now)
    .collect()
}

/// Returns where a service is called.
fn at<'a>(endpoints: &'a Endpoints, service: Option<&str>) -> Option<&'a str> {
    let own = service.and_then(|service| endpoints.services.get(service));
    let url = own.or(endpoints.general.as_ref())?;
    Some(url.trim_end_matches('/'))
}

/// Returns the command with the run's endpoints set.
fn way_back(pinned: &Endpoints, differences: &[Difference<'_>], again: Command) -> Command {
    if pinned.general.is_none() && pinned.services.is_empty() {
        return again.within(IGNORE);
    }
    let unset = differences.iter().filter(|it| it.was.is_none());
    let unset: Vec<_> = unset.map(|it| format!("-u {}", it.variable())).collect();
    let set = differences.iter();
    let set = set.filter_map(|it| Some(format!("{}={}", it.variable(), it.was?)));
    let env = (!unset.is_empty()).then(|| "env".to_owned());
    let words: Vec<_> = env.into_iter().chain(unset).chain(set).collect();
    again.within(words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoints(general: Option<&str>, services: &[(&str, &str)]) -> Endpoints {
        let services = services.iter();
        Endpoints {
            general: general.map(str::to_owned),
            services: services
                .map(|(name, url)| ((*name).into(), (*url).into()))
                .collect(),
        }
    }

    fn target(endpoints: Endpoints) -> Target {
        Target {
            account: "123456789012".into(),
            caller: "arn:aws:iam::123456789012:user/ops".into(),
            region: "eu-west-1".into(),
            endpoint: endpoints.general,
            endpoints: endpoints.services,
            partition: Some("aws".into()),
        }
    }

    fn refused(pinned: Endpoints, found: &Endpoints) -> (Vec<String>, String) {
        let mut report = same_endpoints(&target(pinned), found, &Command::resume("r")).unwrap_err();
        (report.causes, report.hints.remove(0).line("runbook"))
    }

    #[test]
    fn what_is_set_for_one_service_counts_for_that_service() {
        let (causes, hint) = refused(
            endpoints(Some("http://a"), &[("ec2", "http://b")]),
            &endpoints(Some("http://a"), &[]),
        );
        assert_eq!(
            causes,
            ["the run calls ec2 at `http://b`; the current setting is `http://a`"]
        );
        assert_eq!(hint, "AWS_ENDPOINT_URL_EC2=http://b runbook resume r");
    }

    #[test]
    fn aws_itself_is_an_endpoint_too() {
        let (causes, hint) = refused(endpoints(None, &[]), &endpoints(Some("http://a"), &[]));
        assert_eq!(
            causes,
            ["the run calls AWS at AWS's own endpoint; the current setting is `http://a`"]
        );
        assert_eq!(
            hint,
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true runbook resume r"
        );
        let (_, hint) = refused(
            endpoints(None, &[("sts", "http://b")]),
            &endpoints(Some("http://a"), &[]),
        );
        assert_eq!(
            hint,
            "env -u AWS_ENDPOINT_URL AWS_ENDPOINT_URL_STS=http://b runbook resume r"
        );
    }

    #[test]
    fn one_address_is_written_in_more_than_one_way() {
        let pinned = target(endpoints(Some("http://a/"), &[]));
        let found = endpoints(None, &[]);
        assert!(
            same_endpoints(
                &pinned,
                &endpoints(Some("http://a"), &[("ec2", "http://a/")]),
                &Command::resume("r")
            )
            .is_ok()
        );
        // Nothing is known of an older run's.
        let older = Target {
            partition: None,
            ..pinned
        };
        assert!(same_endpoints(&older, &found, &Command::resume("r")).is_ok());
    }

    #[test]
    fn another_partition_is_another_account() {
        let pinned = target(endpoints(None, &[]));
        let caller = "arn:aws-cn:iam::123456789012:user/ops";
        let found = Target {
            partition: partition(caller),
            ..pinned.clone()
        };
        let report = same_account(&pinned, &found).unwrap_err();
        assert_eq!(report.exit, Exit::Usage);
        assert!(
            report.message.contains("partition `aws-cn`"),
            "{}",
            report.message
        );
        assert!(same_account(&pinned, &pinned.clone()).is_ok());
        let older = Target {
            partition: None,
            ..pinned
        };
        assert!(same_account(&older, &found).is_ok());
    }
}
