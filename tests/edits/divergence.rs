//! Inputs that change under a recorded effect.

use insta::assert_snapshot;
use serde_json::Value;

use super::{END, GATEWAY, STOP, VPC, count, failed, forecast, network, resumed};
use crate::harness::Test;

const OUTSIDE: &str = "let vpc = ec2::create_vpc(#{cidr_block: \"10.0.0.0/16\"}).vpc.vpc_id;";

#[test]
fn a_finished_effect_gets_another_input() {
    let test = failed(Test::new().aws(), &format!("{OUTSIDE}\n{STOP}"));
    let now = OUTSIDE.replace("10.0.0.0/16", "10.0.0.0/20");
    assert_snapshot!(forecast(&test, &format!("{now}\n{GATEWAY}\n{END}")), @"
      book.rhai: 3 lines added, 2 removed
    recorded: 1 step, 1 effect
    reused (1): recorded, and the scripts still name them
      effect `ec2.create_vpc`
    new (1): named by the edited scripts only
      step `make the gateway`
    tried again (1): recorded, but not as done
      step `check`: it failed
    ");
    let ended = test.runbook(&["resume", "last", "--edited"]).code(5);
    assert_snapshot!(test.stable(&ended.stderr), @r#"
    <time> run <run:book>: book.rhai, account <account>, region ap-northeast-1, endpoint <endpoint>, attempt 2

    made
      <vpc>  ec2.create_vpc  ec2.create_vpc
    ✗ <run:book> stopped after <duration>
    error: `ec2.create_vpc` was recorded with different input
    caused by:
      1. recorded: ec2.create_vpc {"cidr_block":"10.0.0.0/16"}, which made <vpc>
      2. now: ec2.create_vpc {"cidr_block":"10.0.0.0/20"}
    hint: read a value that decides what is called inside a step: the step records the value
    hint: to continue with the original script, restore the script, then: runbook resume <run:book> --edited
    hint: to forget this record and leave its resources in AWS: runbook rewind <run:book> --to ec2.create_vpc
    "#);
    assert_eq!(
        (count(&test, "vpc"), count(&test, "internet_gateway")),
        (1, 0)
    );
    test.write("book.rhai", &super::book(&format!("{OUTSIDE}\n{END}")));
    resumed(&test);
    assert_eq!(count(&test, "vpc"), 1);
}

/// Resumes with other statements in `main`, and returns what is said of the divergence.
#[track_caller]
fn diverged(test: &Test, main: &str) -> String {
    test.write("book.rhai", &super::book(main));
    test.runbook(&["resume", "last", "--edited"]).code(5).stderr
}

/// A finished step is not looked into: its value is what counts.
#[test]
fn inside_a_finished_step_nobody_looks() {
    let test = network();
    let now = VPC.replace("10.0.0.0/16", "10.0.0.0/20");
    assert_snapshot!(forecast(&test, &format!("{now}\n{END}")), @"
      book.rhai: 2 lines added, 3 removed
    recorded: 3 steps, 2 effects
    reused (1): recorded, and the scripts still name them
      step `make the vpc`
    orphaned (1): recorded, but the scripts do not name them any more
      step `make the subnet`
          <subnet> stays in AWS
    tried again (1): recorded, but not as done
      step `check`: it failed
    ");
    resumed(&test);
    assert_eq!(count(&test, "vpc"), 1);
}

/// The one way to change what AWS has refused.
#[test]
fn a_refused_effect_may_get_another_input() {
    let refused =
        "ec2::create_subnet(#{vpc_id: \"vpc-0123456789abcdef0\", cidr_block: \"10.0.0.0/24\"});";
    let test = failed(Test::new().aws(), &format!("{OUTSIDE}\n{refused}"));
    let now = refused.replace("\"vpc-0123456789abcdef0\"", "vpc");
    assert_snapshot!(forecast(&test, &format!("{OUTSIDE}\n{now}\n{END}")), @"
      book.rhai: 2 lines added, 1 removed
    recorded: 2 effects
    reused (1): recorded, and the scripts still name them
      effect `ec2.create_vpc`
    new (1): named by the edited scripts only
      step `check`
    tried again (1): recorded, but not as done
      effect `ec2.create_subnet`: it failed
    ");
    resumed(&test);
    assert_eq!((count(&test, "vpc"), count(&test, "subnet")), (1, 1));
}

/// A run that was cut off before its only call.
fn in_doubt() -> Test {
    let test = Test::new()
        .aws()
        .file("book.rhai", &super::book(&format!("{OUTSIDE}\n{END}")));
    let crash = [("RUNBOOK_CRASH", "after:2")];
    let output = test
        .command(&["run", "book.rhai"])
        .envs(crash)
        .output()
        .unwrap();
    assert!(!output.status.success());
    test
}

/// A resume throws its failure as it was recorded.
#[test]
fn an_effect_that_was_given_up_is_reused() {
    let test = in_doubt();
    let given_up = [
        "resolve",
        "last",
        "ec2.create_vpc",
        "--failed",
        "--why",
        "x",
    ];
    test.runbook(&given_up).code(0);
    assert_snapshot!(forecast(&test, &format!("// Edited.\n{OUTSIDE}\n{END}")), @"
      book.rhai: 1 line added
    recorded: 1 effect
    reused (1): recorded, and the scripts still name them
      effect `ec2.create_vpc`
    ");
    test.runbook(&["resume", "last", "--edited"]).code(1);
    assert_eq!(count(&test, "vpc"), 0);
}

#[test]
fn an_effect_in_doubt_is_asked_after_first() {
    let test = in_doubt();
    assert_snapshot!(forecast(&test, &format!("// Edited.\n{OUTSIDE}\n{END}")), @"
      book.rhai: 1 line added
    recorded: 1 effect
    tried again (1): recorded, but not as done
      effect `ec2.create_vpc`: it is in doubt: AWS is asked first what became of it
    ");
    let now = OUTSIDE.replace("10.0.0.0/16", "10.0.0.0/20");
    let said = diverged(&test, &format!("{now}\n{GATEWAY}\n{END}"));
    assert!(
        said.contains("`ec2.create_vpc` was recorded with different input"),
        "{said}"
    );
    assert_eq!(
        (count(&test, "vpc"), count(&test, "internet_gateway")),
        (0, 0)
    );
    test.write("book.rhai", &super::book(&format!("{OUTSIDE}\n{END}")));
    resumed(&test);
    assert_eq!(count(&test, "vpc"), 1);
}

/// A failure that the script has caught and gone past stays one.
#[test]
fn a_failure_that_was_caught_is_reused() {
    let caught = "try { ec2::create_subnet(#{vpc_id: \"vpc-0123456789abcdef0\", cidr_block: \"10.0.0.0/24\"}); } catch (e) { run::step(\"say so\", || e.code); }";
    let test = failed(Test::new().aws(), &format!("{caught}\n{STOP}"));
    assert_snapshot!(forecast(&test, &format!("{caught}\n{END}")), @"
      book.rhai: 1 line added, 1 removed
    recorded: 2 steps, 1 effect
    reused (2): recorded, and the scripts still name them
      effect `ec2.create_subnet`
      step `say so`
    tried again (1): recorded, but not as done
      step `check`: it failed
    ");
    resumed(&test);
    assert_eq!(count(&test, "subnet"), 0);
}

/// The value of a renamed step is a new one, and so is the input that it is part of.
#[test]
fn an_input_follows_a_step_that_is_renamed() {
    let direct = r#"
        let vpc = run::step("make the vpc", || ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id);
        ec2::create_subnet(#{vpc_id: vpc, cidr_block: "10.0.0.0/24"});"#;
    let test = failed(Test::new().aws(), &format!("{direct}\n{STOP}"));
    let renamed = direct.replace("make the vpc", "make another vpc");
    let now = format!("{renamed}\n{GATEWAY}\n{END}");
    assert_snapshot!(forecast(&test, &now), @"
      book.rhai: 3 lines added, 2 removed
    recorded: 2 steps, 2 effects
    reused (1): recorded, and the scripts still name them
      effect `ec2.create_subnet`
    new (2): named by the edited scripts only
      step `make another vpc`
      step `make the gateway`
    orphaned (1): recorded, but the scripts do not name them any more
      step `make the vpc`
          <vpc> stays in AWS
    tried again (1): recorded, but not as done
      step `check`: it failed
    ");
    let said = diverged(&test, &now);
    assert!(
        said.contains("`ec2.create_subnet` was recorded with different input"),
        "{said}"
    );
    assert_eq!(
        (count(&test, "subnet"), count(&test, "internet_gateway")),
        (1, 0)
    );
}

#[test]
fn a_name_is_now_of_another_kind() {
    let test = failed(
        Test::new().aws(),
        &format!("run::step(\"settle\", || 1);\n{STOP}"),
    );
    let wait = "run::wait_until(\"settle\", #{every: \"1ms\"}, || true);";
    let now = format!("{wait}\nrun::step(\"later\", || 1);\n{END}");
    assert_snapshot!(forecast(&test, &now), @"
      book.rhai: 3 lines added, 2 removed
    recorded: 2 steps
    reused (1): recorded, and the scripts still name them
      step `settle`
    new (1): named by the edited scripts only
      step `later`
    tried again (1): recorded, but not as done
      step `check`: it failed
    ");
    let ended = test.runbook(&["resume", "last", "--edited"]).code(5);
    assert_snapshot!(test.stable(&ended.stderr), @"
    <time> run <run:book>: book.rhai, without AWS, attempt 2
    ✗ <run:book> stopped after <duration>
    error: the key `settle` belongs to a recorded step; the script now uses it for another kind: wait
    hint: to continue with the original script, restore the script, then: runbook resume <run:book> --edited
    hint: to forget this record and leave its resources in AWS: runbook rewind <run:book> --to settle
    ");
    let is_step = |entry: &Value, key: &str| entry["record"]["step_started"]["key"] == key;
    let begun = |key: &str| test.journal().iter().any(|entry| is_step(entry, key));
    assert!(begun("settle") && !begun("later"));
    test.runbook(&["rewind", "last", "--to", "settle"]).code(0);
    assert_eq!(test.runbook(&["resume", "last"]).code(0).json(), 1);
}

#[test]
fn an_answered_question_is_now_another() {
    let asks = |zone: &str| format!("run::approve(\"Move {zone}?\");");
    let test = Test::new().file(
        "book.rhai",
        &super::book(&format!("{}\n{STOP}", asks("az1"))),
    );
    test.runbook(&["run", "book.rhai"]).code(3);
    test.runbook(&["approve", "last"]).code(0);
    test.runbook(&["resume", "last"]).code(1);
    let now = format!("{}\n{END}", asks("az2"));
    assert_snapshot!(forecast(&test, &now), @"
      book.rhai: 2 lines added, 2 removed
    recorded: 1 step, 1 wait
    reused (1): recorded, and the scripts still name them
      wait `run.approve`
    tried again (1): recorded, but not as done
      step `check`: it failed
    ");
    let ended = test.runbook(&["resume", "last", "--edited"]).code(3);
    assert!(
        ended
            .stderr
            .contains("waiting: `Move az2?` needs an approval"),
        "{}",
        ended.stderr
    );
    test.runbook(&["approve", "last"]).code(0);
    assert_eq!(resumed(&test), 1);
}
