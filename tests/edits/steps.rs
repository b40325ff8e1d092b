//! Steps inserted, removed, put in another order, renamed.

use insta::assert_snapshot;

use super::{END, GATEWAY, STOP, SUBNET, VPC, count, edited, failed, network, resumed};
use crate::harness::Test;

#[test]
fn a_step_is_inserted() {
    let test = network();
    assert_snapshot!(edited(&test, &format!("{VPC}\n{GATEWAY}\n{SUBNET}\n{END}")), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 2 lines added, 1 removed
    recorded: 3 steps, 2 effects
    reused (2): recorded, and not done again
      step `make the vpc`
      step `make the subnet`
    new (1): not recorded yet
      step `make the gateway`
    tried again (1): recorded, but not as done
      step `check`: it failed
    nothing recorded is affected
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
    ");
    resumed(&test);
    assert_eq!(
        (
            count(&test, "vpc"),
            count(&test, "subnet"),
            count(&test, "internet_gateway")
        ),
        (1, 1, 1)
    );
}

#[test]
fn a_step_is_removed() {
    let test = network();
    assert_snapshot!(edited(&test, &format!("{VPC}\n{END}")), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 1 line added, 2 removed
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
    assert_eq!((count(&test, "vpc"), count(&test, "subnet")), (1, 1));
}

#[test]
fn steps_change_places() {
    let test = failed(
        Test::new().aws(),
        &format!("{VPC}\n{GATEWAY}\n{SUBNET}\n{STOP}"),
    );
    assert_snapshot!(edited(&test, &format!("{GATEWAY}\n{VPC}\n{SUBNET}\n{END}")), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 2 lines added, 2 removed
    recorded: 4 steps, 3 effects
    reused (3): recorded, and not done again
      step `make the gateway`
      step `make the vpc`
      step `make the subnet`
    tried again (1): recorded, but not as done
      step `check`: it failed
    nothing recorded is affected
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
    ");
    resumed(&test);
    assert_eq!(
        (
            count(&test, "vpc"),
            count(&test, "subnet"),
            count(&test, "internet_gateway")
        ),
        (1, 1, 1)
    );
}

#[test]
fn a_step_is_renamed() {
    let test = network();
    let renamed = SUBNET.replace("make the subnet", "make the private subnet");
    let renamed = renamed.replace("10.0.0.0/24", "10.0.1.0/24");
    assert_snapshot!(edited(&test, &format!("{VPC}\n{renamed}\n{END}")), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 2 lines added, 2 removed
    recorded: 3 steps, 2 effects
    reused (1): recorded, and not done again
      step `make the vpc`
    new (1): not recorded yet
      step `make the private subnet`
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
    assert_eq!((count(&test, "vpc"), count(&test, "subnet")), (1, 2));
}

#[test]
fn what_comes_after_a_new_value_cannot_be_told() {
    let test = network();
    let renamed = VPC.replace("make the vpc", "make another vpc");
    let uses = "let cidr = vpc.sub_string(0, 4).len() + vpc.id;";
    assert_snapshot!(edited(&test, &format!("{renamed}\n{uses}\n{SUBNET}\n{END}")), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 3 lines added, 2 removed
    recorded: 3 steps, 2 effects
    new (1): not recorded yet
      step `make another vpc`
    orphaned (1): recorded, but the scripts do not come to it any more
      step `make the vpc`
          <vpc> stays in AWS
    cannot be told yet (1): the scripts could not be followed further
      after `make another vpc`, which is new: recorded 2 steps
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
    ");
}

#[test]
fn what_names_a_new_value_depends_on_it() {
    let direct = r#"
        let vpc = run::step("make the vpc", || ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id);
        let subnet = ec2::create_subnet(#{vpc_id: vpc, cidr_block: "10.0.0.0/24"}).subnet.subnet_id;"#;
    let test = failed(Test::new().aws(), &format!("{direct}\n{STOP}"));
    let renamed = direct.replace("make the vpc", "make another vpc");
    assert_snapshot!(edited(&test, &format!("{renamed}\n{END}")), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 2 lines added, 2 removed
    recorded: 2 steps, 2 effects
    new (1): not recorded yet
      step `make another vpc`
    orphaned (1): recorded, but the scripts do not come to it any more
      step `make the vpc`
          <vpc> stays in AWS
    tried again (1): recorded, but not as done
      step `check`: it failed
    cannot be told yet (1): the scripts could not be followed further
      after `make another vpc`, which is new: recorded 1 effect
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
    ");
}

#[test]
fn more_than_can_be_read_are_counted() {
    let steps = |count: i64| format!("for i in 0..{count} {{ run::step(\"work\", i, || i); }}");
    let test = failed(Test::new(), &format!("{}\n{STOP}", steps(25)));
    assert_snapshot!(edited(&test, &format!("{}\n{END}", steps(47))), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 2 lines added, 2 removed
    recorded: 26 steps
    reused (25): recorded, and not done again
      step `work[0]`
      step `work[1]`
      step `work[2]`
      step `work[3]`
      step `work[4]`
      step `work[5]`
      step `work[6]`
      step `work[7]`
      step `work[8]`
      step `work[9]`
      step `work[10]`
      step `work[11]`
      step `work[12]`
      step `work[13]`
      step `work[14]`
      step `work[15]`
      step `work[16]`
      step `work[17]`
      step `work[18]`
      step `work[19]`
      and 5 more
    new (22): not recorded yet
      step `work[25]`
      step `work[26]`
      step `work[27]`
      step `work[28]`
      step `work[29]`
      step `work[30]`
      step `work[31]`
      step `work[32]`
      step `work[33]`
      step `work[34]`
      step `work[35]`
      step `work[36]`
      step `work[37]`
      step `work[38]`
      step `work[39]`
      step `work[40]`
      step `work[41]`
      step `work[42]`
      step `work[43]`
      step `work[44]`
      and 2 more
    tried again (1): recorded, but not as done
      step `check`: it failed
    nothing recorded is affected
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
    ");
}

#[test]
fn comments_and_white_space_affect_nothing() {
    let test = network();
    assert_snapshot!(edited(&test, &format!("// The network.\n{VPC}\n\n{SUBNET}\n{STOP}")), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 2 lines added
    recorded: 3 steps, 2 effects
    reused (2): recorded, and not done again
      step `make the vpc`
      step `make the subnet`
    tried again (1): recorded, but not as done
      step `check`: it failed
    cannot be told yet (1): the scripts could not be followed further
      the scripts stop with: not yet (<test>/book.rhai:7)
    nothing recorded is affected
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
    ");
}

/// What the run has taken back itself does not stay.
#[test]
fn what_is_gone_again_is_not_said_to_stay() {
    let spare = r#"
        let spare = run::step("make a spare vpc", || ec2::create_vpc(#{cidr_block: "10.1.0.0/16"}).vpc.vpc_id);
        run::step("remove the spare vpc", || { ec2::delete_vpc(#{vpc_id: spare}); });"#;
    let test = failed(Test::new().aws(), &format!("{VPC}\n{spare}\n{STOP}"));
    assert_snapshot!(edited(&test, END), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 1 line added, 6 removed
    recorded: 4 steps, 3 effects
    orphaned (3): recorded, but the scripts do not come to it any more
      step `make the vpc`
          <vpc> stays in AWS
      step `make a spare vpc`
      step `remove the spare vpc`
    tried again (1): recorded, but not as done
      step `check`: it failed
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
    ");
}

/// What a sleep returns is known.
#[test]
fn a_new_sleep_excuses_nothing() {
    let test = network();
    assert_snapshot!(edited(&test, &format!("run::sleep(\"1ms\"); throw \"no more\";\n{VPC}\n{END}")), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 2 lines added, 2 removed
    recorded: 3 steps, 2 effects
    new (1): not recorded yet
      wait `sleep`
    orphaned (1): recorded, but the scripts do not come to it any more
      step `make the subnet`
          <subnet> stays in AWS
    cannot be told yet (1): the scripts could not be followed further
      the scripts stop with: no more (<test>/book.rhai:3): recorded 2 steps
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
    ");
}
