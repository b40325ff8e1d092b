//! `host::…`

use serde_json::{Value, json};

use super::server::{Server, page};
use super::{alone, answer, answered, ran};
use crate::harness::Test;

const IDENTITY: &str =
    "[host::instance_id(), host::availability_zone(), host::region(), host::instance_id()]";

/// The metadata service, which demands a token first.
fn metadata() -> Server {
    Server::new(|request| {
        let (status, body) = if request.starts_with("PUT /latest/api/token") {
            (200, "a-token")
        } else if !request
            .to_ascii_lowercase()
            .contains("x-aws-ec2-metadata-token: a-token")
        {
            (401, "")
        } else {
            match request.split(' ').nth(1).unwrap_or_default() {
                "/latest/meta-data/instance-id" => (200, "i-0123456789abcdef0"),
                "/latest/meta-data/placement/availability-zone" => (200, "eu-west-1b"),
                "/latest/meta-data/placement/region" => (200, "eu-west-1"),
                _ => (404, ""),
            }
        };
        Some(
            page(status, body)
                .replace("X\r\n", "X\r\nx-aws-ec2-metadata-token-ttl-seconds: 60\r\n"),
        )
    })
}

#[test]
fn the_instance_is_asked_of_its_metadata_service_once() {
    let server = metadata();
    let test = Test::new().env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &server.url(""));
    let found = answered(&test, IDENTITY);
    assert_eq!(
        found,
        json!([
            "i-0123456789abcdef0",
            "eu-west-1b",
            "eu-west-1",
            "i-0123456789abcdef0"
        ])
    );
    let asked = server.requests();
    let of = |path: &str| {
        asked
            .iter()
            .filter(|request| request.contains(path))
            .count()
    };
    assert_eq!(of("instance-id"), 1);
}

#[test]
fn a_host_that_is_no_instance_says_what_to_set() {
    let silent = Server::new(|_| None);
    let forbidding = Server::page(403, "");
    for server in [
        silent.url(""),
        forbidding.url(""),
        format!("http://127.0.0.1:{}", super::server::closed_port()),
    ] {
        let test = Test::new().env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &server);
        let ended = ran(&test, "host::instance_id()").code(1);
        assert!(
            ended.stderr.contains("`host::instance_id` is not known"),
            "{}",
            ended.stderr
        );
        assert!(
            ended.stderr.contains("RUNBOOK_HOST_INSTANCE_ID"),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn the_environment_says_otherwise() {
    let test = [
        ("INSTANCE_ID", "i-1"),
        ("AVAILABILITY_ZONE", "eu-west-1a"),
        ("REGION", "eu-west-1"),
        ("IP_FORWARD", "true"),
        ("MASQUERADE", "10.0.0.0/16,10.1.0.0/16"),
        ("DEFAULT_INTERFACE", "eth7"),
        ("UPTIME", "12.5"),
        ("BOOT_ID", "b"),
    ]
    .iter()
    .fold(Test::new(), |test, (name, value)| {
        test.env(&format!("RUNBOOK_HOST_{name}"), value)
    });
    let found = answered(
        &test,
        r"[host::instance_id(), host::availability_zone(), host::region(), host::ip_forward(), host::masquerade(),
           host::default_interface(), host::uptime(), host::boot_id()]",
    );
    let blocks = json!([{"source": "10.0.0.0/16", "interface": null}, {"source": "10.1.0.0/16", "interface": null}]);
    assert_eq!(
        found,
        json!([
            "i-1",
            "eu-west-1a",
            "eu-west-1",
            true,
            blocks,
            "eth7",
            12.5,
            "b"
        ])
    );
    let wrong = Test::new().env("RUNBOOK_HOST_IP_FORWARD", "yes");
    let ended = ran(&wrong, "host::ip_forward()").code(1);
    assert!(
        ended
            .stderr
            .contains("RUNBOOK_HOST_IP_FORWARD is true or false, not `yes`"),
        "{}",
        ended.stderr
    );
}

#[test]
fn the_clock_since_boot_and_the_names_are_there() {
    let found = answer("[host::uptime(), host::boot_id(), host::name(), host::uptime()]");
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    assert_eq!(found[1], boot.trim());
    assert!(found[0].as_f64() <= found[3].as_f64() && found[0].as_f64() > Some(0.0));
    assert!(!found[2].as_str().unwrap().is_empty());
}

#[track_caller]
fn masquerades(setup: &str) -> Value {
    alone(setup, &[], "host::masquerade()")
}

#[test]
#[ignore = "needs root, util-linux, iproute2, nftables and iptables"]
fn rules_of_both_programs_are_seen() {
    let nft = "nft add table ip mine; nft 'add chain ip mine post { type nat hook postrouting priority 100; }'
        nft add rule ip mine post ip saddr 10.0.0.0/16 oifname eth0 masquerade";
    let found = masquerades(nft);
    assert_eq!(
        found,
        json!([{"source": "10.0.0.0/16", "interface": "eth0"}])
    );
    let found = masquerades("iptables -t nat -A POSTROUTING -s 10.0.0.0/16 -j MASQUERADE");
    assert_eq!(found, json!([{"source": "10.0.0.0/16", "interface": null}]));
    let found = masquerades("nft add table ip mine");
    assert_eq!(found, json!([]));
}

#[test]
#[ignore = "needs root, util-linux, iproute2, nftables and iptables"]
fn who_may_not_see_the_rules_is_told_so() {
    let body = "try { host::masquerade(); } catch (e) { return e; }";
    let less = [
        "setpriv",
        "--bounding-set=-net_admin,-net_raw",
        "--inh-caps=-net_admin,-net_raw",
    ];
    let error = alone("", &less, body);
    assert_eq!(error["code"], "NotPermitted", "{error}");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("run this as root, or with CAP_NET_ADMIN"),
        "{error}"
    );
}

#[test]
#[ignore = "needs root, util-linux and iproute2"]
fn the_default_route_and_forwarding_are_read_of_the_kernel() {
    let setup = "ip link add outer type veth peer name far; ip link set outer up; ip link set far up; ip addr add 192.0.2.1/24 dev outer
        ip route add default via 192.0.2.254; echo 1 > /proc/sys/net/ipv4/ip_forward";
    let body = "[host::default_interface(), host::ip_forward()]";
    assert_eq!(alone(setup, &[], body), json!(["outer", true]));
    let found = alone("echo 0 > /proc/sys/net/ipv4/ip_forward", &[], body);
    assert_eq!(found, json!([null, false]));
}
