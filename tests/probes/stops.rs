//! Ctrl-C, while something is looked at or waited for.

use rustix::fs::{CWD, FileType, Mode};
use rustix::process::Signal;

use super::book;
use super::command::is_gone;
use super::server::{Server, name_server};
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
}

#[test]
#[ignore = "needs root"]
fn a_ping_is_dropped() {
    stops(r#"probe::ping("127.0.0.1", #{count: 2, interval: "1h", enough: 2})"#);
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

/// The first signal says what it waits for, the second ends that, with a child in a session of its own.
#[test]
fn a_long_command_is_ended_by_the_second_signal() {
    let script = "setsid sleep 1000 & echo $$ $! > told; wait";
    let body = format!(
        r#"command::run(#{{program: "sh", arguments: ["-c", "{script}"], timeout: "2h"}})"#
    );
    let test = Test::new().file("book.rhai", &book(&body));
    let told = test.path("told");
    rustix::fs::mknodat(CWD, &told, FileType::Fifo, Mode::RWXU, 0).unwrap();
    let mut live = test.live(&["run", "book.rhai"], "run ");
    let told = std::fs::read_to_string(told).unwrap();
    live.signal(Signal::TERM);
    live.until("interrupted; waiting for `sh`, which has run for ");
    assert!(
        live.told()
            .contains("a second signal (Ctrl-C) ends `sh` and leaves the call in doubt"),
        "{}",
        live.told()
    );
    live.signal(Signal::TERM);
    live.ended().code(130);
    for process in told.split_whitespace() {
        assert!(is_gone(process), "{process} lives on");
    }
    test.runbook(&["resume", "last"]).code(4);
}

/// A command that ends by itself after the first signal is done.
#[test]
fn a_command_that_ends_after_the_first_signal_is_done() {
    let body = r#"command::run(#{program: "sh", arguments: ["-c", "echo > told; cat told"], timeout: "2h"})"#;
    let test = Test::new().file("book.rhai", &book(&format!("{body}.exit_code")));
    let told = test.path("told");
    rustix::fs::mknodat(CWD, &told, FileType::Fifo, Mode::RWXU, 0).unwrap();
    let mut live = test.live(&["run", "book.rhai"], "run ");
    std::fs::read_to_string(&told).unwrap();
    live.signal(Signal::INT);
    live.until("interrupted; ");
    std::fs::write(&told, "").unwrap();
    live.ended().code(130);
    assert_eq!(test.runbook(&["resume", "last"]).code(0).stdout, "0\n");
}
