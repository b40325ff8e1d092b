//! Names in `snake_case`, by the rule that botocore uses.

/// Brand names that botocore lists as exceptions for operations, and what they count as.
const BRANDS: [(&str, &str); 4] = [
    ("diSCSI", "dIscsi"),
    ("ListHITsForQ", "ListHitsForQ"),
    ("PartiQL", "Partiql"),
    ("WhatsApp", "Whatsapp"),
];

/// Returns an operation's name as scripts write it.
#[must_use]
pub fn operation_name(name: &str) -> String {
    let plain = BRANDS
        .iter()
        .fold(name.to_owned(), |name, (from, to)| name.replace(from, to));
    snake(&plain)
}

/// Returns a member's, waiter's or paginator key's name as scripts write it: `VpcId` is `vpc_id`.
#[must_use]
pub fn snake(name: &str) -> String {
    if name.contains('_') {
        return name.to_owned();
    }
    let mut words = match split_plural(name) {
        Some(split) => split_words(&split),
        None => split_words(name),
    };
    words.make_ascii_lowercase();
    words
}

/// Sets a plural acronym at the end apart: `GatewayARNs` becomes `Gateway_arns`.
fn split_plural(name: &str) -> Option<String> {
    let stem = name.strip_suffix('s')?;
    let acronym = stem
        .bytes()
        .rev()
        .take_while(u8::is_ascii_uppercase)
        .count();
    if acronym < 2 {
        return None;
    }
    let (head, tail) = stem.split_at(stem.len() - acronym);
    let joint = if head.is_empty() { "" } else { "_" };
    Some(format!("{head}{joint}{}s", tail.to_ascii_lowercase()))
}

/// Puts `_` before each capitalised word, then between a small letter or digit and a capital.
fn split_words(name: &str) -> String {
    let bytes = name.as_bytes();
    let mut out = String::with_capacity(name.len() + 8);
    // Where a word found by the first rule ended: its last letter cannot be the one before the next such word.
    let mut taken = 0;
    for (at, letter) in name.char_indices() {
        let capital = letter.is_ascii_uppercase();
        let small_next = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        let before = at.checked_sub(1).and_then(|at| bytes.get(at)).copied();
        let word = capital && small_next && at > taken;
        let edge = capital && before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if word || edge {
            out.push('_');
        }
        if word {
            taken = at
                + 1
                + bytes[at + 1..]
                    .iter()
                    .take_while(|b| b.is_ascii_lowercase())
                    .count();
        }
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{operation_name, snake};

    #[test]
    fn names_follow_botocore() {
        for (name, expected) in [
            ("VpcId", "vpc_id"),
            ("Ec2InstanceId", "ec2_instance_id"),
            ("AZMode", "az_mode"),
            ("DestinationPrefixListId", "destination_prefix_list_id"),
            ("IPAddress", "ip_address"),
            ("CidrIpv6", "cidr_ipv6"),
            ("GatewayARNs", "gateway_arns"),
            ("ARNs", "arns"),
            ("SomeCNAMEs", "some_cnames"),
            ("S3Bucket", "s3_bucket"),
            ("EnableDnsSupport", "enable_dns_support"),
            ("nextToken", "next_token"),
            ("ETag", "e_tag"),
            ("already_there", "already_there"),
        ] {
            assert_eq!(snake(name), expected);
        }
    }

    #[test]
    fn operations_know_the_exceptions() {
        for (name, expected) in [
            ("CreateVpc", "create_vpc"),
            ("DescribeDBInstances", "describe_db_instances"),
            ("AttachVpnGateway", "attach_vpn_gateway"),
            ("ListHITs", "list_hits"),
            (
                "ListHITsForQualificationType",
                "list_hits_for_qualification_type",
            ),
            ("CreateCachediSCSIVolume", "create_cached_iscsi_volume"),
            ("ExecutePartiQLBatch", "execute_partiql_batch"),
            ("SendWhatsAppMessage", "send_whatsapp_message"),
        ] {
            assert_eq!(operation_name(name), expected);
        }
    }
}
