//! Compared with what a run recorded.

use insta::assert_snapshot;

use super::world::World;

fn last(world: &World) -> String {
    let run = world.test.runs().pop().unwrap();
    run.file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn what_a_run_built_is_there() {
    let world = World::built();
    let id = last(&world);
    let ended = world.status(&["--set", "run=last"]).code(0);
    assert!(
        ended.stdout.contains(&format!("as {id} recorded it")),
        "{}",
        ended.stdout
    );
    world.assert_no_run(1);
}

#[test]
fn a_nat_that_is_not_the_recorded_one_is_a_difference() {
    let world = World::built();
    world.change(&["terminate", "nat1"]);
    let wrong = world.wrong(&["--set", &format!("run={}", last(&world))]);
    assert_eq!(wrong.len(), 1, "{wrong:#?}");
    assert!(
        wrong[0].starts_with("the NAT <i> of ap-northeast-1a is terminated"),
        "{wrong:#?}"
    );
}

#[test]
fn one_that_was_replaced_since_is_a_difference_with_who_carries_its_traffic() {
    let world = World::built();
    world.change(&["replace", "nat1", "MyVPC private segment AZ1"]);
    assert_snapshot!(world.wrong(&["--set", "run=last"]).join("\n"), @"the NAT <i> of ap-northeast-1a is gone; its traffic goes through <i> -> compare with the settings instead: the same without `run`");
}

#[test]
fn a_run_that_is_not_there_or_made_no_network_is_an_error() {
    let world = World::empty();
    world.test.write(
        "one.rhai",
        "fn main(params) { import \"aws/ec2\" as ec2; ec2::describe_vpcs(#{}); 1 }",
    );
    world.test.runbook(&["run", "one.rhai"]).code(0);
    let ended = world.status(&["--set", "run=last"]).code(1);
    let said = "of one.rhai has recorded no network: give a run of build.rhai";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    let ended = world.status(&["--set", "run=19990101"]).code(1);
    assert!(
        ended.stderr.starts_with("error: no run"),
        "{}",
        ended.stderr
    );
}
