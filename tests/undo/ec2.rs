//! The build on plain EC2 instances.

use super::{remaining, undo};
use crate::ec2::build;
use crate::harness::Test;

#[test]
fn a_build_on_ec2_is_undone() {
    let test = Test::new().aws();
    build(&test, &[]).code(0);
    let ended = undo(&test);
    assert_eq!(ended.code, Some(0), "{}\n{}", ended.stdout, ended.stderr);
    assert!(remaining(&test).is_empty(), "{:?}", remaining(&test));
    let again = undo(&test).code(0);
    assert!(again.stdout.contains("was left"), "{}", again.stdout);
}
