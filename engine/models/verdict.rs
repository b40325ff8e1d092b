//! What an answer means for the one who waits. The loop is the engine's.

use jmespath::Variable;
use serde_json::Value;

use crate::Service;
use crate::call::{Failure, Reply};
use crate::rename::to_aws;
use crate::waiter::{Acceptor, Matcher, State, Waiter};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Success,
    Retry,
    /// It can no longer succeed; the reason says what was seen.
    Failure(String),
}

impl Waiter {
    /// Judges what a call of `operation` gave; an error that no acceptor expects is a failure.
    #[must_use]
    pub fn judge(&self, service: &Service, result: &Result<Reply, Failure>) -> Verdict {
        let output = service
            .operation(&self.operation)
            .ok()
            .and_then(|operation| operation.output.as_ref());
        let view = match (result, output) {
            (Ok(reply), Some(output)) => to_aws(service, output.shape, &reply.output),
            _ => Value::Null,
        };
        match self
            .acceptors
            .iter()
            .find(|acceptor| acceptor.accepts(&view, result))
        {
            Some(Acceptor {
                state: State::Success,
                ..
            }) => Verdict::Success,
            Some(Acceptor {
                state: State::Retry,
                ..
            }) => Verdict::Retry,
            Some(acceptor) => Verdict::Failure(acceptor.reason()),
            None => result.as_ref().err().map_or(Verdict::Retry, |failure| {
                Verdict::Failure(failure.to_string())
            }),
        }
    }
}

impl Acceptor {
    fn accepts(&self, view: &Value, result: &Result<Reply, Failure>) -> bool {
        match (&self.matcher, result) {
            (Matcher::Path(path), Ok(_)) => {
                search(path, view).is_some_and(|found| found == self.expected)
            }
            (Matcher::PathAll(path), Ok(_)) => items(path, view).is_some_and(|items| {
                !items.is_empty() && items.iter().all(|item| *item == self.expected)
            }),
            (Matcher::PathAny(path), Ok(_)) => {
                items(path, view).is_some_and(|items| items.contains(&self.expected))
            }
            (Matcher::Status, Ok(_)) => self.expected == 200,
            (Matcher::Status, Err(Failure::Answered(error))) => self.expected == error.status,
            (Matcher::Error, Ok(_)) => self.expected == false,
            (Matcher::Error, Err(Failure::Answered(error))) => {
                self.expected == true || self.expected == error.code.as_str()
            }
            _ => false,
        }
    }

    fn reason(&self) -> String {
        match &self.matcher {
            Matcher::Path(path) | Matcher::PathAll(path) | Matcher::PathAny(path) => {
                format!("`{path}` is {}", self.expected)
            }
            Matcher::Status => format!("the status is {}", self.expected),
            Matcher::Error => format!("the error is {}", self.expected),
        }
    }
}

fn items(path: &str, view: &Value) -> Option<Vec<Value>> {
    match search(path, view)? {
        Value::Array(items) => Some(items),
        _ => None,
    }
}

fn search(path: &str, view: &Value) -> Option<Value> {
    let data = Variable::try_from(view.clone()).ok()?;
    let found = jmespath::compile(path).ok()?.search(data).ok()?;
    let found = serde_json::to_value(&*found).ok()?;
    Some(whole_numbers(found))
}

/// `JMESPath` counts in floats; the models expect integers.
fn whole_numbers(value: Value) -> Value {
    match value.as_f64() {
        #[expect(clippy::cast_possible_truncation, reason = "whole and small")]
        Some(number) if value.is_f64() && number.fract() == 0.0 && number.abs() < 9e15 => {
            Value::from(number as i64)
        }
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Verdict;
    use crate::call::{Failure, Reply, ServiceError};
    use crate::packed::service;

    fn judge(name: &str, waiter: &str, result: Result<Value, &str>) -> Verdict {
        let service = service(name).unwrap();
        let result = match result {
            Ok(output) => Ok(Reply {
                output,
                request_id: None,
            }),
            Err(code) => Err(Failure::Answered(ServiceError {
                service: name.to_owned(),
                operation: "o".to_owned(),
                code: code.to_owned(),
                message: "m".to_owned(),
                request_id: None,
                status: 400,
                details: None,
            })),
        };
        service.waiters[waiter].judge(&service, &result)
    }

    fn instances(states: &[&str]) -> Value {
        let instances: Vec<_> = states
            .iter()
            .map(|state| json!({"state": {"name": state}}))
            .collect();
        json!({"reservations": [{"instances": instances}]})
    }

    #[test]
    fn all_any_and_errors_are_told_apart() {
        let running = |result| judge("ec2", "wait_instance_running", result);
        assert_eq!(
            running(Ok(instances(&["running", "running"]))),
            Verdict::Success
        );
        assert_eq!(
            running(Ok(instances(&["running", "pending"]))),
            Verdict::Retry
        );
        assert_eq!(running(Ok(json!({"reservations": []}))), Verdict::Retry);
        let reason = "`Reservations[].Instances[].State.Name` is \"terminated\"".to_owned();
        assert_eq!(
            running(Ok(instances(&["running", "terminated"]))),
            Verdict::Failure(reason)
        );
        assert_eq!(running(Err("InvalidInstanceID.NotFound")), Verdict::Retry);
        assert!(matches!(
            running(Err("UnauthorizedOperation")),
            Verdict::Failure(_)
        ));
    }

    #[test]
    fn functions_and_status_are_understood() {
        assert_eq!(
            judge("ec2", "wait_instance_exists", Ok(instances(&["pending"]))),
            Verdict::Success
        );
        assert_eq!(
            judge(
                "ec2",
                "wait_instance_exists",
                Ok(json!({"reservations": []}))
            ),
            Verdict::Retry
        );
        assert_eq!(
            judge("opsworks", "wait_app_exists", Ok(json!({"apps": []}))),
            Verdict::Success
        );
        assert!(matches!(
            judge("opsworks", "wait_app_exists", Err("x")),
            Verdict::Failure(_)
        ));
    }

    #[test]
    fn every_acceptor_compiles_and_names_a_known_operation() {
        for name in crate::packed::names() {
            let service = service(&name).unwrap();
            for (waiter, acceptor) in service
                .waiters
                .values()
                .flat_map(|waiter| waiter.acceptors.iter().map(move |a| (waiter, a)))
            {
                assert!(service.operation(&waiter.operation).is_ok());
                if let super::Matcher::Path(path)
                | super::Matcher::PathAll(path)
                | super::Matcher::PathAny(path) = &acceptor.matcher
                {
                    assert!(jmespath::compile(path).is_ok(), "{path}");
                }
            }
        }
    }
}
