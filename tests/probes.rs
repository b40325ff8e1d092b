//! Checks of the network and of this host, requests to servers that are not AWS's, and programs.

mod any;
mod checked;
mod command;
mod dns;
mod host;
mod http;
mod ping;
mod post;
pub(crate) mod server;
mod stops;
mod tcp;

use std::process::Command;

use serde_json::Value;

use crate::harness::{Ended, Test};

/// Makes a network in which what is sent to 192.0.2.0/24 is lost.
const HOLE: &str = "ip link add hole type veth peer name end; ip link set hole arp off; ip link set hole up; \
    ip link set end up; ip addr add 192.0.2.1/24 dev hole";

/// What `unshare` is asked for: nothing that is begun inside outlives the program.
const ALONE: [&str; 6] = [
    "--net",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
];

/// Returns what `body` returns, as JSON.
#[track_caller]
fn answer(body: &str) -> Value {
    answered(&Test::new(), body)
}

#[track_caller]
fn answered(test: &Test, body: &str) -> Value {
    ran(test, body).code(0).json()
}

/// Returns the error that `body` throws, as a script catches it.
#[track_caller]
fn caught(body: &str) -> Value {
    answer(&format!(
        "try {{ {body}; }} catch (e) {{ return e; }} throw \"nothing was thrown\";"
    ))
}

fn ran(test: &Test, body: &str) -> Ended {
    test.write("book.rhai", &book(body));
    test.runbook(&["run", "book.rhai"])
}

fn book(body: &str) -> String {
    format!("//! A test.\nfn main(params) {{\n{body}\n}}\n")
}

/// Returns what `body` returns in a network of its own which `setup` has made, run by `by` where that says how.
#[track_caller]
fn alone(setup: &str, by: &[&str], body: &str) -> Value {
    let test = Test::new();
    test.write("book.rhai", &book(body));
    let inside = test.command(&["run", "book.rhai"]);
    let script = format!("set -e; ip link set lo up; {setup}\nexec \"$@\"");
    let mut command = Command::new("unshare");
    command
        .args(ALONE)
        .args(["sh", "-c", &script, "sh"])
        .args(by)
        .arg(inside.get_program())
        .args(inside.get_args())
        .current_dir(test.path(""))
        .env_clear();
    for (name, value) in inside.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    let ended: Ended = command.output().unwrap().into();
    ended.code(0).json()
}
