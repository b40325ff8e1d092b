//! A person says what became of an effect in doubt.

use base::exit::Exit;
use base::hint::Hint;
use base::report::Report;
use journal::Journal;
use journal::entry::{Record, Signature, Verdict};
use run::cloud::Found;
use run::resolve::{Choice, Inquiry};
use serde_json::json;

use super::aws::{Act, Look};
use super::bench::Bench;
use super::ended::Ended;
use super::log::Log;

const PUBLISH: &str = r#"sns::publish(#{topic_arn: "arn:aws:sns:eu-west-1:123456789012:t", message: "hello"}).message_id"#;
const VPC: &str = r#"ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id"#;

pub(super) fn by() -> Signature {
    Signature {
        who: "ops".into(),
        uid: None,
        caller: None,
        why: Some("the log of the topic".into()),
    }
}

/// A message that may or may not have been sent.
fn doubtful() -> (Bench, Ended) {
    stopped(PUBLISH)
}

fn stopped(script: &str) -> (Bench, Ended) {
    let bench = Bench::new(script);
    bench.aws.next("publish", Act::DoAndLose);
    let ended = bench.start();
    ended.failed(Exit::InDoubt);
    (bench, ended)
}

fn say(bench: &Bench, journal: &Journal, key: &str, choice: &Choice) -> Result<Verdict, Report> {
    let around = bench.surroundings();
    Inquiry::new(journal, &bench.aws, &around)
        .resolve(key, choice, by())
        .map(|resolved| resolved.verdict)
}

fn adopt(value: &str) -> Choice {
    Choice::Adopt(value.into())
}

/// Returns the log up to the first intent, as a kill leaves it.
fn intended(ended: &Ended) -> Log {
    ended
        .log
        .until(|entry| matches!(entry.record, Record::EffectIntended(_)))
}

#[test]
fn a_stop_in_doubt_says_what_was_asked_and_what_to_type() {
    let (_, ended) = doubtful();
    let report = ended.failed(Exit::InDoubt);
    assert!(
        report.causes[0].starts_with("call: sns.publish {"),
        "{report:?}"
    );
    assert!(
        report.causes[1].contains("the connection was reset"),
        "{report:?}"
    );
    for (hint, flag) in report
        .hints
        .iter()
        .zip(["--adopt VALUE", "--retry", "--failed"])
    {
        assert!(
            hint.line("runbook").contains(&format!(
                "runbook resolve {} sns.publish {flag} --why",
                ended.log.id
            )),
            "{hint:?}"
        );
    }
}

#[test]
fn what_is_adopted_is_what_the_script_gets() {
    for (value, id) in [("m-1", "m-1"), (r#"{"message_id": "m-2"}"#, "m-2")] {
        let (bench, ended) = doubtful();
        let journal = bench.open(&ended.log);
        say(&bench, &journal, "sns.publish", &adopt(value)).unwrap();
        let resumed = bench.go_on(journal);
        assert_eq!(resumed.value(), id);
        assert_eq!(bench.aws.count("publish"), 1);
        assert!(resumed.log.text.contains("the log of the topic"));
    }
}

#[test]
fn what_was_not_done_is_done_by_the_resume() {
    let (bench, ended) = doubtful();
    let journal = bench.open(&ended.log);
    say(&bench, &journal, "sns.publish", &Choice::Retry).unwrap();
    let resumed = bench.go_on(journal);
    assert_eq!(resumed.value(), "sns.publish~1");
    assert_eq!(bench.aws.count("publish"), 2);
}

#[test]
fn what_is_given_up_is_a_failure_on_each_resume() {
    let (bench, ended) = stopped(PUBLISH);
    let journal = bench.open(&ended.log);
    say(&bench, &journal, "sns.publish", &Choice::Failed).unwrap();
    let mut resumed = bench.go_on(journal);
    for _ in 0..2 {
        resumed.failed(Exit::Failed);
        assert!(
            resumed.said().contains("ops resolved the call as not done"),
            "{}",
            resumed.said()
        );
        resumed = bench.resume(&resumed.log);
    }
    assert_eq!(bench.aws.count("publish"), 1);
}

/// What a person says is of the call that was in doubt, and of no other one under its key.
#[test]
fn another_input_than_the_one_given_up_is_another_effect() {
    let (bench, ended) = doubtful();
    let journal = bench.open(&ended.log);
    say(&bench, &journal, "sns.publish", &Choice::Failed).unwrap();
    let given_up = bench.go_on(journal);
    given_up.failed(Exit::Failed);
    bench.edit(&PUBLISH.replace("hello", "hello again"));
    let again = bench.resume_edited(&given_up.log);
    again.value();
    let epochs: Vec<u32> = again.intents().iter().map(|intent| intent.epoch).collect();
    assert_eq!(epochs, [1, 2]);
}

#[test]
fn what_is_given_up_can_be_caught() {
    let (bench, ended) = stopped(&format!(
        "try {{ return {PUBLISH}; }} catch (e) {{ return e.code; }}"
    ));
    let journal = bench.open(&ended.log);
    say(&bench, &journal, "sns.publish", &Choice::Failed).unwrap();
    assert_eq!(bench.go_on(journal).value(), "ResolvedAsFailed");
}

#[test]
fn a_value_that_is_no_reply_is_refused() {
    let (bench, ended) = doubtful();
    let journal = bench.open(&ended.log);
    let report = say(
        &bench,
        &journal,
        "sns.publish",
        &adopt(r#"{"mesage_id": "m"}"#),
    )
    .unwrap_err();
    assert_eq!(report.exit, Exit::Usage);
    assert!(
        report.causes[0].contains("did you mean `message_id`"),
        "{report:?}"
    );
    assert_eq!(journal.entries().unwrap().len(), ended.log.len());
}

#[test]
fn what_aws_shows_is_not_called_undone() {
    let bench = Bench::new(VPC);
    let cut = intended(&bench.start());
    let journal = bench.open(&cut);
    for choice in [Choice::Retry, Choice::Failed] {
        let report = say(&bench, &journal, "ec2.create_vpc", &choice).unwrap_err();
        assert_eq!(report.exit, Exit::Usage);
        assert!(report.message.contains("was done"), "{report:?}");
        assert!(
            report.hints[0]
                .line("runbook")
                .contains("--adopt ec2.create_vpc "),
            "{report:?}"
        );
    }
    let report = say(&bench, &journal, "ec2.create_vpc", &adopt("vpc-9")).unwrap_err();
    assert!(
        report.causes[0].contains("AWS shows ec2.create_vpc"),
        "{report:?}"
    );
    say(&bench, &journal, "ec2.create_vpc", &adopt("ec2.create_vpc")).unwrap();
    assert_eq!(bench.go_on(journal).value(), "ec2.create_vpc");
    assert_eq!(bench.aws.count("create_vpc"), 1);
}

#[test]
fn what_aws_does_not_show_is_not_adopted() {
    let bench = Bench::new(VPC);
    let cut = intended(&bench.start());
    bench.aws.set_world(super::world::World::default());
    let journal = bench.open(&cut);
    let report = say(&bench, &journal, "ec2.create_vpc", &adopt("vpc-9")).unwrap_err();
    assert!(
        report.message.contains("AWS shows no VPC `vpc-9`"),
        "{report:?}"
    );
    assert!(
        report.hints[0]
            .line("runbook")
            .contains("aws ec2 create-tags --resources vpc-9"),
        "{report:?}"
    );
    assert!(
        report.hints[0]
            .line("runbook")
            .contains("Value=ec2.create_vpc"),
        "{report:?}"
    );
    say(&bench, &journal, "ec2.create_vpc", &Choice::Retry).unwrap();
    assert_eq!(bench.go_on(journal).value(), "ec2.create_vpc");
}

#[test]
fn one_of_several_can_be_chosen_and_none_else() {
    let bench = Bench::new(VPC);
    let cut = intended(&bench.start());
    let journal = bench.open(&cut);
    let both = || Look::Finds(Found::Several(vec!["vpc-1".into(), "vpc-2".into()]));
    bench.aws.next_look(both());
    let report = say(&bench, &journal, "ec2.create_vpc", &adopt("vpc-3")).unwrap_err();
    assert!(
        report
            .message
            .contains("is not among what AWS shows: vpc-1, vpc-2"),
        "{report:?}"
    );
    let output = json!({"vpc": {"vpc_id": "vpc-2"}});
    bench
        .aws
        .next_look(Look::Finds(Found::Done(output.clone())));
    let verdict = say(&bench, &journal, "ec2.create_vpc", &adopt("vpc-2")).unwrap();
    assert_eq!(verdict, Verdict::Adopted { output });
    assert_eq!(
        bench.aws.looked().pop().unwrap().chosen.as_deref(),
        Some("vpc-2")
    );
}

#[test]
fn an_aws_that_cannot_be_asked_records_nothing() {
    let bench = Bench::new(VPC);
    let cut = intended(&bench.start());
    let journal = bench.open(&cut);
    bench.aws.next_look(Look::Unreachable);
    let report = say(&bench, &journal, "ec2.create_vpc", &Choice::Retry).unwrap_err();
    assert_eq!(report.exit, Exit::Failed);
    assert_eq!(journal.entries().unwrap().len(), cut.len());
}

#[test]
fn only_what_is_in_doubt_can_be_resolved() {
    let (bench, ended) = doubtful();
    let journal = bench.open(&ended.log);
    let report = say(&bench, &journal, "sns.publsh", &Choice::Retry).unwrap_err();
    assert_eq!(report.exit, Exit::Usage);
    assert_eq!(
        report.hints,
        ["did you mean `sns.publish`?", "in doubt: `sns.publish`"].map(Hint::from)
    );

    let bench = Bench::new(&format!(r#"run::step("a", || {VPC})"#));
    let journal = bench.open(&bench.start().log.cut(5));
    for (key, said) in [
        ("a", "it is a step"),
        ("a/ec2.create_vpc", "the call was done"),
    ] {
        let report = say(&bench, &journal, key, &Choice::Retry).unwrap_err();
        assert!(report.message.contains(said), "{report:?}");
        assert!(
            report.hints[0]
                .line("runbook")
                .contains("nothing of this run is in doubt"),
            "{report:?}"
        );
    }
}
