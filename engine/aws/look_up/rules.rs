//! Revoked rules of security groups: found by their ids or by what they allow.
//!
//! A row does not fit: one call names several rules, in two ways.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::SecurityGroupRule;
use serde_json::{Value, json};

use super::routes::canonical;
use crate::look_up::doubt::{Doubt, LookUpError};
use crate::look_up::ec2::{all, filter};

/// One rule as both a request and a description give it.
#[derive(Debug, PartialEq)]
pub(super) struct Rule {
    protocol: String,
    /// `None` for all ports.
    ports: Option<(i64, i64)>,
    peer: String,
}

/// Looks whether none of the rules that the input names is there any more.
pub(super) async fn gone(client: &Client, doubt: Doubt<'_>) -> Result<Option<Value>, LookUpError> {
    let named = &doubt.input["security_group_rule_ids"];
    let ids: Vec<&str> = named
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let asked = asked(doubt.input);
    if ids.is_empty() && asked.is_empty() {
        return Ok(None);
    }
    let group = doubt.required("group_id")?;
    let is_egress = doubt.effect.operation.ends_with("egress");
    let request = client
        .describe_security_group_rules()
        .filters(filter("group-id", &[group]));
    let rules = all!(request, doubt)?;
    let is_left = |rule: &SecurityGroupRule| {
        rule.is_egress() == Some(is_egress)
            && (rule
                .security_group_rule_id()
                .is_some_and(|id| ids.contains(&id))
                || asked.contains(&described(rule)))
    };
    Ok((!rules.iter().any(is_left)).then(|| {
        json!({"return": true, "unknown_ip_permissions": [], "revoked_security_group_rules": []})
    }))
}

/// Returns the rules that the input describes, in either of the two ways, each once.
pub(super) fn asked(input: &Value) -> Vec<Rule> {
    let permissions = input["ip_permissions"].as_array().into_iter().flatten();
    let short = input.get("ip_protocol").map(|_| {
        let mut permission = input.clone();
        permission["ip_ranges"] = json!([{"cidr_ip": input["cidr_ip"]}]);
        permission
    });
    let rules = permissions
        .cloned()
        .chain(short)
        .flat_map(|permission| flat(&permission));
    rules.fold(Vec::new(), |mut known, rule| {
        if !known.contains(&rule) {
            known.push(rule);
        }
        known
    })
}

fn flat(permission: &Value) -> Vec<Rule> {
    let peers = [
        ("ip_ranges", "cidr_ip"),
        ("ipv6_ranges", "cidr_ipv6"),
        ("prefix_list_ids", "prefix_list_id"),
        ("user_id_group_pairs", "group_id"),
    ];
    let names = peers.into_iter().flat_map(|(list, member)| {
        let entries = permission[list].as_array().into_iter().flatten();
        entries.filter_map(move |entry| entry[member].as_str())
    });
    let protocol = protocol(permission["ip_protocol"].as_str().unwrap_or("-1"));
    let ports = ports(
        &protocol,
        permission["from_port"].as_i64(),
        permission["to_port"].as_i64(),
    );
    names
        .map(|peer| Rule {
            protocol: protocol.clone(),
            ports,
            peer: canonical(peer),
        })
        .collect()
}

fn described(rule: &SecurityGroupRule) -> Rule {
    let group = rule
        .referenced_group_info()
        .and_then(|group| group.group_id());
    let peer = rule
        .cidr_ipv4()
        .or(rule.cidr_ipv6())
        .or(rule.prefix_list_id())
        .or(group);
    let protocol = protocol(rule.ip_protocol().unwrap_or("-1"));
    Rule {
        ports: ports(
            &protocol,
            rule.from_port().map(Into::into),
            rule.to_port().map(Into::into),
        ),
        protocol,
        peer: canonical(peer.unwrap_or_default()),
    }
}

/// AWS takes numbers for the protocols that it names.
fn protocol(name: &str) -> String {
    match name {
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "1" => "icmp".to_owned(),
        "58" => "icmpv6".to_owned(),
        other => other.to_ascii_lowercase(),
    }
}

fn ports(protocol: &str, from: Option<i64>, to: Option<i64>) -> Option<(i64, i64)> {
    if protocol == "-1" {
        return None;
    }
    from.zip(to).filter(|ports| *ports != (-1, -1))
}

#[cfg(test)]
mod tests {
    use super::{Rule, asked};
    use serde_json::json;

    fn rule(protocol: &str, ports: Option<(i64, i64)>, peer: &str) -> Rule {
        Rule {
            protocol: protocol.into(),
            ports,
            peer: peer.into(),
        }
    }

    #[test]
    fn permissions_are_read_one_rule_a_peer() {
        let input = json!({"ip_permissions": [
            {"ip_protocol": "6", "from_port": 22, "to_port": 22, "ip_ranges": [{"cidr_ip": "10.0.0.1/8"}, {"cidr_ip": "192.0.2.0/24"}]},
            {"ip_protocol": "-1", "from_port": 0, "to_port": 0, "user_id_group_pairs": [{"group_id": "sg-1"}]},
        ]});
        assert_eq!(
            asked(&input),
            [
                rule("tcp", Some((22, 22)), "10.0.0.0/8"),
                rule("tcp", Some((22, 22)), "192.0.2.0/24"),
                rule("-1", None, "sg-1"),
            ],
        );
    }

    #[test]
    fn the_short_form_is_read_too() {
        let input = json!({"group_id": "sg-1", "ip_protocol": "udp", "from_port": 53, "to_port": 53, "cidr_ip": "0.0.0.0/0"});
        assert_eq!(asked(&input), [rule("udp", Some((53, 53)), "0.0.0.0/0")]);
    }
}
