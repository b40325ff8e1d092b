//! The texts in a JSON value.

use serde_json::Value;

/// Returns each text anywhere in the value, in no order.
pub fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let mut open = vec![value];
    std::iter::from_fn(move || {
        loop {
            match open.pop()? {
                Value::String(text) => return Some(text.as_str()),
                Value::Array(items) => open.extend(items),
                Value::Object(members) => open.extend(members.values()),
                _ => {}
            }
        }
    })
}
