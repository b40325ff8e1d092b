//! Replies that come in pages, and how they become one.

use serde::Deserialize;
use serde_json::{Map, Number, Value};

use crate::names::snake;

/// How an operation's reply is paged; every name is a path in the names that scripts use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paginator {
    input_tokens: Vec<String>,
    output_tokens: Vec<String>,
    more_results: Option<String>,
    result_keys: Vec<String>,
    limit_key: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct RawPaginator {
    input_token: OneOrMany,
    output_token: OneOrMany,
    result_key: OneOrMany,
    more_results: Option<String>,
    limit_key: Option<String>,
}

/// The models write a single name without the brackets.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl From<&RawPaginator> for Paginator {
    fn from(raw: &RawPaginator) -> Self {
        Self {
            input_tokens: paths(&raw.input_token),
            output_tokens: paths(&raw.output_token),
            more_results: raw.more_results.as_deref().map(path),
            result_keys: paths(&raw.result_key),
            limit_key: raw.limit_key.as_deref().map(path),
        }
    }
}

impl Paginator {
    /// Returns whether the caller pages by itself.
    #[must_use]
    pub fn steered_by(&self, input: &Value) -> bool {
        let mut steering = self.input_tokens.iter().chain(&self.limit_key);
        steering.any(|name| input.get(name).is_some_and(|value| !value.is_null()))
    }

    /// Returns the input for the page after `page`, or `None` after the last one.
    #[must_use]
    pub fn next(&self, input: &Value, page: &Value) -> Option<Value> {
        if self
            .more_results
            .as_deref()
            .is_some_and(|more| at(page, more) != Some(&Value::Bool(true)))
        {
            return None;
        }
        let tokens: Vec<_> = self
            .output_tokens
            .iter()
            .map(|name| at(page, name).filter(|token| !is_blank(token)))
            .collect();
        tokens.iter().flatten().next()?;
        let mut next = match input {
            Value::Object(map) => map.clone(),
            _ => Map::new(),
        };
        for (name, token) in self.input_tokens.iter().zip(tokens) {
            next.insert(name.clone(), token.cloned().unwrap_or(Value::Null));
        }
        Some(Value::Object(next))
    }

    /// Adds a page's results to those before it.
    pub fn merge(&self, all: &mut Value, mut page: Value) {
        for name in &self.result_keys {
            let Some(more) = at_mut(&mut page, name).map(Value::take) else {
                continue;
            };
            match at_mut(all, name) {
                Some(all) => join(all, more),
                None => put(all, name, more),
            }
        }
    }

    /// Takes the tokens out of a merged reply: they would lead nowhere.
    pub fn finish(&self, all: &mut Value) {
        for name in self.output_tokens.iter().chain(&self.more_results) {
            if let Some(map) = all.as_object_mut() {
                map.remove(name);
            }
        }
    }
}

fn paths(names: &OneOrMany) -> Vec<String> {
    match names {
        OneOrMany::One(name) => vec![path(name)],
        OneOrMany::Many(names) => names.iter().map(|name| path(name)).collect(),
    }
}

fn path(name: &str) -> String {
    name.split('.').map(snake).collect::<Vec<_>>().join(".")
}

fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.')
        .try_fold(value, |value, name| value.get(name))
}

fn at_mut<'a>(value: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    path.split('.')
        .try_fold(value, |value, name| value.get_mut(name))
}

fn put(all: &mut Value, path: &str, value: Value) {
    let (parents, name) = path.rsplit_once('.').unwrap_or(("", path));
    let parent = if parents.is_empty() {
        Some(all)
    } else {
        at_mut(all, parents)
    };
    if let Some(map) = parent.and_then(Value::as_object_mut) {
        map.insert(name.to_owned(), value);
    }
}

fn is_blank(token: &Value) -> bool {
    token.is_null() || token.as_str().is_some_and(str::is_empty)
}

fn join(all: &mut Value, more: Value) {
    match (&mut *all, more) {
        (Value::Array(all), Value::Array(more)) => all.extend(more),
        (Value::Object(all), Value::Object(more)) => all.extend(more),
        (Value::Number(sum), Value::Number(more)) => {
            if let (Some(a), Some(b)) = (sum.as_i64(), more.as_i64()) {
                *sum = Number::from(a.saturating_add(b));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::packed::service;

    #[test]
    fn pages_become_one() {
        let ec2 = service("ec2").unwrap();
        let paginator = ec2
            .operation("describe_vpcs")
            .unwrap()
            .paginator
            .clone()
            .unwrap();
        let input = json!({"filters": []});
        let mut all = json!({"vpcs": [{"vpc_id": "a"}], "next_token": "t"});
        assert_eq!(
            paginator.next(&input, &all),
            Some(json!({"filters": [], "next_token": "t"}))
        );
        let last = json!({"vpcs": [{"vpc_id": "b"}], "next_token": ""});
        assert_eq!(paginator.next(&input, &last), None);
        paginator.merge(&mut all, last);
        paginator.finish(&mut all);
        assert_eq!(all, json!({"vpcs": [{"vpc_id": "a"}, {"vpc_id": "b"}]}));
    }

    #[test]
    fn results_that_begin_on_a_later_page_are_kept() {
        let ec2 = service("ec2").unwrap();
        let paginator = ec2
            .operation("describe_vpcs")
            .unwrap()
            .paginator
            .clone()
            .unwrap();
        let mut all = json!({"next_token": "t"});
        paginator.merge(&mut all, json!({"vpcs": [1]}));
        assert_eq!(all["vpcs"], json!([1]));
    }

    #[test]
    fn a_caller_that_pages_is_left_alone() {
        let sns = service("sns").unwrap();
        let paginator = sns
            .operation("list_phone_numbers_opted_out")
            .unwrap()
            .paginator
            .clone()
            .unwrap();
        assert!(paginator.steered_by(&json!({"next_token": "t"})));
        assert!(!paginator.steered_by(&json!({"next_token": null})));
    }
}
