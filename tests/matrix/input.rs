//! What cannot be tried, and what is said of it.

use rustix::process::Signal;

use super::script;
use crate::build::rehearsal::assert_nothing_left;

#[test]
fn a_script_that_is_not_the_same_twice_is_refused_with_what_differs() {
    let test = script(
        r#"import "aws/ec2" as ec2;
        fn main(params) {
            let tags = [#{resource_type: "vpc", tags: [#{key: "Name", value: "net " + run::random(0, 1000000000)}]}];
            ec2::create_vpc(#{cidr_block: "10.7.0.0/16", tag_specifications: tags});
        }"#,
    );
    let ended = test
        .runbook(&["rehearse", "--crash-everywhere", "script.rhai"])
        .code(1);
    assert!(
        ended
            .stderr
            .contains("the runbook itself is not repeatable"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("ec2 vpc vpc-"), "{}", ended.stderr);
    assert_nothing_left(&test);
}

#[test]
fn a_script_that_fails_by_itself_ends_it_with_its_error() {
    let test = script("fn main(params) { throw \"not today\" }");
    let ended = test
        .runbook(&["rehearse", "--crash-everywhere", "script.rhai"])
        .code(1);
    for said in ["fails although nothing disturbs it", "not today"] {
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
    let broken = script("fn main(params) { let }");
    let ended = broken
        .runbook(&["rehearse", "--crash-everywhere", "script.rhai"])
        .code(2);
    assert!(ended.stderr.contains("script.rhai:1"), "{}", ended.stderr);
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let cases: [(&[&str], &str); 6] = [
        (
            &["--crash-everywhere", "--share", "0/3"],
            "expected N/M with N from 1 to M",
        ),
        (
            &["--crash-everywhere", "--share", "4/3"],
            "expected N/M with N from 1 to M",
        ),
        (&["--crash-everywhere", "--keep"], "cannot be used with"),
        (
            &["--crash-everywhere", "--point", "during:3"],
            "expected before:N or after:N",
        ),
        (
            &["--crash-everywhere", "--point", "after:0"],
            "expected before:N or after:N",
        ),
        (&["--share", "1/3"], "--crash-everywhere"),
    ];
    let test = script("fn main(params) { }");
    for (options, said) in cases {
        let ended = test
            .runbook(&[&["rehearse", "script.rhai"], options].concat())
            .code(2);
        assert!(ended.stderr.contains(said), "{options:?}: {}", ended.stderr);
    }
}

#[test]
fn interrupted_it_tells_what_it_has_found_and_leaves_nothing() {
    let steps = r#"fn main(params) { for turn in 0..40 { run::step("count", turn, || turn); } }"#;
    let test = script(steps);
    let live = test.live(
        &["rehearse", "--crash-everywhere", "script.rhai"],
        "0 failed",
    );
    live.signal(Signal::INT);
    let ended = live.ended().code(130);
    assert!(ended.stdout.contains("interrupted"), "{}", ended.stdout);
    assert!(ended.stdout.contains("doubled 0"), "{}", ended.stdout);
    assert_nothing_left(&test);
}
