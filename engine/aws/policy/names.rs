//! The resources that a runbook names for its policy, by its function `resources`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::types::is_type;

/// Not a resource that calls act on: roles are made, and given rights, only with one of these boundaries.
const BOUNDARY: &str = "iam:permissions-boundary";

/// The member with the keys of tags, by the type of what they are written on.
const TAGS: &str = "tags";

/// Names, or ARNs, by type of resource, such as `iam:role`. Of a type that is not here, all resources are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    resources: BTreeMap<String, Vec<String>>,
    pub(super) tags: BTreeMap<String, Vec<String>>,
}

impl Names {
    /// Reads what `resources` returned.
    ///
    /// # Errors
    /// Returns each mistake in it as a sentence.
    pub fn read(returned: &Value) -> Result<Self, Vec<String>> {
        let none = Map::new();
        let given = match returned {
            Value::Null => &none,
            Value::Object(given) => given,
            other => return Err(vec![format!("expected a map, found `{other}`")]),
        };
        let mut problems = Vec::new();
        let (mut resources, mut tags) = (given.clone(), Map::new());
        match resources.remove(TAGS) {
            Some(Value::Object(keys)) => tags = keys,
            None => {}
            Some(other) => problems.push(format!("`{TAGS}`: expected a map, found `{other}`")),
        }
        let names = Self {
            resources: lists(&resources, &mut problems),
            tags: lists(&tags, &mut problems),
        };
        if problems.is_empty() {
            Ok(names)
        } else {
            Err(problems)
        }
    }

    pub(super) fn of(&self, service: &str, kind: &str) -> Option<&[String]> {
        let names = self.resources.get(&format!("{service}:{kind}"));
        names.map(Vec::as_slice)
    }

    pub(super) fn boundaries(&self) -> &[String] {
        self.resources.get(BOUNDARY).map_or(&[], Vec::as_slice)
    }
}

fn lists(given: &Map<String, Value>, problems: &mut Vec<String>) -> BTreeMap<String, Vec<String>> {
    let mut lists = BTreeMap::new();
    for (kind, names) in given {
        if kind != BOUNDARY && !is_type(kind) {
            problems.push(format!(
                "`{kind}` is no type of resource, such as `iam:role`"
            ));
        }
        let Ok(texts) = serde_json::from_value::<Vec<String>>(names.clone()) else {
            problems.push(format!("`{kind}`: expected an array of strings"));
            continue;
        };
        for text in &texts {
            problems.extend(mistake(kind, text));
        }
        lists.insert(kind.clone(), texts);
    }
    lists
}

/// A policy would be for more than what is named, without a word.
fn mistake(kind: &str, name: &str) -> Option<String> {
    if name.is_empty() {
        return Some(format!("`{kind}` has an empty name"));
    }
    name.contains(['*', '?', '$']).then(|| {
        format!("`{kind}`: `{name}` would name more than one resource: in a policy, `*`, `?` and `$` begin patterns")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn problems(returned: &Value) -> Vec<String> {
        Names::read(returned).unwrap_err()
    }

    #[test]
    fn names_and_keys_are_read_by_type() {
        let read = json!({"iam:role": ["a"], "tags": {"ec2:instance": ["Name"]}});
        let names = Names::read(&read).unwrap();
        assert_eq!(names.of("iam", "role"), Some(&["a".to_owned()][..]));
        assert_eq!(names.of("iam", "instance-profile"), None);
        assert_eq!(names.tags["ec2:instance"], ["Name"]);
        assert_eq!(Names::read(&Value::Null).unwrap(), Names::default());
    }

    #[test]
    fn a_pattern_is_refused() {
        for name in ["*", "my-?", "${aws:username}", ""] {
            assert_eq!(problems(&json!({"iam:role": [name]})).len(), 1, "{name}");
            assert_eq!(
                problems(&json!({"tags": {"ec2:instance": [name]}})).len(),
                1,
                "{name}"
            );
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        assert_eq!(problems(&json!(3)).len(), 1);
        assert_eq!(problems(&json!({"tags": []})).len(), 1);
        assert_eq!(problems(&json!({"iam:roles": ["a"]})).len(), 1);
        assert_eq!(problems(&json!({"iam:role": [3]})).len(), 1);
        assert_eq!(problems(&json!({"iam:role": "a"})).len(), 1);
    }
}
