//! `runbook rehearse`: the whole job without an AWS account, and nothing left of it.

use std::fs;
use std::net::TcpStream;
use std::path::Path;

use rustix::process::Signal;

use super::{RUNBOOK, SITE};
use crate::harness::{Test, provisioned};

/// A test whose rehearsals use the environment that is provisioned, and a temporary folder that only they use.
pub(crate) fn rehearsing() -> Test {
    // <cache>/runbook/python-<digest>/venv/bin/python
    let cache = provisioned()
        .python
        .ancestors()
        .nth(5)
        .unwrap()
        .display()
        .to_string();
    let test = Test::new().env("XDG_CACHE_HOME", &cache);
    fs::create_dir(test.path("tmp")).unwrap();
    let folder = test.path("tmp").display().to_string();
    test.env("TMPDIR", &folder)
}

/// Fails if a process or a file of the rehearsal is left.
#[track_caller]
pub(crate) fn assert_nothing_left(test: &Test) {
    let left: Vec<_> = test
        .path("tmp")
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(!test.state_dir().join("runs").exists());
    assert_eq!(processes(&test.path("tmp")), Vec::<String>::new());
}

/// Returns the command lines of the processes that have our temporary folder.
fn processes(folder: &Path) -> Vec<String> {
    let mark = format!("TMPDIR={}", folder.display());
    let all = Path::new("/proc")
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let ours = all.filter(|path| {
        let read = fs::read(path.join("environ")).unwrap_or_default();
        read.split(|byte| *byte == 0)
            .any(|variable| variable == mark.as_bytes())
    });
    ours.map(|path| fs::read_to_string(path.join("cmdline")).unwrap_or_default())
        .filter(|line| !line.is_empty())
        .collect()
}

#[test]
fn the_build_is_rehearsed_and_nothing_is_left() {
    let test = rehearsing();
    let polls = ["--set", "interval_poll=1ms", "--set", "interval_routes=1ms"];
    let ended = test
        .runbook(
            &[
                &["rehearse", RUNBOOK, "--site", SITE, "--pace", "0"][..],
                &polls,
            ]
            .concat(),
        )
        .code(0);
    assert!(
        ended.stderr.contains("in the emulator: 31 resources"),
        "{}",
        ended.stderr
    );
    assert_eq!(
        ended.stderr.matches("ec2 route_table ").count(),
        4,
        "{}",
        ended.stderr
    );
    assert!(ended.json()["vpc_id"].as_str().unwrap().starts_with("vpc-"));
    assert_nothing_left(&test);
}

#[test]
fn the_rehearsed_runs_exit_code_is_the_rehearsals() {
    let cases = [
        (
            "fails.rhai",
            "fn main(params) { throw \"not today\" }",
            1,
            "not today",
        ),
        ("broken.rhai", "fn main(params) { let }", 2, "broken.rhai:1"),
    ];
    for (name, text, code, said) in cases {
        let test = rehearsing().file(name, text);
        let ended = test.runbook(&["rehearse", name]).code(code);
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
        assert_nothing_left(&test);
    }
}

#[test]
fn kept_it_can_be_asked_until_the_signal() {
    let vpc = "import \"aws/ec2\" as ec2;\nfn main(params) { ec2::create_vpc(#{cidr_block: \"10.0.0.0/16\"}); }";
    for signal in [Signal::INT, Signal::TERM] {
        let test = rehearsing().file("vpc.rhai", vpc);
        let kept = test.live(
            &["rehearse", "vpc.rhai", "--keep", "--pace", "0"],
            "show last",
        );
        let address = after(kept.told(), "export AWS_ENDPOINT_URL=http://");
        TcpStream::connect(&address).unwrap();
        let show = after(kept.told(), "  runbook ");
        let shown = test.runbook(&show.split(' ').collect::<Vec<_>>()).code(0);
        assert!(shown.stdout.contains("ec2.create_vpc"), "{}", shown.stdout);
        kept.signal(signal);
        kept.ended().code(0);
        TcpStream::connect(&address).unwrap_err();
        assert_nothing_left(&test);
    }
}

/// Returns the rest of the line after the text.
fn after(told: &str, text: &str) -> String {
    let (_, rest) = told
        .split_once(text)
        .unwrap_or_else(|| panic!("no `{text}` in {told}"));
    rest.lines().next().unwrap().to_owned()
}

#[test]
fn ended_by_a_signal_in_its_middle_it_ends_its_run_and_its_emulator() {
    for signal in [Signal::INT, Signal::TERM] {
        let test = rehearsing().file("long.rhai", "fn main(params) { run::sleep(\"1h\"); }");
        let rehearsal = test.live(&["rehearse", "long.rhai"], "waiting");
        rehearsal.signal(signal);
        rehearsal.ended().code(130);
        assert_nothing_left(&test);
    }
}
