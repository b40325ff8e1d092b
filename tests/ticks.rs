//! Runbooks that are executed again and again.

mod checked;
mod damage;
mod dry;
mod earlier;
mod every;
mod kills;
mod outputs;
mod overlap;
mod runs;
mod shipped;

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

/// Counts its ticks, without AWS.
const COUNT: &str = r#"
const TICK = true;

fn main(params) {
    let tick = state::get("ticks", 0) + 1;
    state::put("ticks", tick);
    log::info(`tick ${tick}`);
}
"#;

/// Waits until there is a VPC: `KEY` can make one.
const GATE: &str = r#"
import "aws/ec2" as ec2;

const TICK = true;

fn main(params) {
    log::info("at the gate");
    run::wait_until("the gate opens", #{every: "10ms", timeout: "1h"}, || {
        !ec2::describe_vpcs(#{filters: [#{name: "cidr", values: ["10.9.0.0/16"]}]}).vpcs.is_empty()
    });
    log::info("through the gate");
}
"#;

const KEY: &str = r#"
import "aws/ec2" as ec2;

fn main(params) { ec2::create_vpc(#{cidr_block: "10.9.0.0/16"}).vpc.cidr_block }
"#;

impl Test {
    /// Returns the folder of the only memory.
    #[track_caller]
    fn memory(&self) -> PathBuf {
        let entries = self.state_dir().join("ticks").read_dir().unwrap();
        let found: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        assert_eq!(found.len(), 1, "expected one memory, found {found:?}");
        found[0].clone()
    }

    /// Opens the gate, from a state directory of its own.
    #[track_caller]
    fn open_the_gate(&self) {
        self.write("key.rhai", KEY);
        let elsewhere = self.path("keys").display().to_string();
        self.runbook(&["--state-dir", &elsewhere, "run", "key.rhai"])
            .code(0);
    }
}

/// Returns every file below `dir` with its content and the time of its last change.
fn files(dir: &std::path::Path) -> Vec<(PathBuf, Vec<u8>, std::time::SystemTime)> {
    let mut all = Vec::new();
    for entry in dir.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let modified = path.metadata().unwrap().modified().unwrap();
        if path.is_dir() {
            all.push((path.clone(), Vec::new(), modified));
            all.extend(files(&path));
        } else {
            let content = std::fs::read(&path).unwrap();
            all.push((path, content, modified));
        }
    }
    all.sort();
    all
}
