//! Where a service is reached.

use std::collections::BTreeMap;

use aws_types::SdkConfig;
use aws_types::service_config::ServiceConfigKey;

use models::{Metadata, Service};

/// The partitions beside the public one, by the beginning of their regions' names.
const PARTITIONS: [(&str, &str); 6] = [
    ("cn-", "amazonaws.com.cn"),
    ("us-iso-", "c2s.ic.gov"),
    ("us-isob-", "sc2s.sgov.gov"),
    ("us-isof-", "csp.hci.ic.gov"),
    ("eu-isoe-", "cloud.adc-e.uk"),
    ("eusc-", "amazonaws.eu"),
];

/// Where IAM is reached: one address for a partition, whose requests are signed for one region of it.
///
/// By the beginning of a region's name, the public partition last; from botocore's `endpoints.json`.
const IAM: [(&str, &str, &str); 8] = [
    ("cn-", "iam.cn-north-1.amazonaws.com.cn", "cn-north-1"),
    ("us-gov-", "iam.us-gov.amazonaws.com", "us-gov-west-1"),
    ("us-iso-", "iam.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"),
    (
        "us-isob-",
        "iam.us-isob-east-1.sc2s.sgov.gov",
        "us-isob-east-1",
    ),
    (
        "us-isof-",
        "iam.us-isof-south-1.csp.hci.ic.gov",
        "us-isof-south-1",
    ),
    (
        "eu-isoe-",
        "iam.eu-isoe-west-1.cloud.adc-e.uk",
        "eu-isoe-west-1",
    ),
    ("eusc-", "iam.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
    ("", "iam.amazonaws.com", "us-east-1"),
];

/// Returns the region that a request is signed for: the session's own, but for a service that has no regions.
pub(super) fn signing_region<'a>(region: &'a str, metadata: &Metadata) -> &'a str {
    global(region, metadata).map_or(region, |(_, signing)| signing)
}

/// Returns the host and the signing region of a service that has no regions.
fn global(region: &str, metadata: &Metadata) -> Option<(&'static str, &'static str)> {
    let rows = (metadata.endpoint_prefix == "iam").then_some(IAM)?;
    let row = rows.iter().find(|(prefix, ..)| region.starts_with(prefix));
    row.map(|(_, host, signing)| (*host, *signing))
}

/// Returns the endpoint: `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL`, the profile's, or AWS's own.
pub(super) fn of(config: &SdkConfig, region: &str, metadata: &Metadata) -> String {
    configured(config, metadata).unwrap_or_else(|| {
        if let Some((host, _)) = global(region, metadata) {
            return format!("https://{host}");
        }
        let suffix = PARTITIONS
            .iter()
            .find(|(prefix, _)| region.starts_with(prefix))
            .map_or("amazonaws.com", |(_, suffix)| suffix);
        format!("https://{}.{region}.{suffix}", metadata.endpoint_prefix)
    })
}

/// Where calls go instead of AWS's own addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// For every service that has none of its own.
    pub general: Option<String>,
    /// Of the services that have another than that, by their model's name.
    pub services: BTreeMap<String, String>,
}

/// Returns the endpoints that are set for these services.
pub(super) fn set(config: &SdkConfig, services: &[&Service]) -> Endpoints {
    let general = config.endpoint_url().map(str::to_owned);
    let own = services.iter().filter_map(|service| {
        let url = configured(config, &service.metadata)?;
        (Some(&url) != general.as_ref()).then(|| (service.name.clone(), url))
    });
    Endpoints {
        services: own.collect(),
        general,
    }
}

/// Returns the environment variable that sets the endpoint of one service.
#[must_use]
pub fn variable(service: &Service) -> String {
    let id = service.metadata.service_id.to_uppercase();
    format!("{VARIABLE}_{}", id.replace([' ', '-'], "_"))
}

/// Sets the endpoint of all services.
pub const VARIABLE: &str = "AWS_ENDPOINT_URL";

fn configured(config: &SdkConfig, metadata: &Metadata) -> Option<String> {
    let key = ServiceConfigKey::builder()
        .service_id(&metadata.service_id)
        .env(VARIABLE)
        .profile("endpoint_url")
        .build()
        .ok()?;
    let specific = config
        .service_config()
        .and_then(|service| service.load_config(key));
    specific.or_else(|| config.endpoint_url().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use aws_types::SdkConfig;

    use super::{of, signing_region};
    use models::service;

    #[test]
    fn each_partition_has_its_suffix() {
        let config = SdkConfig::builder().build();
        let ec2 = service("ec2").unwrap();
        let of = |region| of(&config, region, &ec2.metadata);
        assert_eq!(of("eu-central-1"), "https://ec2.eu-central-1.amazonaws.com");
        assert_eq!(of("cn-north-1"), "https://ec2.cn-north-1.amazonaws.com.cn");
        assert_eq!(
            of("us-gov-west-1"),
            "https://ec2.us-gov-west-1.amazonaws.com"
        );
        assert_eq!(of("us-iso-east-1"), "https://ec2.us-iso-east-1.c2s.ic.gov");
    }

    #[test]
    fn iam_has_one_address_and_one_signing_region_for_a_partition() {
        let config = SdkConfig::builder().build();
        let iam = service("iam").unwrap();
        let at = |region| {
            let signed_for = signing_region(region, &iam.metadata).to_owned();
            (of(&config, region, &iam.metadata), signed_for)
        };
        let expected = |host: &str, region: &str| (format!("https://{host}"), region.to_owned());
        assert_eq!(
            at("ap-northeast-1"),
            expected("iam.amazonaws.com", "us-east-1")
        );
        assert_eq!(
            at("cn-northwest-1"),
            expected("iam.cn-north-1.amazonaws.com.cn", "cn-north-1")
        );
        assert_eq!(
            at("us-gov-east-1"),
            expected("iam.us-gov.amazonaws.com", "us-gov-west-1")
        );
        let ec2 = service("ec2").unwrap();
        assert_eq!(signing_region("eu-west-1", &ec2.metadata), "eu-west-1");
    }

    #[test]
    fn a_configured_endpoint_wins() {
        let config = SdkConfig::builder()
            .endpoint_url("http://127.0.0.1:5999")
            .build();
        assert_eq!(
            of(&config, "us-east-1", &service("sts").unwrap().metadata),
            "http://127.0.0.1:5999"
        );
    }
}
