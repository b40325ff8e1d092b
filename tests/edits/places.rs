//! Steps in loops, in branches and in modules; effects outside steps.

use insta::assert_snapshot;

use super::{END, STOP, body, count, explained, failed, forecast, resumed};
use crate::harness::Test;

const ZONES: &str = r#"
    let vpc = run::step("make the vpc", || ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id);
    for zone in [ZONES] {
        run::step("make a subnet", zone, || ec2::create_subnet(#{vpc_id: vpc, cidr_block: `10.0.${zone}.0/24`}).subnet.subnet_id);
    }"#;

#[test]
fn a_loop_gets_another_item_and_loses_one() {
    let zones = |items: &str| ZONES.replace("ZONES", items);
    let test = failed(Test::new().aws(), &format!("{}\n{STOP}", zones("1, 2")));
    assert_snapshot!(forecast(&test, &format!("{}\n{END}", zones("2, 3"))), @"
      book.rhai: 2 lines added, 2 removed
    recorded: 4 steps, 3 effects
    reused (3): recorded, and the scripts still name them
      step `make the vpc`
      step `make a subnet[1]`
      step `make a subnet[2]`
    tried again (1): recorded, but not as done
      step `check`: it failed
    ");
    resumed(&test);
    assert_eq!(count(&test, "subnet"), 3);
}

const BRANCHES: &str = r#"
    let vpc = run::step("make the vpc", || ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id);
    run::parallel(#{
        a: || { run::step("make the subnet", || ec2::create_subnet(#{vpc_id: vpc, cidr_block: "10.0.1.0/24"}).subnet.subnet_id) },
        b: || { run::step("make the subnet", || ec2::create_subnet(#{vpc_id: vpc, cidr_block: "10.0.2.0/24"}).subnet.subnet_id) },
    });"#;

#[test]
fn a_branch_gets_another_step_and_another_is_renamed() {
    let test = failed(Test::new().aws(), &format!("{BRANCHES}\n{STOP}"));
    let now = BRANCHES
        .replace("a: || {", "a: || { run::step(\"look\", || 1);")
        .replace("b: || {", "c: || {")
        .replace("10.0.2.0", "10.0.3.0");
    let said = forecast(&test, &format!("{now}\n{END}"));
    // The branches begin in any order.
    let (first, second) = (
        "  step `a/make the subnet`\n",
        "  step `b/make the subnet`\n",
    );
    let said = said.replace(&[second, first].concat(), &[first, second].concat());
    assert_snapshot!(said, @"
      book.rhai: 3 lines added, 3 removed
    recorded: 4 steps, 3 effects
    reused (3): recorded, and the scripts still name them
      step `make the vpc`
      step `a/make the subnet`
      step `b/make the subnet`
    new (1): named by the edited scripts only
      step `look`
    tried again (1): recorded, but not as done
      step `check`: it failed
    ");
    resumed(&test);
    assert_eq!(count(&test, "subnet"), 3);
}

#[test]
fn effects_outside_steps_are_known_by_their_occurrence() {
    let vpcs = |blocks: [&str; 2]| {
        blocks
            .map(|block| format!("ec2::create_vpc(#{{cidr_block: \"{block}\"}});"))
            .join("\n")
    };
    let test = failed(
        Test::new().aws(),
        &format!("{}\n{STOP}", vpcs(["10.1.0.0/16", "10.2.0.0/16"])),
    );
    let swapped = vpcs(["10.2.0.0/16", "10.1.0.0/16"]);
    assert_snapshot!(forecast(&test, &format!("{swapped}\n{END}")), @"
      book.rhai: 2 lines added, 2 removed
    recorded: 1 step, 2 effects
    reused (2): recorded, and the scripts still name them
      effect `ec2.create_vpc`
      effect `ec2.create_vpc#2`
    tried again (1): recorded, but not as done
      step `check`: it failed
    ");
    let ended = test.runbook(&["resume", "last", "--edited"]).code(5);
    assert_snapshot!(test.stable(&ended.stderr), @r#"
    <time> run <run:book>: book.rhai, account <account>, region ap-northeast-1, endpoint <endpoint>, attempt 2

    made
      <vpc>  ec2.create_vpc  ec2.create_vpc
      <vpc>  ec2.create_vpc  ec2.create_vpc#2
    ✗ <run:book> stopped after <duration>
    error: `ec2.create_vpc` was recorded with different input
    caused by:
      1. recorded: ec2.create_vpc {"cidr_block":"10.1.0.0/16"}, which made <vpc>
      2. now: ec2.create_vpc {"cidr_block":"10.2.0.0/16"}
    hint: read a value that decides what is called inside a step: the step records the value
    hint: to continue with the original script, restore the script, then: runbook resume <run:book> --edited
    hint: to forget this record and leave its resources in AWS: runbook rewind <run:book> --to ec2.create_vpc
    "#);
    assert_eq!(count(&test, "vpc"), 2);
}

/// A key is a path: the names alone do not say that it is another one.
#[test]
fn an_effect_moves_into_a_step() {
    let make = "ec2::create_vpc(#{cidr_block: \"10.0.0.0/16\"})";
    let test = failed(Test::new().aws(), &format!("{make};\n{STOP}"));
    assert_snapshot!(forecast(&test, &format!("run::step(\"make it\", || {make});\n{END}")), @"
      book.rhai: 2 lines added, 2 removed
    recorded: 1 step, 1 effect
    reused (1): recorded, and the scripts still name them
      effect `ec2.create_vpc`
    new (1): named by the edited scripts only
      step `make it`
    tried again (1): recorded, but not as done
      step `check`: it failed
    ");
    resumed(&test);
    assert_eq!(count(&test, "vpc"), 2);
}

/// A step that failed half-way: what it has done is reused.
#[test]
fn a_step_that_failed_half_way() {
    let step = |blocks: &[&str], last: &str| {
        let calls: Vec<String> = blocks
            .iter()
            .map(|block| format!("ec2::create_vpc(#{{cidr_block: \"{block}\"}});"))
            .collect();
        format!(
            "run::step(\"make them\", || {{ {} {last} }})",
            calls.join("\n")
        )
    };
    let test = failed(
        Test::new().aws(),
        &step(&["10.1.0.0/16"], "throw \"not yet\""),
    );
    assert_snapshot!(forecast(&test, &step(&["10.1.0.0/16", "10.2.0.0/16"], "1")), @"
      book.rhai: 2 lines added, 1 removed
    recorded: 1 step, 1 effect
    reused (1): recorded, and the scripts still name them
      effect `make them/ec2.create_vpc`
    tried again (1): recorded, but not as done
      step `make them`: it failed
    ");
    assert_eq!(resumed(&test), 1);
    assert_eq!(count(&test, "vpc"), 2);
}

#[test]
fn waits_and_values_are_told_too() {
    let now = r#"run::step("first", || 1); let id = run::uuid();
        run::wait_until("it is there", #{every: "10ms"}, || true);
        run::retry("it works", #{every: "10ms", attempts: 2}, || true);"#;
    let test = failed(Test::new(), &format!("{now}\n{STOP}"));
    let edit = now
        .replace("run::uuid()", "[run::uuid(), run::now()]")
        .replace("it works", "it works well");
    assert_snapshot!(forecast(&test, &format!("{edit}\n{END}")), @"
      book.rhai: 3 lines added, 3 removed
    recorded: 2 steps, 2 waits, 1 value
    reused (3): recorded, and the scripts still name them
      step `first`
      value `run.uuid`
      wait `it is there`
    new (1): named by the edited scripts only
      wait `it works well`
    orphaned (1): recorded, but the scripts do not name them any more
      wait `it works`
    tried again (1): recorded, but not as done
      step `check`: it failed
    ");
    resumed(&test);
}

/// The fixed pieces of a name are enough.
#[test]
fn a_name_has_a_value_in_it() {
    let wait = "run::wait_until(`route ${1 + 1} is there`, #{every: \"10ms\"}, || true);";
    let test = failed(Test::new(), &format!("{wait}\n{STOP}"));
    assert_snapshot!(forecast(&test, &format!("{wait}\n{END}")), @"
      book.rhai: 1 line added, 1 removed
    recorded: 1 step, 1 wait
    reused (1): recorded, and the scripts still name them
      wait `route 2 is there`
    tried again (1): recorded, but not as done
      step `check`: it failed
    ");
    let other = wait.replace("is there", "is gone");
    assert_snapshot!(forecast(&test, &format!("{other}\n{END}")), @"
      book.rhai: 2 lines added, 2 removed
    recorded: 1 step, 1 wait
    orphaned (1): recorded, but the scripts do not name them any more
      wait `route 2 is there`
    tried again (1): recorded, but not as done
      step `check`: it failed
    ");
}

const CALLS: &str = "import \"network\" as network;\nfn main(params) { network::make(); run::step(\"check\", || 1) }\n";
const MODULE: &str = r#"
import "aws/ec2" as ec2;
fn make() {
    run::step("make the vpc", || ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id);
    run::step("look", || { throw "not yet" });
}
"#;

#[test]
fn a_module_is_edited() {
    let test = Test::new()
        .aws()
        .file("book.rhai", CALLS)
        .file("stdlib/network.rhai", MODULE);
    test.runbook(&["run", "book.rhai"]).code(1);
    test.write(
        "stdlib/network.rhai",
        &MODULE
            .replace("{ throw \"not yet\" }", "1")
            .replace("fn make", "/// Makes it.\nfn make"),
    );
    assert_snapshot!(body(&explained(&test)), @"
      stdlib/network.rhai: 2 lines added, 1 removed
    recorded: 2 steps, 1 effect
    reused (1): recorded, and the scripts still name them
      step `make the vpc`
    tried again (1): recorded, but not as done
      step `look`: it failed
    ");
    resumed(&test);
    assert_eq!(count(&test, "vpc"), 1);
}
