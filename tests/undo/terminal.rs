//! At a terminal a person is asked first.

use super::remaining;
use crate::build::build;
use crate::harness::{Ended, Test};

const PROMPT: &str = "to confirm: ";
const VPC: &str = r#"
import "aws/ec2" as ec2;

fn main(params) { ec2::create_vpc(#{cidr_block: "10.9.0.0/16"}).vpc.cidr_block }
"#;

fn answered(test: &Test, typed: &str) -> Ended {
    let mut terminal = test.at_terminal(&["undo", "last"], PROMPT);
    terminal.types(typed);
    terminal.ended()
}

#[test]
fn nothing_is_deleted_without_the_networks_name() {
    let test = Test::new().aws();
    build(&test, &[]).code(0);
    let before = remaining(&test);
    for typed in ["n\n", "\n", "y\n", "yes\n", "Other\n"] {
        let ended = answered(&test, typed).code(2);
        let said = format!("{}{}", ended.stdout, ended.stderr);
        let question = format!(
            "Delete 17 resources in account {}, region ap-northeast-1?",
            test.account()
        );
        for text in [
            question.as_str(),
            "type `MyVPC` to confirm",
            "ec2.delete_vpc",
            "nothing was changed",
        ] {
            assert!(said.contains(text), "{text}: {said}");
        }
    }
    assert_eq!(remaining(&test), before);
    answered(&test, "MyVPC\n").code(0);
    assert!(remaining(&test).is_empty());
}

/// A network without a name, typed ahead of the question and then as an answer.
#[test]
fn without_a_name_it_is_the_accounts_number() {
    let test = Test::new().aws().file("book.rhai", VPC);
    test.runbook(&["run", "book.rhai"]).code(0);
    let before = remaining(&test);
    let number = format!("{}\n", test.account());
    let mut terminal = test.at_terminal_after(&number, &["undo", "last"], PROMPT);
    terminal.types("y\n");
    terminal.ended().code(2);
    assert_eq!(remaining(&test), before);
    answered(&test, &number).code(0);
    assert!(remaining(&test).is_empty());
}
