//! What no script can catch: Ctrl-C, divergence, doubt, a journal that cannot be written.

use base::command::Command;
use base::exit::Exit;
use journal::Durability;
use journal::entry::{Ending, Record};
use run::event::Event;

use super::aws::{Act, Look};
use super::bench::Bench;

/// Ways in which a script could try to go on after a stop in `CALL`.
const ATTEMPTS: [&str; 10] = [
    "try { CALL } catch { }",
    "let make = || CALL; try { make.call() } catch (e) { log::warn(e) }",
    "try { run::step(\"s\", || CALL) } catch { }",
    "try { run::retry(\"r\", #{every: \"0s\", attempts: 3}, || CALL) } catch { }",
    "try { run::finally(|| CALL, |outcome| ()) } catch { }",
    "try { run::parallel(#{a: || CALL, b: || 1}) } catch { }",
    "try { [1].map(|x| CALL) } catch { }",
    "run::step(\"s\", || { try { [1].map(|x| CALL) } catch { } 1 })",
    "run::parallel(#{a: || { try { [1].map(|x| CALL) } catch { } 1 }})",
    "fn helper() { CALL } try { helper() } catch { }",
];

/// Runs `check` with each of them, followed by a call that must not be made.
fn each(call: &str, check: impl Fn(&Bench)) {
    for attempt in ATTEMPTS {
        let (functions, main) = match attempt.split_once("} try") {
            Some((function, rest)) if attempt.starts_with("fn") => {
                (format!("{function}}}"), format!("try{rest}"))
            }
            _ => (String::new(), attempt.to_owned()),
        };
        let fill = |text: &str| text.replace("CALL", call);
        let bench = Bench::new("");
        bench.write(&format!(
            "import \"aws/ec2\" as ec2;\nimport \"aws/sns\" as sns;\n{}\nfn main(params) {{\n{};\nec2::delete_key_pair(#{{key_name: \"k\"}});\n}}\n",
            fill(&functions),
            fill(&main)
        ));
        check(&bench);
        assert_eq!(bench.aws.count("delete_key_pair"), 0, "{attempt}");
    }
}

const VPC: &str = r#"ec2::create_vpc(#{cidr_block: "10.0.0.0/16"})"#;

#[test]
fn ctrl_c_cannot_be_caught() {
    each(VPC, |bench| {
        bench.aws.next("create_vpc", Act::Interrupt);
        let ended = bench.start();
        let report = ended.failed(Exit::Interrupted);
        assert_eq!(report.hints, [Command::resume(&ended.log.id).into()]);
        assert_eq!(ended.ending(), Ending::Interrupted);
        assert_eq!(ended.outcomes().len(), 1);
    });
}

#[test]
fn doubt_cannot_be_caught() {
    each(
        r#"sns::publish(#{topic_arn: "t", message: "m"})"#,
        |bench| {
            bench.aws.next("publish", Act::Lose);
            bench.start().failed(Exit::InDoubt);
            assert_eq!(bench.aws.count("publish"), 1);
        },
    );
}

#[test]
fn an_aws_that_cannot_be_asked_cannot_be_caught() {
    each(VPC, |bench| {
        bench.aws.next("create_vpc", Act::Lose);
        bench.aws.next_look(Look::Unreachable);
        bench.start().failed(Exit::Failed);
        assert_eq!(bench.aws.count("create_vpc"), 1);
    });
}

#[test]
fn divergence_cannot_be_caught() {
    each("ec2::create_vpc(#{cidr_block: PARAMETER})", |bench| {
        let script = bench.read();
        bench.write(&script.replace("PARAMETER", "\"10.0.0.0/16\""));
        bench.aws.next("create_vpc", Act::Interrupt);
        let cut = bench
            .start()
            .log
            .until(|entry| matches!(entry.record, Record::EffectFinished(_)));
        bench.write(&script.replace("PARAMETER", "\"10.9.0.0/16\""));
        bench.resume_edited(&cut).failed(Exit::Diverged);
        assert_eq!(bench.aws.count("create_vpc"), 1);
    });
}

/// Nor can a script catch it.
#[test]
fn a_key_that_is_recorded_as_a_steps_stops_the_run_before_the_call() {
    for attempt in [
        VPC.to_owned(),
        format!("try {{ {VPC} }} catch {{ }} ec2::create_internet_gateway();"),
    ] {
        let bench = Bench::new(&attempt);
        bench.aws.next("create_vpc", Act::NotSent);
        let cut = bench.start().log.cut(1);
        let before = bench.aws.total();
        let journal = bench.open(&cut);
        let record = Record::StepStarted {
            key: "ec2.create_vpc".into(),
            attempt: 1,
            place: None,
        };
        journal.append(record, Durability::Synced).unwrap();
        let ended = bench.go_on(journal);
        ended.failed(Exit::Diverged);
        assert!(
            ended.said().contains("`ec2.create_vpc`"),
            "{}",
            ended.said()
        );
        assert_eq!(bench.aws.total(), before);
    }
}

#[test]
fn an_interrupted_run_goes_on_where_it_was() {
    let bench = Bench::new(&format!(
        "let vpc = {VPC}.vpc.vpc_id; ec2::create_internet_gateway(); vpc"
    ));
    bench.aws.next("create_vpc", Act::Interrupt);
    let first = bench.start();
    first.failed(Exit::Interrupted);
    assert_eq!(bench.resume(&first.log).value(), "ec2.create_vpc");
    assert_eq!(
        (
            bench.aws.count("create_vpc"),
            bench.aws.count("create_internet_gateway")
        ),
        (1, 1)
    );
}

#[test]
fn ctrl_c_ends_a_script_that_only_computes() {
    let bench = Bench::new("log::info(\"begin\"); loop { }")
        .interrupt_at(|event| matches!(event, Event::Log { .. }));
    bench.start().failed(Exit::Interrupted);
}

#[test]
fn ctrl_c_ends_a_script_whose_modules_are_being_loaded() {
    let bench = Bench::new("").interrupt_at(|event| matches!(event, Event::Log { .. }));
    bench.write("import \"one\" as one; fn main(params) { log::info(\"main\") }");
    bench.beside(
        "one.rhai",
        "log::info(\"one\"); import \"two\" as two; fn nothing() { 1 }",
    );
    bench.beside("two.rhai", "log::info(\"two\"); fn nothing() { 1 }");
    let ended = bench.start();
    ended.failed(Exit::Interrupted);
    assert_eq!(ended.logged(), ["one"]);
}

#[test]
fn the_gravest_stop_of_several_branches_is_the_runs() {
    let bench = Bench::new(&format!(
        "run::parallel(#{{a: || {VPC}, b: || sns::publish(#{{topic_arn: \"t\", message: \"m\"}})}})"
    ));
    let (inside, is_inside) = std::sync::mpsc::channel();
    let wait = move || {
        is_inside
            .recv_timeout(std::time::Duration::from_mins(1))
            .unwrap();
    };
    let tell = move || {
        inside.send(()).unwrap();
    };
    bench.aws.next(
        "create_vpc",
        Act::RefuseAfter(Box::new(wait), "VpcLimitExceeded"),
    );
    bench.aws.next("publish", Act::LoseAfter(Box::new(tell)));
    bench.start().failed(Exit::InDoubt);
}
