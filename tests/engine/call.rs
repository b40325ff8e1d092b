//! `run::call`: another runbook as a step, with keys of its own, pinned with the run.

use base::exit::Exit;
use serde_json::json;

use super::bench::Bench;

const CHILD: &str = r#"
import "aws/ec2" as ec2;
const PARAMS = #{cidr: #{type: "cidr", required: true}, size: #{type: "integer", value: 1}};
fn double(n) { n * 100 }
fn main(params) {
    let id = run::step("make", || ec2::create_vpc(#{cidr_block: params.cidr}).vpc.vpc_id);
    run::step("count", || double(params.size))
}
"#;

/// The functions of one runbook are not those of the other, though they have one name.
const CALLS: &str = r#"
fn double(n) { n * 2 }
fn main(params) {
    let before = double(1);
    let one = run::call("child.rhai", #{cidr: "10.0.0.0/16", size: double(2)});
    let two = run::call("child.rhai", "b", #{cidr: "10.1.0.0/16"});
    let refused = "";
    try { run::call("child.rhai", "c", #{cidr: "10.1.0.0/16", size: `${before}`}); } catch (e) { refused = e; }
    let again = run::call("child.rhai", #{cidr: "10.2.0.0/16"});
    [before, one, two, again, double(1), refused.code, refused.problems.len()]
}
"#;

fn bench(main: &str) -> Bench {
    let bench = Bench::new("");
    bench.write(main);
    bench.beside("child.rhai", CHILD);
    bench
}

#[test]
fn its_value_is_the_steps_and_its_keys_are_below() {
    let ended = bench(CALLS).start();
    let value = json!([2, 400, 100, 100, 2, "InvalidParameters", 1]);
    assert_eq!(ended.value(), value);
    let keys = ended.steps_run();
    assert_eq!(
        keys,
        [
            "child",
            "child/make",
            "child/count",
            "child[b]",
            "child[b]/make",
            "child[b]/count",
            "child[c]",
            "child#2",
            "child#2/make",
            "child#2/count"
        ]
    );
}

#[test]
fn killed_anywhere_it_comes_to_the_same_and_makes_nothing_twice() {
    let bench = bench(CALLS);
    let whole = bench.start();
    for cut in 1..whole.log.len() {
        let resumed = bench.resume(&whole.log.cut(cut));
        assert_eq!(resumed.value(), whole.value(), "{cut}");
        assert_eq!(bench.aws.count("create_vpc"), 3, "{cut}");
    }
}

#[test]
fn a_resume_takes_the_pinned_runbook_and_an_edited_one_the_new() {
    let bench = bench(r#"fn main(params) { run::call("child.rhai", #{cidr: "10.0.0.0/16"}) }"#);
    let whole = bench.start();
    let log = whole.log.cut(4);
    bench.beside("child.rhai", &CHILD.replace("n * 100", "n * 7"));
    assert_eq!(bench.resume(&log).value(), 100);
    assert_eq!(bench.resume_edited(&log).value(), 7);
}

#[test]
fn wrong_parameters_end_the_run_with_the_file_and_every_problem() {
    let bench = bench(
        "fn main(params) { let n = \"x\"; run::call(\"child.rhai\", #{cidr: n, size: n, }) }",
    );
    let ended = bench.start();
    let report = ended.failed(Exit::Failed);
    for part in ["child.rhai`", "`cidr`: expected", "`size`: expected"] {
        assert!(report.message.contains(part), "{report:?}");
    }
    assert_eq!(bench.aws.count("create_vpc"), 0);
}

#[test]
fn one_that_only_looks_is_held_to_it_in_its_branches_too() {
    let bench = Bench::new(
        r#"let got = run::call("child.rhai", #{});
        ec2::create_vpc(#{cidr_block: "10.0.0.0/16"});
        got"#,
    );
    bench.beside(
        "child.rhai",
        r#"import "aws/ec2" as ec2;
        const READ_ONLY = true;
        fn refused() { try { ec2::create_internet_gateway(); } catch (e) { return e.code; } }
        fn main(params) { [refused(), run::parallel(#{a: || run::step("s", || refused())}).a] }"#,
    );
    let ended = bench.start();
    assert_eq!(ended.value(), json!(["ReadOnly", "ReadOnly"]));
    assert_eq!(bench.aws.count("create_vpc"), 1);
}
