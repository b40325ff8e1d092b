//! The emulator refuses and delays what AWS does, as our own runbooks see it.

use serde_json::{Value, json};

use super::python::change;
use crate::harness::{Ended, Test, emulator};

/// Long enough that nothing changes by itself while a test runs.
const FROZEN: f64 = 100_000.0;

const NETWORK: &str = r#"
import "aws/ec2" as ec2;
import "aws/opsworks" as opsworks;

private fn attempt(work) {
    try { return work.call(); } catch (e) { return `${e.code}: ${e.message}`; }
}

private fn network() {
    let vpc_id = ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id;
    let subnet_id = ec2::create_subnet(#{vpc_id: vpc_id, cidr_block: "10.0.0.0/24"}).subnet.subnet_id;
    let table_id = ec2::create_route_table(#{vpc_id: vpc_id}).route_table.route_table_id;
    #{vpc_id: vpc_id, subnet_id: subnet_id, table_id: table_id}
}

private fn request(net) {
    let image_id = run::step("choose an image", || ec2::describe_images(#{owners: ["amazon"]}).images[0].image_id);
    #{image_id: image_id, instance_type: "t3.micro", min_count: 1, max_count: 1, subnet_id: net.subnet_id}
}

private fn route(net, instance_id) {
    #{route_table_id: net.table_id, destination_cidr_block: "0.0.0.0/0", instance_id: instance_id}
}

private fn state_of_route(net) {
    let table = ec2::describe_route_tables(#{route_table_ids: [net.table_id]}).route_tables[0];
    for route in table.routes {
        if route.destination_cidr_block == "0.0.0.0/0" { return route.state; }
    }
    "absent"
}

private fn stack(net, system) {
    opsworks::create_stack(#{
        name: "Stack", region: "ap-northeast-1", vpc_id: net.vpc_id, default_subnet_id: net.subnet_id, default_os: system,
        service_role_arn: "arn:aws:iam::123456789012:role/r",
        default_instance_profile_arn: "arn:aws:iam::123456789012:instance-profile/p",
    }).stack_id
}

private fn layer(stack_id, packages) {
    let asked = #{stack_id: stack_id, type: "custom", name: "Layer", shortname: "layer", packages: packages};
    opsworks::create_layer(asked).layer_id
}

private fn groups(net) {
    let filters = [#{name: "vpc-id", values: [net.vpc_id]}];
    ec2::describe_security_groups(#{filters: filters}).security_groups.map(|group| group.group_name)
}
"#;

fn run(test: &Test, body: &str) -> Ended {
    test.write(
        "case.rhai",
        &format!("{NETWORK}\nfn main(params) {{\n{body}\n}}\n"),
    );
    test.runbook(&["run", "case.rhai"]).code(0)
}

fn result(test: &Test, body: &str) -> Value {
    run(test, body).json()
}

fn pace(test: &Test, seconds: f64) {
    emulator(test.account())
        .set_pace(test.account(), seconds)
        .unwrap();
}

#[test]
fn a_pending_instance_takes_no_route() {
    let test = Test::new().aws();
    pace(&test, FROZEN);
    let told = result(
        &test,
        r"
        let net = network();
        let instance = ec2::run_instances(request(net)).instances[0];
        let id = instance.instance_id;
        [instance.state.name, attempt(|| ec2::create_route(route(net, id))), state_of_route(net)]
    ",
    );
    let refusal =
        "IncorrectInstanceState: Instance with state 'pending' is not valid for this operation.";
    assert_eq!(told, json!(["pending", refusal, "absent"]));
}

#[test]
fn the_route_of_a_terminated_instance_is_a_blackhole() {
    let test = Test::new().aws();
    let told = result(
        &test,
        r"
        let net = network();
        let id = ec2::run_instances(request(net)).instances[0].instance_id;
        ec2::wait_instance_running(#{instance_ids: [id]});
        ec2::create_route(route(net, id));
        let before = state_of_route(net);
        ec2::terminate_instances(#{instance_ids: [id]});
        [before, state_of_route(net)]
    ",
    );
    assert_eq!(told, json!(["active", "blackhole"]));
}

#[test]
fn a_token_with_another_request_is_refused() {
    let test = Test::new().aws();
    let told = result(
        &test,
        r#"
        let net = network();
        let first = request(net) + #{client_token: "mine"};
        ec2::run_instances(first);
        let other = first + #{instance_type: "t3.small"};
        attempt(|| ec2::run_instances(other).instances[0].instance_id)
    "#,
    );
    assert!(
        told.as_str()
            .unwrap()
            .starts_with("IdempotentParameterMismatch: "),
        "{told}"
    );
    let instances = test.census();
    assert_eq!(
        instances
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["type"] == "instance")
            .count(),
        1
    );
}

#[test]
fn a_token_with_the_same_request_is_answered_as_before() {
    let test = Test::new().aws();
    let first = change(&test, &["launch", "theirs", "t3.micro"]);
    assert!(first.starts_with("i-"), "{first}");
    assert_eq!(change(&test, &["launch", "theirs", "t3.micro"]), first);
    assert_ne!(change(&test, &["launch", "another", "t3.micro"]), first);
}

#[test]
fn packages_are_checked_against_the_stacks_system() {
    for (system, expected) in [
        (
            "Ubuntu 12.04 LTS",
            Some("ValidationException: Packages: jq is not a valid Ubuntu 12.04 LTS package name"),
        ),
        ("Amazon Linux 2018.03", None),
    ] {
        let test = Test::new().aws();
        let told = result(
            &test,
            &format!(
                r#"
            let id = stack(network(), "{system}");
            attempt(|| layer(id, ["traceroute", "jq"]))
        "#
            ),
        );
        match expected {
            Some(expected) => assert_eq!(told, expected),
            None => assert_eq!(told.as_str().unwrap().len(), 36, "{told}"),
        }
    }
}

#[test]
fn an_instance_has_an_ec2_id_and_the_vpc_its_groups_only_after_a_while() {
    let test = Test::new().aws();
    pace(&test, FROZEN);
    let told = result(
        &test,
        r#"
        let net = network();
        let stack_id = stack(net, "Amazon Linux 2018.03");
        let asked = #{stack_id: stack_id, layer_ids: [layer(stack_id, [])], instance_type: "t3.micro"};
        let id = opsworks::create_instance(asked).instance_id;
        let before = opsworks::describe_instances(#{instance_ids: [id]}).instances[0];
        opsworks::start_instance(#{instance_id: id});
        let after = opsworks::describe_instances(#{instance_ids: [id]}).instances[0];
        #{vpc: net, id: id, told: [before.status, after.status, "ec2_instance_id" in after, groups(net)]}
    "#,
    );
    assert_eq!(
        told["told"],
        json!(["stopped", "requested", false, ["default"]])
    );
    pace(&test, 0.0);
    let later = result(
        &test,
        &format!(
            r#"
        let instance = opsworks::describe_instances(#{{instance_ids: [{}]}}).instances[0];
        [instance.status, "ec2_instance_id" in instance, groups(#{{vpc_id: {}}}).len()]
    "#,
            told["id"], told["vpc"]["vpc_id"]
        ),
    );
    assert_eq!(later, json!(["online", true, 3]));
}

#[test]
fn a_stack_is_taken_down_from_its_instances_up() {
    let test = Test::new().aws();
    let told = result(
        &test,
        r#"
        let stack_id = stack(network(), "Amazon Linux 2018.03");
        let layer_id = layer(stack_id, []);
        let asked = #{stack_id: stack_id, layer_ids: [layer_id], instance_type: "t3.micro"};
        let id = opsworks::create_instance(asked).instance_id;
        opsworks::update_instance(#{instance_id: id, hostname: "renamed"});
        opsworks::update_layer(#{layer_id: layer_id, name: "Renamed"});
        run::wait_until("the groups", #{every: "1ms", timeout: "60s"}, || {
            ec2::describe_security_groups(#{filters: [#{name: "group-name", values: ["AWS-OpsWorks-*"]}]}).security_groups.len() == 2
        });
        opsworks::start_instance(#{instance_id: id});
        let status = || opsworks::describe_instances(#{instance_ids: [id]}).instances[0].status;
        run::wait_until("it to run", #{every: "1ms", timeout: "60s"}, || status.call() == "online");
        let refused = [attempt(|| opsworks::delete_instance(#{instance_id: id})), attempt(|| opsworks::delete_layer(#{layer_id: layer_id})), attempt(|| opsworks::delete_stack(#{stack_id: stack_id}))];
        opsworks::stop_instance(#{instance_id: id});
        run::wait_until("it to stop", #{every: "1ms", timeout: "60s"}, || status.call() == "stopped");
        opsworks::delete_instance(#{instance_id: id});
        opsworks::delete_layer(#{layer_id: layer_id});
        opsworks::delete_stack(#{stack_id: stack_id});
        refused
    "#,
    );
    for refusal in told.as_array().unwrap() {
        assert!(
            refusal
                .as_str()
                .unwrap()
                .starts_with("ValidationException: "),
            "{refusal}"
        );
    }
    let census = test.census();
    assert!(
        census
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["service"] != "opsworks"),
        "{census}"
    );
}

#[test]
fn the_rules_of_all_permissions_are_answered() {
    let told = result(
        &Test::new().aws(),
        r#"
        let group = ec2::create_security_group(#{group_name: "g", description: "g", vpc_id: network().vpc_id}).group_id;
        let port = |number| #{ip_protocol: "tcp", from_port: number, to_port: number, ip_ranges: [#{cidr_ip: "10.0.0.0/24"}, #{cidr_ip: "10.0.1.0/24"}]};
        let asked = #{group_id: group, ip_permissions: [port.call(22), port.call(80)]};
        let ids = |answer| answer.security_group_rules.map(|rule| rule.security_group_rule_id);
        let made = ids.call(ec2::authorize_security_group_ingress(asked));
        made += ids.call(ec2::authorize_security_group_egress(asked));
        let filters = [#{name: "group-id", values: [group]}];
        let seen = ids.call(ec2::describe_security_group_rules(#{filters: filters}));
        made.map(|id| id in seen)
        "#,
    );
    assert_eq!(told, json!(vec![true; 8]));
}
