//! How the answer of a call is made again from a read of what it made.

use serde_json::{Map, Value, json};

/// A read whose reply, reshaped, is what the creating call answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Recall {
    pub service: &'static str,
    pub operation: &'static str,
    pub input: Value,
    /// The reply's list member that holds what was made.
    pub list: &'static str,
    pub shape: Shape,
    /// What was found.
    pub ids: Vec<String>,
}

/// What the creating call's answer looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The thing under this name.
    Under(&'static str),
    /// The thing itself, with all its members.
    Itself,
    /// These members of the thing.
    Members(&'static [&'static str]),
    /// The whole list under its own name, and `return: true`.
    List,
}

impl Recall {
    /// Returns the answer made from the read's reply; none if what was found is not in it (yet).
    #[must_use]
    pub fn answer(&self, reply: &Value) -> Option<Value> {
        let list = reply[self.list]
            .as_array()
            .filter(|list| !list.is_empty())?;
        let first = list.first()?;
        Some(match self.shape {
            Shape::Under(name) => json!({ name: first }),
            Shape::Itself => first.clone(),
            Shape::Members(names) => members(first, names),
            Shape::List if list.len() < self.ids.len() => return None,
            Shape::List => json!({"return": true, self.list: list}),
        })
    }
}

fn members(thing: &Value, names: &[&str]) -> Value {
    let pairs = names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), thing.get(*name)?.clone())));
    Value::Object(pairs.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::{Recall, Shape};
    use serde_json::{Value, json};

    fn answer(shape: Shape, reply: &Value) -> Option<Value> {
        let ids = vec!["a".to_owned(), "b".to_owned()];
        Recall {
            service: "ec2",
            operation: "describe_vpcs",
            input: json!({}),
            list: "vpcs",
            shape,
            ids,
        }
        .answer(reply)
    }

    #[test]
    fn the_answer_has_the_creating_calls_shape() {
        let reply = json!({"vpcs": [{"vpc_id": "v", "state": "available"}, {"vpc_id": "w"}]});
        let thing = json!({"vpc_id": "v", "state": "available"});
        assert_eq!(
            answer(Shape::Under("vpc"), &reply),
            Some(json!({"vpc": thing}))
        );
        assert_eq!(answer(Shape::Itself, &reply), Some(thing));
        assert_eq!(
            answer(Shape::Members(&["vpc_id", "x"]), &reply),
            Some(json!({"vpc_id": "v"}))
        );
        assert_eq!(
            answer(Shape::List, &reply),
            Some(json!({"return": true, "vpcs": reply["vpcs"]}))
        );
    }

    #[test]
    fn what_is_not_seen_yet_is_no_answer() {
        assert_eq!(answer(Shape::Itself, &json!({"vpcs": []})), None);
        assert_eq!(answer(Shape::Itself, &json!({})), None);
        assert_eq!(answer(Shape::List, &json!({"vpcs": [{}]})), None);
    }
}
