//! A network that `build.rhai` has built, and reports on it.

use serde_json::Value;

use crate::build::python::change;
use crate::harness::{Ended, Test};

const BUILD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks/build.rhai");
const STATUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks/status.rhai");
pub(crate) use crate::build::{EC2_SITE as EC2, SITE as OPSWORKS};

pub(crate) struct World {
    pub(crate) test: Test,
    site: &'static str,
}

impl World {
    /// Returns an account with nothing in it.
    pub(crate) fn empty() -> Self {
        Self {
            test: Test::new().aws(),
            site: EC2,
        }
    }

    /// Returns one with the example's network.
    pub(crate) fn built() -> Self {
        Self::built_on(EC2)
    }

    pub(crate) fn built_on(site: &'static str) -> Self {
        let world = Self {
            site,
            ..Self::empty()
        };
        world.build().code(0);
        world
    }

    /// Builds as far as it gets.
    pub(crate) fn build(&self) -> Ended {
        let set = ["poll", "routes", "console"].map(|what| format!("interval_{what}=1ms"));
        let mut arguments = vec!["run", BUILD, "--site", self.site];
        for interval in &set {
            arguments.extend(["--set", interval]);
        }
        self.test.runbook(&arguments)
    }

    /// Asks how it is; `more` are settings.
    pub(crate) fn status(&self, more: &[&str]) -> Ended {
        let arguments = ["run", STATUS, "--site", self.site];
        self.test.runbook(&[&arguments[..], more].concat())
    }

    /// Begins to ask how it is.
    pub(crate) fn spawn(&self) -> std::process::Child {
        self.test.spawn(&["run", STATUS, "--site", self.site])
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
        told.map(|told| self.stable(&told)).collect()
    }

    /// Returns the text with what differs from run to run replaced.
    pub(crate) fn stable(&self, text: &str) -> String {
        let text = self.test.stable(text);
        let public = regex::Regex::new(r"\b54(\.\d+){3}\b").unwrap();
        public.replace_all(&text, "<public>").into_owned()
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
