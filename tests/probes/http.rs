//! `probe::http`

use super::server::{Server, closed_port, page};
use super::{answer, caught};

#[test]
fn status_and_body_decide() {
    let server = Server::new(|request| {
        let (status, body) = match request.split(' ').nth(1) {
            Some("/well") => (200, "all is well"),
            Some("/gone") => (410, ""),
            _ => (302, "elsewhere"),
        };
        Some(page(status, body))
    });
    let url = |path| server.url(path);
    let found = answer(&format!(
        r#"[
            probe::http("{}", #{{contains: "is well"}}),
            probe::http("{}", #{{contains: "is ill"}}),
            probe::http("{}"),
            probe::http("{}", #{{status: 302}}),
            probe::http("{}", #{{method: "HEAD", headers: #{{"X-Asked": "yes"}}}}),
        ]"#,
        url("/well"),
        url("/well"),
        url("/gone"),
        url("/moved"),
        url("/well")
    ));
    assert_eq!(found[0]["ok"], true, "{found}");
    assert_eq!(found[0]["status"], 200);
    assert!(found[0]["ms"].as_f64().unwrap() > 0.0);
    assert_eq!(found[1]["error"], "the body lacks `is ill`");
    assert_eq!(found[2]["error"], "status 410, not 200");
    // A redirect is an answer, and is not followed.
    assert_eq!(found[3]["ok"], true, "{found}");
    assert_eq!(server.requests().len(), 5);
    assert_eq!(found[4]["ok"], true, "{found}");
    let last = server.requests().pop().unwrap().to_ascii_lowercase();
    assert!(
        last.starts_with("head /well") && last.contains("x-asked: yes"),
        "{last}"
    );
}

#[test]
fn what_is_no_answer_is_a_result() {
    let silent = Server::new(|_| None);
    let babbling = Server::new(|_| Some("this is no HTTP\r\n\r\n".into()));
    let torn = Server::new(|_| Some("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".into()));
    let slow = Server::new(|_| Some("HTTP/1.1 200 OK\r\ncontent-le".into()));
    let found = answer(&format!(
        r#"probe::http(["{}", "{}", "{}", "{}", "http://127.0.0.1:{}/", "http://no.such.host.invalid/", "https://{}/"], #{{timeout: "2s"}})"#,
        silent.url("/"),
        babbling.url("/"),
        torn.url("/"),
        slow.url("/"),
        closed_port(),
        silent.address
    ));
    let error = |place: usize| found[place]["error"].as_str().unwrap().to_owned();
    assert_eq!(error(0), "no answer within 2s");
    assert!(error(1).starts_with("no answer: "), "{found}");
    assert!(
        error(2).starts_with("the answer is incomplete: "),
        "{found}"
    );
    assert!(error(3).starts_with("no answer: "), "{found}");
    assert_eq!(error(4), "no connection: connection refused");
    assert!(error(5).starts_with("no connection: "), "{found}");
    assert!(error(6).starts_with("no connection: "), "{found}");
    for place in 0..7 {
        assert_eq!(found[place]["ok"], false);
    }
}

#[test]
fn an_endless_body_is_read_no_further_than_is_needed() {
    let endless = Server::new(|_| {
        let body = "x".repeat(1 << 20);
        Some(format!(
            "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nfirst{body}last"
        ))
    });
    let found = answer(&format!(
        r#"[probe::http("{0}", #{{contains: "first"}}), probe::http("{0}", #{{contains: "last"}})]"#,
        endless.url("/")
    ));
    assert_eq!(found[0]["ok"], true, "{found}");
    assert_eq!(found[1]["error"], "the body lacks `last`");
}

#[test]
fn a_probe_changes_nothing() {
    for (call, said) in [
        (
            r#"probe::http("http://127.0.0.1/", #{method: "POST"})"#,
            "option `method` of `probe::http`: expected `GET` or `HEAD`, found `POST`",
        ),
        (r#"probe::http("ftp://127.0.0.1/")"#, "is not a URL"),
        (
            r#"probe::http("http://user:word@127.0.0.1/")"#,
            "without a user or password",
        ),
        (
            r#"probe::http("http://127.0.0.1/", #{headers: #{a: 1}})"#,
            "option `headers` of `probe::http`: expected a map of strings",
        ),
        (
            r#"probe::http("http://127.0.0.1/", #{status: "ok"})"#,
            "option `status` of `probe::http`: expected a whole number",
        ),
    ] {
        let error = caught(call);
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(said), "{call}: {message}");
    }
}
