//! Secrets in replies: the members that a model marks as sensitive.

use serde_json::Value;

use crate::{Kind, Operation, Service, ShapeId};
use base::secret::{self, Reference};

/// The calls that change something and whose reply alone has a secret, with the member that is it. Nobody can ask for it
/// again: a script says where it goes.
///
/// By AWS's API references: `CreateKeyPair` of EC2 ("the unencrypted PEM encoded RSA private key"), `CreateAccessKey`,
/// `CreateServiceSpecificCredential`, `ResetServiceSpecificCredential` and `CreateVirtualMFADevice` of IAM, each of which
/// says that the secret can be had at that time only.
const ONLY_IN_REPLY: [(&str, &str, &str); 5] = [
    ("ec2", "create_key_pair", "key_material"),
    ("iam", "create_access_key", "access_key.secret_access_key"),
    (
        "iam",
        "create_service_specific_credential",
        "service_specific_credential.service_password",
    ),
    (
        "iam",
        "create_virtual_mfa_device",
        "virtual_mfa_device.base32_string_seed",
    ),
    (
        "iam",
        "reset_service_specific_credential",
        "service_specific_credential.service_password",
    ),
];

/// Returns the path of the member that only the reply of this call ever has.
#[must_use]
pub fn only_in_reply(service: &str, operation: &str) -> Option<&'static str> {
    let of_call = |row: &&(&str, &str, &str)| (row.0, row.1) == (service, operation);
    ONLY_IN_REPLY.iter().find(of_call).map(|row| row.2)
}

/// Checks that a call says where the secret of its reply goes if the reply alone has one, and only then.
pub fn check_keep(service: &str, operation: &str, says_where: bool) -> Result<(), String> {
    let title = format!("{service}.{operation}");
    match (only_in_reply(service, operation), says_where) {
        (Some(member), false) => Err(format!(
            "`{member}` of `{title}` is only in this reply: say where it goes, in a second map: #{{keep: \"file:/PATH\"}}"
        )),
        (None, true) => Err(format!("no secret is only in the reply of `{title}`")),
        _ => Ok(()),
    }
}

/// Returns the member at a path such as `access_key.secret_access_key`.
pub fn member<'a>(output: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    path.split('.')
        .try_fold(output, |value, name| value.get_mut(name))
}

/// Makes tokens of the members of a reply that its model marks as sensitive.
pub fn hide(service: &Service, operation: &Operation, output: &mut Value) {
    if let Some(reference) = &operation.output {
        let hiding = Hiding { service, operation };
        hiding.value(reference.shape, output, "");
    }
}

struct Hiding<'a> {
    service: &'a Service,
    operation: &'a Operation,
}

impl Hiding<'_> {
    fn value(&self, shape: ShapeId, value: &mut Value, path: &str) {
        let shape = self.service.shape(shape);
        match (&shape.kind, value) {
            (_, Value::String(text)) if shape.sensitive => self.text(text, path),
            (Kind::Structure(fields), Value::Object(members)) => {
                for field in fields {
                    if let Some(member) = members.get_mut(&field.snake) {
                        self.value(field.to.shape, member, &below(path, &field.snake));
                    }
                }
            }
            (Kind::List(item), Value::Array(items)) => {
                for (at, member) in items.iter_mut().enumerate() {
                    self.value(item.shape, member, &below(path, &at.to_string()));
                }
            }
            (Kind::Map { value: item, .. }, Value::Object(members)) => {
                for (name, member) in members {
                    self.value(item.shape, member, &below(path, name));
                }
            }
            _ => {}
        }
    }

    fn text(&self, text: &mut String, path: &str) {
        if text.is_empty() || secret::is_in(text) {
            return;
        }
        let (service, operation) = (&self.service.name, &self.operation.snake);
        let reference = Reference::reply(service, operation, path);
        // Without a key for its digest nothing can be done with it; it is not recorded all the same.
        *text = secret::add(&reference, text).unwrap_or_else(|_| secret::unread(&reference));
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::{ONLY_IN_REPLY, hide, member, only_in_reply};
    use crate::packed::service;
    use serde_json::{Value, json};

    fn hidden(name: &str, operation: &str, mut reply: Value) -> Value {
        let service = service(name).unwrap();
        hide(&service, service.operation(operation).unwrap(), &mut reply);
        reply
    }

    #[test]
    fn what_a_model_marks_becomes_a_token_and_the_rest_stays() {
        let reply = hidden(
            "sts",
            "assume_role",
            json!({"credentials": {"access_key_id": "AKIA", "secret_access_key": "plaintext of a role"}}),
        );
        assert_eq!(reply["credentials"]["access_key_id"], "AKIA");
        let token = reply["credentials"]["secret_access_key"].as_str().unwrap();
        assert_eq!(
            base::secret::shown(token),
            "(secret reply:sts.assume_role:credentials.secret_access_key)"
        );
        assert_eq!(base::secret::reveal(token).unwrap(), "plaintext of a role");
        let phones = json!({"phone_numbers": ["+4912345678", ""]});
        let phones = hidden("sns", "list_phone_numbers_opted_out", phones);
        assert!(
            base::secret::is_within(&phones["phone_numbers"][0]),
            "{phones}"
        );
        assert_eq!(phones["phone_numbers"][1], "");
    }

    #[test]
    fn what_only_a_reply_has_is_a_member_that_the_model_marks() {
        for (name, operation, path) in ONLY_IN_REPLY {
            let mut reply = json!("plaintext of a reply");
            for part in path.rsplit('.') {
                reply = json!({ part: reply });
            }
            let mut reply = hidden(name, operation, reply);
            let found = member(&mut reply, path).unwrap();
            assert!(base::secret::is_within(found), "{operation}: {path}");
        }
        assert_eq!(only_in_reply("ec2", "create_vpc"), None);
    }
}
