//! Paths into replies, such as `reservations[].instances[]`: `[]` stands for each element.

use serde_json::{Map, Value};

/// Returns the texts at a path.
#[must_use]
pub fn texts_at(value: &Value, path: &str) -> Vec<String> {
    let mut texts = Vec::new();
    each(value, path, &mut |found| {
        texts.extend(found.as_str().map(str::to_owned));
    });
    texts
}

/// Visits what is at a path.
pub fn each<'a>(value: &'a Value, path: &str, visit: &mut dyn FnMut(&'a Value)) {
    let Some((step, rest)) = split(path) else {
        return visit(value);
    };
    match step.strip_suffix("[]") {
        Some(list) => {
            for element in value[list].as_array().into_iter().flatten() {
                each(element, rest, visit);
            }
        }
        None => each(&value[step], rest, visit),
    }
}

/// Drops what is at a path and does not pass, with the elements of lists that then have nothing there; returns whether
/// anything is left.
pub fn retain(value: &mut Value, path: &str, passes: &mut dyn FnMut(&Value) -> bool) -> bool {
    let Some((step, rest)) = split(path) else {
        return !value.is_null() && passes(value);
    };
    let Some(list) = step.strip_suffix("[]") else {
        return value
            .get_mut(step)
            .is_some_and(|inner| retain(inner, rest, passes));
    };
    let Some(elements) = value.get_mut(list).and_then(Value::as_array_mut) else {
        return false;
    };
    elements.retain_mut(|element| retain(element, rest, passes));
    !elements.is_empty()
}

fn split(path: &str) -> Option<(&str, &str)> {
    (!path.is_empty()).then(|| path.split_once('.').unwrap_or((path, "")))
}

/// Returns what a JSON template makes of a value.
///
/// A text that begins with `$` is a JSON pointer into the value; a member that leads nowhere is left out. A list with one
/// element in it is that element once for each element of the value.
#[must_use]
pub fn fill(template: &str, value: &Value) -> Value {
    filled(&serde_json::from_str(template).unwrap_or_default(), value).unwrap_or_default()
}

fn filled(template: &Value, value: &Value) -> Option<Value> {
    Some(match template {
        Value::String(text) => match text.strip_prefix('$') {
            Some(pointer) => value.pointer(pointer)?.clone(),
            None => template.clone(),
        },
        Value::Object(members) => Value::Object(
            members
                .iter()
                .filter_map(|(name, member)| Some((name.clone(), filled(member, value)?)))
                .collect::<Map<_, _>>(),
        ),
        Value::Array(elements) => match (&elements[..], value) {
            ([one], Value::Array(values)) => values
                .iter()
                .filter_map(|value| filled(one, value))
                .collect(),
            _ => template.clone(),
        },
        _ => template.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::{fill, retain, texts_at};
    use serde_json::json;

    #[test]
    fn texts_are_found_in_lists_in_lists() {
        let reply =
            json!({"a": [{"b": [{"id": "x"}, {"id": "y"}]}, {"b": []}, {"b": [{"id": 1}]}]});
        assert_eq!(texts_at(&reply, "a[].b[].id"), ["x", "y"]);
        assert_eq!(texts_at(&reply, "c.d[].id"), [""; 0]);
    }

    #[test]
    fn an_element_without_anything_left_goes_too() {
        let mut reply = json!({"a": [{"b": [1, 2]}, {"b": [3]}, {"b": []}]});
        assert!(retain(&mut reply, "a[].b[]", &mut |it| it != 3 && it != 1));
        assert_eq!(reply, json!({"a": [{"b": [2]}]}));
        assert!(!retain(&mut reply, "a[].b[]", &mut |_| false));
        assert_eq!(reply, json!({"a": []}));
        assert!(!retain(&mut json!({"a": [{}]}), "a[].b", &mut |_| true));
    }

    #[test]
    fn a_template_points_into_the_value() {
        let reply = json!({"vpcs": [{"vpc_id": "v", "state": "available"}]});
        assert_eq!(fill(r#""$/vpcs/0""#, &reply), reply["vpcs"][0]);
        assert_eq!(
            fill(
                r#"{"return": true, "id": "$/vpcs/0/vpc_id", "x": "$/vpcs/0/x", "none": []}"#,
                &reply
            ),
            json!({"return": true, "id": "v", "none": []})
        );
        assert_eq!(
            fill(
                r#"{"all": [{"id": "$", "gone": true}], "first": "$/0"}"#,
                &json!(["a", "b"])
            ),
            json!({"all": [{"id": "a", "gone": true}, {"id": "b", "gone": true}], "first": "a"})
        );
    }
}
