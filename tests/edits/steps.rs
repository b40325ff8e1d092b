//! Steps inserted, removed, put in another order, renamed.

use insta::assert_snapshot;

use super::{END, GATEWAY, STOP, SUBNET, VPC, count, edited, failed, forecast, network, resumed};
use crate::harness::Test;

#[test]
fn a_step_is_inserted() {
    let test = network();
    assert_snapshot!(edited(&test, &format!("{VPC}\n{GATEWAY}\n{SUBNET}\n{END}")), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 2 lines added, 1 removed
    recorded: 3 steps, 2 effects
    reused (2): recorded, and the scripts still name them
      step `make the vpc`
      step `make the subnet`
    new (1): named by the edited scripts only
      step `make the gateway`
    tried again (1): recorded, but not as done
      step `check`: it failed
    only names are compared: a resume does anew what has moved to another step, branch or item, and stops at the first call that differs from the recorded one, before any further effect
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
    assert_snapshot!(forecast(&test, &format!("{VPC}\n{END}")), @"
      book.rhai: 1 line added, 2 removed
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
    assert_eq!((count(&test, "vpc"), count(&test, "subnet")), (1, 1));
}

#[test]
fn steps_change_places() {
    let test = failed(
        Test::new().aws(),
        &format!("{VPC}\n{GATEWAY}\n{SUBNET}\n{STOP}"),
    );
    assert_snapshot!(forecast(&test, &format!("{GATEWAY}\n{VPC}\n{SUBNET}\n{END}")), @"
      book.rhai: 2 lines added, 2 removed
    recorded: 4 steps, 3 effects
    reused (3): recorded, and the scripts still name them
      step `make the vpc`
      step `make the gateway`
      step `make the subnet`
    tried again (1): recorded, but not as done
      step `check`: it failed
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
    assert_snapshot!(forecast(&test, &format!("{VPC}\n{renamed}\n{END}")), @"
      book.rhai: 2 lines added, 2 removed
    recorded: 3 steps, 2 effects
    reused (1): recorded, and the scripts still name them
      step `make the vpc`
    new (1): named by the edited scripts only
      step `make the private subnet`
    orphaned (1): recorded, but the scripts do not name them any more
      step `make the subnet`
          <subnet> stays in AWS
    tried again (1): recorded, but not as done
      step `check`: it failed
    ");
    resumed(&test);
    assert_eq!((count(&test, "vpc"), count(&test, "subnet")), (1, 2));
}

#[test]
fn comments_and_white_space_affect_nothing() {
    let test = network();
    assert_snapshot!(forecast(&test, &format!("// The network.\n{VPC}\n\n{SUBNET}\n{STOP}")), @"
      book.rhai: 2 lines added
    recorded: 3 steps, 2 effects
    reused (2): recorded, and the scripts still name them
      step `make the vpc`
      step `make the subnet`
    tried again (1): recorded, but not as done
      step `check`: it failed
    ");
}

/// What the run has taken back itself does not stay.
#[test]
fn what_is_gone_again_is_not_said_to_stay() {
    let spare = r#"
        let spare = run::step("make a spare vpc", || ec2::create_vpc(#{cidr_block: "10.1.0.0/16"}).vpc.vpc_id);
        run::step("remove the spare vpc", || { ec2::delete_vpc(#{vpc_id: spare}); });"#;
    let test = failed(Test::new().aws(), &format!("{VPC}\n{spare}\n{STOP}"));
    assert_snapshot!(forecast(&test, END), @"
      book.rhai: 1 line added, 6 removed
    recorded: 4 steps, 3 effects
    orphaned (3): recorded, but the scripts do not name them any more
      step `make the vpc`
          <vpc> stays in AWS
      step `make a spare vpc`
      step `remove the spare vpc`
    tried again (1): recorded, but not as done
      step `check`: it failed
    ");
}

#[test]
fn more_than_can_be_read_are_counted() {
    let steps = "for i in 0..25 { run::step(\"work\", i, || i); }";
    let test = failed(Test::new(), &format!("{steps}\n{STOP}"));
    let said = forecast(&test, &format!("{steps}\n{END}"));
    let (_, reused) = said.split_once("reused (25): ").unwrap();
    let (reused, _) = reused.split_once("\ntried again (1): ").unwrap();
    assert!(
        reused.ends_with("\n  step `work[19]`\n  and 5 more"),
        "{reused}"
    );
}
