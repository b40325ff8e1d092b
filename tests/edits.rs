//! Runs that are resumed with edited scripts: what is said before, and what then happens.

mod build;
mod divergence;
mod dry;
mod fallback;
mod files;
mod params;
mod places;
mod steps;

use crate::harness::Test;

/// Makes a run of `book.rhai` that fails.
fn failed(test: Test, main: &str) -> Test {
    let test = test.file("book.rhai", &book(main));
    test.runbook(&["run", "book.rhai"]).code(1);
    test
}

/// Returns a runbook whose `main` is these statements.
fn book(main: &str) -> String {
    let import = if main.contains("ec2::") {
        "import \"aws/ec2\" as ec2;\n"
    } else {
        ""
    };
    format!("{import}fn main(params) {{\n{main}\n}}\n")
}

/// Puts other statements into `main`, and returns what a plain resume says of that; it must do nothing.
#[track_caller]
fn edited(test: &Test, main: &str) -> String {
    test.write("book.rhai", &book(main));
    explained(test)
}

/// Returns what a plain resume says; it must do nothing.
#[track_caller]
fn explained(test: &Test) -> String {
    let entries = test.journal();
    let ended = test.runbook(&["resume", "last"]).code(2);
    assert_eq!(ended.stdout, "");
    assert_eq!(test.journal(), entries, "it wrote to the journal");
    test.stable(&ended.stderr)
}

/// Resumes with the scripts as they are, and returns what `main` returned.
#[track_caller]
fn resumed(test: &Test) -> serde_json::Value {
    test.runbook(&["resume", "last", "--edited"]).code(0).json()
}

/// Returns how many resources of a kind the test's account has.
fn count(test: &Test, kind: &str) -> usize {
    let census = test.census();
    let all = census.as_array().unwrap();
    all.iter()
        .filter(|resource| resource["type"] == kind)
        .count()
}

/// Checks that AWS has received nothing but reads since it had received so many requests.
#[track_caller]
fn only_reads(test: &Test, since: usize) {
    let requests = test.requests();
    let new = &requests.as_array().unwrap()[since..];
    assert!(!new.is_empty());
    for request in new {
        let operation = request["operation"].as_str().unwrap();
        let read = operation.starts_with("Describe") || operation.starts_with("Get");
        assert!(read, "{request}");
    }
}

const VPC: &str = r#"let vpc = run::step("make the vpc", || ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id);"#;
const SUBNET: &str = r#"let subnet = run::step("make the subnet", || ec2::create_subnet(#{vpc_id: vpc, cidr_block: "10.0.0.0/24"}).subnet.subnet_id);"#;
const GATEWAY: &str = r#"let gateway = run::step("make the gateway", || ec2::create_internet_gateway().internet_gateway.internet_gateway_id);"#;
const STOP: &str = r#"run::step("check", || { throw "not yet" });"#;
const END: &str = r#"run::step("check", || 1)"#;

/// A run that made a VPC and a subnet, and then failed.
fn network() -> Test {
    network_at(Test::new().aws())
}

fn network_at(test: Test) -> Test {
    failed(test, &format!("{VPC}\n{SUBNET}\n{STOP}"))
}
