//! Without a way to AWS only names can be compared; under another account nothing is.

use insta::assert_snapshot;

use super::{END, GATEWAY, VPC, book, explained, network, network_at};
use crate::harness::{Door, Test};

fn edit(test: &Test) {
    test.write("book.rhai", &book(&format!("{VPC}\n{GATEWAY}\n{END}")));
}

#[test]
fn without_credentials_it_goes_by_names() {
    let test = network();
    edit(&test);
    let test = test
        .env("AWS_ACCESS_KEY_ID", "")
        .env("AWS_SECRET_ACCESS_KEY", "");
    assert_snapshot!(explained(&test), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (1): changed since
      book.rhai: 2 lines added, 2 removed
    recorded: 3 steps, 2 effects
    AWS cannot be asked, so only names are compared: no AWS credentials were found
    reused (1): recorded, and not done again
      step `make the vpc`
    new (1): not recorded yet
      step `make the gateway`
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
}

#[test]
fn with_aws_down_it_goes_by_names() {
    let test = Test::new().aws();
    let mut door = Door::new(&test);
    let test = network_at(test.env("AWS_ENDPOINT_URL", &door.endpoint()));
    edit(&test);
    door.close();
    let said = explained(&test);
    let reason = format!("AWS cannot be reached at {}", door.endpoint());
    assert!(
        said.contains(&format!(
            "AWS cannot be asked, so only names are compared: {reason}"
        )),
        "{said}"
    );
    assert!(
        said.contains("new (1): not recorded yet\n  step `make the gateway`\n"),
        "{said}"
    );
}

#[test]
fn another_account_is_refused() {
    let test = network();
    edit(&test);
    let test = test.env("AWS_ACCESS_KEY_ID", "999999999999");
    let said = explained(&test);
    assert!(
        said.starts_with("error: the run belongs to account"),
        "{said}"
    );
}
