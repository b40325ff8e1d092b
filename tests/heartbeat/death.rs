//! The watched NAT is dead, or is not: what AWS says, what the check says, what it says itself.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use super::world::{HEALTHY, World};

#[test]
fn a_healthy_tick_says_one_line_reads_twice_and_leaves_nothing() {
    let world = World::new();
    world.decides("healthy");
    let before = world.test.requests().as_array().unwrap().len();
    let ended = world.decides("healthy");
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .contains("healthy: own path up: tcp:127.0.0.1:"),
        "{}",
        ended.stderr
    );
    let requests = world.test.requests();
    let names: Vec<&str> = requests.as_array().unwrap()[before..]
        .iter()
        .map(|request| request["operation"].as_str().unwrap())
        .filter(|name| *name != "GetCallerIdentity")
        .collect();
    assert_eq!(names, ["DescribeRouteTables", "DescribeInstances"]);
    assert!(world.test.runs().is_empty());
    world.assert_routes(&world.nat_a, &world.nat_c);
}

#[test]
fn a_stopped_nat_is_replaced_at_once() {
    let world = World::new();
    world.stop(&world.nat_c);
    let ended = world.decides("take");
    assert!(!ended.stderr.contains("round"), "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .contains("took over the default route of MyVPC private segment AZ2"),
        "{}",
        ended.stderr
    );
    world.assert_routes(&world.nat_a, &world.nat_a);
    assert_eq!(world.replaced(), (1, 0));
    let kept = world.decides("kept");
    assert!(kept.stderr.contains("is stopped"), "{}", kept.stderr);
    assert_eq!(world.test.runs().len(), 1);
}

/// Who took what from whom, when, why, and what the probes saw.
#[test]
fn a_take_over_is_told_by_show() {
    let world = World::new();
    world.say("sick next=304 within=4 why=ip_forward is off");
    world.decides("healthy");
    world.check.close();
    world.decides("take");
    let shown = world.test.runbook(&["show", "last"]).code(0).stdout;
    let (table, to, from) = (&world.private_c, &world.nat_a, &world.nat_c);
    let target = world.check.probe();
    let why =
        "no answer through it in 3 rounds, 0 s, and its own status is sick: ip_forward is off";
    for line in [
        format!("take over the default route[{table}]\n"),
        format!(
            "warning: check through {from} failed: 1 of 1 targets: {target}: connection refused, round 1 of 3\n"
        ),
        format!(
            "warning: took over the default route of MyVPC private segment AZ2 ({table}), from {from} to {to}: {why} (confirmed in the table)\n"
        ),
        format!("\"probes\": [\n        \"{target}: connection refused\"\n"),
        format!("\"why\": \"{why}\""),
        "\"when\": \"".to_owned(),
    ] {
        assert!(shown.contains(&line), "{line} is not in\n{shown}");
    }
}

#[test]
fn a_terminated_nat_is_replaced_at_once() {
    let world = World::new();
    world.terminate(&world.nat_c);
    let ended = world.decides("take");
    assert!(ended.stderr.contains("is a blackhole"), "{}", ended.stderr);
    world.assert_routes(&world.nat_a, &world.nat_a);
    assert_eq!(world.replaced(), (1, 0));
}

#[test]
fn a_route_to_what_is_gone_is_taken_though_the_watched_nat_is_well() {
    let world = World::new();
    let stranger = world.launch();
    world.ec2(&format!(
        "DeleteTags&ResourceId.1={stranger}&Tag.1.Key=opsworks:layer:nat"
    ));
    world.route(
        &world.private_c,
        "0.0.0.0/0",
        &format!("InstanceId={stranger}"),
    );
    world.terminate(&stranger);
    world.decides("take");
    world.assert_routes(&world.nat_a, &world.nat_a);
}

#[test]
fn one_that_says_it_is_sick_is_taken_for_dead_after_three_rounds() {
    let world = World::new();
    world.say("sick next=304 within=4 why=ip_forward is off");
    world.decides("healthy");
    world.check.close();
    let ended = world.decides("take");
    for said in [
        "round 1 of 3",
        "round 2 of 3",
        "round 3 of 3",
        "its own status is sick: ip_forward is off",
    ] {
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
    world.assert_routes(&world.nat_a, &world.nat_a);
    assert_eq!(world.replaced(), (1, 0));
}

#[test]
fn one_without_a_status_is_taken_for_dead_after_three_rounds() {
    for status in [
        None,
        Some("owned by team blue"),
        Some("healthy next=soon within=4"),
        Some("healthy"),
    ] {
        let world = World::new();
        status.inspect(|status| world.say(status));
        world.check.close();
        let ended = world.decides("take");
        assert!(ended.stderr.contains("in 3 rounds"), "{}", ended.stderr);
        assert!(
            ended.stderr.contains("it publishes no status"),
            "{}",
            ended.stderr
        );
        world.assert_routes(&world.nat_a, &world.nat_a);
    }
}

#[test]
fn one_that_answers_that_it_is_well_is_only_cut_off_and_that_is_said_once() {
    let world = World::new();
    world.say(HEALTHY);
    world.check.close();
    for tick in 1..=2 {
        let ended = answered(&world).code(0);
        assert_eq!(ended.json()["decision"], "cut", "{}", ended.stderr);
        let warned = ended
            .stderr
            .matches("the path between the two NATs is cut")
            .count();
        assert_eq!(warned, if tick == 1 { 2 } else { 1 }, "{}", ended.stderr);
    }
    world.assert_routes(&world.nat_a, &world.nat_c);
    assert_eq!(world.replaced(), (0, 0));
    assert!(world.test.runs().is_empty());
    world.check.reopen();
    let ended = world.decides("healthy");
    assert!(ended.stderr.contains("no longer: cut"), "{}", ended.stderr);
}

#[test]
fn one_that_answers_and_can_be_reached_but_forwards_nothing_is_dead() {
    let world = World::new();
    let direct = format!("direct_probe = \"{}\"", world.path.probe());
    world.site(&direct, "");
    world.say(HEALTHY);
    world.check.close();
    let ended = answered(&world).code(0);
    assert_eq!(ended.json()["decision"], "take", "{}", ended.stderr);
    let why = "though the NAT itself answers";
    assert!(ended.stderr.contains(why), "{}", ended.stderr);
    world.assert_routes(&world.nat_a, &world.nat_a);
}

/// Has NAT a tick, and NAT c answer it that all is well.
fn answered(world: &World) -> crate::harness::Ended {
    let before = asked(world);
    let mut child = world.spawn();
    let nonce = loop {
        match asked(world) {
            Some(nonce) if before.as_ref() != Some(&nonce) => break nonce,
            _ if child.try_wait().unwrap().is_some() => break before.unwrap_or_default(),
            _ => thread::yield_now(),
        }
    };
    world.say(&format!("{HEALTHY} re={nonce}"));
    child.wait_with_output().unwrap().into()
}

/// Returns the nonce with which NAT a asks NAT c.
fn asked(world: &World) -> Option<String> {
    let status = world.status(&world.nat_a)?;
    let (_, rest) = status.split_once("asks=")?;
    let (nonce, asked) = rest.split_once('@')?;
    assert!(asked.starts_with(&world.nat_c), "{status}");
    Some(nonce.to_owned())
}

#[test]
fn one_that_does_not_answer_within_its_promise_is_taken_for_dead() {
    let world = World::new();
    world.real_uptime();
    world.say("healthy next=304 within=0.3");
    world.check.close();
    let ended = world.decides("take");
    assert!(
        ended.stderr.contains("it has not answered for"),
        "{}",
        ended.stderr
    );
    world.assert_routes(&world.nat_a, &world.nat_a);
    assert_eq!(world.replaced(), (1, 0));
}

#[test]
fn one_whose_status_is_overdue_is_taken_for_dead_without_waiting() {
    let world = World::new();
    world.say("healthy next=304 within=4");
    world.decides("healthy");
    world.pass(306.0);
    world.check.close();
    let ended = world.decides("take");
    assert!(
        ended.stderr.contains("its last status is 306 s old"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_clock_that_jumps_makes_no_status_overdue() {
    let world = World::new();
    // Published in 1970, if one believed it: it counts for no more than the time between two looks.
    world.say("healthy t=86400 next=304 within=7200");
    world.decides("healthy");
    world.pass(200.0);
    world.refuse("CreateTags", "UnauthorizedOperation", 100);
    world.check.close();
    let ended = world.decides("waiting");
    assert!(
        ended.stderr.contains("counts until it is overdue"),
        "{}",
        ended.stderr
    );
    world.assert_routes(&world.nat_a, &world.nat_c);
}

#[test]
fn two_failed_rounds_change_nothing() {
    let world = World::new();
    let listener = TcpListener::bind("127.0.0.2:0").unwrap();
    let target = format!("http://{}/", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        for status in ["503 Busy", "503 Busy", "200 OK"] {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).unwrap();
            write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            .unwrap();
        }
    });
    let site = std::fs::read_to_string(world.test.path("site.toml")).unwrap();
    world
        .test
        .write("site.toml", &site.replace(&world.check.probe(), &target));
    let ended = world.decides("healthy");
    server.join().unwrap();
    assert!(
        ended
            .stderr
            .contains("it answers again after 2 failed rounds"),
        "{}",
        ended.stderr
    );
    world.assert_routes(&world.nat_a, &world.nat_c);
    assert_eq!(world.replaced(), (0, 0));
    assert!(world.test.runs().is_empty());
}
