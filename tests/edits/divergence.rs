//! Inputs that change under a recorded effect.

use insta::assert_snapshot;

use super::{END, STOP, VPC, count, edited, failed, network, resumed};
use crate::harness::Test;

const OUTSIDE: &str = "let vpc = ec2::create_vpc(#{cidr_block: \"10.0.0.0/16\"}).vpc.vpc_id;";

#[test]
fn a_finished_effect_gets_another_input() {
    let test = failed(Test::new().aws(), &format!("{OUTSIDE}\n{STOP}"));
    let now = OUTSIDE.replace("10.0.0.0/16", "10.0.0.0/20");
    assert_snapshot!(edited(&test, &format!("{now}\n{END}")), @r#"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 2 lines added, 2 removed
    recorded: 1 step, 1 effect
    changed input (1): recorded with another one: a resume stops there
      `ec2.create_vpc`, which made <vpc>
          recorded:  {"cidr_block":"10.0.0.0/16"}
          asked for: {"cidr_block":"10.0.0.0/20"}
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
    ✗ <run:book> stopped after <duration>
    error: `ec2.create_vpc` was recorded with different input
    caused by:
      1. recorded: ec2.create_vpc {"cidr_block":"10.0.0.0/16"}, which made <vpc>
      2. now: ec2.create_vpc {"cidr_block":"10.0.0.0/20"}
    hint: read a value that decides what is called inside a step: the step records the value
    hint: to continue with the original script, restore the script, then: runbook resume <run:book> --edited
    hint: to forget this record and leave its resources in AWS: runbook rewind <run:book> --to ec2.create_vpc
    "#);
    test.write("book.rhai", &super::book(&format!("{OUTSIDE}\n{END}")));
    resumed(&test);
    assert_eq!(count(&test, "vpc"), 1);
}

/// A finished step is not looked into: its value is what counts.
#[test]
fn inside_a_finished_step_nobody_looks() {
    let test = network();
    let now = VPC.replace("10.0.0.0/16", "10.0.0.0/20");
    assert_snapshot!(edited(&test, &format!("{now}\n{END}")), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 2 lines added, 3 removed
    recorded: 3 steps, 2 effects
    reused (1): recorded, and not done again
      step `make the vpc`
    orphaned (1): recorded, but the scripts do not come to it any more
      step `make the subnet`
          <subnet> stays in AWS
    tried again (1): recorded, but not as done
      step `check`: it failed
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
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
    assert_snapshot!(edited(&test, &format!("{OUTSIDE}\n{now}\n{END}")), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 2 lines added, 1 removed
    recorded: 2 effects
    reused (1): recorded, and not done again
      effect `ec2.create_vpc`
    new (1): not recorded yet
      step `check`
    tried again (1): recorded, but not as done
      effect `ec2.create_subnet`: it failed
    nothing recorded is affected
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
    ");
    resumed(&test);
    assert_eq!((count(&test, "vpc"), count(&test, "subnet")), (1, 1));
}

#[test]
fn an_effect_in_doubt_is_asked_after_first() {
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
    assert_snapshot!(edited(&test, &format!("// Edited.\n{OUTSIDE}\n{END}")), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 1 line added
    recorded: 1 effect
    tried again (1): recorded, but not as done
      effect `ec2.create_vpc`: it is in doubt: AWS is asked first what became of it
    cannot be told yet (1): the scripts could not be followed further
      after `ec2.create_vpc`, which is tried again
    nothing recorded is affected
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
    ");
    let now = OUTSIDE.replace("10.0.0.0/16", "10.0.0.0/20");
    assert_snapshot!(edited(&test, &format!("{now}\n{END}")), @r#"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 1 line added, 1 removed
    recorded: 1 effect
    changed input (1): recorded with another one: a resume stops there
      `ec2.create_vpc`
          recorded:  {"cidr_block":"10.0.0.0/16"}
          asked for: {"cidr_block":"10.0.0.0/20"}
    cannot be told yet (1): the scripts could not be followed further
      after `ec2.create_vpc`, whose input has changed
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
    "#);
}

/// A failure that the script has caught and gone past stays one.
#[test]
fn a_failure_that_was_caught_is_reused() {
    let caught = "try { ec2::create_subnet(#{vpc_id: \"vpc-0123456789abcdef0\", cidr_block: \"10.0.0.0/24\"}); } catch (e) { run::step(\"say so\", || e.code); }";
    let test = failed(Test::new().aws(), &format!("{caught}\n{STOP}"));
    assert_snapshot!(edited(&test, &format!("{caught}\n{END}")), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 1 line added, 1 removed
    recorded: 2 steps, 1 effect
    reused (2): recorded, and not done again
      effect `ec2.create_subnet`
      step `say so`
    tried again (1): recorded, but not as done
      step `check`: it failed
    nothing recorded is affected
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
    ");
    resumed(&test);
    assert_eq!(count(&test, "subnet"), 0);
}

#[test]
fn a_name_that_is_now_of_another_kind() {
    let test = failed(
        Test::new(),
        &format!("run::step(\"settle\", || 1);\n{STOP}"),
    );
    assert_snapshot!(edited(&test, &format!("run::wait_until(\"settle\", #{{every: \"1s\"}}, || true);\n{END}")), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 2 lines added, 2 removed
    recorded: 2 steps
    changed input (1): recorded with another one: a resume stops there
      `settle`
          recorded:  a step
          asked for: a wait
    tried again (1): recorded, but not as done
      step `check`: it failed
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
    ");
}
