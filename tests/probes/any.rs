//! `probe::any`

use super::server::{Server, closed_port};
use super::{HOLE, alone, answer};

#[test]
#[ignore = "needs root, util-linux and iproute2"]
fn it_returns_with_the_first_that_is_alive() {
    // The dead ones alone would take an hour.
    let body =
        r#"probe::any(["192.0.2.7", "tcp:192.0.2.7:80", "127.0.0.1"], #{count: 1, timeout: "1h"})"#;
    let found = alone(HOLE, &["timeout", "20"], body);
    assert_eq!(found["ok"], true, "{found}");
    assert_eq!(found["results"][2]["ok"], true, "{found}");
    for place in 0..2 {
        let dropped = &found["results"][place];
        assert_eq!(
            [&dropped["ok"], &dropped["error"]],
            [&false.into(), &"not awaited".into()] as [&serde_json::Value; 2]
        );
    }
}

#[test]
fn all_kinds_of_targets_are_known() {
    let server = Server::page(200, "");
    let silent = Server::new(|_| None);
    let (open, closed) = (server.address.port(), closed_port());
    for (target, ok) in [
        (format!("tcp:127.0.0.1:{open}"), true),
        (format!("tcp:127.0.0.1:{closed}"), false),
        (format!("http://127.0.0.1:{open}/"), true),
        (silent.url("/"), false),
        (format!("dns:a.example@127.0.0.1:{closed}"), false),
    ] {
        let found = answer(&format!(
            r#"probe::any(["{target}"], #{{count: 2, interval: "100ms", timeout: "2s"}})"#
        ));
        assert_eq!(found["ok"], ok, "{found}");
        assert_eq!(found["results"][0]["target"], target.as_str(), "{found}");
    }
}

#[test]
#[ignore = "needs root, util-linux and iproute2"]
fn nobody_alive_is_told_when_the_time_is_over() {
    let body = r#"probe::any(["192.0.2.7", "192.0.2.8", "tcp:192.0.2.7:80", "https://192.0.2.7/", "dns:a.example@192.0.2.7"],
        #{count: 2, interval: "50ms", timeout: "100ms"})"#;
    let found = alone(HOLE, &["timeout", "5"], body);
    assert_eq!(found["ok"], false, "{found}");
    for result in found["results"].as_array().unwrap() {
        let error = result["error"].as_str().unwrap();
        assert!(error.starts_with("no "), "{found}");
    }
}
