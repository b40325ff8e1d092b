//! What a replacement does, and in which order: a new one first, the traffic once, the old one last.

use super::Network;
use super::network::{A, C, CHECK_OF_A, EVERYWHERE};
use crate::harness::tell;
use crate::heartbeat::world::id;

/// The zone's traffic and its check go to the new NAT, the other zone's as before.
#[track_caller]
fn assert_replaced(network: &Network, old: &str, new: &str) {
    let other = Some(network.nat(C));
    let new_one = Some(new.to_owned());
    assert_eq!(
        network.routes(),
        [new_one.clone(), other.clone(), new_one, other]
    );
    let described = network.describe(new);
    assert!(described.contains("<sourceDestCheck>false<"), "{described}");
    assert!(network.describe(old).contains("<name>terminated<"));
    let was = network.describe(old);
    for part in ["instanceType", "imageId"] {
        assert_eq!(id(&described, part), id(&was, part));
    }
}

/// Returns how often our runs moved a table's default route.
fn moves(network: &Network, table: &str) -> usize {
    let ours = network.changes();
    let of_table = ours.iter().filter(|one| {
        let agent = one["user_agent"].as_str().unwrap();
        agent.contains("point the default route") && agent.contains(table)
    });
    of_table.count()
}

#[test]
fn a_stopped_nat_is_replaced_and_its_traffic_moves_once() {
    let network = Network::new();
    let old = network.nat(A);
    network.stop(A);
    let ended = network.replace(&["--set", "zone=ap-northeast-1a"]).code(0);
    assert!(
        ended.stderr.contains("AWS says that it is stopped"),
        "{}",
        ended.stderr
    );
    let told = ended.json();
    let new = told["nat"]["ec2_id"].as_str().unwrap();
    assert_replaced(&network, &old, new);
    assert_eq!(told["retired"], *old);
    assert_eq!(told["left"], serde_json::json!([]));
    let operations = network.operations();
    let expected = [
        "RunInstances",
        "ModifyInstanceAttribute",
        "ReplaceRoute",
        "ReplaceRoute",
        "CreateTags",
        "TerminateInstances",
    ];
    assert_eq!(operations, expected);
    let tables = network.ec2(&format!(
        "DescribeRouteTables&RouteTableId.1={}",
        network.private_table(A)
    ));
    assert!(tables.contains(&format!("<value>{new} since=")), "{tables}");
    tell(&format!(
        "replace-nat.rhai: {} calls, {} of them change something",
        network.calls("replace-nat"),
        operations.len()
    ));
}

#[test]
fn a_healthy_one_is_replaced_by_force() {
    let network = Network::new();
    let old = network.nat(A);
    let forced = ["--set", "zone=ap-northeast-1a", "--set", "force=true"];
    let ended = network.replace(&forced).code(0);
    assert!(
        ended.stderr.contains("though it counts as healthy"),
        "{}",
        ended.stderr
    );
    assert_replaced(
        &network,
        &old,
        ended.json()["nat"]["ec2_id"].as_str().unwrap(),
    );
}

#[test]
fn what_the_neighbour_has_taken_over_moves_on_to_the_new_one() {
    let network = Network::new();
    let (old, neighbour) = (network.nat(A), network.nat(C));
    network.lead(A, &neighbour);
    let ended = network.replace(&["--set", "zone=ap-northeast-1a"]).code(0);
    let said =
        format!("the zone's traffic goes through {neighbour} in {C}, which stands in for it");
    assert!(ended.stderr.contains(&said), "{}", ended.stderr);
    assert_replaced(
        &network,
        &old,
        ended.json()["nat"]["ec2_id"].as_str().unwrap(),
    );
}

#[test]
fn what_a_nat_says_of_itself_counts() {
    for (status, why) in [
        (
            "sick next=304 within=4 why=ip_forward is off",
            "the status of its heartbeat is sick: ip_forward is off",
        ),
        (
            "healthy t=1000000000 next=304 within=4",
            "and the next was promised within 304 s",
        ),
    ] {
        let network = Network::new();
        let old = network.nat(A);
        network.say(&old, status);
        let ended = network.replace(&["--set", "zone=ap-northeast-1a"]).code(0);
        assert!(ended.stderr.contains(why), "{}", ended.stderr);
    }
}

#[test]
fn routes_that_are_gone_are_made_again() {
    let network = Network::new();
    let old = network.nat(A);
    network.stop(A);
    for (table, to) in [
        (network.private_table(A), EVERYWHERE),
        (network.public_table(C), CHECK_OF_A),
    ] {
        network.ec2(&format!(
            "DeleteRoute&RouteTableId={table}&DestinationCidrBlock={to}"
        ));
    }
    let ended = network.replace(&["--set", "zone=ap-northeast-1a"]).code(0);
    assert_replaced(
        &network,
        &old,
        ended.json()["nat"]["ec2_id"].as_str().unwrap(),
    );
    assert_eq!(
        network
            .operations()
            .iter()
            .filter(|one| *one == "CreateRoute")
            .count(),
        2
    );
}

#[test]
fn the_address_is_kept() {
    let network = Network::with_addresses();
    let old = network.nat(A);
    let before = network.ec2(&format!(
        "DescribeAddresses&Filter.1.Name=instance-id&Filter.1.Value.1={old}"
    ));
    let address = id(&before, "publicIp");
    network.stop(A);
    let ended = network.replace(&["--set", "zone=ap-northeast-1a"]).code(0);
    let new = ended.json()["nat"]["ec2_id"].as_str().unwrap().to_owned();
    assert_replaced(&network, &old, &new);
    let after = network.ec2(&format!("DescribeAddresses&PublicIp.1={address}"));
    assert!(after.contains(&format!("<instanceId>{new}<")), "{after}");
    let operations = network.operations();
    let at = |operation: &str| operations.iter().position(|one| one == operation);
    assert!(
        at("AssociateAddress") < at("ReplaceRoute"),
        "{operations:?}"
    );
}

#[test]
fn a_zone_without_any_nat_gets_one() {
    let network = Network::new();
    let old = network.nat(A);
    network.ec2(&format!("TerminateInstances&InstanceId.1={old}"));
    let ended = network.replace(&["--set", "zone=ap-northeast-1a"]).code(0);
    let told = ended.json();
    let new = told["nat"]["ec2_id"].as_str().unwrap();
    assert_replaced(&network, &old, new);
    assert_eq!(moves(&network, &network.private_table(A)), 1);
}

/// A heartbeat that looked before the move, and acts on what it saw.
#[test]
fn a_route_that_is_taken_away_after_the_move_is_moved_again() {
    let network = Network::new();
    network.stop(A);
    let lingering = ["--set", "zone=ap-northeast-1a", "--set", "linger=1s"];
    let mut live = network
        .test
        .live(&network.replacing(&lingering), "sleep: waiting");
    network.lead(A, &network.nat(C));
    live.until("somebody moved 0.0.0.0/0 of MyVPC private segment AZ1");
    let ended = live.ended().code(0);
    assert_replaced(
        &network,
        &network.nat(A),
        ended.json()["nat"]["ec2_id"].as_str().unwrap(),
    );
    let operations = network.operations();
    assert_eq!(
        operations
            .iter()
            .filter(|one| *one == "ReplaceRoute")
            .count(),
        3
    );
    assert_eq!(
        operations.last().map(String::as_str),
        Some("TerminateInstances")
    );
}

#[test]
fn when_somebody_moves_it_away_again_and_again_the_old_one_stays() {
    let network = Network::new();
    network.stop(A);
    let quarrel = ["--set", "zone=ap-northeast-1a", "--set", "linger=1s"];
    let mut live = network
        .test
        .live(&network.replacing(&quarrel), "[1]/sleep: waiting");
    for round in 1..=3 {
        if round > 1 {
            live.until(&format!("[{round}]/sleep: waiting"));
        }
        network.lead(A, &network.nat(C));
    }
    let ended = live.ended().code(1);
    assert!(
        ended
            .stderr
            .contains("again and again, and the old NAT is left as it is"),
        "{}",
        ended.stderr
    );
    assert!(network.describe(&network.nat(A)).contains("<name>stopped<"));
    let instances = network.ec2("DescribeInstances&Filter.1.Name=instance-state-name&Filter.1.Value.1=running&Filter.2.Name=availability-zone&Filter.2.Value.1=ap-northeast-1a");
    let new = id(&instances, "instanceId");
    network.lead(A, &new);
    network.test.runbook(&["resume", "last"]).code(0);
    assert_replaced(&network, &network.nat(A), &new);
}
