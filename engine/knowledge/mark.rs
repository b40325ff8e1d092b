//! Our marks in a request, so that what it made is found again.

use serde_json::{Map, Value, json};

use crate::effect::Effect;
use crate::identity::{EFFECT_TAG, Identity, RUN_TAG};
use crate::table::Mark;

/// The member of an OpsWorks custom JSON that holds our mark.
const CUSTOM_JSON_MEMBER: &str = "runbook";

/// Returns the input as it is sent: with our marks added to what the script gave.
///
/// `creator` is the effect of this run that made what the input's [`creator_member`] names, if it was this run.
#[must_use]
pub fn prepare(
    effect: &Effect,
    input: &Value,
    identity: &Identity,
    creator: Option<&Identity>,
) -> Value {
    match creator.filter(|_| creator_member(effect).is_some()) {
        Some(creator) => keep_stack_mark(input, creator),
        None => marked(effect, input, identity),
    }
}

/// Returns the input member that names the thing whose creation left a mark that this call would wipe out.
#[must_use]
pub fn creator_member(effect: &Effect) -> Option<&'static str> {
    let named = (effect.service.as_str(), effect.operation.as_str());
    (named == ("opsworks", "update_stack")).then_some("stack_id")
}

/// Returns the input with our marks added to what the script gave.
#[must_use]
pub fn marked(effect: &Effect, input: &Value, identity: &Identity) -> Value {
    let Some(members) = input.as_object() else {
        return input.clone();
    };
    let mut members = members.clone();
    if let Some(member) = &effect.token_member {
        fill(&mut members, member, identity.token());
    }
    let mark = effect.row.map_or(Mark::None, |row| row.mark);
    match mark {
        Mark::None => {}
        Mark::Tags(types) | Mark::TokenAndTags(types) => tag(&mut members, types, identity),
        Mark::OwnTags => tag_itself(&mut members, identity),
        Mark::CustomJson => mark_custom_json(&mut members, identity),
        Mark::Hostname => fill(&mut members, "hostname", identity.hostname()),
        Mark::Comment => mark_comment(&mut members, identity),
    }
    Value::Object(members)
}

/// Returns the input of an `update_stack` that keeps the mark of the stack's `create_stack`.
///
/// The update replaces the whole custom JSON. Nothing that is needed is lost without the mark, since it is looked up
/// only while the creation is in doubt; it tells whose the stack is, though, and a later undo may ask.
fn keep_stack_mark(input: &Value, creator: &Identity) -> Value {
    let Some(members) = input
        .as_object()
        .filter(|members| members.contains_key("custom_json"))
    else {
        return input.clone();
    };
    let mut members = members.clone();
    mark_custom_json(&mut members, creator);
    Value::Object(members)
}

/// Returns whether the custom JSON has the identity's mark.
#[must_use]
pub fn has_stack_mark(custom_json: &str, identity: &Identity) -> bool {
    let Ok(json) = serde_json::from_str::<Value>(custom_json) else {
        return false;
    };
    let mark = &json[CUSTOM_JSON_MEMBER];
    mark["run"] == identity.run.as_str() && mark["effect"] == identity.effect_tag()
}

/// Returns our tags as a list of `key` and `value`.
fn tags(identity: &Identity) -> [Value; 2] {
    [
        json!({"key": RUN_TAG, "value": identity.run_tag()}),
        json!({"key": EFFECT_TAG, "value": identity.effect_tag()}),
    ]
}

/// Sets the member unless the script did.
fn fill(members: &mut Map<String, Value>, member: &str, value: String) {
    let own = members
        .get(member)
        .and_then(Value::as_str)
        .is_some_and(|text| !text.is_empty());
    if !own {
        members.insert(member.to_owned(), Value::String(value));
    }
}

/// Adds our tags for each resource type; AWS takes one specification a type.
fn tag(members: &mut Map<String, Value>, types: &[&str], identity: &Identity) {
    let list = members.entry("tag_specifications").or_insert(Value::Null);
    if list.is_null() {
        *list = json!([]);
    }
    let Some(specifications) = list.as_array_mut() else {
        return;
    };
    for resource_type in types {
        match specifications
            .iter_mut()
            .find(|specification| specification["resource_type"] == *resource_type)
        {
            Some(specification) => add_tags(specification, identity),
            None => {
                specifications
                    .push(json!({"resource_type": resource_type, "tags": tags(identity)}));
            }
        }
    }
}

/// Replaces a script's tags of our names: a copied one would make two resources answer to one mark.
fn add_tags(specification: &mut Value, identity: &Identity) {
    specification["tags"] = with_ours(&specification["tags"], identity);
}

/// Adds our tags to those of the request itself; leaves alone what is no list, which AWS's check refuses.
fn tag_itself(members: &mut Map<String, Value>, identity: &Identity) {
    let own = members.entry("tags").or_insert(Value::Null);
    if own.is_null() || own.is_array() {
        *own = with_ours(own, identity);
    }
}

fn with_ours(own: &Value, identity: &Identity) -> Value {
    let own = own.as_array().cloned().unwrap_or_default();
    let others = own
        .into_iter()
        .filter(|tag| tag["key"] != RUN_TAG && tag["key"] != EFFECT_TAG);
    others.chain(tags(identity)).collect()
}

/// Returns whether a list of `key` and `value` has the identity's tags.
#[must_use]
pub fn has_tags(list: &Value, identity: &Identity) -> bool {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    tags(identity).iter().all(|tag| list.contains(tag))
}

/// Leaves alone what it cannot add to; a look-up then cannot settle the call.
fn mark_custom_json(members: &mut Map<String, Value>, identity: &Identity) {
    let own = members
        .get("custom_json")
        .and_then(Value::as_str)
        .filter(|text| !text.trim().is_empty());
    let Ok(mut json) = serde_json::from_str::<Value>(own.unwrap_or("{}")) else {
        return;
    };
    let Some(object) = json.as_object_mut() else {
        return;
    };
    let mark = object
        .entry(CUSTOM_JSON_MEMBER)
        .or_insert_with(|| json!({}));
    let Some(mark) = mark.as_object_mut() else {
        return;
    };
    mark.insert("run".into(), json!(identity.run));
    mark.insert("effect".into(), json!(identity.effect_tag()));
    members.insert("custom_json".into(), Value::String(json.to_string()));
}

fn mark_comment(members: &mut Map<String, Value>, identity: &Identity) {
    let token = identity.token();
    let own = members
        .get("comment")
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty());
    let comment = own.map_or_else(|| token.clone(), |text| format!("{text} [{token}]"));
    members.insert("comment".into(), Value::String(comment));
}

#[cfg(test)]
mod tests {
    use super::{creator_member, has_stack_mark, has_tags, keep_stack_mark, marked, prepare};
    use crate::Identity;
    use crate::effect::{ModelFacts, effect};
    use serde_json::{Value, json};

    fn identity() -> Identity {
        Identity {
            run: "20261121-091203-build-abcdefghijkl".into(),
            key: "network/create_vpc".into(),
            epoch: 1,
        }
    }

    fn mark(service: &str, operation: &str, input: &Value) -> Value {
        marked(
            &effect(service, operation, ModelFacts::default()),
            input,
            &identity(),
        )
    }

    fn ours() -> [Value; 2] {
        [
            json!({"key": "runbook:run", "value": "20261121-091203-build-abcdefghijkl"}),
            json!({"key": "runbook:effect", "value": "network/create_vpc"}),
        ]
    }

    #[test]
    fn tags_are_added_to_the_scripts() {
        let input = json!({"cidr_block": "10.0.0.0/16", "tag_specifications": [
            {"resource_type": "vpc", "tags": [{"key": "Name", "value": "x"}, {"key": "runbook:run", "value": "stolen"}]},
        ]});
        let [run, key] = ours();
        assert_eq!(
            mark("ec2", "create_vpc", &input),
            json!({"cidr_block": "10.0.0.0/16", "tag_specifications": [
                {"resource_type": "vpc", "tags": [{"key": "Name", "value": "x"}, run, key]},
            ]}),
        );
    }

    #[test]
    fn a_request_with_tags_of_its_own_gets_ours_among_them() {
        let [run, key] = ours();
        let own = json!({"key": "Name", "value": "x"});
        let stolen = json!({"key": "runbook:effect", "value": "stolen"});
        let marked = mark("iam", "create_role", &json!({"tags": [own, stolen]}));
        assert_eq!(marked, json!({"tags": [own, run, key]}));
        assert!(has_tags(&marked["tags"], &identity()));
        assert!(!has_tags(&json!([own, run, stolen]), &identity()));
        assert!(!has_tags(&json!(null), &identity()));
        let bare = mark("iam", "create_instance_profile", &json!({}));
        assert_eq!(bare, json!({"tags": ours()}));
        let wrong = json!({"tags": "none"});
        assert_eq!(mark("iam", "create_role", &wrong), wrong);
    }

    #[test]
    fn tags_come_with_each_type_and_the_token() {
        let input = json!({"tag_specifications": [{"resource_type": "volume", "tags": []}]});
        assert_eq!(
            mark("ec2", "run_instances", &input),
            json!({"client_token": identity().token(), "tag_specifications": [
                {"resource_type": "volume", "tags": ours()}, {"resource_type": "instance", "tags": ours()},
            ]}),
        );
    }

    #[test]
    fn a_scripts_own_token_stays() {
        let input = json!({"client_token": "mine"});
        assert_eq!(
            mark("ec2", "create_nat_gateway", &input)["client_token"],
            "mine"
        );
    }

    #[test]
    fn a_token_member_of_the_model_is_filled() {
        let fleet = effect(
            "ec2",
            "create_fleet",
            ModelFacts {
                token_member: Some("client_token"),
            },
        );
        assert_eq!(
            marked(&fleet, &json!({}), &identity()),
            json!({"client_token": identity().token()})
        );
    }

    #[test]
    fn reads_and_deletions_stay_as_they_are() {
        for operation in ["describe_vpcs", "delete_vpc", "replace_route"] {
            assert_eq!(mark("ec2", operation, &json!({"a": 1})), json!({"a": 1}));
        }
    }

    #[test]
    fn a_stack_is_marked_in_its_custom_json() {
        let bare = mark("opsworks", "create_stack", &json!({"name": "s"}));
        assert!(has_stack_mark(
            bare["custom_json"].as_str().unwrap(),
            &identity()
        ));
        let own = mark(
            "opsworks",
            "create_stack",
            &json!({"custom_json": r#"{"vpcnat":{"az":1},"runbook":{"x":2}}"#}),
        );
        let merged: Value = serde_json::from_str(own["custom_json"].as_str().unwrap()).unwrap();
        assert_eq!(
            merged,
            json!({"vpcnat": {"az": 1}, "runbook": {
                "x": 2, "run": "20261121-091203-build-abcdefghijkl", "effect": "network/create_vpc",
            }}),
        );
    }

    #[test]
    fn custom_json_that_takes_no_mark_stays() {
        for text in ["not json", "[]", r#"{"runbook":"text"}"#] {
            let input = json!({"custom_json": text});
            assert_eq!(mark("opsworks", "create_stack", &input), input);
        }
    }

    #[test]
    fn an_update_keeps_the_mark_of_the_creation() {
        let kept = keep_stack_mark(&json!({"stack_id": "s", "custom_json": "{}"}), &identity());
        assert!(has_stack_mark(
            kept["custom_json"].as_str().unwrap(),
            &identity()
        ));
        let rename = json!({"stack_id": "s", "name": "n"});
        assert_eq!(keep_stack_mark(&rename, &identity()), rename);
    }

    #[test]
    fn only_an_update_of_a_stack_asks_for_its_creator() {
        let update = effect("opsworks", "update_stack", ModelFacts::default());
        let create = effect("opsworks", "create_layer", ModelFacts::default());
        assert_eq!(creator_member(&update), Some("stack_id"));
        assert_eq!(creator_member(&create), None);
        let creator = Identity {
            key: "create_stack".into(),
            ..identity()
        };
        let input = json!({"stack_id": "s", "custom_json": "{}"});
        let sent = prepare(&update, &input, &identity(), Some(&creator));
        assert!(has_stack_mark(
            sent["custom_json"].as_str().unwrap(),
            &creator
        ));
        assert_eq!(prepare(&update, &input, &identity(), None), input);
    }

    #[test]
    fn host_name_and_comment() {
        assert_eq!(
            mark("opsworks", "create_instance", &json!({}))["hostname"],
            identity().hostname()
        );
        assert_eq!(
            mark("opsworks", "create_instance", &json!({"hostname": "nat1"}))["hostname"],
            "nat1"
        );
        let token = identity().token();
        assert_eq!(
            mark("opsworks", "create_deployment", &json!({}))["comment"],
            token
        );
        let own = mark(
            "opsworks",
            "create_deployment",
            &json!({"comment": "setup"}),
        );
        assert_eq!(own["comment"], format!("setup [{token}]"));
    }
}
