//! Which packets this host sends on under its own address.

use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::{Value, json};

use super::programs::Output;
use super::{nft, programs, saved};
use crate::host::rule::Rule;
use crate::unlooked::Unlooked;

/// Lists the rules of nftables and of both kinds of iptables.
pub(super) async fn rules() -> Result<Value, Unlooked> {
    let nft = programs::run("nft", &["-j", "list", "ruleset"]).await;
    let mut found = Found::default();
    let is_whole = matches!(&nft, Output::Said(text) if !nft::hides(text));
    let is_loaded = legacy_is_loaded();
    found.add(nft, nft::rules);
    let read = |text: &str| Some(saved::rules(text));
    if is_loaded || !is_whole {
        found.add(programs::run("iptables-save", &["-t", "nat"]).await, read);
    }
    if is_loaded {
        found.add(
            programs::run("iptables-legacy-save", &["-t", "nat"]).await,
            read,
        );
    }
    found.report()
}

/// Asking for a table of the old kind makes the kernel load it: it is asked only where it is loaded.
fn legacy_is_loaded() -> bool {
    let tables = std::fs::read_to_string("/proc/net/ip_tables_names").unwrap_or_default();
    tables.lines().any(|table| table == "nat")
}

/// What the programs have said so far.
#[derive(Debug, Default)]
struct Found {
    rules: Vec<Rule>,
    has_said: bool,
    refusals: Vec<String>,
}

impl Found {
    fn add(&mut self, output: Output, read: impl Fn(&str) -> Option<Vec<Rule>>) {
        match output {
            Output::Said(text) => {
                self.has_said = true;
                match read(&text) {
                    Some(rules) => self.rules.extend(rules),
                    None => self.refusals.push("cannot read the output of `nft`".into()),
                }
            }
            Output::Failed(reason) => self.refusals.push(reason),
            Output::Absent => {}
        }
    }

    /// That there is none is said only if everybody who could know was heard.
    fn report(&self) -> Result<Value, Unlooked> {
        if self.rules.is_empty() && !(self.has_said && self.refusals.is_empty()) {
            return Err(unknown(&self.refusals));
        }
        let mut rules: Vec<&Rule> = Vec::new();
        for rule in &self.rules {
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        }
        Ok(rules.into_iter().map(Rule::report).collect())
    }
}

fn unknown(refusals: &[String]) -> Unlooked {
    if refusals.is_empty() {
        let message = "`host::masquerade` is not known: neither `nft` nor `iptables-save` is installed; \
                       install one: dnf install nftables, or apt-get install nftables";
        return Unlooked::new("NoProgram", message);
    }
    let message = format!(
        "`host::masquerade` is not known: {}; run this as root, or with CAP_NET_ADMIN",
        refusals.join("; ")
    );
    Unlooked::new("NotPermitted", message)
}

/// Reads the environment's `10.0.0.0/16,10.1.0.0/16` or `none`.
pub(super) fn from_text(text: &str) -> Option<Value> {
    if text == "none" {
        return Some(json!([]));
    }
    let blocks = text.split(',').map(|block| {
        let source = Some(block.trim().to_owned());
        is_block(block.trim()).then_some(Rule {
            source,
            interface: None,
        })
    });
    let rules: Vec<Rule> = blocks.collect::<Option<_>>()?;
    Some(rules.iter().map(Rule::report).collect())
}

fn is_block(text: &str) -> bool {
    text.parse::<IpNet>().is_ok() || text.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(outputs: Vec<Output>) -> Result<Value, Unlooked> {
        let mut found = Found::default();
        for output in outputs {
            found.add(output, |text| Some(saved::rules(text)));
        }
        found.report()
    }

    fn said(text: &str) -> Output {
        Output::Said(text.into())
    }

    fn failed() -> Output {
        Output::Failed("`nft`: Operation not permitted".into())
    }

    #[test]
    fn the_same_rule_is_listed_once() {
        let line = "-A POSTROUTING -s 10.0.0.0/16 -j MASQUERADE\n";
        assert_eq!(
            found(vec![said(line), said(line), failed(), Output::Absent]),
            Ok(json!([{"source": "10.0.0.0/16", "interface": null}]))
        );
    }

    #[test]
    fn nothing_is_said_to_be_missing_that_nobody_could_see() {
        assert_eq!(found(vec![said(""), Output::Absent]), Ok(json!([])));
        let code = |outputs| found(outputs).unwrap_err().code;
        assert_eq!(code(vec![failed(), Output::Absent]), "NotPermitted");
        assert_eq!(code(vec![said(""), failed()]), "NotPermitted");
        assert_eq!(code(vec![Output::Absent]), "NoProgram");
    }
}
