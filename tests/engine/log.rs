//! A run's log as bytes: cut at any point, or made older.

use base::digest;
use jiff::Timestamp;
use journal::RunId;
use journal::entry::Entry;
use serde_json::Value;

/// All that a killed run leaves behind.
#[derive(Clone, Debug)]
pub(super) struct Log {
    pub(super) id: RunId,
    pub(super) text: String,
}

impl Log {
    pub(super) fn len(&self) -> usize {
        self.text.lines().count()
    }

    /// Returns the first entries.
    pub(super) fn cut(&self, entries: usize) -> Self {
        let text = self.text.split_inclusive('\n').take(entries).collect();
        Self {
            id: self.id.clone(),
            text,
        }
    }

    /// Returns the first entries and half of the one after them.
    pub(super) fn torn(&self, entries: usize) -> Self {
        let mut log = self.cut(entries);
        if let Some(next) = self.text.lines().nth(entries) {
            log.text.extend(next.chars().take(next.chars().count() / 2));
        }
        log
    }

    /// Returns the entries up to the first of which `stop` holds, that one included.
    pub(super) fn until(&self, stop: impl Fn(&Entry) -> bool) -> Self {
        let at = self
            .entries()
            .iter()
            .position(stop)
            .expect("no entry is like that");
        self.cut(at + 1)
    }

    pub(super) fn entries(&self) -> Vec<Entry> {
        self.text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Returns the log with every point in time in it so much earlier, as if that had passed since.
    pub(super) fn aged(&self, hours: i64) -> Self {
        self.moved(hours, |moment| age(moment, hours))
    }

    /// Returns the log as if the wall clock had been set so much forward since; no time has passed.
    pub(super) fn set_forward(&self, hours: i64) -> Self {
        self.moved(hours, |_| ())
    }

    /// Returns the log as it is so much later, after a boot of the host.
    pub(super) fn rebooted(&self, hours: i64) -> Self {
        self.moved(hours, |moment| moment["boot"] = "another".into())
    }

    fn moved(&self, hours: i64, shift_moment: impl Fn(&mut Value)) -> Self {
        let mut prev = "0".repeat(64);
        let mut text = String::new();
        for line in self.text.lines() {
            let mut entry: Value = serde_json::from_str(line).unwrap();
            shift(&mut entry["at"], hours);
            if let Some(deadline) = entry.pointer_mut("/record/wait_started/deadline") {
                shift(deadline, hours);
            }
            for moment in [
                "/record/wait_started/until",
                "/record/effect_intended/written",
            ] {
                entry.pointer_mut(moment).map(&shift_moment);
            }
            let body = format!(
                r#"{{"v":{},"seq":{},"at":{},"prev":"{prev}","record":{}"#,
                entry["v"], entry["seq"], entry["at"], entry["record"]
            );
            prev = digest::sha256(body.as_bytes());
            text = format!("{text}{body},\"hash\":\"{prev}\"}}\n");
        }
        Self {
            id: self.id.clone(),
            text,
        }
    }
}

fn age(moment: &mut Value, hours: i64) {
    if let Some(us) = moment["us"].as_i64() {
        moment["us"] = (us - hours * 3_600_000_000).into();
    }
}

fn shift(at: &mut Value, hours: i64) {
    if let Some(text) = at.as_str() {
        let moved = text.parse::<Timestamp>().unwrap() - jiff::SignedDuration::from_hours(hours);
        *at = Value::String(moved.to_string());
    }
}
