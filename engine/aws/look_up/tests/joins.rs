//! Look-ups of what joins two things in EC2.

use serde_json::{Value, json};

use super::super::replay::Replay;
use super::super::{context, look_up};
use super::{done, doubt, ec2, ec2_again, identity, look, xml};
use crate::look_up::doubt::{Doubt, Found, LookUpError};
use knowledge::{ModelFacts, effect};

fn table(associations: &str) -> String {
    format!(
        "<routeTableSet><item><routeTableId>rtb-1</routeTableId><associationSet>{associations}</associationSet>\
         </item></routeTableSet>"
    )
}

fn association(id: &str, subnet: &str, state: &str) -> String {
    format!(
        "<item><routeTableAssociationId>{id}</routeTableAssociationId><subnetId>{subnet}</subnetId>\
         <associationState><state>{state}</state></associationState></item>"
    )
}

#[test]
fn an_association_joins_that_subnet_and_that_table() {
    let input = json!({"route_table_id": "rtb-1", "subnet_id": "subnet-1"});
    let look = |associations: &str| {
        ec2(
            "associate_route_table",
            &input,
            "DescribeRouteTables",
            &table(associations),
        )
    };
    let reply =
        json!({"association_id": "rtbassoc-1", "association_state": {"state": "associated"}});
    assert_eq!(
        look(&association("rtbassoc-1", "subnet-1", "associated")),
        done(reply)
    );
    assert_eq!(
        look(&association("rtbassoc-1", "subnet-2", "associated")),
        Ok(Found::Absent)
    );
    assert_eq!(
        look(&association("rtbassoc-1", "subnet-1", "failed")),
        Ok(Found::Absent)
    );
    // The main association has no subnet.
    let main = "<item><routeTableAssociationId>rtbassoc-0</routeTableAssociationId><main>true</main></item>";
    assert_eq!(look(main), Ok(Found::Absent));
}

fn main_association(id: &str) -> String {
    format!("<item><routeTableAssociationId>{id}</routeTableAssociationId><main>true</main></item>")
}

/// Reads what the call will need for a look-up.
#[tokio::main(flavor = "current_thread")]
async fn before(operation: &str, input: &Value, name: &str, body: &str) -> Option<Value> {
    let effect = effect("ec2", operation, ModelFacts::default());
    let replay = Replay::default().ok(xml(name, body));
    context(&replay.clients(), &effect, input).await.unwrap()
}

/// Looks with what was read before the call.
#[tokio::main(flavor = "current_thread")]
async fn after(
    was: &Value,
    operation: &str,
    input: &Value,
    (name, body): (&str, &str),
) -> Result<Found, LookUpError> {
    let (effect, identity) = (effect("ec2", operation, ModelFacts::default()), identity());
    let doubt = Doubt {
        context: Some(was),
        ..doubt(&effect, input, &identity)
    };
    look_up(&Replay::default().ok(xml(name, body)).clients(), doubt).await
}

const REPLACE: &str = "replace_route_table_association";

fn replace() -> Value {
    json!({"route_table_id": "rtb-1", "association_id": "rtbassoc-old"})
}

fn replaced(id: &str) -> Result<Found, LookUpError> {
    done(json!({"new_association_id": id, "association_state": {"state": "associated"}}))
}

#[test]
fn a_replaced_association_is_found_by_what_it_joins() {
    let old = table(&association("rtbassoc-old", "subnet-1", "associated"));
    let was = before(REPLACE, &replace(), "DescribeRouteTables", &old).unwrap();
    assert_eq!(was, json!({"subnet_id": "subnet-1"}));
    let look = |associations: &str| {
        let body = table(associations);
        after(&was, REPLACE, &replace(), ("DescribeRouteTables", &body))
    };
    let stranger = association("rtbassoc-2", "subnet-2", "associated");
    let new = association("rtbassoc-new", "subnet-1", "associated");
    assert_eq!(look(&format!("{stranger}{new}")), replaced("rtbassoc-new"));
    // Another subnet has been given the table meanwhile, ours has not.
    assert_eq!(look(&stranger), Ok(Found::Absent));
    // It was on this table before the call.
    let still = association("rtbassoc-old", "subnet-1", "associated");
    assert_eq!(look(&still), Ok(Found::Absent));
}

#[test]
fn the_main_association_is_found_as_such() {
    let old = table(&main_association("rtbassoc-old"));
    let was = before(REPLACE, &replace(), "DescribeRouteTables", &old).unwrap();
    assert_eq!(was, json!({"main": true}));
    let look = |associations: &str| {
        let body = table(associations);
        after(&was, REPLACE, &replace(), ("DescribeRouteTables", &body))
    };
    let subnet = association("rtbassoc-2", "subnet-2", "associated");
    let new = main_association("rtbassoc-new");
    assert_eq!(look(&format!("{subnet}{new}")), replaced("rtbassoc-new"));
    assert_eq!(look(&subnet), Ok(Found::Absent));
}

#[test]
fn an_association_that_is_not_there_leaves_no_context() {
    assert_eq!(
        before(
            REPLACE,
            &replace(),
            "DescribeRouteTables",
            "<routeTableSet/>"
        ),
        None
    );
}

#[test]
fn without_its_context_a_replaced_association_is_not_guessed() {
    let tables = |old: &str, new: &str| {
        let replay = Replay::default()
            .ok(xml("DescribeRouteTables", old))
            .ok(xml("DescribeRouteTables", new));
        look(&replay, "ec2", REPLACE, &replace())
    };
    let none = "<routeTableSet/>";
    let old = table(&association("rtbassoc-old", "subnet-1", "associated"));
    let one = association("rtbassoc-new", "subnet-1", "associated");
    let two = association("rtbassoc-2", "subnet-2", "associated");
    assert_eq!(tables(&old, none), Ok(Found::Absent));
    assert_eq!(tables(none, &table("")), Ok(Found::Absent));
    assert_eq!(tables(none, &table(&one)), replaced("rtbassoc-new"));
    assert_eq!(
        tables(none, &table(&format!("{one}{two}"))),
        Ok(Found::Several(vec![
            "rtbassoc-new".into(),
            "rtbassoc-2".into()
        ]))
    );
}

fn profile(id: &str, arn: &str, state: &str) -> String {
    format!(
        "<iamInstanceProfileAssociationSet><item><associationId>{id}</associationId><instanceId>i-1</instanceId>\
         <iamInstanceProfile><arn>{arn}</arn><id>AIPA</id></iamInstanceProfile><state>{state}</state></item>\
         </iamInstanceProfileAssociationSet>"
    )
}

const PROFILE: &str = "arn:aws:iam::123456789012:instance-profile/path/nat";

fn profiled(id: &str, state: &str) -> Result<Found, LookUpError> {
    done(json!({"iam_instance_profile_association": {
        "association_id": id, "instance_id": "i-1", "iam_instance_profile": {"arn": PROFILE, "id": "AIPA"}, "state": state,
    }}))
}

#[test]
fn an_instance_profile_is_known_by_arn_or_name() {
    let look = |profile_of: Value, arn: &str, state: &str| {
        let input = json!({"instance_id": "i-1", "iam_instance_profile": profile_of});
        let body = profile("iip-1", arn, state);
        ec2(
            "associate_iam_instance_profile",
            &input,
            "DescribeIamInstanceProfileAssociations",
            &body,
        )
    };
    let by_name = || json!({"name": "nat"});
    assert_eq!(
        look(json!({"arn": PROFILE}), PROFILE, "associated"),
        profiled("iip-1", "associated")
    );
    assert_eq!(
        look(by_name(), PROFILE, "associating"),
        profiled("iip-1", "associating")
    );
    assert_eq!(
        look(
            by_name(),
            "arn:aws:iam::1:instance-profile/other",
            "associated"
        ),
        Ok(Found::Absent)
    );
    assert_eq!(
        look(by_name(), PROFILE, "disassociating"),
        Ok(Found::Absent)
    );
}

#[test]
fn a_replaced_profile_is_found_by_its_instance() {
    let name = "DescribeIamInstanceProfileAssociations";
    let operation = "replace_iam_instance_profile_association";
    let input = json!({"association_id": "iip-1", "iam_instance_profile": {"name": "nat"}});
    let was = before(
        operation,
        &input,
        name,
        &profile("iip-1", "arn:x/other", "associated"),
    )
    .unwrap();
    assert_eq!(was, json!({"instance_id": "i-1"}));
    let look = |id: &str| {
        after(
            &was,
            operation,
            &input,
            (name, &profile(id, PROFILE, "associated")),
        )
    };
    assert_eq!(look("iip-2"), profiled("iip-2", "associated"));
    assert_eq!(look("iip-1"), Ok(Found::Absent));
}

#[test]
fn a_profile_is_taken_away_once_its_association_is() {
    let input = json!({"association_id": "iip-1"});
    let look = |body: &str| {
        ec2_again(
            "disassociate_iam_instance_profile",
            &input,
            "DescribeIamInstanceProfileAssociations",
            body,
        )
    };
    assert_eq!(
        look(&profile("iip-1", PROFILE, "disassociating")),
        done(json!({}))
    );
    assert_eq!(look("<iamInstanceProfileAssociationSet/>"), done(json!({})));
    assert_eq!(
        look(&profile("iip-1", PROFILE, "associated")),
        Ok(Found::Absent)
    );
}

fn interface(instance: &str, index: u8, status: &str) -> String {
    format!(
        "<networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId><attachment>\
         <attachmentId>eni-attach-1</attachmentId><instanceId>{instance}</instanceId><deviceIndex>{index}</deviceIndex>\
         <networkCardIndex>0</networkCardIndex><status>{status}</status></attachment></item></networkInterfaceSet>"
    )
}

#[test]
fn an_interface_is_attached_there_or_not() {
    let input = json!({"network_interface_id": "eni-1", "instance_id": "i-1", "device_index": 1});
    let look = |instance, index, status| {
        let body = interface(instance, index, status);
        ec2(
            "attach_network_interface",
            &input,
            "DescribeNetworkInterfaces",
            &body,
        )
    };
    let reply = done(json!({"attachment_id": "eni-attach-1", "network_card_index": 0}));
    assert_eq!(look("i-1", 1, "attached"), reply);
    assert_eq!(look("i-2", 1, "attached"), Ok(Found::Absent));
    assert_eq!(look("i-1", 2, "attached"), Ok(Found::Absent));
    assert_eq!(look("i-1", 1, "detaching"), Ok(Found::Absent));
}

#[test]
fn an_interface_is_detached_or_on_its_way() {
    let input = json!({"attachment_id": "eni-attach-1"});
    let look = |body: &str| {
        ec2_again(
            "detach_network_interface",
            &input,
            "DescribeNetworkInterfaces",
            body,
        )
    };
    assert_eq!(look(&interface("i-1", 1, "attached")), Ok(Found::Absent));
    assert_eq!(look(&interface("i-1", 1, "detaching")), done(json!({})));
    assert_eq!(look("<networkInterfaceSet/>"), done(json!({})));
}

#[test]
fn an_address_is_at_that_instance_or_not() {
    let body = "<addressesSet><item><allocationId>eipalloc-1</allocationId><associationId>eipassoc-1</associationId>\
                <instanceId>i-1</instanceId></item></addressesSet>";
    let look = |instance: &str| {
        let input = json!({"allocation_id": "eipalloc-1", "instance_id": instance});
        ec2_again("associate_address", &input, "DescribeAddresses", body)
    };
    assert_eq!(look("i-1"), done(json!({"association_id": "eipassoc-1"})));
    assert_eq!(look("i-2"), Ok(Found::Absent));
    let input = json!({"association_id": "eipassoc-1"});
    let freed = |body: &str| ec2_again("disassociate_address", &input, "DescribeAddresses", body);
    assert_eq!(freed(body), Ok(Found::Absent));
    assert_eq!(freed("<addressesSet/>"), done(json!({})));
}

#[test]
fn an_endpoint_has_what_was_added_and_not_what_was_removed() {
    let body = "<vpcEndpointSet><item><vpcEndpointId>vpce-1</vpcEndpointId><routeTableIdSet><item>rtb-1</item>\
                </routeTableIdSet></item></vpcEndpointSet>";
    let look = |change: Value| {
        let mut input = json!({"vpc_endpoint_id": "vpce-1"});
        input
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        ec2_again("modify_vpc_endpoint", &input, "DescribeVpcEndpoints", body)
    };
    let made = done(json!({"return": true}));
    assert_eq!(
        look(json!({"add_route_table_ids": ["rtb-1"], "remove_route_table_ids": ["rtb-2"]})),
        made
    );
    assert_eq!(
        look(json!({"add_route_table_ids": ["rtb-1", "rtb-2"]})),
        Ok(Found::Absent)
    );
    assert_eq!(
        look(json!({"remove_route_table_ids": ["rtb-1"]})),
        Ok(Found::Absent)
    );
    assert_eq!(
        look(json!({"add_subnet_ids": ["subnet-1"]})),
        Ok(Found::Absent)
    );
    assert_eq!(look(json!({"policy_document": "{}"})), Ok(Found::Absent));
}

#[test]
fn a_deleted_endpoint_is_looked_up_for_its_repeat_would_be_answered_as_a_failure() {
    let input = json!({"vpc_endpoint_ids": ["vpce-1"]});
    let look = |state: &str| {
        let body = format!(
            "<vpcEndpointSet><item><vpcEndpointId>vpce-1</vpcEndpointId><state>{state}</state></item></vpcEndpointSet>"
        );
        ec2(
            "delete_vpc_endpoints",
            &input,
            "DescribeVpcEndpoints",
            &body,
        )
    };
    assert_eq!(look("deleting"), done(json!({"unsuccessful": []})));
    assert_eq!(look("available"), Ok(Found::Absent));
}
