//! The operations outside AWS, `http::post` and `command::run`: what each takes and returns.

use serde_json::Value;

use base::nearest::nearest;
use base::{duration, secret, url};

/// The services that are not AWS's, each with its one operation.
pub const OPERATIONS: [(&str, &str); 2] = [("http", "post"), ("command", "run")];

/// Whether a service is one of ours.
#[must_use]
pub fn knows(service: &str) -> bool {
    OPERATIONS.iter().any(|(known, _)| *known == service)
}

/// The members of each input; the first of them must be there.
pub const MEMBERS: [(&str, &[&str]); 2] = [
    ("http", &["url", "body", "headers", "timeout"]),
    (
        "command",
        &["program", "arguments", "input", "environment", "timeout"],
    ),
];

/// What each returns, as a person may say it.
pub const REPLIES: [(&str, &str); 2] = [
    ("http", r#"{"status": 200, "body": ""}"#),
    ("command", r#"{"exit_code": 0, "stdout": "", "stderr": ""}"#),
];

/// Returns the reply of a success that says nothing.
#[must_use]
pub fn preset(service: &str) -> Value {
    let whole = REPLIES.iter().find(|(known, _)| *known == service);
    whole
        .and_then(|(_, whole)| serde_json::from_str(whole).ok())
        .unwrap_or_default()
}

/// Returns what a reply lacks that scripts count on.
#[must_use]
pub fn check_reply(service: &str, reply: &Value) -> Vec<String> {
    let whole = preset(service);
    let members = whole.as_object().into_iter().flatten();
    members
        .filter(|(name, _)| reply.get(name).is_none())
        .map(|(name, _)| format!("missing `{name}`"))
        .collect()
}

/// Returns what is wrong with an input, all of it.
#[must_use]
pub fn check(service: &str, input: &Value) -> Vec<String> {
    let members = MEMBERS.iter().find(|(known, _)| *known == service);
    let (Some((_, members)), Some(given)) = (members, input.as_object()) else {
        return vec!["the input is a map".into()];
    };
    let mut problems: Vec<String> = given
        .keys()
        .filter(|name| !members.contains(&name.as_str()))
        .map(|name| unknown(name, members))
        .collect();
    let present = given.iter().filter(|(_, value)| !value.is_null());
    problems.extend(present.filter_map(|(name, value)| mistaken(name, value)));
    if input[members[0]].is_null() {
        problems.push(format!("missing `{}`", members[0]));
    }
    problems
}

fn unknown(name: &str, members: &[&str]) -> String {
    let meant = nearest(name, members.iter().copied());
    let meant = meant.map(|near| format!("; did you mean `{near}`?"));
    format!("unknown member `{name}`{}", meant.unwrap_or_default())
}

/// What others can see of a request or a program, and where a secret goes instead.
const OPEN: [(&str, &str); 4] = [
    ("url", "`headers` or `body`"),
    ("timeout", "`headers` or `body`"),
    ("program", "`environment` or `input`"),
    ("arguments", "`environment` or `input`"),
];

fn mistaken(name: &str, value: &Value) -> Option<String> {
    let open = OPEN.iter().find(|(known, _)| *known == name);
    if let Some((_, instead)) = open.filter(|_| secret::is_within(value)) {
        return Some(format!(
            "`{name}` is seen by others and cannot have a secret: put the secret into {instead}"
        ));
    }
    if let Err(error) = secret::reveal_value(value) {
        return Some(format!("`{name}`: {error}"));
    }
    let expected = match name {
        "url" => {
            let is_url = value.as_str().is_some_and(|text| url::host(text).is_some());
            (!is_url).then_some("a URL such as `https://host/path`, without a user or password")
        }
        "program" => {
            let is_name = value.as_str().is_some_and(|name| !name.is_empty());
            (!is_name).then_some("the name or path of a program")
        }
        "input" => (!value.is_string()).then_some("a string"),
        "arguments" => {
            let all = |items: &Vec<Value>| items.iter().all(Value::is_string);
            (!value.as_array().is_some_and(all)).then_some("a list of strings")
        }
        "headers" | "environment" => {
            let all = |map: &serde_json::Map<_, _>| map.values().all(Value::is_string);
            (!value.as_object().is_some_and(all)).then_some("a map of strings")
        }
        "body" => {
            let fits = value.is_string() || value.is_object() || value.is_array();
            (!fits).then_some("a string, or a map or list to send as JSON")
        }
        "timeout" => timeout(value)
            .is_none()
            .then_some("a duration such as `5s`, more than nothing"),
        _ => None,
    };
    expected.map(|expected| format!("`{name}` is {expected}"))
}

/// Reads a duration as scripts write it.
#[must_use]
pub fn timeout(value: &Value) -> Option<std::time::Duration> {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    duration::parse(&text).ok().filter(|time| !time.is_zero())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::check;

    #[test]
    fn a_secret_goes_where_nobody_sees_it() {
        let reference = base::secret::Reference::env("OUTSIDE").unwrap();
        let token = base::secret::add(&reference, "plaintext of outside").unwrap();
        let command = json!({"program": &token, "arguments": [&token], "environment": {"A": &token}, "input": &token});
        assert_eq!(check("command", &command).len(), 2);
        let post = json!({"url": format!("http://a/{token}"), "headers": {"A": &token}, "body": {"a": [&token]}});
        assert_eq!(
            check("http", &post),
            [
                "`url` is seen by others and cannot have a secret: put the secret into `headers` or `body`"
            ]
        );
        assert_eq!(
            check(
                "http",
                &json!({"url": "http://a", "body": &token[..token.len() - 4]})
            )
            .len(),
            1
        );
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let problems = check(
            "http",
            &json!({"uri": "http://a", "headers": {"a": 1}, "timeout": "soon", "body": 5}),
        );
        assert_eq!(problems.len(), 5, "{problems:?}");
        assert_eq!(problems[0], "unknown member `uri`; did you mean `url`?");
        let problems = check("command", &json!({"program": "", "arguments": [1]}));
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert_eq!(check("http", &json!({"url": "https://u:p@host/"})).len(), 1);
        assert!(
            check(
                "http",
                &json!({"url": "https://host/?q", "body": {"a": 1}, "timeout": 3})
            )
            .is_empty()
        );
        assert!(check("command", &json!({"program": "/bin/true"})).is_empty());
    }
}
