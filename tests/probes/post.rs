//! `http::post`, an effect

use serde_json::json;

use super::server::{Server, closed_port, page};
use super::{answer, book, caught};
use crate::harness::Test;

#[test]
fn a_body_is_sent_as_it_is_or_as_json() {
    let server = Server::page(201, "thanks");
    let url = server.url("/hook?key=1");
    let found = answer(&format!(
        r#"[
            http::post(#{{url: "{url}", body: #{{b: [1, ()], a: "x"}}}}),
            http::post(#{{url: "{url}", body: "plain", headers: #{{"Content-Type": "text/x", "X-Key": "k"}}, timeout: "3s"}}),
            http::post(#{{url: "{url}"}}),
        ]"#
    ));
    assert_eq!(found[0], json!({"status": 201, "body": "thanks"}));
    let requests = server.requests();
    assert!(
        requests[0].starts_with("POST /hook?key=1 HTTP/1.1"),
        "{}",
        requests[0]
    );
    assert!(
        requests[0].contains("content-type: application/json"),
        "{}",
        requests[0]
    );
    assert!(
        requests[0].ends_with(r#"{"a":"x","b":[1,null]}"#),
        "{}",
        requests[0]
    );
    assert!(requests[1].contains("content-type: text/x") && requests[1].contains("x-key: k"));
    assert!(requests[1].ends_with("plain"), "{}", requests[1]);
    assert_eq!(requests.len(), 3);
}

#[test]
fn a_status_that_says_no_is_caught_with_what_was_said() {
    let server = Server::page(503, "not now");
    let error = caught(&format!(r#"http::post(#{{url: "{}"}})"#, server.url("/")));
    assert_eq!(error["code"], "HttpStatus", "{error}");
    assert_eq!(
        [&error["status"], &error["body"]],
        [&json!(503), &json!("not now")]
    );
    assert_eq!([&error["service"], &error["operation"]], ["http", "post"]);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_redirect_is_not_followed() {
    let other = Server::page(200, "");
    let to = other.url("/");
    let server = Server::new(move |_| {
        Some(page(302, "").replace("X\r\n", &format!("X\r\nlocation: {to}\r\n")))
    });
    let error = caught(&format!(r#"http::post(#{{url: "{}"}})"#, server.url("/")));
    assert_eq!(error["status"], 302);
    assert_eq!(other.requests().len(), 0);
}

#[test]
fn what_never_left_is_a_refusal_and_no_doubt() {
    for url in [
        format!("http://127.0.0.1:{}/", closed_port()),
        "http://no.such.host.invalid/".to_owned(),
    ] {
        let error = caught(&format!(r#"http::post(#{{url: "{url}"}})"#));
        assert_eq!(error["code"], "NotSent", "{error}");
    }
}

#[test]
fn no_answer_is_a_doubt_unless_twice_is_as_good() {
    let server = Server::new(|_| None);
    let url = server.url("/");
    let call = format!(r#"http::post(#{{url: "{url}", timeout: "1s"}}"#);
    let error = caught(&format!(r#"{call}, #{{on_doubt: "retry"}})"#));
    assert_eq!(error["code"], "Lost", "{error}");
    assert_eq!(error["message"], "no answer within 1s");
    // The script had given it a second: nobody tries again behind its back.
    assert_eq!(server.requests().len(), 1);

    let test = Test::new().file("book.rhai", &book(&format!("{call});")));
    let said = test.runbook(&["run", "book.rhai"]).code(4).stderr;
    for words in [
        "http.post: in doubt: no answer within 1s",
        "nothing shows whether `http.post` was done",
    ] {
        assert!(said.contains(words), "{said}");
    }
}

/// Cut off between the request and its outcome.
fn cut_off(server: &Server, options: &str) -> Test {
    let call = format!(
        r#"http::post(#{{url: "{}"}}{options}).status"#,
        server.url("/")
    );
    let test = Test::new().file("book.rhai", &book(&call));
    let mut command = test.command(&["run", "book.rhai"]);
    assert!(
        !command
            .env("RUNBOOK_CRASH", "before:3")
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(server.requests().len(), 1);
    test
}

#[test]
fn a_person_says_what_became_of_one_in_doubt() {
    let server = Server::page(200, "");
    let test = cut_off(&server, "");
    let ended = test.runbook(&["resume", "last"]).code(4);
    assert!(ended.stderr.contains("runbook resolve"), "{}", ended.stderr);
    assert_eq!(server.requests().len(), 1);
    let show = test.runbook(&["show", "last"]).code(0).stdout;
    assert!(show.contains("http.post"), "{show}");
    let resolve = |verdict: &[&str]| {
        let mut words = vec!["resolve", "last", "http.post", "--why", "its log says so"];
        words.extend(verdict);
        test.runbook(&words)
    };
    let refused = resolve(&["--adopt", "yes"]).code(2).stderr;
    assert!(
        refused.contains(r#"--adopt '{"status": 200, "body": ""}'"#),
        "{refused}"
    );
    let refused = resolve(&["--adopt", r#"{"status": 204}"#]).code(2).stderr;
    assert!(refused.contains("missing `body`"), "{refused}");
    resolve(&["--adopt", r#"{"status": 204, "body": ""}"#]).code(0);
    assert_eq!(test.runbook(&["resume", "last"]).code(0).stdout, "204\n");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_person_may_have_it_done_again_or_given_up() {
    let server = Server::page(200, "");
    let test = cut_off(&server, "");
    let words = ["resolve", "last", "http.post", "--why", "seen", "--retry"];
    test.runbook(&words).code(0);
    assert_eq!(test.runbook(&["resume", "last"]).code(0).stdout, "200\n");
    assert_eq!(server.requests().len(), 2);

    let server = Server::page(200, "");
    let test = cut_off(&server, "");
    let words = ["resolve", "last", "http.post", "--why", "seen", "--failed"];
    test.runbook(&words).code(0);
    let ended = test.runbook(&["resume", "last"]).code(1);
    assert!(
        ended.stderr.contains("ResolvedAsFailed"),
        "{}",
        ended.stderr
    );
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn one_that_may_be_repeated_is_repeated_by_the_resume() {
    let server = Server::page(200, "");
    let test = cut_off(&server, r#", #{on_doubt: "retry"}"#);
    assert_eq!(test.runbook(&["resume", "last"]).code(0).stdout, "200\n");
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn what_is_done_is_not_done_again() {
    let server = Server::page(200, "");
    let body = format!(
        r#"http::post(#{{url: "{}"}}); if !host::ip_forward() {{ throw "not yet"; }} "done""#,
        server.url("/")
    );
    let test = Test::new().file("book.rhai", &book(&body));
    let with = |forward: &str, words: &[&str]| {
        let mut command = test.command(words);
        command.env("RUNBOOK_HOST_IP_FORWARD", forward);
        command.output().unwrap().status.code()
    };
    assert_eq!(with("false", &["run", "book.rhai"]), Some(1));
    assert_eq!(with("true", &["resume", "last"]), Some(0));
    assert_eq!(server.requests().len(), 1);
    for view in ["show", "logs"] {
        let said = test.runbook(&[view, "last"]).code(0).stdout;
        assert!(said.contains("http.post"), "{said}");
    }
}

#[test]
fn a_wrong_input_is_refused_before_anything_is_sent() {
    let error =
        caught(r#"let i = #{url: "https://u:p@host/", bdoy: "x", timeout: 0}; http::post(i)"#);
    assert_eq!(error["code"], "InvalidInput");
    let message = error["message"].as_str().unwrap();
    for said in [
        "unknown member `bdoy`; did you mean `body`?",
        "`url` is a URL such as `https://host/path`, without a user or password",
        "`timeout` is a duration",
    ] {
        assert!(message.contains(said), "{message}");
    }
}
