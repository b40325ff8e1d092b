//! Wires that are cut, packets that are lost, targets that do not answer: whatever it is, nobody takes what is served.

use std::net::Ipv4Addr;
use std::process::Output;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use super::lab;
use super::scene::{BACK, LIMIT, NAT1, NAT2, SOON, Scene, TAKEN};
use super::world::edge::Fault;
use super::world::nat::Nat;

/// How many ticks each NAT has under loss. The whole hour at `every 2s` is 1800: `RUNBOOK_LAB_TICKS=1800`.
const TICKS: usize = 12;

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn in_a_partition_nobody_steals() {
    // Whoever answers has longer than this machine ever makes him wait.
    let mut scene = Scene::start(&[("answers_within", r#""20s""#)]);
    scene.lab.break_off(Fault::Link("nat1", "nat2"));
    for host in ["nat1", "nat2"] {
        scene.rounds(host, 12);
    }
    scene.assert_unmoved();
    scene.lab.mend(Fault::Link("nat1", "nat2"));
    for host in ["nat1", "nat2"] {
        scene.rounds(host, 4);
    }
    scene.assert_unmoved();
    scene.assert_untouched(&scene.one);
    scene.assert_untouched(&scene.two);
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn who_is_cut_off_changes_nothing_and_is_stood_in_for() {
    let scene = Scene::start(&[]);
    let cut = scene.one.now();
    scene.lab.break_off(Fault::Uplink("nat1"));
    scene.one.until_via(NAT2, LIMIT);
    assert!(scene.one.outage(cut) < SOON);
    scene.assert_changes(&[TAKEN]);
    scene.lab.mend(Fault::Uplink("nat1"));
    scene.one.until_via(NAT1, LIMIT);
    scene.assert_changes(&[TAKEN, BACK]);
    scene.assert_untouched(&scene.two);
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn when_the_internet_is_gone_for_both_nothing_changes() {
    let mut scene = Scene::start(&[]);
    let cut = scene.one.now();
    for host in ["nat1", "nat2"] {
        scene.lab.break_off(Fault::Uplink(host));
    }
    scene.one.until(cut + Duration::from_secs(6));
    for host in ["nat1", "nat2"] {
        scene.lab.mend(Fault::Uplink(host));
    }
    scene.one.until_via(NAT1, LIMIT);
    scene.two.until_via(NAT2, LIMIT);
    for host in ["nat1", "nat2"] {
        scene.rounds(host, 4);
    }
    scene.assert_unmoved();
}

/// AWS is reached, and so the route could be taken; but who sees nothing of the Internet judges nobody by it.
#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn who_sees_nothing_of_the_internet_takes_nothing() {
    let mut scene = Scene::start(&[]);
    scene.lab.break_off(Fault::Blind("nat2"));
    scene.die("nat1");
    let blind = scene.one.now();
    scene.one.until(blind + Duration::from_secs(10));
    scene.assert_changes(&[]);
    scene.lab.mend(Fault::Blind("nat2"));
    scene.one.until_via(NAT2, LIMIT);
    scene.assert_changes(&[TAKEN]);
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn one_dead_target_of_two_says_nothing() {
    let mut scene = Scene::start(&[]);
    for target in ["1.1.1.1", "8.8.4.4", "8.8.8.8"] {
        scene.lab.break_off(Fault::Target(target.parse().unwrap()));
    }
    for host in ["nat1", "nat2"] {
        scene.rounds(host, 8);
    }
    scene.assert_unmoved();
    scene.assert_untouched(&scene.one);
    scene.assert_untouched(&scene.two);
}

/// Names are asked of a server that never answers.
#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn without_names_nobody_takes_anything_even_where_a_target_is_one() {
    let lab = lab();
    let server = Ipv4Addr::new(192, 0, 2, 53);
    lab.break_off(Fault::Target(server));
    let zones = zones(
        r#"["8.8.4.4", "dns:one.example@208.67.220.220"]"#,
        r#"["8.8.8.8", "dns:one.example@208.67.222.222"]"#,
    );
    let settings = [
        ("targets_via_inetgw", r#"["one.example", "9.9.9.9"]"#),
        ("zones", &*zones),
    ];
    let nat = |lab: &_, host| Nat::new(lab, host, &settings).ask_names_of(server);
    let mut scene = Scene::with(lab, nat);
    for host in ["nat1", "nat2"] {
        scene.rounds(host, 8);
    }
    scene.assert_unmoved();
    scene.assert_untouched(&scene.one);
    scene.assert_untouched(&scene.two);
}

fn zones(first: &str, second: &str) -> String {
    let zone = |name: &str, targets: &str| {
        format!("[[zones]]\nname = {name:?}\ncheck_targets = {targets}\n")
    };
    [
        zone("ap-northeast-1a", first),
        zone("ap-northeast-1c", second),
    ]
    .concat()
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn loss_moves_nothing() {
    ticks_under_loss(&[]);
}

/// One ping of one target: every third check fails, and only the other's status keeps the route where it is.
#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn loss_moves_nothing_even_where_one_ping_decides() {
    let zones = zones(r#"["8.8.4.4"]"#, r#"["8.8.8.8"]"#);
    ticks_under_loss(&[
        ("probe_count", "1"),
        ("answers_within", r#""60s""#),
        ("zones", &zones),
    ]);
}

#[track_caller]
fn ticks_under_loss(settings: &[(&str, &str)]) {
    let lab = lab();
    let given = std::env::var("RUNBOOK_LAB_TICKS").ok();
    let ticks = given.map_or(TICKS, |ticks| ticks.parse().unwrap());
    let nats = ["nat1", "nat2"].map(|host| Nat::new(&lab, host, settings));
    // A NAT that has never published a status has none to be weighed.
    for nat in &nats {
        succeeded(&nat.tick(&[]));
    }
    lab.break_off(Fault::Unrepeated(30));
    let told = Mutex::new(String::new());
    let run = |nat: &Nat| {
        for _ in 0..ticks {
            let output = nat.tick(&[]);
            succeeded(&output);
            let said = String::from_utf8_lossy(&output.stderr);
            if said.contains("took over") {
                told.lock().unwrap().push_str(&said);
            }
        }
    };
    thread::scope(|scope| {
        for nat in &nats {
            scope.spawn(|| run(nat));
        }
    });
    let told = told.into_inner().unwrap();
    assert_eq!(lab.changes(), <[String; 0]>::default(), "{told}");
    for nat in &nats {
        assert!(nat.runs().is_empty() && nat.news().is_empty());
    }
}

#[track_caller]
fn succeeded(output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn loss_on_the_way_to_aws_too_moves_nothing() {
    let mut scene = Scene::start(&[]);
    scene.lab.break_off(Fault::Loss(30));
    for host in ["nat1", "nat2"] {
        scene.rounds(host, 8);
    }
    scene.assert_unmoved();
    assert_eq!(
        scene.one.moves(Duration::ZERO) + scene.two.moves(Duration::ZERO),
        0
    );
}
