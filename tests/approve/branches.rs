//! Questions of branches side by side.

use super::{count, user, world};

const TWO: &str = r#"
fn main(params) {
    run::parallel(#{
        az1: || run::approve("Move az1?").by,
        az2: || run::approve("Move az2?").by,
        az3: || { for n in 0..300 { run::step("look", n, || n); } run::step("two", || log::info("two")); 3 },
    })
}
"#;

#[test]
fn each_is_answered_by_its_key_and_the_others_go_on_meanwhile() {
    let test = world(TWO);
    let ended = test.runbook(&["run", "move.rhai"]).code(3);
    assert!(
        ended.stderr.contains("`az2/run.approve`: Move az2?"),
        "{}",
        ended.stderr
    );
    assert_eq!(
        count(&test, "\"two\""),
        1,
        "a question keeps no other branch"
    );
    let which = test.runbook(&["approve", "last"]).code(2);
    assert!(
        which.stderr.contains("approve") && which.stderr.contains("az1/run.approve"),
        "{}",
        which.stderr
    );
    let first = test
        .runbook(&["approve", "last", "az2/run.approve"])
        .code(0);
    assert!(
        first.stdout.contains("next: runbook approve") && first.stdout.contains("az1/run.approve"),
        "{}",
        first.stdout
    );
    // One answer is not the other's.
    test.runbook(&["resume", "last"]).code(3);
    let second = test.runbook(&["approve", "last"]).code(0);
    assert!(
        second.stdout.contains("next: runbook resume"),
        "{}",
        second.stdout
    );
    let ended = test.runbook(&["resume", "last"]).code(0);
    assert_eq!(
        ended.json(),
        serde_json::json!({"az1": user(), "az2": user(), "az3": 3})
    );
}

#[test]
fn what_failed_beside_a_question_is_told_first() {
    let test = world(
        r#"
        fn main(params) {
            run::parallel(#{
                az1: || run::approve("Move az1?"),
                az2: || throw "broken",
            })
        }
    "#,
    );
    let ended = test.runbook(&["run", "move.rhai"]);
    let ended = ended.code(1);
    assert!(ended.stderr.contains("broken"), "{}", ended.stderr);
}
