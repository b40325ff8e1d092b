//! A value with AWS's own field names instead of ours, or the other way round, and the lists that a reply left out.

use serde_json::{Map, Value};

use crate::{Field, Kind, Service, ShapeId};

/// Returns the value with AWS's own names: acceptors of waiters are written for these.
#[must_use]
pub fn to_aws(service: &Service, shape: ShapeId, value: &Value) -> Value {
    rename(service, shape, value, |field| (&field.snake, &field.name))
}

/// Returns the value with the names that scripts use.
#[must_use]
pub fn to_snake(service: &Service, shape: ShapeId, value: &Value) -> Value {
    rename(service, shape, value, |field| (&field.name, &field.snake))
}

/// Puts an empty list wherever the reply carries none, so that scripts can loop without asking.
pub fn fill_lists(service: &Service, shape: ShapeId, value: &mut Value) {
    match (&service.shape(shape).kind, value) {
        (Kind::Structure(fields), Value::Object(map)) => {
            for field in fields {
                let list = matches!(service.shape(field.to.shape).kind, Kind::List(_));
                if list && !map.contains_key(&field.snake) {
                    map.insert(field.snake.clone(), Value::Array(Vec::new()));
                } else if let Some(value) = map.get_mut(&field.snake) {
                    fill_lists(service, field.to.shape, value);
                }
            }
        }
        (Kind::List(item), Value::Array(items)) => items
            .iter_mut()
            .for_each(|value| fill_lists(service, item.shape, value)),
        (Kind::Map { value: item, .. }, Value::Object(map)) => map
            .values_mut()
            .for_each(|value| fill_lists(service, item.shape, value)),
        _ => {}
    }
}

/// `names` gives a field's present name and the one it gets. Unknown fields are left out; a map's keys are the caller's own.
fn rename(
    service: &Service,
    shape: ShapeId,
    value: &Value,
    names: fn(&Field) -> (&String, &String),
) -> Value {
    match (&service.shape(shape).kind, value) {
        (Kind::Structure(fields), Value::Object(map)) => {
            let renamed = fields.iter().filter_map(|field| {
                let (present, new) = names(field);
                Some((
                    new.clone(),
                    rename(service, field.to.shape, map.get(present)?, names),
                ))
            });
            Value::Object(renamed.collect::<Map<_, _>>())
        }
        (Kind::List(item), Value::Array(items)) => items
            .iter()
            .map(|value| rename(service, item.shape, value, names))
            .collect(),
        (Kind::Map { value: item, .. }, Value::Object(map)) => Value::Object(
            map.iter()
                .map(|(key, value)| (key.clone(), rename(service, item.shape, value, names)))
                .collect(),
        ),
        (_, value) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{fill_lists, to_aws, to_snake};
    use crate::packed::service;

    #[test]
    fn names_go_both_ways() {
        let ec2 = service("ec2").unwrap();
        let output = ec2
            .operation("describe_vpcs")
            .unwrap()
            .output
            .as_ref()
            .unwrap()
            .shape;
        let ours = json!({"vpcs": [{"vpc_id": "vpc-1", "tags": [{"key": "a", "value": "b"}]}]});
        let aws = json!({"Vpcs": [{"VpcId": "vpc-1", "Tags": [{"Key": "a", "Value": "b"}]}]});
        assert_eq!(to_aws(&ec2, output, &ours), aws);
        assert_eq!(to_snake(&ec2, output, &aws), ours);
    }

    #[test]
    fn map_keys_stay_as_they_are() {
        let opsworks = service("opsworks").unwrap();
        let input = opsworks
            .operation("create_stack")
            .unwrap()
            .input
            .as_ref()
            .unwrap()
            .shape;
        let ours = json!({"name": "n", "attributes": {"Color": "red"}});
        assert_eq!(
            to_aws(&opsworks, input, &ours),
            json!({"Name": "n", "Attributes": {"Color": "red"}})
        );
    }

    #[test]
    fn absent_lists_become_empty() {
        let ec2 = service("ec2").unwrap();
        let output = ec2
            .operation("describe_route_tables")
            .unwrap()
            .output
            .as_ref()
            .unwrap()
            .shape;
        let mut reply = json!({"route_tables": [{"route_table_id": "rtb-1"}]});
        fill_lists(&ec2, output, &mut reply);
        assert_eq!(
            reply,
            json!({"route_tables": [{"route_table_id": "rtb-1", "associations": [], "propagating_vgws": [], "routes": [], "tags": []}]})
        );
    }
}
