//! Checks an input against the model, before anything is sent.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::error::suggestion;
use crate::time::parse_any;
use crate::{Field, Kind, Operation, Reference, Service, Shape};
use base::nearest::nearest;
use base::secret;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Such as `tag_specifications[0].tags[1].key`; empty for the input as a whole.
    pub path: String,
    pub message: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.path.is_empty() {
            write!(f, "{}", self.message)
        } else {
            write!(f, "`{}`: {}", self.path, self.message)
        }
    }
}

/// Returns everything that is wrong with an operation's input; nothing where it can be sent.
///
/// `null` counts as a field that is not given. A client token may be missing, since the engine sets it.
#[must_use]
pub fn check(service: &Service, operation: &Operation, input: &Value) -> Vec<Problem> {
    matches(service, operation.input.as_ref(), input)
}

/// Returns everything that is wrong with what is said to be an operation's reply.
#[must_use]
pub fn check_reply(service: &Service, operation: &Operation, reply: &Value) -> Vec<Problem> {
    matches(service, operation.output.as_ref(), reply)
}

fn matches(service: &Service, expected: Option<&Reference>, input: &Value) -> Vec<Problem> {
    let mut checker = Checker {
        service,
        problems: Vec::new(),
    };
    match (expected, input) {
        (Some(reference), input) => checker.value(reference, input, ""),
        (None, Value::Object(map)) => map.keys().for_each(|name| checker.unknown(&[], name, "")),
        (None, Value::Null) => {}
        (None, other) => checker.problem("", format!("expected a map, found {}", noun(other))),
    }
    checker.problems
}

/// Returns what is said about a field that does not exist.
#[must_use]
pub fn unknown_field(fields: &[Field], name: &str) -> String {
    let near = nearest(name, fields.iter().map(|field| field.snake.as_str()));
    match near {
        None if fields.is_empty() => "unknown field; there are no fields here".to_owned(),
        near => format!("unknown field{}", suggestion(near)),
    }
}

struct Checker<'a> {
    service: &'a Service,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    fn problem(&mut self, path: &str, message: String) {
        self.problems.push(Problem {
            path: path.to_owned(),
            message,
        });
    }

    fn unknown(&mut self, fields: &[Field], name: &str, path: &str) {
        self.problem(&below(path, name), unknown_field(fields, name));
    }

    fn value(&mut self, reference: &Reference, value: &Value, path: &str) {
        let service = self.service;
        let shape = service.shape(reference.shape);
        match (&shape.kind, value) {
            (Kind::Structure(fields), Value::Object(map)) => {
                self.structure(shape, fields, map, path);
            }
            (Kind::List(item), Value::Array(items)) => {
                self.length(shape, items.len(), path);
                for (at, value) in items.iter().enumerate() {
                    self.value(item, value, &format!("{path}[{at}]"));
                }
            }
            (Kind::Map { key, value: item }, Value::Object(map)) => {
                self.length(shape, map.len(), path);
                for (name, value) in map {
                    let path = below(path, name);
                    self.string(service.shape(key.shape), name, &path);
                    self.value(item, value, &path);
                }
            }
            (_, Value::String(text)) if secret::is_in(text) => self.secret(shape, text, path),
            (_, value) => self.scalar(shape, value, path),
        }
    }

    /// Checks a secret's own value, of which the problem says nothing.
    fn secret(&mut self, shape: &Shape, text: &str, path: &str) {
        let problem = match secret::reveal(text) {
            Err(error) => error.to_string(),
            Ok(value) => {
                let mut own = Checker {
                    service: self.service,
                    problems: Vec::new(),
                };
                own.scalar(shape, &Value::String(value), path);
                if own.problems.is_empty() {
                    return;
                }
                let expected = match &shape.kind {
                    Kind::String(allowed) if !allowed.is_empty() => "one of its enumerated values",
                    kind => kind.noun(),
                };
                let least = shape
                    .min
                    .map(|min| format!(" with a length of at least {min}"));
                let least = least.unwrap_or_default();
                let shown = secret::shown(text);
                format!("the value of {shown} does not fit: expected {expected}{least}")
            }
        };
        self.problem(path, problem);
    }

    fn structure(&mut self, shape: &Shape, fields: &[Field], map: &Map<String, Value>, path: &str) {
        for name in map.keys().filter(|name| shape.field(name).is_none()) {
            self.unknown(fields, name, path);
        }
        for field in fields {
            match map.get(&field.snake).filter(|value| !value.is_null()) {
                Some(value) => self.value(&field.to, value, &below(path, &field.snake)),
                None if field.required && !field.token => {
                    self.problem(&below(path, &field.snake), "is required".to_owned());
                }
                None => {}
            }
        }
    }

    fn scalar(&mut self, shape: &Shape, value: &Value, path: &str) {
        match (&shape.kind, value) {
            (Kind::String(_), Value::String(text)) => self.string(shape, text, path),
            (Kind::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => {
                self.least(shape, number.as_f64(), path);
            }
            (Kind::Float, Value::Number(number)) => self.least(shape, number.as_f64(), path),
            (Kind::Blob, Value::String(text)) => match STANDARD.decode(text) {
                Ok(bytes) => self.length(shape, bytes.len(), path),
                Err(error) => self.problem(path, format!("is not base64: {error}")),
            },
            (Kind::Timestamp, value) if parse_any(value).is_some() => {}
            (Kind::Boolean, Value::Bool(_)) | (Kind::Document, _) => {}
            (kind, other) => self.problem(
                path,
                format!("expected {}, found {}", kind.noun(), noun(other)),
            ),
        }
    }

    fn string(&mut self, shape: &Shape, text: &str, path: &str) {
        self.length(shape, text.chars().count(), path);
        let Kind::String(allowed) = &shape.kind else {
            return;
        };
        if allowed.is_empty() || allowed.iter().any(|value| value == text) {
            return;
        }
        self.problem(path, not_allowed(text, allowed));
    }

    fn length(&mut self, shape: &Shape, length: usize, path: &str) {
        #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
        let short = shape.min.is_some_and(|min| (length as f64) < min);
        if let (true, Some(min)) = (short, shape.min) {
            self.problem(
                path,
                format!("expected a length of at least {min}, found {length}"),
            );
        }
    }

    fn least(&mut self, shape: &Shape, value: Option<f64>, path: &str) {
        if let (Some(value), Some(min)) = (value, shape.min)
            && value < min
        {
            self.problem(path, format!("expected at least {min}, found {value}"));
        }
    }
}

/// A short list of values is more use than the nearest one.
fn not_allowed(text: &str, allowed: &[String]) -> String {
    let near = nearest(text, allowed.iter().map(String::as_str));
    if near.is_some() || allowed.len() > 8 {
        return format!(
            "`{text}` is not one of its {} values{}",
            allowed.len(),
            suggestion(near)
        );
    }
    format!("`{text}` is not one of `{}`", allowed.join("`, `"))
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn noun(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a number",
        Value::Number(_) => "an integer",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::check;
    use crate::packed::service;

    #[expect(clippy::needless_pass_by_value, reason = "reads better with json!")]
    fn problems(name: &str, operation: &str, input: Value) -> Vec<String> {
        let service = service(name).unwrap();
        check(&service, service.operation(operation).unwrap(), &input)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn a_good_input_has_no_problems() {
        let input = json!({"cidr_block": "10.0.0.0/16", "dry_run": null,
            "tag_specifications": [{"resource_type": "vpc", "tags": [{"key": "Name", "value": "x"}]}]});
        assert!(problems("ec2", "create_vpc", input).is_empty());
        assert!(problems("opsworks", "describe_my_user_profile", json!({})).is_empty());
    }

    #[test]
    fn all_problems_are_found_at_once() {
        let input = json!({"cidr_blok": "10.0.0.0/16", "dry_run": "no", "ipv4_netmask_length": 1.5,
            "tag_specifications": [{"resource_type": "subnets", "tags": [{"key": "a"}, {"key": 7}]}]});
        assert_eq!(
            problems("ec2", "create_vpc", input),
            [
                "`cidr_blok`: unknown field; did you mean `cidr_block`?",
                "`dry_run`: expected a boolean, found a string",
                "`ipv4_netmask_length`: expected an integer, found a number",
                "`tag_specifications[0].resource_type`: `subnets` is not one of its 96 values; did you mean `subnet`?",
                "`tag_specifications[0].tags[1].key`: expected a string, found an integer",
            ]
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(
            problems(
                "opsworks",
                "create_layer",
                json!({"stack_id": "s", "type": "custom", "shortname": null})
            ),
            ["`name`: is required", "`shortname`: is required"]
        );
        assert_eq!(
            problems("ec2", "create_subnet", json!([])),
            ["expected a map, found a list"]
        );
    }

    #[test]
    fn a_secret_is_checked_by_its_value_and_the_problem_does_not_tell_it() {
        let reference = base::secret::Reference::env("CHECKED").unwrap();
        let token = |value| base::secret::add(&reference, value).unwrap();
        let checked =
            |token: &str| problems("ec2", "create_vpc", json!({"instance_tenancy": token}));
        assert!(checked(&token("dedicated")).is_empty());
        assert_eq!(
            checked(&token("dedicatet")),
            [
                "`instance_tenancy`: the value of (secret env:CHECKED) does not fit: expected one of its enumerated values"
            ]
        );
        let cut = &token("dedicated")[..20];
        assert!(checked(cut)[0].contains("can only be joined"));
    }

    #[test]
    fn map_keys_are_checked_and_kept() {
        let input = json!({"layer_id": "l", "attributes": {"EnableHaproxyStatz": "x"}});
        assert_eq!(
            problems("opsworks", "update_layer", input),
            [
                "`attributes.EnableHaproxyStatz`: `EnableHaproxyStatz` is not one of its 25 values; did you mean `EnableHaproxyStats`?"
            ]
        );
    }

    #[test]
    fn least_values_and_short_enumerations_are_said() {
        assert_eq!(
            problems("ec2", "describe_vpcs", json!({"max_results": 1})),
            ["`max_results`: expected at least 5, found 1"]
        );
        assert_eq!(
            problems(
                "ec2",
                "create_vpc",
                json!({"instance_tenancy": "none at all"})
            ),
            ["`instance_tenancy`: `none at all` is not one of `default`, `dedicated`, `host`"]
        );
    }

    #[test]
    fn an_operation_without_input_takes_no_fields() {
        assert_eq!(
            problems("opsworks", "describe_my_user_profile", json!({"arn": "x"})),
            ["`arn`: unknown field; there are no fields here"]
        );
    }

    #[test]
    fn times_and_blobs_take_their_forms() {
        let good = json!({"start_time": "2026-01-01T00:00:00Z", "status": "ok", "instances": ["i"],
            "reason_codes": ["other"], "end_time": 1_700_000_000});
        assert!(problems("ec2", "report_instance_status", good.clone()).is_empty());
        let mut bad = good;
        bad["start_time"] = json!("soon");
        assert_eq!(
            problems("ec2", "report_instance_status", bad),
            [
                "`start_time`: expected a timestamp (RFC 3339, or seconds since 1970), found a string"
            ]
        );
        assert_eq!(problems("sns", "publish", json!({"message": "m", "message_attributes": {"a": {"data_type": "Binary", "binary_value": "*"}}})).len(), 1);
    }
}
