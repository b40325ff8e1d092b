//! Reads what `nft -j list ruleset` lists.

use serde_json::Value;

use crate::host::rule::Rule;

/// Returns the rules that masquerade, in chains of nat at postrouting and those that they lead to.
pub(super) fn rules(text: &str) -> Option<Vec<Rule>> {
    let ruleset: Value = serde_json::from_str(text).ok()?;
    let items = ruleset["nftables"].as_array()?;
    let mut found = Vec::new();
    for chain in items.iter().map(|item| &item["chain"]) {
        if chain["type"] == "nat" && chain["hook"] == "postrouting" {
            let place = Place {
                items,
                family: &chain["family"],
                table: &chain["table"],
            };
            place.follow(&chain["name"], &[Rule::default()], 8, &mut found);
        }
    }
    Some(found)
}

/// A table, in which chains have names.
struct Place<'a> {
    items: &'a [Value],
    family: &'a Value,
    table: &'a Value,
}

impl Place<'_> {
    fn follow(&self, chain: &Value, so_far: &[Rule], depth: u8, found: &mut Vec<Rule>) {
        let rules = self.items.iter().map(|item| &item["rule"]);
        let ours = rules.filter(|rule| {
            rule["family"] == *self.family
                && rule["table"] == *self.table
                && rule["chain"] == *chain
        });
        for rule in ours {
            let statements = rule["expr"].as_array().map_or(&[][..], Vec::as_slice);
            let Some(rules) = restricted(statements, so_far) else {
                continue;
            };
            if statements.iter().any(masquerades) {
                found.extend(rules);
            } else if let Some(target) = statements.iter().find_map(leads_to)
                && depth > 0
            {
                self.follow(target, &rules, depth - 1, found);
            }
        }
    }
}

/// Rules made with iptables are shown as extensions.
fn masquerades(statement: &Value) -> bool {
    let extension = statement["xt"]["name"].as_str();
    statement.get("masquerade").is_some()
        || statement.get("snat").is_some()
        || extension.is_some_and(|name| matches!(name, "MASQUERADE" | "SNAT"))
}

fn leads_to(statement: &Value) -> Option<&Value> {
    ["jump", "goto"]
        .iter()
        .map(|verb| &statement[verb]["target"])
        .find(|target| target.is_string())
}

/// Returns what the conditions let through, a rule each; none if they hold for part of the traffic only.
fn restricted(statements: &[Value], so_far: &[Rule]) -> Option<Vec<Rule>> {
    let mut rules = so_far.to_vec();
    for statement in statements {
        if let Some(condition) = statement.get("match") {
            rules = narrowed(&rules, condition)?;
        } else if statement["xt"]["type"] == "match" && statement["xt"]["name"] != "comment" {
            return None;
        }
    }
    Some(rules)
}

fn narrowed(rules: &[Rule], condition: &Value) -> Option<Vec<Rule>> {
    let (left, right) = (&condition["left"], &condition["right"]);
    let field = left["payload"]["field"].as_str();
    let key = left["meta"]["key"].as_str();
    match (condition["op"].as_str()?, field.or(key)?) {
        ("==", "saddr") => Some(each(rules, &blocks(right)?, |rule, source| {
            rule.source = Some(source);
        })),
        ("==", "oifname" | "oif") => Some(each(rules, &names(right)?, |rule, name| {
            rule.interface = Some(name);
        })),
        // Only packets to certain places are left out, which are not those to the Internet.
        ("!=", "daddr" | "oifname" | "oif") => Some(rules.to_vec()),
        ("==", "nfproto") if right == "ipv4" => Some(rules.to_vec()),
        _ => None,
    }
}

fn each(rules: &[Rule], values: &[String], set: fn(&mut Rule, String)) -> Vec<Rule> {
    let pairs = values
        .iter()
        .flat_map(|value| rules.iter().map(move |rule| (rule, value)));
    pairs
        .map(|(rule, value)| {
            let mut rule = rule.clone();
            set(&mut rule, value.clone());
            rule
        })
        .collect()
}

/// Whether rules of iptables are in it that this `nft` cannot read.
pub(super) fn hides(text: &str) -> bool {
    let ruleset: Value = serde_json::from_str(text).unwrap_or_default();
    let items = ruleset["nftables"].as_array();
    let statements = items
        .into_iter()
        .flatten()
        .filter_map(|item| item["rule"]["expr"].as_array());
    let mut statements = statements.flatten();
    statements.any(|statement| {
        statement
            .get("xt")
            .is_some_and(|extension| extension["name"].is_null())
    })
}

/// Reads a name or a set of them.
fn names(value: &Value) -> Option<Vec<String>> {
    match value["set"].as_array() {
        Some(items) => Some(items.iter().filter_map(names).flatten().collect()),
        None => Some(vec![value.as_str()?.to_owned()]),
    }
}

/// Reads an address, a prefix or a set of them; what is neither is left out.
fn blocks(value: &Value) -> Option<Vec<String>> {
    if let Some(items) = value["set"].as_array() {
        return Some(items.iter().filter_map(blocks).flatten().collect());
    }
    if let Some(address) = value.as_str() {
        return (!address.starts_with('@')).then(|| vec![address.to_owned()]);
    }
    let prefix = &value["prefix"];
    let (address, length) = (prefix["addr"].as_str()?, prefix["len"].as_u64()?);
    Some(vec![format!("{address}/{length}")])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(rules_of_chain: &[Value]) -> Vec<(Option<String>, Option<String>)> {
        let chain = |name: &str, hook: Value| json!({"chain": {"family": "ip", "table": "nat", "name": name, "type": "nat", "hook": hook}});
        let mut items = vec![
            json!({"metainfo": {"version": "1.0.6"}}),
            chain("post", "postrouting".into()),
            chain("pre", "prerouting".into()),
        ];
        items.extend(rules_of_chain.iter().cloned());
        let text = json!({"nftables": items}).to_string();
        let found = rules(&text).unwrap().into_iter();
        found.map(|rule| (rule.source, rule.interface)).collect()
    }

    fn rule(chain: &str, expressions: &Value) -> Value {
        json!({"rule": {"family": "ip", "table": "nat", "chain": chain, "handle": 3, "expr": expressions}})
    }

    fn source(right: &Value) -> Value {
        json!({"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": right}})
    }

    fn prefix(address: &str, length: u8) -> Value {
        json!({"prefix": {"addr": address, "len": length}})
    }

    fn differs(field: &str, right: &Value) -> Value {
        json!({"match": {"op": "!=", "left": {"payload": {"protocol": "ip", "field": field}}, "right": right}})
    }

    fn meta(key: &str, right: &Value) -> Value {
        json!({"match": {"op": "==", "left": {"meta": {"key": key}}, "right": right}})
    }

    #[test]
    fn sources_and_interfaces_are_read() {
        let both = json!({"set": [prefix("10.1.0.0", 16), {"range": ["10.3.0.0", "10.3.0.9"]}, "10.2.0.1"]});
        let found = read(&[
            rule(
                "post",
                &json!([source(&prefix("10.0.0.0", 16)), meta("oifname", &"eth0".into()), {"counter": {}}, {"masquerade": null}]),
            ),
            rule(
                "post",
                &json!([meta("nfproto", &"ipv4".into()), differs("daddr", &prefix("10.0.0.0", 8)), {"masquerade": {"flags": "random"}}]),
            ),
            rule(
                "post",
                &json!([source(&both), {"snat": {"addr": "192.0.2.1"}}]),
            ),
            rule("pre", &json!([{"masquerade": null}])),
        ]);
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            found,
            [
                (some("10.0.0.0/16"), some("eth0")),
                (None, None),
                (some("10.1.0.0/16"), None),
                (some("10.2.0.1"), None),
            ]
        );
    }

    #[test]
    fn what_holds_for_part_of_the_traffic_only_does_not_count() {
        for condition in [
            meta("l4proto", &"tcp".into()),
            source(&"@blocks".into()),
            differs("saddr", &prefix("10.0.0.0", 8)),
            json!({"xt": {"type": "match", "name": "multiport"}}),
        ] {
            let found = read(&[rule("post", &json!([condition, {"masquerade": null}]))]);
            assert_eq!(found, [], "{condition}");
        }
    }

    #[test]
    fn chains_are_followed_and_extensions_are_known() {
        let comment = json!({"xt": {"type": "match", "name": "comment"}});
        let target = json!({"xt": {"type": "target", "name": "MASQUERADE"}});
        let jump = json!({"jump": {"target": "more"}});
        let found = read(&[
            rule("post", &json!([source(&prefix("10.0.0.0", 16)), jump])),
            rule("more", &json!([comment, target])),
            rule("more", &json!([{"goto": {"target": "post"}}])),
        ]);
        assert_eq!(found[0].0.as_deref(), Some("10.0.0.0/16"));
        assert_eq!(rules("not json"), None);
        assert_eq!(rules("{}"), None);
    }

    #[test]
    fn an_nft_without_extensions_is_noticed() {
        let text =
            |statement: Value| json!({"nftables": [rule("post", &json!([statement]))]}).to_string();
        assert!(hides(&text(json!({"xt": null}))));
        assert!(!hides(&text(
            json!({"xt": {"type": "target", "name": "SNAT"}})
        )));
        assert!(!hides(&text(json!({"masquerade": null}))));
    }
}
