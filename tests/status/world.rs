//! A network that `build.rhai` has built, and reports on it.

use serde_json::Value;

use crate::build::python::change;
use crate::harness::{Ended, Test};

const BUILD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks/build.rhai");
const STATUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks/status.rhai");
const OPSWORKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks/sites/opsworks.toml");

pub(crate) struct World {
    pub(crate) test: Test,
    site: &'static str,
}

impl World {
    /// Returns an account with nothing in it.
    pub(crate) fn empty() -> Self {
        Self {
            test: Test::new().aws(),
            site: OPSWORKS,
        }
    }

    /// Returns one with the example's network.
    pub(crate) fn built() -> Self {
        let world = Self::empty();
        let polls = ["--set", "interval_poll=1ms", "--set", "interval_routes=1ms"];
        let arguments = [&["run", BUILD, "--site", world.site][..], &polls].concat();
        world.test.runbook(&arguments).code(0);
        world
    }

    /// Asks how it is; `more` are settings.
    pub(crate) fn status(&self, more: &[&str]) -> Ended {
        let arguments = ["run", STATUS, "--site", self.site];
        self.test.runbook(&[&arguments[..], more].concat())
    }

    /// Asks how it is as a program does.
    #[track_caller]
    pub(crate) fn data(&self, more: &[&str]) -> Value {
        let ended = self.status(&[&["--output", "json"], more].concat());
        let events = ended
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        let mut outputs = events.filter(|event: &Value| event["event"] == "output");
        let output = outputs.next();
        output.unwrap_or_else(|| panic!("{}{}", ended.stdout, ended.stderr))["data"].clone()
    }

    /// Returns what is wrong, as `what -> next`, ids replaced.
    #[track_caller]
    pub(crate) fn wrong(&self, more: &[&str]) -> Vec<String> {
        let data = self.data(more);
        let wrong = data["wrong"].as_array().unwrap().iter();
        let told = wrong.map(|one| format!("{} -> {}", text(&one["what"]), text(&one["next"])));
        told.map(|told| self.test.stable(&told)).collect()
    }

    /// Changes something behind its back.
    pub(crate) fn change(&self, what: &[&str]) -> String {
        change(&self.test, what)
    }

    /// Fails unless the report left nothing behind.
    #[track_caller]
    pub(crate) fn assert_no_run(&self, runs: usize) {
        assert_eq!(self.test.runs().len(), runs);
        assert!(!self.test.state_dir().join("ticks").exists());
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
