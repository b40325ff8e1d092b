//! Scripts that are wrong, each in a way of its own, which a rehearsal without a kill does not show.

use serde_json::Value;

use super::{everywhere, script, told};

/// What every one of them begins with: a read outside a step, which sees what the run itself has made.
const LOOK: &str = r#"
import "aws/ec2" as ec2;

private fn is_there(cidr) {
    !ec2::describe_vpcs(#{filters: [#{name: "cidr", values: [cidr]}]}).vpcs.is_empty()
}

private fn make(name, cidr) {
    let tags = [#{resource_type: "vpc", tags: [#{key: "Name", value: name}]}];
    ec2::create_vpc(#{cidr_block: cidr, tag_specifications: tags});
}
"#;

/// Rehearses the script; returns the findings of one kind.
#[track_caller]
fn found(main: &str, kind: &str) -> (Vec<Value>, Value) {
    let test = script(&format!("{LOOK}\n{main}"));
    let (points, summary) = told(&everywhere(&test, &[]).code(1));
    assert!(summary[kind].as_u64().unwrap() > 0, "{summary}");
    let of_kind = |point: &Value| {
        point["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|finding| finding["kind"] == kind)
    };
    let points: Vec<Value> = points.into_iter().filter(of_kind).collect();
    assert!(!points.is_empty());
    (points, summary)
}

#[test]
fn a_read_outside_a_step_that_decides_on_a_creation_doubles() {
    let main = r#"fn main(params) {
        let turn = if is_there("10.7.0.0/16") { "second" } else { "first" };
        run::step("make the network", turn, || make("the network", "10.7.0.0/16"));
    }"#;
    let (points, summary) = found(main, "doubled");
    assert_eq!(summary["missing"], 0, "{summary}");
    let finding = points[0]["findings"][0]["what"].as_str().unwrap();
    assert!(
        finding.contains("ec2 vpc vpc-") && finding.contains("\"the network\""),
        "{finding}"
    );
    // The same point alone finds the same again.
    let point = points[0]["point"].as_str().unwrap();
    let again = points[0]["again"].as_str().unwrap();
    assert_eq!(
        again,
        format!("runbook rehearse --crash-everywhere --seed 1 script.rhai --point {point}")
    );
    let test = script(&format!("{LOOK}\n{main}"));
    let (repeated, alone) = told(&everywhere(&test, &["--point", point]).code(1));
    assert_eq!((repeated.len(), &alone["runs"]), (1, &Value::from(1)));
    assert_eq!(repeated[0]["what"], points[0]["what"]);
}

#[test]
fn a_script_that_catches_and_goes_around_leaks() {
    let main = r#"fn main(params) {
        try {
            if is_there("10.7.0.0/16") { throw "the addresses are taken"; }
            run::step("make the network", || make("the network", "10.7.0.0/16"));
        } catch (error) {
            run::step("make another network", || make("another network", "10.8.0.0/16"));
        }
    }"#;
    let (points, _) = found(main, "leaked");
    let text = points[0].to_string();
    assert!(text.contains("another network"), "{text}");
}

#[test]
fn a_script_that_takes_its_own_work_for_anothers_forgets_the_rest() {
    let main = r#"fn main(params) {
        if is_there("10.7.0.0/16") { return; }
        run::step("make the network", || make("the network", "10.7.0.0/16"));
        run::step("make the gateway", || ec2::create_internet_gateway(#{}).internet_gateway.internet_gateway_id);
    }"#;
    let (points, summary) = found(main, "missing");
    assert_eq!(
        (&summary["doubled"], &summary["leaked"]),
        (&Value::from(0), &Value::from(0))
    );
    let text = points[0].to_string();
    assert!(text.contains("internet_gateway"), "{text}");
}

#[test]
fn a_call_that_leaves_no_resource_counts_too() {
    let main = r#"import "aws/sns" as sns;
    fn main(params) {
        let topic = sns::create_topic(#{name: "news"}).topic_arn;
        let turn = if is_there("10.7.0.0/16") { "second" } else { "first" };
        run::step("tell", turn, || sns::publish(#{topic_arn: topic, message: "it begins"}).message_id);
        run::step("make the network", || make("the network", "10.7.0.0/16"));
    }"#;
    let (points, _) = found(main, "leaked");
    let text = points[0].to_string();
    assert!(text.contains("sns.publish"), "{text}");
}

#[test]
fn a_script_that_asks_for_something_else_is_not_finished() {
    let main = r#"fn main(params) {
        let name = if is_there("10.7.0.0/16") { "the second" } else { "the first" };
        make(name, "10.7.0.0/16");
        run::step("rest", || 1);
    }"#;
    let test = script(&format!("{LOOK}\n{main}"));
    let (points, summary) = told(&everywhere(&test, &[]).code(1));
    assert!(summary["not_finished"].as_u64().unwrap() > 0, "{summary}");
    let text = points[0].to_string();
    assert!(text.contains("exit code 5"), "{text}");
}
