//! Runbooks that only look: what they put out, and that they change nothing.

use crate::harness::Test;

const REPORT: &str = r#"
const READ_ONLY = true;
fn main(params) {
    run::output("one\n  two \u001b[31mred", #{count: 2});
    if state() { throw "two things are wrong"; }
}
private fn state() { true }
"#;

#[test]
fn people_get_the_text_and_the_verdict() {
    let test = Test::new().file("report.rhai", REPORT);
    let ended = test.runbook(&["run", "report.rhai"]).code(1);
    assert_eq!(ended.stdout, "one\n  two red\n");
    assert_eq!(ended.stderr, "error: two things are wrong\n");
    assert!(test.runs().is_empty() && !test.state_dir().exists());
}

#[test]
fn programs_get_the_data() {
    let test = Test::new().file("report.rhai", REPORT);
    let ended = test
        .runbook(&["run", "report.rhai", "--output", "json"])
        .code(1);
    let lines: Vec<serde_json::Value> = ended
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (&lines[0]["event"], &lines[0]["data"]["count"]),
        (&"output".into(), &2.into())
    );
    assert_eq!(lines[1]["message"], "two things are wrong");
    let ended = test
        .runbook(&["run", "report.rhai", "--output", "syslog"])
        .code(1);
    assert_eq!(
        ended.stderr,
        "<6>one\n<6>  two red\n<3>error: two things are wrong\n"
    );
}

#[test]
fn an_ordinary_run_can_put_out_too() {
    let script = "fn main(params) { run::output(\"text\", 1); () }";
    let test = Test::new().file("plain.rhai", script);
    let ended = test.runbook(&["run", "plain.rhai"]).code(0);
    assert_eq!(ended.stdout, "text\n");
    assert_eq!(test.runs().len(), 1);
}

#[test]
fn an_effect_is_refused_and_told_with_its_place() {
    let script = r#"
import "aws/ec2" as ec2;
const READ_ONLY = true;
fn main(params) {
    ec2::describe_vpcs(#{});
    ec2::create_vpc(#{cidr_block: "10.0.0.0/16"});
}
"#;
    let test = Test::new().aws().file("book.rhai", script);
    let ended = test.runbook(&["run", "book.rhai"]).code(1);
    assert!(
        ended.stderr.contains("`ec2.create_vpc` failed"),
        "{}",
        ended.stderr
    );
    assert!(
        ended.stderr.contains("const READ_ONLY = true;"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("book.rhai:6"), "{}", ended.stderr);
    assert!(!test.requests().to_string().contains("CreateVpc"));
    assert!(test.runs().is_empty());
}

#[test]
fn an_error_of_the_script_keeps_its_place() {
    let script = "const READ_ONLY = true;\nfn main(params) { let x = #{}; x.y }";
    let test = Test::new().file("book.rhai", script);
    let ended = test.runbook(&["run", "book.rhai"]).code(1);
    assert!(ended.stderr.contains("book.rhai:2"), "{}", ended.stderr);
}

#[test]
fn it_is_said_by_true_or_false() {
    let test = Test::new().file("book.rhai", "const READ_ONLY = 1;\nfn main(params) {}");
    let ended = test.runbook(&["run", "book.rhai"]).code(2);
    assert!(
        ended
            .stderr
            .contains("`READ_ONLY` must be `true` or `false`"),
        "{}",
        ended.stderr
    );
}

#[test]
fn what_cannot_be_json_is_refused() {
    let test = Test::new().file("book.rhai", "fn main(params) { run::output(\"x\", || 1); }");
    let ended = test.runbook(&["run", "book.rhai"]).code(1);
    assert!(ended.stderr.contains("`run::output`: "), "{}", ended.stderr);
}

#[test]
fn what_other_runs_recorded_can_be_read() {
    let reads = r#"
const READ_ONLY = true;
const PARAMS = #{run: #{type: "string", required: true, help: "which"}};
fn main(params) {
    try { run::output("", runs::get(params.run)); } catch (e) { run::output(e.code + ": " + e.message, ()); }
}
"#;
    let made = "const PARAMS = #{n: #{type: \"integer\", value: 1, help: \"n\"}};\nfn main(params) { #{n: params.n + 1} }";
    let test = Test::new()
        .file("reads.rhai", reads)
        .file("made.rhai", made)
        .file("fails.rhai", "fn main(params) { throw 1 }");
    test.runbook(&["run", "made.rhai", "--set", "n=4"]).code(0);
    let read = |run: &str| {
        let set = format!("run={run}");
        test.runbook(&["run", "reads.rhai", "--set", &set, "--output", "json"])
            .code(0)
            .json()
    };
    let data = &read("last")["data"];
    assert_eq!(
        (&data["state"], &data["runbook"]),
        (&"succeeded".into(), &"made.rhai".into())
    );
    assert_eq!(
        (&data["params"]["n"], &data["value"]["n"]),
        (&4.into(), &5.into())
    );
    test.runbook(&["run", "fails.rhai"]).code(1);
    let data = &read("fails")["data"];
    assert_eq!(
        (&data["state"], data["value"].is_null()),
        (&"failed".into(), true)
    );
    for (part, said) in [
        ("nowhere", "UnknownRun: no run"),
        ("2", "UnknownRun: "),
        ("../x", "UnknownRun: "),
    ] {
        let set = format!("run={part}");
        let told = test
            .runbook(&["run", "reads.rhai", "--set", &set])
            .code(0)
            .stdout;
        assert!(told.starts_with(said), "{told}");
    }
    let runs = test.runs().into_iter();
    let mut failed = runs.filter(|run| run.to_string_lossy().contains("-fails-"));
    let damaged = failed.next().unwrap().join("journal.jsonl");
    std::fs::write(damaged, "nothing\n").unwrap();
    let told = test
        .runbook(&["run", "reads.rhai", "--set", "run=fails"])
        .code(0)
        .stdout;
    assert!(told.starts_with("UnreadableRun: "), "{told}");
}
