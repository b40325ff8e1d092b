//! Networks that do not exist, or cannot be told apart.

use super::world::World;

#[test]
fn a_network_that_is_not_there_is_an_error() {
    let world = World::empty();
    let ended = world.status(&[]).code(1);
    let said = "error: the VPC named MyVPC with the addresses 10.0.0.0/16 is not there: nothing in ap-northeast-1 has that name";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    world.assert_no_run(0);
}

#[test]
fn one_that_is_nearly_so_is_named() {
    for (name, cidr, said) in [
        (
            "Other",
            "10.0.0.0/16",
            "is Other with 10.0.0.0/16; correct `vpc_name`",
        ),
        (
            "MyVPC",
            "10.1.0.0/16",
            "is MyVPC with 10.1.0.0/16; correct `vpc_cidr`",
        ),
    ] {
        let world = World::empty();
        world.change(&["vpc", name, cidr]);
        let ended = world.status(&[]).code(1);
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
}

#[test]
fn of_two_neither_is_taken() {
    let world = World::built();
    world.change(&["vpc", "MyVPC", "10.0.0.0/16"]);
    let ended = world.status(&[]).code(1);
    let said = "cannot be identified: 2 VPCs match, vpc-";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
}

#[test]
fn settings_are_checked_before_anything_is_asked() {
    let world = World::empty();
    let ended = world.status(&["--set", "region=eu-west-1"]).code(2);
    let said = "is not in the region eu-west-1";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    assert_eq!(world.test.requests().as_array().unwrap().len(), 0);
}
