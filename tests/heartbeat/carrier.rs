//! Who carries a table's traffic since when is noted on it, where that is allowed.

use super::world::World;

fn noted(world: &World) -> Option<String> {
    let table = &world.private_c;
    let asked = format!(
        "DescribeTags&Filter.1.Name=resource-id&Filter.1.Value.1={table}&Filter.2.Name=key&Filter.2.Value.1=runbook:carrier"
    );
    let told = world.ec2(&asked);
    let (_, rest) = told.split_once("<value>")?;
    Some(rest.split('<').next().unwrap().to_owned())
}

/// Has NAT a look until its table leads to this NAT.
#[track_caller]
fn until_target(world: &World, nat: &str) {
    for _ in 1..=10 {
        world.tick().code(0);
        if world.target(&world.private_c, "0.0.0.0/0") == nat {
            return;
        }
    }
    panic!("the route does not lead to {nat}");
}

#[test]
fn a_taken_and_a_returned_route_are_noted() {
    let world = World::new();
    world.decides("healthy");
    assert_eq!(noted(&world), None);
    world.stop(&world.nat_c);
    world.decides("take");
    let note = noted(&world).unwrap();
    let (nat_a, nat_c) = (&world.nat_a, &world.nat_c);
    assert!(note.starts_with(&format!("{nat_a} since=20")), "{note}");
    assert!(
        note.ends_with(&format!("Z by=heartbeat from={nat_c}")),
        "{note}"
    );
    world.start(nat_c);
    world.say(super::world::HEALTHY);
    world.pass(100.0);
    until_target(&world, nat_c);
    let note = noted(&world).unwrap();
    assert!(note.starts_with(&format!("{nat_c} since=")), "{note}");
    assert!(note.ends_with(&format!(" from={nat_a}")), "{note}");
}

#[test]
fn a_note_that_is_refused_keeps_from_nothing() {
    let world = World::new();
    world.decides("healthy");
    world.refuse("CreateTags", "UnauthorizedOperation", 1000);
    world.stop(&world.nat_c);
    let ended = world.decides("take");
    assert_eq!(world.target(&world.private_c, "0.0.0.0/0"), world.nat_a);
    let said = format!(
        "cannot record on {} which NAT carries its traffic: UnauthorizedOperation",
        world.private_c
    );
    assert!(ended.stderr.contains(&said), "{}", ended.stderr);
    assert_eq!(noted(&world), None);
}
