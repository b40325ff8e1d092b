//! Requests of the `query` protocol and of EC2's dialect of it: parameters in a form.

use serde_json::Value;

use crate::protocol::message::{CodecError, Request};
use models::{Field, Kind, Operation, Protocol, Reference, Service, TimeFormat};

pub(super) fn request(
    service: &Service,
    operation: &Operation,
    input: &Value,
) -> Result<Request, CodecError> {
    let mut form = Form {
        service,
        ec2: service.metadata.protocol == Protocol::Ec2,
        pairs: Vec::new(),
    };
    form.push("Action", &operation.name);
    form.push("Version", &service.metadata.api_version);
    if let Some(reference) = &operation.input {
        form.write(reference, input, "")?;
    }
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form.pairs)
        .finish();
    let headers = vec![(
        "Content-Type".to_owned(),
        "application/x-www-form-urlencoded".to_owned(),
    )];
    Ok(Request {
        headers,
        body: body.into_bytes(),
        ..Request::default()
    })
}

struct Form<'a> {
    service: &'a Service,
    /// EC2 capitalises names and numbers lists without a level of their own.
    ec2: bool,
    pairs: Vec<(String, String)>,
}

impl Form<'_> {
    fn push(&mut self, name: &str, value: &str) {
        self.pairs.push((name.to_owned(), value.to_owned()));
    }

    fn write(
        &mut self,
        reference: &Reference,
        value: &Value,
        name: &str,
    ) -> Result<(), CodecError> {
        let service = self.service;
        match (&service.shape(reference.shape).kind, value) {
            (Kind::Structure(fields), Value::Object(map)) => {
                for field in fields {
                    if let Some(value) = map.get(&field.snake).filter(|value| !value.is_null()) {
                        self.write(&field.to, value, &join(name, &self.name(field)))?;
                    }
                }
            }
            (Kind::List(item), Value::Array(items)) => {
                self.write_list(reference, item, items, name)?;
            }
            (Kind::Map { key, value: item }, Value::Object(map)) => {
                let name = if reference.flattened {
                    name.to_owned()
                } else {
                    join(name, "entry")
                };
                let key_name = key.location_name.as_deref().unwrap_or("key");
                let item_name = item.location_name.as_deref().unwrap_or("value");
                for (at, (key, value)) in map.iter().enumerate() {
                    self.push(&format!("{name}.{}.{key_name}", at + 1), key);
                    self.write(item, value, &format!("{name}.{}.{item_name}", at + 1))?;
                }
            }
            (kind, value) => {
                let text = scalar(kind, reference, value).ok_or_else(|| {
                    CodecError::Request(format!(
                        "`{name}` should be {}, found `{value}`",
                        kind.noun()
                    ))
                })?;
                self.push(name, &text);
            }
        }
        Ok(())
    }

    fn write_list(
        &mut self,
        list: &Reference,
        item: &Reference,
        items: &[Value],
        name: &str,
    ) -> Result<(), CodecError> {
        let name = if self.ec2 || list.flattened {
            name.to_owned()
        } else if items.is_empty() {
            // An empty list is said with an empty parameter; EC2 has no way to say it.
            self.push(name, "");
            return Ok(());
        } else {
            join(name, item.location_name.as_deref().unwrap_or("member"))
        };
        for (at, value) in items.iter().enumerate() {
            self.write(item, value, &format!("{name}.{}", at + 1))?;
        }
        Ok(())
    }

    fn name(&self, field: &Field) -> String {
        let to = &field.to;
        if self.ec2 {
            let name = to.query_name.as_deref().map(str::to_owned);
            return name.unwrap_or_else(|| {
                capitalised(to.location_name.as_deref().unwrap_or(&field.name))
            });
        }
        // A flattened list without a name of its own goes by its items' name.
        let items = match &self.service.shape(to.shape).kind {
            Kind::List(item) if to.flattened => item.location_name.as_deref(),
            _ => None,
        };
        to.location_name
            .as_deref()
            .or(items)
            .unwrap_or(&field.name)
            .to_owned()
    }
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}.{name}")
    }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_ascii_uppercase().to_string() + letters.as_str()
    })
}

fn scalar(kind: &Kind, reference: &Reference, value: &Value) -> Option<String> {
    let timestamp;
    let value = if matches!(kind, Kind::Timestamp) {
        timestamp = models::time::write(value, reference.time_format, TimeFormat::Iso8601)?;
        &timestamp
    } else {
        value
    };
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}
