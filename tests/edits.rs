//! Runs that are resumed with edited scripts: what is said before, and what then happens.

mod build;
mod divergence;
mod files;
mod offline;
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

/// The same for a forecast, without what each has at its head and at its end.
#[track_caller]
fn forecast(test: &Test, main: &str) -> String {
    body(&edited(test, main))
}

#[track_caller]
fn body(said: &str) -> String {
    let said = said
        .strip_prefix(HEAD)
        .and_then(|rest| rest.strip_suffix(FOOT));
    said.expect("a whole forecast").to_owned()
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

const HEAD: &str = "error: the scripts have changed since the run pinned them; nothing was done\nfiles (1): changed since\n";
const FOOT: &str = "only names are compared: a resume does anew what has moved to another step, branch or item, and stops at the first call that differs from the recorded one, before any further effect
hint: to go on with the scripts as they are now:
    runbook resume <run:book> --edited
hint: to go on with the scripts as the run pinned them:
    runbook resume <run:book> --pinned
";

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
