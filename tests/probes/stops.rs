//! Ctrl-C, while something is looked at or waited for.

use rustix::process::Signal;

use super::server::{Server, name_server};
use super::{book, can_unshare};
use crate::harness::Test;

/// Ends at once with 130 though `call` would take an hour.
#[track_caller]
fn stops(call: &str) {
    let body = format!("log::info(\"here\"); {call};");
    let test = Test::new().file("book.rhai", &book(&body));
    let live = test.live(&["run", "book.rhai"], "here");
    live.signal(Signal::INT);
    live.ended().code(130);
}

#[test]
fn a_probe_is_dropped() {
    let silent = Server::new(|_| None);
    let url = silent.url("/");
    stops(&format!(r#"probe::http("{url}", #{{timeout: "1h"}})"#));
    stops(&format!(r#"probe::any(["{url}"], #{{timeout: "1h"}})"#));
    let server = name_server(|_| Vec::new());
    stops(&format!(
        r#"probe::dns("a.example", #{{server: "{server}", timeout: "1h"}})"#
    ));
    if can_unshare() {
        stops(r#"probe::ping("127.0.0.1", #{count: 2, interval: "1h", enough: 2})"#);
    }
}

#[test]
fn an_effect_that_may_be_repeated_is_left_for_the_resume() {
    let silent = Server::new(|_| None);
    let url = silent.url("/");
    stops(&format!(
        r#"http::post(#{{url: "{url}", timeout: "1h"}}, #{{on_doubt: "retry"}})"#
    ));
    stops(
        r#"command::run(#{program: "sleep", arguments: ["1000"], timeout: "1h"}, #{on_doubt: "retry"})"#,
    );
}
