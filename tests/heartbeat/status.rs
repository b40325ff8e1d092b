//! The status that a NAT publishes, when, and for whom.

use super::world::{HEALTHY, STATUS, World};

#[test]
fn it_is_published_when_it_changes_and_at_a_slow_beat() {
    let world = World::new();
    world.decides("healthy");
    let status = world.status(&world.nat_a).unwrap();
    assert!(status.starts_with("healthy t="), "{status}");
    assert!(status.ends_with(" next=303 within=3"), "{status}");
    world.pass(299.0);
    world.decides("healthy");
    assert_eq!(world.ours("CreateTags").len(), 1);
    world.pass(1.0);
    world.decides("healthy");
    assert_eq!(world.ours("CreateTags").len(), 2);
    assert!(world.test.runs().is_empty());
}

#[test]
fn whoever_asks_is_answered_once() {
    let world = World::new();
    world.decides("healthy");
    world.say(&format!("{HEALTHY} asks=5e7c1d20@{}", world.nat_a));
    let has_answered = || {
        let status = world.status(&world.nat_a).unwrap();
        status.ends_with(" re=5e7c1d20")
    };
    for _ in 1..=2 {
        world.decides("healthy");
        assert!(has_answered());
    }
    assert_eq!(world.ours("CreateTags").len(), 2);
    world.say(&format!("{HEALTHY} asks=77777777@i-0123456789abcdef0"));
    world.decides("healthy");
    assert!(has_answered());
}

#[test]
fn a_refused_status_is_said_once_and_fails_no_tick() {
    let world = World::new();
    world.refuse("CreateTags", "UnauthorizedOperation", 1000);
    let ended = world.decides("healthy");
    assert!(
        ended.stderr.contains("allow ec2:CreateTags"),
        "{}",
        ended.stderr
    );
    let ended = world.decides("healthy");
    assert!(!ended.stderr.contains("ec2:CreateTags"), "{}", ended.stderr);
    world.refuse("CreateTags", "UnauthorizedOperation", 0);
    world.decides("healthy");
    assert!(world.status(&world.nat_a).is_some());
}

#[test]
fn a_dry_run_says_what_it_would_do_and_leaves_nothing() {
    let world = World::new();
    world.stop(&world.nat_c);
    let mut command = world.command();
    command.arg("--dry-run");
    let ended: crate::harness::Ended = command.output().unwrap().into();
    let ended = ended.code(0);
    let told = ended
        .stderr
        .find("about to take over the default route of MyVPC private segment AZ2");
    let would = ended.stderr.find("would call ec2.replace_route");
    assert!(told.is_some() && told < would, "{}", ended.stderr);
    world.assert_routes(&world.nat_a, &world.nat_c);
    assert_eq!(world.status(&world.nat_a), None, "{STATUS}");
    assert!(world.test.runs().is_empty());
    assert!(!world.test.state_dir().join("ticks").exists());
}
