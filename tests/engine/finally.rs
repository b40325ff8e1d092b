//! `run::finally`: cleaned up once, however the body ended, in this process or a later one.

use std::sync::mpsc::channel;
use std::time::Duration;

use base::exit::Exit;
use journal::entry::{Ending, Entry};
use serde_json::json;

use super::aws::Act;
use super::bench::Bench;
use super::ended::Ended;
use super::log::Log;

const NET: &str = "ec2::create_internet_gateway";

/// The cleanup publishes how the body ended; what publishes twice has cleaned up twice.
fn script(body: &str) -> String {
    format!(
        r#"let value = run::finally(|| {{ {body} }}, |outcome| {{
            ec2::delete_key_pair(#{{key_name: outcome.state}});
            if outcome.state == "failed" {{ log::warn(`after ${{outcome.error}}`); }}
        }});
        ec2::create_vpc(#{{cidr_block: "10.0.0.0/16"}});
        value"#
    )
}

/// Returns what each cleanup was told; a call that goes out again after a kill is the same one.
fn told(ended: &Ended) -> Vec<String> {
    let intents = ended.intents().into_iter();
    let first =
        intents.filter(|intent| intent.operation == "delete_key_pair" && intent.attempt == 1);
    first
        .map(|intent| intent.input["key_name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn what_the_body_came_to_stays_as_it_is() {
    let bench = Bench::new(&script(&format!("{NET}(); 5")));
    let ended = bench.start();
    assert_eq!(ended.value(), 5);
    assert_eq!(told(&ended), ["succeeded"]);

    let bench = Bench::new(&script("throw \"no such zone\";"));
    let ended = bench.start();
    assert_eq!(ended.failed(Exit::Failed).message, "no such zone");
    assert_eq!(told(&ended), ["failed"]);
    assert_eq!(ended.logged(), ["after no such zone"]);
    assert_eq!(bench.aws.count("create_vpc"), 0);
}

#[test]
fn killed_anywhere_it_is_cleaned_up_once() {
    for body in ["5", "throw 7;"] {
        let caught = "let got = (); try { got = helper(); } catch (e) { got = e; } got";
        let bench = Bench::new("");
        bench.write(&format!(
            "import \"aws/ec2\" as ec2;\nfn helper() {{ {} }}\nfn main(params) {{ {caught} }}\n",
            script(&format!("{NET}(); {body}"))
        ));
        let whole = bench.start();
        for cut in 1..whole.log.len() {
            let cleanups = bench.aws.count("delete_key_pair");
            let recorded = |log: &Log| {
                log.entries()
                    .iter()
                    .any(|entry| entry.record.key() == "cleanup/ec2.delete_key_pair")
            };
            let before = recorded(&whole.log.cut(cut));
            let resumed = bench.resume(&whole.log.cut(cut));
            assert_eq!(resumed.value(), whole.value(), "{cut}");
            assert_eq!(told(&resumed).len(), 1, "{cut}");
            let more = bench.aws.count("delete_key_pair") - cleanups;
            assert!(before || more == 1, "{cut}");
        }
    }
}

#[test]
fn a_cancelled_body_is_cleaned_up_and_the_run_is_over() {
    let bench = Bench::new(&script(&format!(
        "try {{ {NET}(); }} catch {{}} ec2::create_vpc(#{{cidr_block: \"10.0.0.0/16\"}});"
    )));
    bench.aws.next("create_internet_gateway", Act::Interrupt);
    let ended = bench.start();
    let report = ended.failed(Exit::Interrupted);
    assert_eq!(
        report.message,
        "cancelled; the cleanup is done and the run has ended"
    );
    assert_eq!(told(&ended), ["cancelled"]);
    assert_eq!(ended.ending(), Ending::Cancelled { by: None });
    assert_eq!(bench.aws.count("create_vpc"), 0);
}

#[test]
fn killed_while_it_cleans_up_after_ctrl_c_the_resume_does_the_rest() {
    let bench = Bench::new(&script(&format!("{NET}(); {NET}();")));
    bench.aws.next("create_internet_gateway", Act::Interrupt);
    let whole = bench.start();
    let ended = |entry: &Entry| entry.record.key() == "finally";
    let begun = whole.log.until(ended).len();
    for cut in begun..whole.log.len() {
        let resumed = bench.resume(&whole.log.cut(cut));
        resumed.failed(Exit::Interrupted);
        assert_eq!(resumed.ending(), Ending::Cancelled { by: None }, "{cut}");
        assert_eq!(told(&resumed), ["cancelled"], "{cut}");
    }
    assert_eq!(bench.aws.count("create_internet_gateway"), 1);
}

#[test]
fn ctrl_c_does_not_stop_a_cleanup_nor_its_branches_and_waits() {
    let bench = Bench::new(&format!(
        r#"run::finally(|| {NET}(), |outcome| {{
            ec2::delete_key_pair(#{{key_name: "first"}});
            run::sleep("0s");
            run::parallel(["a", "b"], |zone| ec2::delete_key_pair(#{{key_name: zone}}));
            run::wait_until("gone", #{{every: "0s", timeout: "1h"}}, || ec2::describe_key_pairs(#{{}}).key_pairs.is_empty());
        }});
        ec2::create_vpc(#{{cidr_block: "10.0.0.0/16"}});"#
    ));
    for pairs in [json!([{}]), json!([])] {
        let answer = Act::Answer(json!({"key_pairs": pairs}));
        bench.aws.next("describe_key_pairs", answer);
    }
    bench.aws.next("delete_key_pair", Act::Interrupt);
    let ended = bench.start();
    ended.failed(Exit::Interrupted);
    assert_eq!(told(&ended).len(), 3);
    assert_eq!(bench.aws.count("describe_key_pairs"), 2);
    assert_eq!(bench.aws.count("create_vpc"), 0);
    assert_eq!(
        ended.ending(),
        Ending::Interrupted,
        "the body had ended before"
    );
}

#[test]
fn a_cleanup_that_fails_tells_both_and_is_tried_again() {
    let bench = Bench::new(&script("throw \"no such zone\";"));
    bench
        .aws
        .next("delete_key_pair", Act::Refuse("UnauthorizedOperation"));
    let ended = bench.start();
    let said = ended.said();
    assert!(
        said.contains("the cleanup failed") && said.contains("no such zone"),
        "{said}"
    );
    assert!(said.contains("UnauthorizedOperation"), "{said}");
    let resumed = bench.resume(&ended.log);
    assert_eq!(resumed.failed(Exit::Failed).message, "no such zone");
    assert_eq!(bench.aws.count("delete_key_pair"), 2);
}

#[test]
fn a_branch_that_another_one_stops_is_cleaned_up() {
    let bench = Bench::new(&format!(
        r#"try {{ run::parallel(#{{
            a: || run::finally(|| {{
                {NET}();
                run::wait_until("the end", #{{every: "0s", timeout: "60s"}}, || false);
            }}, |outcome| ec2::delete_key_pair(#{{key_name: outcome.error.code}})),
            b: || ec2::create_vpc(#{{cidr_block: "10.0.0.0/16"}}),
        }}); }} catch {{ ec2::create_dhcp_options(#{{dhcp_configurations: []}}); }}"#
    ));
    let (inside, is_inside) = channel();
    let wait = move || is_inside.recv_timeout(Duration::from_mins(1)).unwrap();
    let refused = Act::RefuseAfter(Box::new(wait), "VpcLimitExceeded");
    bench.aws.next("create_vpc", refused);
    let tell = move || inside.send(()).unwrap();
    bench
        .aws
        .next("create_internet_gateway", Act::After(Box::new(tell)));
    let ended = bench.start();
    ended.value();
    assert_eq!(told(&ended), ["Abandoned"]);
}

#[test]
fn what_waits_or_is_in_doubt_has_not_ended() {
    let bench = Bench::new(&script("run::approve(\"go?\");"));
    let ended = bench.start();
    ended.failed(Exit::Waiting);
    assert!(told(&ended).is_empty());

    let bench = Bench::new(&script(
        "sns::publish(#{topic_arn: \"t\", message: \"m\"});",
    ));
    bench.aws.next("publish", Act::Lose);
    let ended = bench.start();
    ended.failed(Exit::InDoubt);
    assert!(told(&ended).is_empty());
}

#[test]
fn inside_each_other_the_inner_one_cleans_up_first() {
    let bench = Bench::new(&format!(
        r#"run::finally(|| run::finally(|| {{ {NET}(); {NET}() }}, |_outcome| ec2::delete_key_pair(#{{key_name: "inner"}})),
            |outcome| ec2::delete_key_pair(#{{key_name: outcome.state}}))"#
    ));
    bench.aws.next("create_internet_gateway", Act::Interrupt);
    let ended = bench.start();
    assert_eq!(told(&ended), ["inner", "cancelled"]);
}
