//! Effects on what is not AWS, and those of AWS's that a script says may be done twice.

use base::exit::Exit;
use journal::entry::{Ending, Record};
use serde_json::json;

use super::aws::Act;
use super::bench::Bench;
use super::ended::Ended;

const PUBLISH: &str = r#"sns::publish(#{topic_arn: "arn:aws:sns:eu-west-1:123456789012:t", message: "hello"}, #{on_doubt: "retry"})"#;
const POST: &str = r#"http::post(#{url: "http://127.0.0.1/"}, #{on_doubt: "retry"})"#;

/// Returns what the script catches of `call`.
fn caught(call: &str) -> String {
    format!("try {{ {call}; }} catch (e) {{ return [e.code, e.message]; }}")
}

/// How the effect under `key` stands at the end.
fn last(ended: &Ended, key: &str) -> Record {
    let entries = ended.log.entries();
    let mut records = entries.into_iter().map(|entry| entry.record);
    records.rfind(|record| record.key() == key).unwrap()
}

#[test]
fn what_may_be_done_twice_is_no_doubt_but_an_error() {
    for (call, operation, key, times) in [
        (PUBLISH, "publish", "sns.publish", 3),
        (POST, "post", "http.post", 1),
    ] {
        let bench = Bench::new(&caught(call));
        for _ in 0..3 {
            bench.aws.next(operation, Act::Lose);
        }
        let ended = bench.start();
        let lost = json!(["Lost", "the connection was reset"]);
        assert_eq!(ended.value(), lost, "{operation}");
        assert_eq!(bench.aws.count(operation), times, "{operation}");
        assert!(matches!(last(&ended, key), Record::EffectFailed { .. }));
    }
}

#[test]
fn nobody_there_is_an_error_too() {
    for (call, operation) in [(PUBLISH, "publish"), (POST, "post")] {
        let bench = Bench::new(&caught(call));
        bench.aws.next(operation, Act::NotSent);
        assert_eq!(bench.start().value()[0], "NotSent");
        // Nobody there after a reply was lost: then it may have been done.
        let bench = Bench::new(&caught(PUBLISH));
        bench.aws.next("publish", Act::Lose);
        bench.aws.next("publish", Act::NotSent);
        assert_eq!(bench.start().value()[0], "Lost");
    }
}

#[test]
fn a_run_that_does_not_catch_it_fails_and_its_resume_does_it_again() {
    let bench = Bench::new(&format!("{POST}.message_id"));
    bench.aws.next("post", Act::DoAndLose);
    let ended = bench.start();
    ended.failed(Exit::Failed);
    assert!(
        matches!(ended.ending(), Ending::Failed { error } if error.code.as_deref() == Some("Lost"))
    );
    bench.edit(POST);
    bench.resume_edited(&ended.log).value();
    assert_eq!(bench.aws.count("post"), 2);
}

#[test]
fn one_that_was_cut_off_is_made_again_and_may_fail_again() {
    for act in [Act::Lose, Act::NotSent] {
        let bench = Bench::new(&caught(POST));
        let whole = bench.start();
        let cut = whole
            .log
            .until(|entry| matches!(entry.record, Record::EffectIntended(_)));
        bench.aws.next("post", act);
        assert_eq!(bench.resume(&cut).value()[0], "Lost");
    }
}

#[test]
fn an_effect_outside_aws_needs_no_connection_to_it() {
    let bench = Bench::new(
        r#"http::post(#{url: "http://127.0.0.1/"}); command::run(#{program: "true"}); 1"#,
    );
    assert_eq!(bench.start().value(), 1);
    assert_eq!([bench.aws.count("post"), bench.aws.count("run")], [1, 1]);
}

#[test]
fn a_call_that_only_asks_whether_it_would_be_allowed_is_a_read() {
    let call = r#"ec2::replace_route(#{route_table_id: "rtb-1", destination_cidr_block: "0.0.0.0/0", instance_id: "i-1", dry_run: true})"#;
    for code in ["DryRunOperation", "UnauthorizedOperation"] {
        let bench = Bench::new(&caught(call));
        bench.aws.next("replace_route", Act::Refuse(code));
        let ended = bench.start();
        assert_eq!(ended.value()[0], code);
        assert_eq!(ended.log.entries().len(), 2, "an intent was written");
    }
    let bench = Bench::new(&call.replace("true", "false"));
    let ended = bench.start();
    assert!(matches!(
        last(&ended, "ec2.replace_route"),
        Record::EffectFinished(_)
    ));
}
