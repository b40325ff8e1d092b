//! Where a service is reached.

use aws_types::SdkConfig;
use aws_types::service_config::ServiceConfigKey;

use crate::aws::models::Metadata;

/// The partitions beside the public one, by the beginning of their regions' names.
const PARTITIONS: [(&str, &str); 6] = [
    ("cn-", "amazonaws.com.cn"),
    ("us-iso-", "c2s.ic.gov"),
    ("us-isob-", "sc2s.sgov.gov"),
    ("us-isof-", "csp.hci.ic.gov"),
    ("eu-isoe-", "cloud.adc-e.uk"),
    ("eusc-", "amazonaws.eu"),
];

/// Returns the endpoint: `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL`, the profile's, or AWS's own.
pub(super) fn of(config: &SdkConfig, region: &str, metadata: &Metadata) -> String {
    configured(config, metadata).unwrap_or_else(|| {
        let suffix = PARTITIONS
            .iter()
            .find(|(prefix, _)| region.starts_with(prefix))
            .map_or("amazonaws.com", |(_, suffix)| suffix);
        format!("https://{}.{region}.{suffix}", metadata.endpoint_prefix)
    })
}

fn configured(config: &SdkConfig, metadata: &Metadata) -> Option<String> {
    let key = ServiceConfigKey::builder()
        .service_id(&metadata.service_id)
        .env("AWS_ENDPOINT_URL")
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

    use super::of;
    use crate::aws::models::service;

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
