//! Approvals that no person gives: only the process of a rehearsal does, for runs against its own emulator.

use std::sync::Arc;

use super::{MOVE, world};
use crate::harness::{Test, emulator};
use rehearse::{Folder, Listener, Outside};

/// A rehearsal's process, for as long as this lives.
pub(super) struct Rehearsal {
    listener: Listener,
    _folder: Folder,
}

impl Rehearsal {
    pub(super) fn of(endpoint: &str) -> Self {
        let folder = Folder::new().unwrap();
        let outside = Arc::new(Outside::default());
        let listener = Listener::start(folder.path(), endpoint.into(), outside).unwrap();
        Self {
            listener,
            _folder: folder,
        }
    }

    pub(super) fn world(&self) -> Test {
        self.joined_by(world(MOVE))
    }

    fn joined_by(&self, test: Test) -> Test {
        test.env(
            "RUNBOOK_REHEARSAL",
            &self.listener.path().display().to_string(),
        )
    }
}

/// Asks once, in a run that has a target.
const IN_AWS: &str = r#"
import "aws/ec2" as ec2;
fn main(params) { run::approve("Move the traffic?", #{vpcs: ec2::describe_vpcs(#{}).vpcs.len()}).via }
"#;

fn in_aws() -> Test {
    Test::new().aws().file("move.rhai", IN_AWS)
}

#[test]
fn a_run_against_the_rehearsals_emulator_is_approved_and_no_other() {
    let test = in_aws();
    let own = emulator(test.account()).endpoint();
    let ours = Rehearsal::of(&own);
    let ended = ours.joined_by(test).runbook(&["run", "move.rhai"]).code(0);
    assert_eq!(ended.stdout, "\"rehearsal\"\n");
    for (name, endpoint) in [
        ("AWS_ENDPOINT_URL", own.replace("127.0.0.1", "localhost")),
        (
            "AWS_ENDPOINT_URL_EC2",
            own.replace("127.0.0.1", "localhost"),
        ),
        (
            "AWS_ENDPOINT_URL",
            own.replace("http://", "http://127.0.0.1@"),
        ),
    ] {
        let test = ours.joined_by(in_aws()).env(name, &endpoint);
        let ended = test.runbook(&["run", "move.rhai"]);
        assert!([Some(1), Some(2)].contains(&ended.code), "{}", ended.stderr);
        assert!(
            !ended.stderr.contains("approves by itself"),
            "{}",
            ended.stderr
        );
        assert!(test.runs().is_empty(), "{endpoint}");
    }
}

#[test]
fn a_rehearsal_that_has_ended_approves_nothing() {
    let ended = Rehearsal::of("http://127.0.0.1:1");
    let test = ended.world();
    drop(ended);
    test.runbook(&["run", "move.rhai"]).code(2);
    assert!(test.runs().is_empty());
}
