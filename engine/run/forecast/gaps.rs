//! Whether two inputs differ only where a value is not there yet.

use serde_json::Value;

/// Whether `asked` is `recorded` with gaps: null or nothing for a value, a text with a piece missing.
pub(super) fn differs_by_gaps(recorded: &Value, asked: &Value) -> bool {
    match (recorded, asked) {
        (_, Value::Null) => true,
        (Value::Object(recorded), Value::Object(asked)) => {
            let known = asked.keys().all(|name| recorded.contains_key(name));
            let gaps = |(name, value): (&String, &Value)| {
                differs_by_gaps(value, asked.get(name).unwrap_or(&Value::Null))
            };
            known && recorded.iter().all(gaps)
        }
        (Value::Array(recorded), Value::Array(asked)) => {
            let mut pairs = recorded.iter().zip(asked);
            recorded.len() == asked.len()
                && pairs.all(|(recorded, asked)| differs_by_gaps(recorded, asked))
        }
        (Value::String(recorded), Value::String(asked)) => lacks_a_piece(recorded, asked),
        (recorded, asked) => recorded == asked,
    }
}

/// In `"${name}-vpc"`, a value that is not there leaves `-vpc`.
fn lacks_a_piece(recorded: &str, asked: &str) -> bool {
    let common = |mut pairs: Box<dyn Iterator<Item = (u8, u8)> + '_>| {
        let mut count = 0;
        while pairs.next().is_some_and(|(one, other)| one == other) {
            count += 1;
        }
        count
    };
    let front = common(Box::new(recorded.bytes().zip(asked.bytes())));
    let back = common(Box::new(recorded.bytes().rev().zip(asked.bytes().rev())));
    recorded == asked || asked.len() < recorded.len() && front + back >= asked.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::differs_by_gaps;

    #[test]
    fn a_gap_is_a_value_that_is_not_there() {
        let recorded = json!({"vpc_id": "vpc-1", "tags": [{"value": "eu-nat-a"}], "count": 2});
        for asked in [
            json!({"vpc_id": null, "tags": [{"value": "eu-nat-a"}], "count": 2}),
            json!({"tags": [{"value": "eu--a"}], "count": 2}),
            json!({"vpc_id": "vpc-1", "tags": [{"value": null}], "count": 2}),
        ] {
            assert!(differs_by_gaps(&recorded, &asked), "{asked}");
        }
        for asked in [
            json!({"vpc_id": "vpc-2", "tags": [{"value": "eu-nat-a"}], "count": 2}),
            json!({"vpc_id": "vpc-1", "tags": [], "count": 2}),
            json!({"vpc_id": "vpc-1", "tags": [{"value": "eu-nat-a"}], "count": 3}),
            json!({"vpc_id": null, "tags": [{"value": "eu-nat-a"}], "count": 2, "more": 1}),
        ] {
            assert!(!differs_by_gaps(&recorded, &asked), "{asked}");
        }
    }
}
