//! Look-ups in OpsWorks.

use serde_json::json;

use super::super::replay::Replay;
use super::{again, done, identity, look, opsworks};
use crate::look_up::doubt::Found;
use knowledge::{ModelFacts, effect, prepare};

#[test]
fn a_stack_is_ours_by_its_mark() {
    let input = json!({"name": "MyStack", "custom_json": "{\"vpcnat\":{}}"});
    let create = effect("opsworks", "create_stack", ModelFacts::default());
    let sent = prepare(&create, &input, &identity(), None);
    let ours = json!({"StackId": "s-2", "Name": "MyStack", "CustomJson": sent["custom_json"]});
    let theirs = json!({"StackId": "s-1", "Name": "MyStack", "CustomJson": "{}"});
    let both = json!({"Stacks": [theirs, ours]});
    assert_eq!(
        opsworks("create_stack", &input, &both),
        done(json!({"stack_id": "s-2"}))
    );
    assert_eq!(
        opsworks("create_stack", &input, &json!({"Stacks": [theirs]})),
        Ok(Found::Absent)
    );
}

#[test]
fn a_stack_that_took_no_mark_stays_in_doubt() {
    let found = look(
        &Replay::default(),
        "opsworks",
        "create_stack",
        &json!({"custom_json": "[]"}),
    );
    let why = "AWS does not show whether `opsworks::create_stack` was done";
    assert_eq!(found, Ok(Found::Unknowable(why.into())));
}

#[test]
fn a_layer_is_known_by_its_short_name() {
    let reply = json!({"Layers": [{"LayerId": "l-1", "Shortname": "nat", "Name": "NAT Server", "Type": "custom"}]});
    let look = |shortname: &str, name: &str| {
        let input =
            json!({"stack_id": "s-1", "type": "custom", "shortname": shortname, "name": name});
        opsworks("create_layer", &input, &reply)
    };
    assert_eq!(look("nat", "NAT Server"), done(json!({"layer_id": "l-1"})));
    assert_eq!(look("nat", "Other"), Ok(Found::Absent));
    assert_eq!(look("admin", "NAT Server"), Ok(Found::Absent));
}

#[test]
fn an_instance_is_known_by_its_host_name() {
    let named = |hostname: &str, status: &str| json!({"Instances": [{"InstanceId": "o-1", "Hostname": hostname, "LayerIds": ["l-1"], "Status": status}]});
    let input = json!({"stack_id": "s-1", "layer_ids": ["l-1"]});
    let found = done(json!({"instance_id": "o-1"}));
    assert_eq!(
        opsworks(
            "create_instance",
            &input,
            &named(&identity().hostname(), "stopped")
        ),
        found
    );
    assert_eq!(
        opsworks("create_instance", &input, &named("nat1", "stopped")),
        Ok(Found::Absent)
    );
    let nat1 = json!({"stack_id": "s-1", "layer_ids": ["l-1"], "hostname": "nat1"});
    assert_eq!(
        opsworks("create_instance", &nat1, &named("nat1", "stopped")),
        found
    );
    assert_eq!(
        opsworks("create_instance", &nat1, &named("nat1", "terminated")),
        Ok(Found::Absent)
    );
    let other = json!({"stack_id": "s-1", "layer_ids": ["l-2"], "hostname": "nat1"});
    assert_eq!(
        opsworks("create_instance", &other, &named("nat1", "stopped")),
        Ok(Found::Absent)
    );
}

#[test]
fn starting_and_stopping_show_in_the_status() {
    let look = |operation, status: &str| {
        let reply = json!({"Instances": [{"InstanceId": "o-1", "Status": status}]});
        opsworks(operation, &json!({"instance_id": "o-1"}), &reply)
    };
    assert_eq!(look("start_instance", "requested"), done(json!({})));
    assert_eq!(look("start_instance", "start_failed"), done(json!({})));
    assert_eq!(look("start_instance", "stopped"), Ok(Found::Absent));
    assert_eq!(look("start_instance", "stopping"), Ok(Found::Absent));
    assert_eq!(look("stop_instance", "shutting_down"), done(json!({})));
    assert_eq!(look("stop_instance", "online"), Ok(Found::Absent));
}

#[test]
fn a_deployment_carries_the_token() {
    let input = json!({"stack_id": "s-1", "comment": "setup"});
    let comment = format!("setup [{}]", identity().token());
    let reply = json!({"Deployments": [
        {"DeploymentId": "d-1", "Comment": "setup"}, {"DeploymentId": "d-2", "Comment": comment},
    ]});
    assert_eq!(
        opsworks("create_deployment", &input, &reply),
        done(json!({"deployment_id": "d-2"}))
    );
    assert_eq!(
        opsworks("create_deployment", &input, &json!({"Deployments": []})),
        Ok(Found::Absent)
    );
}

#[test]
fn what_opsworks_does_not_know_is_gone() {
    let refusal = r#"{"__type": "ResourceNotFoundException", "message": "Unable to find layer"}"#;
    for (operation, member) in [("delete_layer", "layer_id"), ("delete_stack", "stack_id")] {
        let replay = Replay::default().reply(400, refusal);
        assert_eq!(
            again(&replay, "opsworks", operation, &json!({ member: "x" })),
            done(json!({}))
        );
    }
}

#[test]
fn an_app_is_known_by_its_name() {
    let reply =
        json!({"Apps": [{"AppId": "a-1", "Name": "web", "Type": "other", "Shortname": "web"}]});
    let look = |name: &str, kind: &str| {
        let input = json!({"stack_id": "s-1", "name": name, "type": kind});
        opsworks("create_app", &input, &reply)
    };
    assert_eq!(look("web", "other"), done(json!({"app_id": "a-1"})));
    assert_eq!(look("api", "other"), Ok(Found::Absent));
    assert_eq!(look("web", "rails"), Ok(Found::Absent));
}

#[test]
fn a_stack_is_started_or_stopped_once_all_its_steady_instances_are() {
    let look = |operation, statuses: &[&str]| {
        let steady = statuses
            .iter()
            .map(|status| json!({"InstanceId": "o", "Status": status}));
        let by_load = json!({"InstanceId": "p", "Status": "stopped", "AutoScalingType": "load"});
        let all: Vec<_> = steady.chain([by_load]).collect();
        opsworks(
            operation,
            &json!({"stack_id": "s-1"}),
            &json!({"Instances": all}),
        )
    };
    assert_eq!(
        look("start_stack", &["online", "requested"]),
        done(json!({}))
    );
    assert_eq!(
        look("start_stack", &["online", "stopped"]),
        Ok(Found::Absent)
    );
    assert_eq!(
        look("stop_stack", &["stopped", "stopping"]),
        done(json!({}))
    );
    assert_eq!(
        look("stop_stack", &["stopped", "online"]),
        Ok(Found::Absent)
    );
}

#[test]
fn an_instance_is_assigned_to_all_the_layers_or_to_none() {
    let look = |operation, layers: &[&str]| {
        let reply = json!({"Instances": [{"InstanceId": "o-1", "LayerIds": layers}]});
        let input = json!({"instance_id": "o-1", "layer_ids": ["l-1"]});
        opsworks(operation, &input, &reply)
    };
    assert_eq!(look("assign_instance", &["l-1", "l-2"]), done(json!({})));
    assert_eq!(look("assign_instance", &["l-2"]), Ok(Found::Absent));
    assert_eq!(look("unassign_instance", &[]), done(json!({})));
    assert_eq!(look("unassign_instance", &["l-1"]), Ok(Found::Absent));
}

#[test]
fn an_elastic_ip_address_is_known_by_itself() {
    let input = json!({"elastic_ip": "192.0.2.1", "stack_id": "s-1", "instance_id": "o-1"});
    let at = |instance: Option<&str>| json!({"ElasticIps": [{"Ip": "192.0.2.1", "InstanceId": instance}]});
    let other = json!({"ElasticIps": [{"Ip": "192.0.2.2"}]});
    let found = |operation, reply: &serde_json::Value| opsworks(operation, &input, reply);
    assert_eq!(
        found("register_elastic_ip", &at(None)),
        done(json!({"elastic_ip": "192.0.2.1"}))
    );
    assert_eq!(found("register_elastic_ip", &other), Ok(Found::Absent));
    assert_eq!(
        found("associate_elastic_ip", &at(Some("o-1"))),
        done(json!({}))
    );
    assert_eq!(
        found("associate_elastic_ip", &at(Some("o-2"))),
        Ok(Found::Absent)
    );
    assert_eq!(found("associate_elastic_ip", &at(None)), Ok(Found::Absent));
    let repeated = |operation, reply: &serde_json::Value| {
        again(
            &Replay::default().ok(reply.to_string()),
            "opsworks",
            operation,
            &input,
        )
    };
    assert_eq!(
        repeated("disassociate_elastic_ip", &at(None)),
        done(json!({}))
    );
    assert_eq!(
        repeated("disassociate_elastic_ip", &at(Some("o-1"))),
        Ok(Found::Absent)
    );
    assert_eq!(repeated("deregister_elastic_ip", &other), done(json!({})));
    assert_eq!(
        repeated("deregister_elastic_ip", &at(None)),
        Ok(Found::Absent)
    );
}
