//! Steps in loops, in branches and in modules; effects outside steps.

use insta::assert_snapshot;

use super::{END, STOP, count, edited, explained, failed, resumed};
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
    assert_snapshot!(edited(&test, &format!("{}\n{END}", zones("2, 3"))), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 2 lines added, 2 removed
    recorded: 4 steps, 3 effects
    reused (2): recorded, and not done again
      step `make the vpc`
      step `make a subnet[2]`
    new (1): not recorded yet
      step `make a subnet[3]`
    orphaned (1): recorded, but the scripts do not come to it any more
      step `make a subnet[1]`
          <subnet> stays in AWS
    tried again (1): recorded, but not as done
      step `check`: it failed
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
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
    assert_snapshot!(edited(&test, &format!("{now}\n{END}")), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 3 lines added, 3 removed
    recorded: 4 steps, 3 effects
    reused (2): recorded, and not done again
      step `make the vpc`
      step `a/make the subnet`
    new (2): not recorded yet
      step `a/look`
      step `c/make the subnet`
    orphaned (1): recorded, but the scripts do not come to it any more
      step `b/make the subnet`
          <subnet> stays in AWS
    tried again (1): recorded, but not as done
      step `check`: it failed
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
    ");
    resumed(&test);
    assert_eq!(count(&test, "subnet"), 3);
}

/// What a new step in one branch is missing, another branch does not miss.
#[test]
fn a_branch_that_cannot_be_followed_leaves_the_others_alone() {
    let test = failed(Test::new().aws(), &format!("{BRANCHES}\n{STOP}"));
    let now = BRANCHES.replace("a: || {", "a: || { run::step(\"look\", || #{}).found.x;");
    assert_snapshot!(edited(&test, &format!("{now}\n{END}")), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 2 lines added, 2 removed
    recorded: 4 steps, 3 effects
    reused (2): recorded, and not done again
      step `make the vpc`
      step `b/make the subnet`
    new (1): not recorded yet
      step `a/look`
    tried again (1): recorded, but not as done
      step `check`: it failed
    cannot be told yet (1): the scripts could not be followed further
      after `a/look`, which is new: recorded 1 step
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
    ");
}

/// The error of a branch is its own, though another branch waits for a value.
#[test]
fn a_branch_is_not_excused_by_another() {
    let test = failed(Test::new().aws(), &format!("{BRANCHES}\n{STOP}"));
    let now = BRANCHES
        .replace("a: || {", "a: || { run::step(\"look\", || 1);")
        .replace("b: || {", "b: || { throw \"no more\";");
    assert_snapshot!(edited(&test, &format!("{now}\n{END}")), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 3 lines added, 3 removed
    recorded: 4 steps, 3 effects
    reused (2): recorded, and not done again
      step `make the vpc`
      step `a/make the subnet`
    new (1): not recorded yet
      step `a/look`
    cannot be told yet (1): the scripts could not be followed further
      the scripts stop with: no more (<test>/book.rhai:7): recorded 2 steps
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
    ");
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
    assert_snapshot!(edited(&test, &format!("{swapped}\n{END}")), @r#"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 2 lines added, 2 removed
    recorded: 1 step, 2 effects
    changed input (2): recorded with another one: a resume stops there
      `ec2.create_vpc`, which made <vpc>
          recorded:  {"cidr_block":"10.1.0.0/16"}
          asked for: {"cidr_block":"10.2.0.0/16"}
      `ec2.create_vpc#2`, which made <vpc>
          recorded:  {"cidr_block":"10.2.0.0/16"}
          asked for: {"cidr_block":"10.1.0.0/16"}
    tried again (1): recorded, but not as done
      step `check`: it failed
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
    "#);
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

#[test]
fn an_effect_moves_into_a_step() {
    let make = "ec2::create_vpc(#{cidr_block: \"10.0.0.0/16\"})";
    let test = failed(Test::new().aws(), &format!("{make};\n{STOP}"));
    assert_snapshot!(edited(&test, &format!("run::step(\"make it\", || {make});\n{END}")), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 2 lines added, 2 removed
    recorded: 1 step, 1 effect
    new (1): not recorded yet
      step `make it`
    orphaned (1): recorded, but the scripts do not come to it any more
      effect `ec2.create_vpc`
          <vpc> stays in AWS
    tried again (1): recorded, but not as done
      step `check`: it failed
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
    ");
}

/// A step that failed half-way: what it has done is reused, what it has not is new.
#[test]
fn a_step_that_is_tried_again_is_looked_into() {
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
    assert_snapshot!(edited(&test, &step(&["10.1.0.0/16", "10.2.0.0/16"], "1")), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 2 lines added, 1 removed
    recorded: 1 step, 1 effect
    reused (1): recorded, and not done again
      effect `make them/ec2.create_vpc`
    new (1): not recorded yet
      effect `make them/ec2.create_vpc#2`
    tried again (1): recorded, but not as done
      step `make them`: it failed
    nothing recorded is affected
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
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
    assert_snapshot!(edited(&test, &format!("{edit}\n{END}")), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 3 lines added, 3 removed
    recorded: 2 steps, 2 waits, 1 value
    reused (3): recorded, and not done again
      step `first`
      value `run.uuid`
      wait `it is there`
    new (2): not recorded yet
      value `run.now`
      wait `it works well`
    orphaned (1): recorded, but the scripts do not come to it any more
      wait `it works`
    tried again (1): recorded, but not as done
      step `check`: it failed
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
    ");
    resumed(&test);
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
    assert_snapshot!(explained(&test), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      stdlib/network.rhai: 2 lines added, 1 removed
    recorded: 2 steps, 1 effect
    reused (1): recorded, and not done again
      step `make the vpc`
    new (1): not recorded yet
      step `check`
    tried again (1): recorded, but not as done
      step `look`: it failed
    nothing recorded is affected
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
    ");
    resumed(&test);
    assert_eq!(count(&test, "vpc"), 1);
}
