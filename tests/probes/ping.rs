//! `probe::ping`

use serde_json::json;

use super::{HOLE, alone, caught};

/// Takes from a program what raw sockets need.
const WITHOUT_RAW: [&str; 3] = ["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"];

#[test]
#[ignore = "needs root, util-linux and iproute2"]
fn one_reply_is_enough_unless_more_are_asked_for() {
    let found = alone(
        "",
        &[],
        r#"[
            probe::ping("127.0.0.1"),
            probe::ping("::1", #{count: 4, interval: "1ms", enough: 3}),
            probe::ping("127.0.0.1", #{source: "127.0.0.9"}),
        ]"#,
    );
    assert_eq!(found[0]["ok"], true, "{found}");
    assert_eq!([&found[0]["sent"], &found[0]["received"]], [1, 1]);
    assert_eq!(found[0]["address"], "127.0.0.1");
    assert_eq!(found[1]["ok"], true, "{found}");
    assert_eq!(found[1]["received"], 3);
    let of = |name: &str| found[1][name].as_f64().unwrap();
    assert!(of("min_ms") <= of("avg_ms") && of("avg_ms") <= of("max_ms"));
    assert_eq!(found[2]["ok"], true, "{found}");
}

#[test]
#[ignore = "needs root, util-linux and iproute2"]
fn silence_and_refusals_are_results() {
    let found = alone(
        &format!("{HOLE}; ip route add unreachable 198.51.100.0/24"),
        &[],
        r#"probe::ping(["192.0.2.7", "198.51.100.1", "127.0.0.1", "no.such.host.invalid"],
            #{count: 2, interval: "20ms", timeout: "480ms"})"#,
    );
    assert_eq!(found[0]["error"], "no reply within 500ms", "{found}");
    assert_eq!([&found[0]["sent"], &found[0]["received"]], [2, 0]);
    assert!(found[0]["avg_ms"].is_null());
    let refused = found[1]["error"].as_str().unwrap();
    assert!(refused.starts_with("cannot send: "), "{found}");
    assert_eq!(found[2]["ok"], true);
    assert_eq!(found[3]["sent"], 0);
    let unknown = found[3]["error"].as_str().unwrap();
    assert!(
        unknown.starts_with("cannot resolve `no.such.host.invalid`: "),
        "{found}"
    );
}

#[test]
#[ignore = "needs root, util-linux and iproute2"]
fn the_deadline_holds_whatever_is_asked() {
    let found = alone(
        HOLE,
        &[],
        r#"probe::ping("192.0.2.7", #{count: 3, interval: "50ms", timeout: "1s", enough: 2})"#,
    );
    assert_eq!(found["error"], "no reply within 1.1s", "{found}");
    assert_eq!(found["sent"], 3);
}

#[test]
#[ignore = "needs root, util-linux and iproute2"]
fn a_dead_resolver_takes_no_longer_than_the_options_say() {
    let setup = format!(
        "{HOLE}; echo nameserver 192.0.2.53 > resolv.conf; mount --bind resolv.conf /etc/resolv.conf"
    );
    // The system's resolver goes on for ten seconds; nobody waits for it.
    let body = r#"probe::ping("www.example.com", #{count: 1, timeout: "150ms"})"#;
    let found = alone(&setup, &["timeout", "5"], body);
    assert_eq!(found["error"], "no reply within 150ms", "{found}");
    assert_eq!(found["sent"], 0);
}

#[test]
#[ignore = "needs root, util-linux and iproute2"]
fn everybody_may_ping_where_the_kernel_says_so() {
    let open = r#"echo "0 2147483647" > /proc/sys/net/ipv4/ping_group_range"#;
    let body = r#"[probe::ping("127.0.0.1", #{count: 3, interval: "1ms", enough: 3}), probe::ping("::1")]"#;
    let found = alone(open, &WITHOUT_RAW, body);
    assert_eq!(found[0]["received"], 3, "{found}");
    assert_eq!(found[1]["ok"], true, "{found}");
}

#[test]
#[ignore = "needs root, util-linux and iproute2"]
fn who_may_not_ping_is_told_how_to_be_let() {
    let body = r#"try { probe::any(["127.0.0.1"]); } catch (e) { return e; }"#;
    let error = alone("", &WITHOUT_RAW, body);
    assert_eq!(error["code"], "NotPermitted");
    let message = error["message"].as_str().unwrap();
    let fixes = [
        "sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"",
        "setcap cap_net_raw+ep /",
    ];
    for fix in fixes {
        assert!(message.contains(fix), "{message}");
    }
}

#[test]
fn wrong_options_are_refused_with_the_nearest_right_one() {
    for (call, said) in [
        (
            r#"let o = #{cuont: 3}; probe::ping("127.0.0.1", o)"#,
            "`probe::ping` has no option `cuont`; did you mean `count`?",
        ),
        (
            r#"probe::ping("127.0.0.1", #{count: 0})"#,
            "option `count` of `probe::ping`: expected a whole number from 1 to 100, found `0`",
        ),
        (
            r#"probe::ping("127.0.0.1", #{count: 2.5})"#,
            "expected a whole number from 1 to 100, found `2.5`",
        ),
        (
            r#"probe::ping("127.0.0.1", #{count: 2, enough: 3})"#,
            "option `enough` of `probe::ping`: expected a whole number from 1 to 2, found `3`",
        ),
        (
            r#"probe::ping("127.0.0.1", #{timeout: "soon"})"#,
            "option `timeout` of `probe::ping`: expected a duration from `1ms` to `1h`, found `soon`",
        ),
        (
            r#"probe::ping("127.0.0.1", #{interval: "0s"})"#,
            "option `interval` of `probe::ping`: expected a duration",
        ),
        (
            r#"probe::ping("127.0.0.1", #{source: "eth0"})"#,
            "option `source` of `probe::ping`: expected an address of this host, found `eth0`",
        ),
        (
            r#"probe::ping("127.0.0.1", #{source: "::1"})"#,
            "one is IPv4, the other IPv6",
        ),
        (
            r#"probe::ping("not a host")"#,
            "`not a host` is neither an address nor a name of a host",
        ),
        ("probe::ping(7)", "expected a target that is a string"),
        ("probe::any([])", "at least one target"),
    ] {
        let error = caught(call);
        assert_eq!(error["code"], "InvalidArgument", "{call}: {error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(said), "{call}: {message}");
    }
}

#[test]
#[ignore = "needs root, util-linux and iproute2"]
fn an_address_that_is_not_ours_is_a_result() {
    let body = r#"[probe::tcp("127.0.0.1:1", #{source: "192.0.2.9"}), probe::ping("127.0.0.1", #{source: "192.0.2.9"})]"#;
    let found = alone("", &[], body);
    let why = "cannot assign requested address";
    assert_eq!(found[0]["error"], why, "{found}");
    assert_eq!(
        found[1]["error"],
        format!("cannot send from 192.0.2.9: {why}")
    );
    assert_eq!(found[1]["sent"], 0);
}

#[test]
#[ignore = "needs root, util-linux and iproute2"]
fn of_a_names_addresses_one_is_taken_that_fits_the_source() {
    let hosts = r"printf '::1 both\n127.0.0.1 both\n' > hosts; mount --bind hosts /etc/hosts";
    let body = r#"["127.0.0.1", "::1"].map(|source| probe::ping("both", #{source: source}))"#;
    let found = alone(hosts, &[], body);
    for (place, address) in ["127.0.0.1", "::1"].into_iter().enumerate() {
        assert_eq!(
            [&found[place]["ok"], &found[place]["address"]],
            [&json!(true), &json!(address)],
            "{found}"
        );
    }
}

#[test]
#[ignore = "needs root, util-linux and iproute2"]
fn a_router_that_says_no_is_no_reply() {
    // It has a network of its own, and no way to 203.0.113.0/24.
    let router = r#"unshare --net sleep 1000 & router=$!
        while [ "$(readlink /proc/$router/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do :; done
        inside="nsenter --net=/proc/$router/ns/net"
        ip link add near type veth peer name far netns $router
        ip addr add 10.0.0.1/24 dev near; ip link set near up; ip route add default via 10.0.0.2
        $inside ip addr add 10.0.0.2/24 dev far; $inside ip link set far up
        $inside sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'"#;
    let body = r#"probe::ping(["203.0.113.9", "10.0.0.2"], #{count: 2, timeout: "5s"})"#;
    let found = alone(router, &[], body);
    assert_eq!(
        found[0]["error"], "unreachable, reported by 10.0.0.2",
        "{found}"
    );
    assert_eq!(
        [&found[0]["ok"], &found[0]["received"]],
        [&json!(false), &json!(0)]
    );
    assert_eq!(found[1]["ok"], true, "{found}");
}
