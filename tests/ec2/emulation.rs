//! The emulator refuses what AWS does of groups, roles and what is not empty, and tells a console as AWS does.

use serde_json::{Value, json};

use crate::harness::Test;

const START: &str = r#"
import "aws/ec2" as ec2;
import "aws/iam" as iam;

private fn attempt(work) {
    try { work.call(); return "done"; } catch (e) { return e.code; }
}

private fn group(vpc_id, name) {
    ec2::create_security_group(#{group_name: name, description: name, vpc_id: vpc_id}).group_id
}

private fn launched(subnet_id, group_id) {
    let image_id = run::step("choose an image", || ec2::describe_images(#{owners: ["amazon"]}).images[0].image_id);
    let interface = #{device_index: 0, subnet_id: subnet_id, groups: [group_id], delete_on_termination: true};
    let asked = #{image_id: image_id, instance_type: "t3.nano", min_count: 1, max_count: 1, network_interfaces: [interface]};
    ec2::run_instances(asked).instances[0].instance_id
}
"#;

fn result(body: &str) -> Value {
    let test = Test::new().aws().file(
        "case.rhai",
        &format!("{START}\nfn main(params) {{\n{body}\n}}\n"),
    );
    test.runbook(&["run", "case.rhai"]).code(0).json()
}

#[test]
fn groups_in_use_and_vpcs_with_something_in_them_stay() {
    let told = result(
        r#"
        let vpc_id = ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id;
        let subnet_id = ec2::create_subnet(#{vpc_id: vpc_id, cidr_block: "10.0.0.0/24"}).subnet.subnet_id;
        let named = group(vpc_id, "named");
        let used = group(vpc_id, "used");
        ec2::authorize_security_group_ingress(#{group_id: used, ip_permissions: [
            #{ip_protocol: "tcp", from_port: 22, to_port: 22, user_id_group_pairs: [#{group_id: named}]},
        ]});
        let id = launched(subnet_id, used);
        let told = [];
        for group_id in [named, used] { told.push(attempt(|| ec2::delete_security_group(#{group_id: group_id}))); }
        told.push(attempt(|| ec2::delete_subnet(#{subnet_id: subnet_id})));
        ec2::terminate_instances(#{instance_ids: [id]});
        ec2::wait_instance_terminated(#{instance_ids: [id]});
        told.push(attempt(|| ec2::delete_vpc(#{vpc_id: vpc_id})));
        told.push(attempt(|| ec2::delete_subnet(#{subnet_id: subnet_id})));
        told.push(attempt(|| ec2::delete_vpc(#{vpc_id: vpc_id})));
        for group_id in [used, named] { told.push(attempt(|| ec2::delete_security_group(#{group_id: group_id}))); }
        told.push(attempt(|| ec2::delete_vpc(#{vpc_id: vpc_id})));
        told
    "#,
    );
    let kept = "DependencyViolation";
    let done = "done";
    assert_eq!(
        told,
        json!([kept, kept, kept, kept, done, kept, done, done, done])
    );
}

#[test]
fn roles_and_profiles_go_in_their_order() {
    let told = result(
        r#"
        let trust = `{"Version": "2012-10-17", "Statement": []}`;
        iam::create_role(#{role_name: "r", assume_role_policy_document: trust});
        iam::put_role_policy(#{role_name: "r", policy_name: "p", policy_document: `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:DescribeInstances", "Resource": "*"}]}`});
        iam::create_instance_profile(#{instance_profile_name: "i"});
        iam::add_role_to_instance_profile(#{instance_profile_name: "i", role_name: "r"});
        let told = [attempt(|| iam::delete_instance_profile(#{instance_profile_name: "i"})), attempt(|| iam::delete_role(#{role_name: "r"}))];
        iam::remove_role_from_instance_profile(#{instance_profile_name: "i", role_name: "r"});
        told.push(attempt(|| iam::delete_role(#{role_name: "r"})));
        iam::delete_role_policy(#{role_name: "r", policy_name: "p"});
        told.push(attempt(|| iam::delete_role(#{role_name: "r"})));
        told.push(attempt(|| iam::delete_instance_profile(#{instance_profile_name: "i"})));
        told
    "#,
    );
    let kept = "DeleteConflict";
    assert_eq!(told, json!([kept, kept, kept, "done", "done"]));
}

#[test]
fn a_console_says_what_was_said_and_before_the_boot_nothing() {
    let told = result(
        r#"
        let vpc_id = ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id;
        let subnet_id = ec2::create_subnet(#{vpc_id: vpc_id, cidr_block: "10.0.0.0/24"}).subnet.subnet_id;
        let id = launched(subnet_id, group(vpc_id, "g"));
        ec2::wait_instance_running(#{instance_ids: [id]});
        let reply = ec2::get_console_output(#{instance_id: id, latest: true});
        [reply.instance_id == id, base64::decode(reply.output)]
    "#,
    );
    assert_eq!(
        told,
        json!([true, "[    0.000000] Linux version 6.1 (emulated)\r\n"])
    );
}
