//! At a terminal a person is asked first.

use super::remaining;
use crate::build::build;
use crate::harness::{Ended, Test};

const PROMPT: &str = "[y/N]";

fn answered(test: &Test, typed: &str) -> Ended {
    let mut terminal = test.at_terminal(&["undo", "last"], PROMPT);
    terminal.types(typed);
    terminal.ended()
}

#[test]
fn nothing_is_deleted_without_a_yes() {
    let test = Test::new().aws();
    build(&test, &[]).code(0);
    let before = remaining(&test);
    for typed in ["n\n", "\n"] {
        let ended = answered(&test, typed).code(2);
        let said = format!("{}{}", ended.stdout, ended.stderr);
        let question = format!(
            "Delete 17 things in account {}, region ap-northeast-1?",
            test.account()
        );
        for text in [question.as_str(), "ec2.delete_vpc", "nothing was changed"] {
            assert!(said.contains(text), "{text}: {said}");
        }
    }
    assert_eq!(remaining(&test), before);
    answered(&test, "y\n").code(0);
    assert!(remaining(&test).is_empty());
}
