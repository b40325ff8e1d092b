//! `failover-drill.rhai` in the emulator, where the test is the heartbeat that takes the route and gives it back.

use rustix::process::Signal;

use crate::build::killed;
use crate::harness::{Live, tell};
use crate::heartbeat::world::HEALTHY;
use crate::replace::Network;
use crate::replace::network::{A, C, CHECK_OF_A};

const RUNBOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks/failover-drill.rhai");
const OFF: &str = "forwards nothing from now on";
const ON: &str = "forwards again";

/// Both NATs have a heartbeat that says that it is well.
fn network() -> Network {
    let network = Network::new();
    for zone in [A, C] {
        network.say(&network.nat(zone), HEALTHY);
    }
    network
}

fn arguments<'a>(network: &Network, more: &[&'a str]) -> Vec<&'a str> {
    let drill = [
        "--set",
        "zone=ap-northeast-1a",
        "--set",
        "ask=false",
        "--set",
        "look=10ms",
    ];
    network.arguments(RUNBOOK, &[&drill[..], more].concat())
}

fn is_checked(network: &Network) -> bool {
    network
        .describe(&network.nat(A))
        .contains("<sourceDestCheck>true<")
}

/// Waits until the account has the check as it is said to be.
fn until_checked(network: &Network, live: &mut Live, checked: bool) {
    while is_checked(network) != checked {
        assert!(!live.is_over(), "{}", live.told());
    }
}

fn begin(network: &Network, more: &[&str]) -> Live {
    let mut live = network.test.live(&arguments(network, more), OFF);
    until_checked(network, &mut live, true);
    live
}

#[test]
fn the_route_goes_to_the_neighbour_and_comes_back() {
    let network = network();
    let mut live = begin(&network, &[]);
    network.lead(A, &network.nat(C));
    live.until(ON);
    assert!(!is_checked(&network));
    network.lead(A, &network.nat(A));
    let ended = live.ended().code(0);
    let told = ended.json();
    assert_eq!(
        (&told["nat"], &told["stand_in"]),
        (&network.nat(A).into(), &network.nat(C).into())
    );
    for measured in ["failover_seconds", "fail_back_seconds"] {
        assert!(told[measured].as_f64().is_some(), "{told}");
    }
    assert_eq!(network.operations(), ["ModifyInstanceAttribute"; 2]);
    tell(&format!(
        "failover-drill.rhai: {} calls, 2 of them change something",
        network.calls("failover-drill")
    ));
}

#[test]
fn when_nobody_stands_in_it_forwards_again_and_the_drill_fails() {
    let network = network();
    let more = ["--set", "hold=100ms", "--set", "return_within=100ms"];
    let ended = network.test.runbook(&arguments(&network, &more)).code(1);
    let said = format!(
        "{} did not stand in for {} within 100ms",
        network.nat(C),
        network.nat(A)
    );
    assert!(ended.stderr.contains(&said), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("runbook run status.rhai"),
        "{}",
        ended.stderr
    );
    assert!(!is_checked(&network));
}

#[test]
fn when_the_route_does_not_come_back_the_drill_fails() {
    let network = network();
    let mut live = begin(&network, &["--set", "return_within=100ms"]);
    network.lead(A, &network.nat(C));
    live.until(ON);
    let ended = live.ended().code(1);
    assert!(
        ended
            .stderr
            .contains(&format!("the route of {A} did not come back within 100ms")),
        "{}",
        ended.stderr
    );
    assert!(!is_checked(&network));
}

/// Something that is made wrong, and what is said of it.
type Flaw<'a> = (&'a dyn Fn(&Network), &'a str);

#[test]
fn a_network_that_is_not_whole_is_not_drilled() {
    let flaws: [Flaw; 5] = [
        (&|network| network.stop(C), "AWS says that it is stopped"),
        (
            &|network| network.lead(C, &network.nat(A)),
            "which stands in for it",
        ),
        (
            &|network| {
                network.say(
                    &network.nat(C),
                    "sick next=304 within=4 why=ip_forward is off",
                );
            },
            "the status of its heartbeat is sick: ip_forward is off",
        ),
        (
            &|network| network.say(&network.nat(C), "gone"),
            "publishes no status: it would not stand in for another NAT",
        ),
        (
            &|network| {
                let table = network.public_table(C);
                network.ec2(&format!(
                    "DeleteRoute&RouteTableId={table}&DestinationCidrBlock={CHECK_OF_A}"
                ));
            },
            "has no route 8.8.8.8/32",
        ),
    ];
    let network = network();
    for (flaw, said) in flaws {
        flaw(&network);
        let ended = network.test.runbook(&arguments(&network, &[])).code(1);
        assert!(
            ended.stderr.contains("no drill, and nothing was changed"),
            "{}",
            ended.stderr
        );
        assert!(ended.stderr.contains(said), "no `{said}`: {}", ended.stderr);
    }
    assert_eq!(network.operations(), <[String; 0]>::default());
}

#[test]
fn interrupted_it_forwards_again_and_is_over() {
    let network = network();
    let live = begin(&network, &["--set", "return_within=100ms"]);
    live.signal(Signal::INT);
    let ended = live.ended().code(130);
    assert!(
        ended
            .stderr
            .contains("the cleanup is done and the run has ended"),
        "{}",
        ended.stderr
    );
    assert!(!is_checked(&network));
    let resumed = network.test.runbook(&["resume", "last"]).code(2);
    assert!(
        resumed
            .stderr
            .contains("was cancelled: there is nothing to resume"),
        "{}",
        resumed.stderr
    );
}

/// Nobody stands in; wherever it is cut off, the NAT forwards in the end.
#[test]
fn killed_anywhere_and_resumed_it_forwards_again() {
    let network = network();
    let more = ["--set", "hold=20ms", "--set", "return_within=20ms"];
    network.test.runbook(&arguments(&network, &more)).code(1);
    let entries = network.test.journal().len();
    let points: Vec<usize> = (2..entries).collect();
    for point in &points {
        killed(
            &network.test,
            &format!("after:{point}"),
            &arguments(&network, &more),
        );
        network.test.runbook(&["resume", "last"]).code(1);
        assert!(!is_checked(&network), "after:{point}");
    }
    tell(&format!(
        "failover-drill.rhai: kill -9 at {} points of {entries}, then resume: it forwards again",
        points.len()
    ));
}

#[test]
fn traffic_is_cut_off_when_somebody_has_said_so() {
    let network = network();
    let asking = [
        "--set",
        "zone=ap-northeast-1a",
        "--set",
        "hold=20ms",
        "--set",
        "return_within=20ms",
    ];
    let asked = network
        .test
        .runbook(&network.arguments(RUNBOOK, &asking))
        .code(3);
    let question = format!(
        "Cut off the traffic of {A} for at most 20ms, until {} in {C} stands in?",
        network.nat(C)
    );
    assert!(asked.stderr.contains(&question), "{}", asked.stderr);
    assert_eq!(network.operations(), <[String; 0]>::default());
    network.test.runbook(&["approve", "last"]).code(0);
    network.test.runbook(&["resume", "last"]).code(1);
    assert_eq!(network.operations(), ["ModifyInstanceAttribute"; 2]);
}
