//! The forecast reads the journal and the scripts: it needs neither AWS nor credentials, and no script runs.

use super::{GATEWAY, SUBNET, VPC, book, count, explained, network_at};
use crate::harness::{Door, Test};

/// New effects, changed ones, reads and waits, and a `main` that does not end.
const LIVELY: &str = r#"
    run::step("make the vpc", || { ec2::create_vpc(#{cidr_block: "10.0.0.0/20"}); ec2::describe_vpcs() });
    ec2::create_vpc(#{cidr_block: "10.9.0.0/16"});
    run::parallel(#{a: || ec2::create_internet_gateway(), b: || ec2::describe_vpcs()});
    ec2::wait_vpc_available(#{vpc_ids: ["vpc-0123456789abcdef0"]});
    loop { ec2::describe_vpcs(); }
"#;

#[test]
fn aws_is_not_asked() {
    let test = Test::new().aws();
    let mut door = Door::new(&test);
    let test = network_at(test.env("AWS_ENDPOINT_URL", &door.endpoint()));
    let (requests, census) = (test.requests(), test.census());
    test.write("book.rhai", &book(LIVELY));
    let said = explained(&test);
    assert_eq!((test.requests(), test.census()), (requests, census));
    door.close();
    assert_eq!(explained(&test), said);
    let test = test
        .env("AWS_ACCESS_KEY_ID", "")
        .env("AWS_SECRET_ACCESS_KEY", "");
    assert_eq!(explained(&test), said);
    assert!(said.contains("reused (1): "), "{said}");
}

/// The forecast says nothing of the account: the resume compares it before it does anything.
#[test]
fn another_account_is_refused() {
    let test = super::network();
    test.write("book.rhai", &book(&format!("{VPC}\n{GATEWAY}\n{SUBNET}")));
    let test = test.env("AWS_ACCESS_KEY_ID", "999999999999");
    let (said, entries) = (explained(&test), test.journal());
    assert!(said.contains("  step `make the gateway`\n"), "{said}");
    let ended = test.runbook(&["resume", "last", "--edited"]).code(2);
    assert!(
        ended
            .stderr
            .starts_with("error: the run belongs to account"),
        "{}",
        ended.stderr
    );
    assert_eq!(
        (test.journal(), count(&test, "internet_gateway")),
        (entries, 0)
    );
}
