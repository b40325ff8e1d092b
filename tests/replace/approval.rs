//! Live traffic moves when somebody has said so, and not before.

use super::Network;
use super::network::A;

/// A replacement of zone a's stopped NAT that has come as far as its question.
fn waiting() -> Network {
    let network = Network::new();
    network.stop(A);
    let before = network.routes();
    let asked = network.test.runbook(&network.asking()).code(3);
    for said in [
        &*format!("Move the traffic of {A} to the new NAT i-"),
        &format!("and retire {}?", network.nat(A)),
        "runbook approve ",
    ] {
        assert!(asked.stderr.contains(said), "no `{said}`: {}", asked.stderr);
    }
    assert_eq!(network.routes(), before);
    assert_eq!(
        network.operations(),
        ["RunInstances", "ModifyInstanceAttribute"]
    );
    network
}

#[test]
fn nothing_moves_until_it_is_approved() {
    let network = waiting();
    network.test.runbook(&["resume", "last"]).code(3);
    network.test.runbook(&["approve", "last"]).code(0);
    let ended = network.test.runbook(&["resume", "last"]).code(0);
    let new = ended.json()["nat"]["ec2_id"].as_str().map(str::to_owned);
    assert_eq!(network.routes()[0], new);
    let operations = network.operations();
    assert_eq!(
        operations
            .iter()
            .filter(|one| *one == "RunInstances")
            .count(),
        1
    );
    assert_eq!(
        operations.last().map(String::as_str),
        Some("TerminateInstances")
    );
}

#[test]
fn refused_the_old_one_stays_and_the_new_one_can_be_had_later() {
    let network = waiting();
    let before = network.routes();
    network
        .test
        .runbook(&["approve", "last", "--deny", "--why", "not at noon"])
        .code(0);
    let ended = network.test.runbook(&["resume", "last"]).code(1);
    assert!(ended.stderr.contains("not at noon"), "{}", ended.stderr);
    assert_eq!(network.routes(), before);
    network.test.runbook(&["resume", "last"]).code(3);
    network.test.runbook(&["approve", "last"]).code(0);
    network.test.runbook(&["resume", "last"]).code(0);
    assert_eq!(
        network
            .operations()
            .iter()
            .filter(|one| *one == "RunInstances")
            .count(),
        1
    );
}
