//! What is not replaced, and that nothing is changed then.

use super::Network;
use super::network::{A, C};
use crate::build::census::canonical;

#[track_caller]
fn assert_refused(network: &Network, more: &[&str], code: i32, said: &[&str]) {
    let before = canonical(&network.test);
    let ended = network.replace(more).code(code);
    for text in said {
        assert!(ended.stderr.contains(text), "no `{text}`: {}", ended.stderr);
    }
    assert_eq!(canonical(&network.test), before);
    assert_eq!(network.operations(), <[String; 0]>::default());
}

#[test]
fn a_healthy_nat_is_refused_and_what_to_type_is_said() {
    let network = Network::new();
    let nat = network.nat(A);
    let said = [
        &*format!("{nat} in {A} counts as healthy: it runs, its source/destination check is off"),
        "nothing was changed",
        &format!("runbook run replace-nat.rhai --set zone={A} --set force=true"),
    ];
    assert_refused(&network, &["--set", "zone=ap-northeast-1a"], 1, &said);
    assert_refused(&network, &["--set", &format!("nat={nat}")], 1, &said);
    network.say(&nat, "healthy next=304 within=4");
    let said = [
        &*format!("{nat} in {A} counts as healthy"),
        "the status of its heartbeat is healthy",
    ];
    assert_refused(&network, &["--set", "zone=ap-northeast-1a"], 1, &said);
}

#[test]
fn zones_and_nats_that_are_not_there_are_refused_with_those_that_are() {
    let network = Network::new();
    let known = format!("{A}, {C}");
    let unknown = format!("the zone ap-northeast-1d is not among the settings' zones: {known}");
    assert_refused(&network, &["--set", "zone=ap-northeast-1d"], 2, &[&unknown]);
    assert_refused(&network, &[], 2, &["which NAT? say --set zone=…", &known]);
    let (a, c) = (network.nat(A), network.nat(C));
    let there = format!(
        "i-0123456789abcdef0 is no NAT of MyVPC; nothing was changed. There are: {a} in {A}, {c} in {C}"
    );
    assert_refused(
        &network,
        &["--set", "nat=i-0123456789abcdef0"],
        1,
        &[&there],
    );
    let both = [
        "--set",
        "zone=ap-northeast-1a",
        "--set",
        &format!("nat={c}"),
    ];
    assert_refused(&network, &both, 1, &[&format!("{c} is in {C}, not in {A}")]);
}

#[test]
fn of_two_nats_in_a_zone_the_operator_says_which() {
    let network = Network::new();
    let (old, other) = (network.nat(A), network.launch(A));
    let said = [
        "2 instances are NATs of ap-northeast-1a",
        &*old,
        &*other,
        "If a replacement was cut off, resume its run",
        "--set nat=i-…",
    ];
    assert_refused(&network, &["--set", "zone=ap-northeast-1a"], 1, &said);
    network.stop(A);
    assert_refused(&network, &["--set", "zone=ap-northeast-1a"], 1, &said);
    let ended = network.replace(&["--set", &format!("nat={old}")]).code(0);
    assert_eq!(ended.json()["retired"], *old);
}
