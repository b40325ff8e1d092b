//! What a run came to: its end, its events, its log.

use std::time::Duration;

use base::exit::Exit;
use base::report::Report;
use journal::entry::{Ending, Entry, Intent, Outcome, Record};
use run::event::{Created, Event};
use serde_json::Value;

use super::log::Log;

pub(super) struct Ended {
    pub(super) result: Result<(), Report>,
    pub(super) events: Vec<Event>,
    pub(super) log: Log,
}

impl Ended {
    /// Returns what `main` returned.
    #[track_caller]
    pub(super) fn value(&self) -> Value {
        assert_eq!(self.result, Ok(()));
        match self.ending() {
            Ending::Succeeded { value } => value,
            other => panic!("the log ends with {other:?}"),
        }
    }

    /// Returns the report of a run that ended so.
    #[track_caller]
    pub(super) fn failed(&self, exit: Exit) -> &Report {
        let report = self.result.as_ref().expect_err("the run succeeded");
        assert_eq!(report.exit, exit, "{report:?}");
        report
    }

    /// Returns how long the run took, as it told.
    pub(super) fn elapsed(&self) -> Duration {
        let ended = self.events.iter().find_map(|event| match event {
            Event::RunEnded(ended) => Some(ended.elapsed),
            _ => None,
        });
        ended.expect("the run told no end")
    }

    /// Returns the report's message and causes as one text.
    pub(super) fn said(&self) -> String {
        let report = self.result.as_ref().expect_err("the run succeeded");
        format!("{}; {}", report.message, report.causes.join("; "))
    }

    #[track_caller]
    pub(super) fn ending(&self) -> Ending {
        match self.log.entries().pop() {
            Some(Entry {
                record: Record::RunEnded(ended),
                ..
            }) => ended.ending,
            other => panic!("the last entry is {other:?}"),
        }
    }

    /// Returns the keys of the steps whose closures were run by this process.
    pub(super) fn steps_run(&self) -> Vec<String> {
        let started = self.events.iter().filter_map(|event| match event {
            Event::StepStarted { key, .. } => Some(key.clone()),
            _ => None,
        });
        started.collect()
    }

    /// Returns the keys of the steps that were done before.
    pub(super) fn steps_reused(&self) -> Vec<String> {
        let reused = self.events.iter().filter_map(|event| match event {
            Event::StepFinished {
                key, reused: true, ..
            } => Some(key.clone()),
            _ => None,
        });
        reused.collect()
    }

    pub(super) fn logged(&self) -> Vec<String> {
        let logged = self.events.iter().filter_map(|event| match event {
            Event::Log { message, .. } => Some(message.clone()),
            _ => None,
        });
        logged.collect()
    }

    pub(super) fn made(&self) -> Vec<Created> {
        let made = self.events.iter().find_map(|event| match event {
            Event::RunEnded(ended) => Some(ended.created.clone()),
            _ => None,
        });
        made.expect("the run did not tell of its end")
    }

    pub(super) fn intents(&self) -> Vec<Intent> {
        let intents = self
            .log
            .entries()
            .into_iter()
            .filter_map(|entry| match entry.record {
                Record::EffectIntended(intent) => Some(intent),
                _ => None,
            });
        intents.collect()
    }

    pub(super) fn outcomes(&self) -> Vec<Outcome> {
        let outcomes = self
            .log
            .entries()
            .into_iter()
            .filter_map(|entry| match entry.record {
                Record::EffectFinished(outcome) => Some(outcome),
                _ => None,
            });
        outcomes.collect()
    }

    /// Returns the log without the run's own entries, each as `kind key attempt`.
    pub(super) fn lines(&self) -> Vec<String> {
        let entries = self.log.entries();
        entries
            .iter()
            .filter(|entry| !entry.record.key().is_empty())
            .map(line)
            .collect()
    }
}

fn line(entry: &Entry) -> String {
    let record = serde_json::to_value(&entry.record).unwrap();
    let (kind, body) = record
        .as_object()
        .and_then(|record| record.iter().next())
        .unwrap();
    let attempt = body["attempt"]
        .as_u64()
        .map(|attempt| format!(" {attempt}"))
        .unwrap_or_default();
    format!("{kind} {}{attempt}", entry.record.key())
}
