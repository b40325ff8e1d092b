//! The set-up of the new NAT: its traffic waits for it, and the old one for its heartbeat.

use super::Network;
use super::network::A;
use crate::build::EC2_SITE;
use crate::harness::{Test, emulator};

#[test]
fn while_the_new_one_does_not_forward_nothing_moves() {
    let network = Network::new();
    network.stop(A);
    let before = network.routes();
    let account = network.test.account();
    emulator(account)
        .boots(account, "fail", "no nft", 1)
        .unwrap();
    let ended = network.replace(&["--set", "zone=ap-northeast-1a"]).code(1);
    assert!(
        ended.stderr.contains("could not set itself up: no nft"),
        "{}",
        ended.stderr
    );
    assert_eq!(network.routes(), before);
    assert_eq!(
        network.operations(),
        ["RunInstances", "ModifyInstanceAttribute"]
    );
    let again = network.replace(&["--set", "zone=ap-northeast-1a"]).code(1);
    assert!(
        again
            .stderr
            .contains("2 instances are NATs of ap-northeast-1a"),
        "{}",
        again.stderr
    );
    assert!(again.stderr.contains("made by run "), "{}", again.stderr);
}

#[test]
fn the_old_one_goes_when_the_new_one_has_a_heartbeat() {
    let with_heartbeat = ["--set", "heartbeat=service"];
    let network = Network::with(Test::new().aws(), EC2_SITE, &with_heartbeat);
    network.stop(A);
    let ended = network.replace(&["--set", "zone=ap-northeast-1a"]).code(0);
    let said = &ended.stderr;
    let at = |text: &str| {
        said.find(text)
            .unwrap_or_else(|| panic!("no `{text}`: {said}"))
    };
    assert!(at("point the default route") < at("await the heartbeat of the new NAT: done"));
    assert!(at("await the heartbeat of the new NAT: done") < at("retire the old NAT"));
}
