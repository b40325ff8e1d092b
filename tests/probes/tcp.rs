//! `probe::tcp`

use serde_json::json;

use super::server::{Server, closed_port};
use super::{HOLE, alone, answer, caught};

#[test]
fn a_connection_is_opened_or_not() {
    let server = Server::page(200, "");
    let (open, closed) = (server.address.port(), closed_port());
    let found = answer(&format!(
        r#"probe::tcp(["127.0.0.1:{open}", "127.0.0.1:{closed}", "localhost:{open}"], #{{source: "127.0.0.7"}})"#
    ));
    assert_eq!(found[0]["ok"], true, "{found}");
    assert_eq!(found[0]["address"], format!("127.0.0.1:{open}"));
    assert!(found[0]["ms"].as_f64().unwrap() > 0.0);
    assert_eq!(
        found[1],
        json!({
            "target": format!("127.0.0.1:{closed}"), "address": format!("127.0.0.1:{closed}"),
            "ok": false, "ms": null, "error": "connection refused",
        })
    );
    assert_eq!(found[2]["ok"], true, "{found}");
}

#[test]
#[ignore = "needs root, util-linux and iproute2"]
fn a_host_that_swallows_everything_takes_no_longer_than_the_timeout() {
    let body = r#"[
        probe::tcp("192.0.2.7:443", #{timeout: "100ms"}),
        probe::http("https://192.0.2.7/", #{timeout: "100ms"}),
        probe::dns("a.example", #{server: "192.0.2.7", timeout: "100ms"}),
    ]"#;
    let found = alone(HOLE, &["timeout", "5"], body);
    assert_eq!(found[0]["error"], "no connection within 100ms", "{found}");
    assert!(
        found[1]["error"]
            .as_str()
            .unwrap()
            .starts_with("no connection"),
        "{found}"
    );
    assert_eq!(found[2]["error"], "no answer within 100ms", "{found}");
}

#[test]
fn a_target_is_a_host_and_a_port() {
    for target in [
        "127.0.0.1",
        "127.0.0.1:0",
        "127.0.0.1:http",
        "::1:80",
        ":80",
        "[::1]",
        "",
    ] {
        let error = caught(&format!(r#"probe::tcp("{target}")"#));
        assert_eq!(error["code"], "InvalidArgument", "{target}: {error}");
    }
}
