//! An account's resources by what they are and by their relations, so that two accounts can be compared.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::refine::{Labels, Node, Shape};
use crate::matrix::finding::{Finding, Kind};
use crate::text;
use crate::text::masked;
use knowledge::{EFFECT_TAG, RUN_TAG};

/// What an account has beyond a fresh one's resources.
#[derive(Clone, Debug, Default)]
pub struct Census {
    resources: Vec<Resource>,
    nodes: Vec<Node>,
}

#[derive(Clone, Debug)]
struct Resource {
    /// Service and type.
    what: String,
    id: String,
    name: Option<String>,
    /// The effect that made it, as its tag says.
    effect: Option<String>,
    /// Its attributes without our marks.
    like: String,
}

impl Census {
    /// Takes the emulator's list.
    #[must_use]
    pub fn of(census: &Value, account: &str) -> Self {
        let all = census.as_array().map_or(&[][..], Vec::as_slice);
        let ids = all.iter().enumerate();
        let ids: HashMap<String, usize> = ids
            .map(|(number, one)| (field(one, "id").to_owned(), number))
            .collect();
        let node = |one: &Value| Node {
            kind: format!("{} {}", what(one), field(one, "region")),
            shape: described(one, &ids, account),
        };
        Self {
            resources: all.iter().map(Resource::of).collect(),
            nodes: all.iter().map(node).collect(),
        }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.resources.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty()
    }

    /// Returns what this one has too much, too little or otherwise.
    #[must_use]
    pub fn compare(&self, expected: &Self) -> Vec<Finding> {
        let mut matching = Matching::of(self, expected);
        let changed = matching.pair_by_identity();
        let mut findings: Vec<Finding> = changed
            .into_iter()
            .map(|(found, expected_one)| self.changed(found, expected, expected_one))
            .collect();
        findings.extend(
            matching
                .found
                .iter()
                .map(|found| self.beyond(*found, expected)),
        );
        let missing = matching
            .expected
            .iter()
            .map(|one| &expected.resources[*one]);
        findings.extend(missing.map(|one| one.finding(Kind::Missing, "")));
        if findings.is_empty() {
            let related = matching.otherwise_related().into_iter();
            findings.extend(related.map(|found| {
                self.resources[found].finding(Kind::Changed, ": it belongs to something else")
            }));
        }
        findings
    }

    fn beyond(&self, found: usize, expected: &Self) -> Finding {
        let known = (0..expected.len()).any(|one| {
            self.nodes[found].kind == expected.nodes[one].kind
                && self.resources[found].is_like(&expected.resources[one])
        });
        let kind = if known { Kind::Doubled } else { Kind::Leaked };
        self.resources[found].finding(kind, "")
    }

    fn changed(&self, found: usize, expected: &Self, one: usize) -> Finding {
        let (ours, theirs) = (self.members(found), expected.members(one));
        let names = ours
            .keys()
            .chain(theirs.keys().filter(|name| !ours.contains_key(*name)));
        let differing = names.filter(|name| ours.get(*name) != theirs.get(*name));
        let differing: Vec<String> = differing.map(|name| format!("`{name}`")).collect();
        let how = format!(": {} differs", differing.join(", "));
        self.resources[found].finding(Kind::Changed, &how)
    }

    /// Returns its attributes and relations, with kinds for ids.
    fn members(&self, number: usize) -> BTreeMap<String, String> {
        let kinds = vec![0; self.nodes.len()];
        let Shape::Members(parts) = &self.nodes[number].shape else {
            return BTreeMap::new();
        };
        let members = parts.values().filter_map(|part| match part {
            Shape::Members(members) => Some(members),
            _ => None,
        });
        members
            .flatten()
            .map(|(name, shape)| (name.clone(), shape.render(&kinds)))
            .collect()
    }

    /// What people take it by: the effect that made it, else its name.
    fn identity(&self, number: usize) -> (&str, Option<&str>) {
        let resource = &self.resources[number];
        let own = resource.effect.as_deref().or(resource.name.as_deref());
        (&self.nodes[number].kind, own)
    }
}

/// Which of the found are which of the expected, as far as that can be told.
struct Matching<'a> {
    ours: &'a Census,
    theirs: &'a Census,
    /// Found, and in how many rounds nothing told them from an expected one.
    pairs: Vec<(usize, usize)>,
    rounds: usize,
    found: Vec<usize>,
    expected: Vec<usize>,
}

impl<'a> Matching<'a> {
    /// The finest labels come first: one thing too much changes the fine labels of all that belongs to it.
    fn of(ours: &'a Census, theirs: &'a Census) -> Self {
        let [found, expected] = Labels::of_both(&ours.nodes, &theirs.nodes);
        let rounds = found.0.len();
        let mut matching = Self {
            ours,
            theirs,
            pairs: Vec::new(),
            rounds,
            found: (0..ours.len()).collect(),
            expected: (0..theirs.len()).collect(),
        };
        for round in (0..rounds).rev() {
            let (found, expected) = (&found.0[round], &expected.0[round]);
            let pairs = matching.pair(|ours, theirs| found[ours] == expected[theirs]);
            let pairs = pairs.into_iter().map(|(found, _)| (found, round + 1));
            matching.pairs.extend(pairs);
        }
        matching
    }

    fn pair_by_identity(&mut self) -> Vec<(usize, usize)> {
        let (ours, theirs) = (self.ours, self.theirs);
        self.pair(|found, expected| ours.identity(found) == theirs.identity(expected))
    }

    /// Takes out those of both sides that are the same.
    fn pair(&mut self, same: impl Fn(usize, usize) -> bool) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        let expected = &mut self.expected;
        self.found.retain(|found| {
            let Some(at) = expected.iter().position(|one| same(*found, *one)) else {
                return true;
            };
            pairs.push((*found, expected.remove(at)));
            false
        });
        pairs
    }

    /// Returns those that differ the soonest; the others differ because they belong to these.
    fn otherwise_related(&self) -> Vec<usize> {
        let soonest = self.pairs.iter().map(|(_, rounds)| *rounds).min();
        let soonest = soonest.filter(|rounds| *rounds < self.rounds);
        let pairs = self
            .pairs
            .iter()
            .filter(|(_, rounds)| Some(*rounds) == soonest);
        pairs.map(|(found, _)| *found).collect()
    }
}

impl Resource {
    fn of(one: &Value) -> Self {
        let attributes = &one["attributes"];
        let tags = &attributes["tags"];
        let names = [
            &tags["Name"],
            &attributes["Hostname"],
            &attributes["Name"],
            &attributes["name"],
        ];
        let name = names.into_iter().find_map(Value::as_str);
        Self {
            what: what(one),
            id: field(one, "id").to_owned(),
            name: name.map(masked),
            effect: tags[EFFECT_TAG].as_str().map(masked),
            like: masked(&unmarked(attributes).to_string()),
        }
    }

    /// Whether people would take it for one more of the other.
    fn is_like(&self, other: &Self) -> bool {
        let same = |ours: &Option<String>, theirs| ours.is_some() && ours == theirs;
        same(&self.effect, &other.effect)
            || same(&self.name, &other.name)
            || self.like == other.like
    }

    /// Returns `ec2 subnet subnet-1 "name", made by "effect"` as a finding.
    fn finding(&self, kind: Kind, how: &str) -> Finding {
        let name = self.name.as_ref().map(|name| format!(" \"{name}\""));
        let effect = self
            .effect
            .as_ref()
            .map(|effect| format!(", made by \"{effect}\""));
        let (name, effect) = (name.unwrap_or_default(), effect.unwrap_or_default());
        Finding {
            kind,
            what: format!("{} {}{name}{effect}{how}", self.what, self.id),
            effect: self.effect.clone(),
        }
    }
}

fn unmarked(attributes: &Value) -> Value {
    let mut attributes = attributes.clone();
    if let Some(tags) = attributes["tags"].as_object_mut() {
        tags.retain(|name, _| ![EFFECT_TAG, RUN_TAG].contains(&&**name));
    }
    attributes
}

fn what(one: &Value) -> String {
    format!("{} {}", field(one, "service"), field(one, "type"))
}

fn field<'a>(one: &'a Value, name: &str) -> &'a str {
    one[name].as_str().unwrap_or_default()
}

fn described(one: &Value, ids: &HashMap<String, usize>, account: &str) -> Shape {
    let parts = ["attributes", "relations"].map(|part| {
        let shape = shape(&one[part], ids, account);
        (part.to_owned(), shape)
    });
    Shape::Members(parts.into())
}

fn shape(value: &Value, ids: &HashMap<String, usize>, account: &str) -> Shape {
    match value {
        Value::String(text) => Shape::Text(text::pieces(text, ids, account)),
        Value::Array(items) => {
            Shape::List(items.iter().map(|item| shape(item, ids, account)).collect())
        }
        Value::Object(members) => {
            let kept = members.iter().filter(|(name, _)| !is_address(name));
            let shapes = kept.map(|(name, value)| (name.clone(), shape(value, ids, account)));
            Shape::Members(shapes.collect())
        }
        plain => Shape::Plain(plain.to_string()),
    }
}

/// AWS gives these out at random.
fn is_address(member: &str) -> bool {
    let member = member.to_lowercase().replace('_', "");
    ["public", "private", "elastic"].iter().any(|start| {
        let rest = member.strip_prefix(start).unwrap_or_default();
        rest.starts_with("ip") || rest.starts_with("dns")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ACCOUNT: &str = "500000000001";

    /// A resource with a name, tagged by the effect that has the same name.
    fn one(kind: &str, id: &str, name: &str, relations: &Value) -> Value {
        let tags = json!({"Name": name, "runbook:effect": format!("make {name}"), "runbook:run": "20261121-091203-x-abcdefghijkl"});
        json!({
            "service": "ec2", "region": "eu-west-1", "type": kind, "id": id, "attributes": {"tags": tags},
            "relations": relations,
        })
    }

    /// What came along with something else: it has neither a name nor marks.
    fn plain(kind: &str, id: &str, relations: &Value) -> Value {
        let mut plain = one(kind, id, "", relations);
        plain["attributes"] = json!({});
        plain
    }

    /// Two VPCs with a subnet and a table each; the ids begin with the prefix.
    fn network(prefix: &str) -> Vec<Value> {
        let id = |rest: &str| format!("{prefix}{rest}");
        let mut all = Vec::new();
        for side in ["left", "right"] {
            all.push(one("vpc", &id(side), side, &json!({})));
            all.push(plain(
                "subnet",
                &id(&format!("s-{side}")),
                &json!({"vpc": id(side)}),
            ));
            let members = json!({"vpc": id(side), "subnets": [id(&format!("s-{side}"))]});
            all.push(plain("route_table", &id(&format!("t-{side}")), &members));
        }
        all
    }

    fn told(found: &[Value], expected: &[Value]) -> Vec<String> {
        let census = |all: &[Value]| Census::of(&json!(all), ACCOUNT);
        let findings = census(found).compare(&census(expected));
        findings
            .iter()
            .map(|finding| format!("{} {}", finding.kind, finding.what))
            .collect()
    }

    #[test]
    fn ids_and_order_do_not_matter() {
        let mut found = network("b-");
        found.reverse();
        assert_eq!(told(&found, &network("a-")), Vec::<String>::new());
    }

    #[test]
    fn one_more_is_doubled_and_what_it_belongs_to_is_not() {
        let mut found = network("b-");
        found.push(plain("subnet", "more", &json!({"vpc": "b-left"})));
        assert_eq!(told(&found, &network("a-")), ["doubled ec2 subnet more"]);
        let mut found = network("b-");
        found.push(one("vpc", "more", "left", &json!({})));
        assert_eq!(
            told(&found, &network("a-")),
            ["doubled ec2 vpc more \"left\", made by \"make left\""]
        );
    }

    #[test]
    fn something_else_is_leaked() {
        let mut found = network("b-");
        found.push(one("vpc", "more", "other", &json!({})));
        found.push(plain("volume", "v", &json!({})));
        assert_eq!(
            told(&found, &network("a-")),
            [
                "leaked ec2 vpc more \"other\", made by \"make other\"",
                "leaked ec2 volume v"
            ]
        );
    }

    #[test]
    fn what_is_not_there_is_missing() {
        let mut found = network("b-");
        found.remove(2);
        assert_eq!(
            told(&found, &network("a-")),
            ["missing ec2 route_table a-t-left"]
        );
    }

    #[test]
    fn another_attribute_is_named() {
        let mut found = network("b-");
        found[0]["attributes"]["cidr"] = json!("10.0.0.0/16");
        assert_eq!(
            told(&found, &network("a-")),
            ["changed ec2 vpc b-left \"left\", made by \"make left\": `cidr` differs"]
        );
    }

    #[test]
    fn what_is_related_otherwise_is_found_although_all_of_it_is_there() {
        let mut found = network("b-");
        // The tables change places: only the way from table over subnet to VPC tells.
        found[2]["relations"]["subnets"] = json!(["b-s-right"]);
        found[5]["relations"]["subnets"] = json!(["b-s-left"]);
        let told = told(&found, &network("a-"));
        assert!(!told.is_empty());
        assert!(
            told.iter().all(|line| line.starts_with("changed ec2 ")),
            "{told:?}"
        );
    }

    #[test]
    fn addresses_that_aws_gives_out_do_not_matter() {
        let instance = |address: &str| {
            let mut instance = one("instance", "i", "web", &json!({}));
            instance["attributes"]["PrivateIp"] = json!(address);
            instance["attributes"]["public_dns_name"] = json!(address);
            instance
        };
        assert_eq!(
            told(&[instance("10.0.0.4")], &[instance("10.0.0.5")]),
            Vec::<String>::new()
        );
    }
}
