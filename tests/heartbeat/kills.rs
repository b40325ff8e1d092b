//! kill -9 of a tick that takes a route over, at every entry of its run; then the next tick.

use std::collections::BTreeSet;

use super::world::World;

fn world() -> World {
    let world = World::new();
    world.site("notify = [{ command = [\"tee\", \"-a\", \"news\"] }]", "");
    world.decides("healthy");
    world.stop(&world.nat_c);
    world
}

/// Returns the points at which something is durable, or done, that was not before.
fn points(journal: &[serde_json::Value]) -> Vec<String> {
    let mut points: Vec<String> = (1..=journal.len())
        .map(|entry| format!("before:{entry}"))
        .collect();
    let intended = journal
        .iter()
        .filter(|entry| entry["record"].get("effect_intended").is_some());
    points.extend(intended.map(|entry| format!("after:{}", entry["seq"])));
    points.push(format!("after:{}", journal.len()));
    points
}

/// Kills at every second point, so that two tests share the work.
fn kill_and_go_on(rest: usize) {
    let undisturbed = world();
    undisturbed.decides("take");
    let points = points(&undisturbed.test.journal());
    assert!(points.len() > 12, "{points:?}");
    for point in points.iter().skip(rest).step_by(2) {
        let world = world();
        let killed = world.tick_with(&[("RUNBOOK_CRASH", point)]);
        assert_eq!(killed.code, None, "{point}: {}", killed.stderr);
        let next = world.tick().code(0);
        world.assert_routes(&world.nat_a, &world.nat_a);
        let news = std::fs::read_to_string(world.test.path("news")).unwrap_or_default();
        let ids: BTreeSet<&str> = news
            .lines()
            .filter(|line| line.starts_with("news "))
            .collect();
        let said = format!("{}\n{}", killed.stderr, next.stderr);
        assert_eq!(ids.len(), 1, "{point}: {news}\n{said}");
        assert_eq!(world.replaced(), (1, 0), "{point}: {said}");
    }
}

#[test]
fn killed_anywhere_a_take_over_is_made_once_and_told() {
    kill_and_go_on(0);
}

#[test]
fn killed_anywhere_else_a_take_over_is_made_once_and_told() {
    kill_and_go_on(1);
}
