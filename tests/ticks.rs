//! Runbooks that are executed again and again.

mod runs;

use std::path::PathBuf;

use crate::harness::Test;

/// Counts its ticks, and opens a network in the second.
const SECOND: &str = r#"
import "aws/ec2" as ec2;

const TICK = true;

fn main(params) {
    let tick = state::get("ticks", 0) + 1;
    state::put("ticks", tick);
    log::info(`tick ${tick}`);
    let seen = run::step("look around", || ec2::describe_vpcs(#{}).vpcs.len());
    if tick == 2 {
        log::info("now");
        let vpc = ec2::create_vpc(#{cidr_block: "10.9.0.0/16"}).vpc;
        log::info("made it");
    }
}
"#;

impl Test {
    /// Returns the folder of the only memory.
    fn memory(&self) -> PathBuf {
        let entries = self.state_dir().join("ticks").read_dir().unwrap();
        let found: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        assert_eq!(found.len(), 1, "expected one memory, found {found:?}");
        found[0].clone()
    }
}
