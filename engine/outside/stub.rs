//! What a rehearsal answers in the place of an effect: a success that says nothing, or what the runbook's table has.
//!
//! A key of the table is an operation, `command.run`, or an operation and its program or host, `command.run mail`; the
//! longer one goes first. Its value has those members of the reply that are not preset.

use serde_json::Value;

use crate::{command, http};
use models::call::{Call, Failure, Reply};
use models::outside::{OPERATIONS, preset};

/// Returns the operation, and the operation with its program or host.
fn names(call: &Call) -> (String, String) {
    let Call {
        service, operation, ..
    } = call;
    let to = match call.input["program"].as_str() {
        Some(program) => program,
        None => base::url::host(call.input["url"].as_str().unwrap_or_default()).unwrap_or_default(),
    };
    let operation = format!("{service}.{operation}");
    let whole = format!("{operation} {to}");
    (operation, whole)
}

/// Returns what a call is listed by.
#[must_use]
pub fn name(call: &Call) -> String {
    names(call).1
}

/// Answers a call without making it.
pub fn reply(call: &Call, replies: &Value) -> Result<Reply, Failure> {
    let (operation, whole) = names(call);
    let chosen = replies.get(&whole).or_else(|| replies.get(&operation));
    let mut answer = preset(&call.service);
    for (name, value) in chosen.and_then(Value::as_object).into_iter().flatten() {
        answer[name] = value.clone();
    }
    let output = match call.service.as_str() {
        "command" => command::judge(call, answer, None)?,
        _ => http::judge(call, answer)?,
    };
    Ok(Reply {
        output,
        request_id: None,
    })
}

/// Returns what is wrong with a table of replies, all of it.
#[must_use]
pub fn check_replies(replies: &Value) -> Vec<String> {
    let Some(replies) = replies.as_object() else {
        return vec!["a map is expected, such as `#{\"command.run\": #{stdout: \"done\"}}`".into()];
    };
    replies
        .iter()
        .flat_map(|(key, reply)| check(key, reply))
        .collect()
}

fn check(key: &str, reply: &Value) -> Vec<String> {
    let operation = key.split(' ').next().unwrap_or_default();
    let known = OPERATIONS
        .iter()
        .find(|(service, name)| operation == format!("{service}.{name}"));
    let Some((service, _)) = known else {
        return vec![format!(
            "`{key}` does not begin with `command.run` or `http.post`"
        )];
    };
    let (preset, Some(reply)) = (preset(service), reply.as_object()) else {
        return vec![format!(
            "`{key}` must be a map, such as `{}`",
            preset(service)
        )];
    };
    let wrong = reply
        .iter()
        .filter_map(|(name, value)| match &preset[name] {
            Value::Null => Some(format!(
                "`{key}`: a reply has no `{name}`: it is `{preset}`"
            )),
            Value::String(_) if !value.is_string() => {
                Some(format!("`{key}`: `{name}` is a string"))
            }
            Value::Number(_) if !value.is_u64() => {
                Some(format!("`{key}`: `{name}` is a whole number"))
            }
            _ => None,
        });
    wrong.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use models::call::Repeat;

    fn call(program: &str) -> Call {
        Call {
            service: "command".into(),
            operation: "run".into(),
            input: json!({"program": program}),
            origin: String::new(),
            repeat: Repeat::Never,
        }
    }

    #[test]
    fn the_longer_key_goes_first_and_the_rest_is_preset() {
        let replies = json!({"command.run": {"stdout": "any"}, "command.run mail": {"exit_code": 75, "stderr": "busy"}});
        let reply = |program, replies| super::reply(&call(program), replies);
        assert_eq!(
            reply("ls", &replies).unwrap().output,
            json!({"exit_code": 0, "stdout": "any", "stderr": ""})
        );
        let refused = reply("mail", &replies).unwrap_err().to_string();
        assert!(
            refused.contains("`mail` ended with exit code 75: busy"),
            "{refused}"
        );
        let preset = reply("mail", &Value::Null).unwrap().output;
        assert_eq!(preset["exit_code"], 0);
    }

    #[test]
    fn every_mistake_of_a_table_is_named() {
        let table = json!({"command.start": {}, "http.post": 5, "http.post a.example": {"status": "no", "text": ""}});
        assert_eq!(
            check_replies(&table).len(),
            4,
            "{:?}",
            check_replies(&table)
        );
        assert_eq!(check_replies(&json!([])).len(), 1);
        let right =
            json!({"command.run mail": {"exit_code": 1}, "http.post": {"status": 500, "body": ""}});
        assert_eq!(check_replies(&right), Vec::<String>::new());
    }
}
