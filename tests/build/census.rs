//! An account's resources by name, so that two accounts can be compared.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};

use crate::harness::Test;

/// What differs from run to run without meaning anything.
const RANDOM: [(&str, &str); 6] = [
    (r" t=\d{10}\b", " t=<seconds>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<time>"),
    (r"\d{8}-\d{6}-[a-z0-9-]+-[a-z0-9]{12}", "<run>"),
    (r"runbook-[0-9a-f]{40}", "<token>"),
    (r"runbook-[0-9a-f]{12}\b", "<hostname>"),
    (r" [0-9a-f]{16}\b", " <digest>"),
];

/// To compile them takes longer than a census.
static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let compiled = RANDOM.map(|(pattern, stable)| (Regex::new(pattern).unwrap(), stable));
    compiled.into()
});

/// Returns the account's resources as lines, each id replaced by the name of its place, sorted.
pub(crate) fn canonical(test: &Test) -> Vec<String> {
    let census = test.census();
    let resources = census.as_array().unwrap();
    let names = names(resources);
    let mut lines: Vec<String> = resources
        .iter()
        .map(|one| line(test, one, &names))
        .collect();
    lines.sort();
    lines
}

/// Fails with what one side has and the other has not.
#[track_caller]
pub(crate) fn assert_same(found: &[String], expected: &[String], context: &str) {
    let (doubled, missing) = (beyond(found, expected), beyond(expected, found));
    let texts = (doubled.join("\n  "), missing.join("\n  "));
    assert!(
        doubled.is_empty() && missing.is_empty(),
        "{context}\ntoo much:\n  {}\nmissing:\n  {}",
        texts.0,
        texts.1
    );
}

/// Returns what is in one list more often than in the other.
pub(crate) fn beyond(list: &[String], other: &[String]) -> Vec<String> {
    let mut rest = other.to_vec();
    let mut beyond = Vec::new();
    for line in list {
        match rest.iter().position(|known| known == line) {
            Some(at) => drop(rest.swap_remove(at)),
            None => beyond.push(line.clone()),
        }
    }
    beyond
}

fn line(test: &Test, resource: &Value, names: &BTreeMap<String, String>) -> String {
    let mut kept = resource.clone();
    kept.as_object_mut().unwrap().remove("id");
    let mut text = kept.to_string().replace(test.account(), "<account>");
    for (id, name) in names {
        text = text.replace(id, name);
    }
    for (pattern, stable) in PATTERNS.iter() {
        text = pattern.replace_all(&text, *stable).into_owned();
    }
    let mut value: Value = serde_json::from_str(&text).unwrap();
    sort(&mut value);
    value.to_string()
}

/// Lists of ids are in the order of the ids, which means nothing.
fn sort(value: &mut Value) {
    match value {
        Value::Object(members) => members.values_mut().for_each(sort),
        Value::Array(items) => {
            items.iter_mut().for_each(sort);
            items.sort_by_key(ToString::to_string);
        }
        _ => {}
    }
}

/// Returns each id's name. What has none of its own is named after what it belongs to.
fn names(resources: &[Value]) -> BTreeMap<String, String> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for resource in resources {
        if let Some(own) = own_name(resource) {
            names.insert(id(resource), format!("<{} {own}>", kind(resource)));
        }
    }
    for resource in resources {
        if !names.contains_key(&id(resource)) {
            let owners = owners(resource, &names);
            names.insert(id(resource), format!("<{} of {owners}>", kind(resource)));
        }
    }
    names
}

fn id(resource: &Value) -> String {
    resource["id"].as_str().unwrap().to_owned()
}

fn kind(resource: &Value) -> String {
    format!(
        "{} {}",
        resource["service"].as_str().unwrap(),
        resource["type"].as_str().unwrap()
    )
}

/// The table, subnet and so on of one zone have one name, which the kind tells apart.
fn own_name(resource: &Value) -> Option<String> {
    let attributes = &resource["attributes"];
    let candidates = [
        &attributes["tags"]["Name"],
        &attributes["Hostname"],
        &attributes["Name"],
        &attributes["name"],
    ];
    candidates
        .iter()
        .find_map(|name| name.as_str())
        .map(str::to_owned)
}

fn owners(resource: &Value, names: &BTreeMap<String, String>) -> String {
    let relations = resource["relations"].as_object().unwrap().values();
    let ids = relations.flat_map(|to| to.as_array().cloned().unwrap_or_else(|| vec![json!(to)]));
    let known = ids.filter_map(|id| names.get(id.as_str()?).cloned());
    let mut known: Vec<String> = known.map(|name| name.replace(['<', '>'], "")).collect();
    known.sort();
    known.join(", ")
}
