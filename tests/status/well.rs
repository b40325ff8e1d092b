//! A network that is as it should be.

use insta::assert_snapshot;

use super::world::World;

#[test]
fn it_is_told_as_a_tree_and_leaves_no_run() {
    let world = World::built();
    let ended = world.status(&[]).code(0);
    assert_eq!(ended.stderr, "");
    assert_snapshot!(world.test.stable(&ended.stdout), @"");
    world.assert_no_run(1);
}

#[test]
fn programs_get_the_same_as_data() {
    let world = World::built();
    let data = world.data(&[]);
    assert_eq!(data["wrong"].as_array().unwrap().len(), 0);
    let zone = &data["zones"][1];
    assert_eq!(zone["name"], "ap-northeast-1c");
    assert_eq!(zone["traffic"]["through"], "own");
    assert_eq!(zone["traffic"]["target"], zone["nats"][0]["ec2_id"]);
    assert_eq!(zone["nats"][0]["state"], "running");
    assert_eq!(zone["segments"][1]["name"], "MyVPC private segment AZ2");
}
