//! What an account's request log says of a run's effects: which were done, and how often.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::matrix::finding::{Finding, Kind};
use crate::text::masked;
use journal::entry::{Entry, Intent, Record};
use knowledge::{Class, ModelFacts};
use models::names;

/// How often each effect changed something. Effects that only differ by the ids in their keys count together: what was
/// there before a run has other ids in each account.
#[derive(Clone, Debug, Default)]
pub struct Effects(BTreeMap<(String, String), usize>);

struct Done {
    times: usize,
    /// Twice is the same as once, or AWS recognises the repeat.
    repeatable: bool,
}

impl Effects {
    /// Counts the requests that succeeded; the journal says what class their effects have.
    #[must_use]
    pub fn of(requests: &Value, journal: &[Entry]) -> Self {
        let mut done = BTreeMap::new();
        for request in requests.as_array().into_iter().flatten() {
            let Some((effect, operation)) = change(request) else {
                continue;
            };
            let repeatable = repeatable(request, &effect, journal);
            let key = (effect, operation);
            let one = done.entry(key).or_insert(Done {
                times: 0,
                repeatable,
            });
            one.times += 1;
        }
        let mut counted = BTreeMap::new();
        for ((effect, operation), one) in done {
            let times = if one.repeatable { 1 } else { one.times };
            *counted.entry((masked(&effect), operation)).or_default() += times;
        }
        Self(counted)
    }

    /// Returns what was done more or less often than expected.
    #[must_use]
    pub fn compare(&self, expected: &Self) -> Vec<Finding> {
        let keys = self
            .0
            .keys()
            .chain(expected.0.keys().filter(|key| !self.0.contains_key(*key)));
        keys.filter_map(|key| {
            let times = |effects: &Self| effects.0.get(key).copied().unwrap_or_default();
            let (times, before) = (times(self), times(expected));
            let kind = match (times, before) {
                _ if times == before => return None,
                _ if times < before => Kind::Missing,
                (_, 0) => Kind::Leaked,
                _ => Kind::Doubled,
            };
            let (effect, operation) = key;
            let what =
                format!("{operation} of \"{effect}\" was done {times} times instead of {before}");
            Some(Finding {
                kind,
                what,
                effect: Some(effect.clone()),
            })
        })
        .collect()
    }
}

/// Returns whether the request would change something, whether it did or not.
pub(super) fn is_change(request: &Value) -> bool {
    operation(request).is_some_and(|(service, operation)| {
        knowledge::effect(&service, &operation, ModelFacts::default()).class != Class::Read
    })
}

/// Returns the effect and the operation of a request that changed something.
fn change(request: &Value) -> Option<(String, String)> {
    let status = request["status"].as_u64()?;
    let (service, operation) = operation(request)?;
    let (_, effect) = request["user_agent"].as_str()?.split_once(" effect/")?;
    let changed = is_change(request) && (200..300).contains(&status);
    changed.then(|| (effect.to_owned(), format!("{service}.{operation}")))
}

fn operation(request: &Value) -> Option<(String, String)> {
    let service = request["service"].as_str()?;
    let operation = names::operation_name(request["operation"].as_str()?);
    Some((service.to_owned(), operation))
}

/// A script may have said more about a call than the table knows: the journal has the class that counts.
fn repeatable(request: &Value, effect: &str, journal: &[Entry]) -> bool {
    let intents = journal.iter().filter_map(|entry| match &entry.record {
        Record::EffectIntended(intent) => Some(intent),
        _ => None,
    });
    let mut ours = intents.filter(|intent| agent(&intent.key).starts_with(effect));
    let class = ours.next().map(class);
    let by_table = || {
        let (service, operation) = operation(request)?;
        Some(
            knowledge::effect(&service, &operation, ModelFacts::default())
                .class
                .to_string(),
        )
    };
    let class = class.or_else(by_table);
    class.is_some_and(|class| {
        [Class::Idempotent, Class::Tokened]
            .iter()
            .any(|one| one.to_string() == class)
    })
}

fn class(intent: &Intent) -> String {
    intent.class.clone()
}

/// Returns the key as a user agent can carry it.
fn agent(key: &str) -> String {
    let safe = |letter: char| letter.is_ascii_graphic() || letter == ' ';
    key.chars()
        .map(|letter| if safe(letter) { letter } else { '_' })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(operation: &str, effect: &str, status: u16) -> Value {
        json!({
            "service": "ec2", "operation": operation, "status": status,
            "user_agent": format!("runbook/1 run/r effect/{effect}"),
        })
    }

    fn told(found: &[Value], expected: &[Value]) -> Vec<String> {
        let effects = |requests: &[Value]| Effects::of(&json!(requests), &[]);
        let findings = effects(found).compare(&effects(expected));
        findings
            .iter()
            .map(|finding| format!("{} {}", finding.kind, finding.what))
            .collect()
    }

    #[test]
    fn a_call_that_was_made_twice_is_doubled() {
        let once = [request("CreateVpc", "a", 200)];
        let twice = [
            request("CreateVpc", "a", 200),
            request("CreateVpc", "a", 200),
        ];
        assert_eq!(
            told(&twice, &once),
            ["doubled ec2.create_vpc of \"a\" was done 2 times instead of 1"]
        );
        assert_eq!(
            told(&[], &once),
            ["missing ec2.create_vpc of \"a\" was done 0 times instead of 1"]
        );
        assert_eq!(
            told(&once, &[]),
            ["leaked ec2.create_vpc of \"a\" was done 1 times instead of 0"]
        );
    }

    #[test]
    fn other_ids_in_a_key_are_no_difference_and_count_each() {
        let route = |id: &str| request("ReplaceRoute", &format!("point[{id}]"), 200);
        let two = ["rtb-0123456789abcdef0", "rtb-0123456789abcdef1"].map(route);
        let others = ["rtb-fedcba98765432100", "rtb-fedcba98765432101"].map(route);
        assert_eq!(told(&two, &others), Vec::<String>::new());
        assert_eq!(
            told(&two[..1], &others),
            ["missing ec2.replace_route of \"point[<id>]\" was done 1 times instead of 2"]
        );
    }

    #[test]
    fn reads_failures_and_what_may_be_repeated_do_not_count() {
        let once = [
            request("ReplaceRoute", "a", 200),
            request("RunInstances", "b", 200),
        ];
        let more = [
            request("DescribeVpcs", "a", 200),
            request("CreateVpc", "a", 503),
            request("ReplaceRoute", "a", 200),
            request("RunInstances", "b", 200),
        ];
        assert_eq!(
            told(&[&once[..], &more].concat(), &once),
            Vec::<String>::new()
        );
    }

    #[test]
    fn the_journal_knows_the_class_that_a_script_gave_a_call() {
        let intent = Intent {
            key: "a".into(),
            attempt: 1,
            epoch: 1,
            service: "ec2".into(),
            operation: "create_vpc".into(),
            class: "idempotent".into(),
            fingerprint: String::new(),
            input: Value::Null,
            context: None,
            place: None,
            written: None,
        };
        let entry = Entry {
            v: 1,
            seq: 1,
            at: jiff::Timestamp::UNIX_EPOCH,
            prev: String::new(),
            record: Record::EffectIntended(intent),
            hash: String::new(),
        };
        let twice = json!([
            request("CreateVpc", "a", 200),
            request("CreateVpc", "a", 200)
        ]);
        let effects = Effects::of(&twice, &[entry]);
        let once = Effects::of(&json!([request("CreateVpc", "a", 200)]), &[]);
        assert_eq!(effects.compare(&once), []);
    }
}
