//! The whole life of a network in the emulator, on both computes; `lab::life` has it with packets.

use crate::heartbeat::world::HEALTHY;
use crate::policy::life::assert_every_call_is_allowed;
use crate::replace::Network;
use crate::replace::network::{A, C};
use crate::undo::remaining;

const DRILL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks/failover-drill.rhai");
const STATUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks/status.rhai");
const ZONE: &str = "zone=ap-northeast-1a";

/// Builds, drills, kills, replaces, reports, and takes everything down again.
fn lives_and_leaves_nothing(network: &Network) {
    let status = network.arguments(STATUS, &[]);
    for zone in [A, C] {
        network.say(&network.nat(zone), HEALTHY);
    }
    network.test.runbook(&status).code(0);
    drill(network);
    network.test.runbook(&status).code(0);

    network.stop(A);
    network.test.runbook(&status).code(1);
    network.replace(&["--set", ZONE]).code(0);
    network.test.runbook(&status).code(0);

    // What was made later stands on what was made before.
    for run in [
        &["undo", "replace-nat"][..],
        &["undo", "failover"],
        &["--state-dir", "build", "undo", "last"],
    ] {
        let quick = ["--yes", "--timeout", "20s"];
        network.test.runbook(&[run, &quick].concat()).code(0);
    }
    assert!(
        remaining(&network.test).is_empty(),
        "{:?}",
        remaining(&network.test)
    );
}

/// The test is the heartbeat that takes the route and gives it back.
fn drill(network: &Network) {
    let quick = ["--set", ZONE, "--set", "ask=false", "--set", "look=10ms"];
    let arguments = network.arguments(DRILL, &quick);
    let mut live = network
        .test
        .live(&arguments, "forwards nothing from now on");
    network.lead(A, &network.nat(C));
    live.until("forwards again");
    network.lead(A, &network.nat(A));
    live.ended().code(0);
}

#[test]
fn on_plain_instances_a_network_lives_and_leaves_nothing() {
    let network = Network::with_addresses();
    lives_and_leaves_nothing(&network);
    assert_every_call_is_allowed(&network, &["--set", "nat_elastic_ips=true"]);
}

#[test]
fn on_opsworks_a_network_lives_and_leaves_nothing() {
    let network = Network::on_opsworks();
    lives_and_leaves_nothing(&network);
    assert_every_call_is_allowed(&network, &[]);
}
