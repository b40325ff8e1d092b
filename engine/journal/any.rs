//! Random records: whatever the journal takes it gives back.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Durability;
use super::entry::Record;
use super::fixture::{Site, step_started};
use base::fault::Fault;
use base::level::Level;

const TEXTS: [&str; 8] = [
    "",
    "plain",
    "\"}],{[",
    "\\",
    "\\\"",
    "line\nline\r\t\u{0}\u{1b}[2J",
    "snow ☃ \u{202e}\u{1F600}",
    ",\"hash\":\"00\"}",
];

struct Draw(u64);

impl Draw {
    fn of(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(0x1405_7b7e_f767_814f);
        usize::try_from((self.0 >> 33) % most as u64).unwrap()
    }

    fn text(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..self.of(3) {
            write!(text, "{}{}", TEXTS[self.of(TEXTS.len())], self.of(10)).unwrap();
        }
        text
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.of(if depth == 0 { 7 } else { 9 }) {
            0 => Value::Null,
            1 => json!(self.of(2) == 0),
            2 => json!(i64::MIN),
            3 => json!(i64::MAX),
            4 => json!(f64::from(u32::try_from(self.of(1 << 20)).unwrap()) / 7.0e30),
            5 => json!(-0.0),
            6 => self.text().into(),
            7 => (0..self.of(4)).map(|_| self.value(depth - 1)).collect(),
            _ => {
                let members = 0..self.of(4);
                let member = |_| (self.text(), self.value(depth - 1));
                Value::Object(members.map(member).collect())
            }
        }
    }

    fn fault(&mut self) -> Fault {
        let depth = self.of(5);
        Fault {
            message: self.text(),
            code: (self.of(2) == 0).then(|| self.text()),
            details: (self.of(2) == 0).then(|| json!({"a": self.value(depth)})),
            thrown: (self.of(2) == 0).then(|| Box::new(self.value(depth))),
            ..Fault::default()
        }
    }

    fn record(&mut self, key: String) -> Vec<Record> {
        let depth = self.of(8);
        match self.of(4) {
            0 => vec![Record::Noted {
                key,
                value: self.value(depth),
            }],
            1 => vec![Record::Logged {
                scope: key,
                level: Level::Warn,
                message: self.text(),
            }],
            2 => vec![
                step_started(&key, 1),
                Record::StepFinished {
                    key,
                    attempt: 1,
                    value: self.value(depth),
                },
            ],
            _ => vec![
                step_started(&key, 1),
                Record::StepFailed {
                    key,
                    attempt: 1,
                    error: self.fault(),
                },
            ],
        }
    }
}

#[test]
fn what_is_written_can_be_read() {
    let site = Site::new();
    let journal = site.run("r");
    let mut draw = Draw(0);
    let mut written = Vec::new();
    for count in 0..500 {
        let key = format!("{count}{}", draw.text());
        for record in draw.record(key) {
            written.push(record.clone());
            journal.append(record, Durability::Lazy).unwrap();
        }
    }
    drop(journal);
    let entries = site.open("r").unwrap().entries().unwrap();
    let read: Vec<Record> = entries
        .into_iter()
        .skip(1)
        .map(|entry| entry.record)
        .collect();
    assert_eq!(read, written);
}

#[test]
fn what_could_not_be_read_is_not_written() {
    let site = Site::new();
    let journal = site.run("r");
    let noted = |levels: usize| Record::Noted {
        key: format!("deep {levels}"),
        value: (1..levels).fold(json!([]), |inner, _| json!([inner])),
    };
    // The entry, its record and the note lie around the value.
    journal.append(noted(124), Durability::Lazy).unwrap();
    assert!(journal.append(noted(125), Durability::Lazy).is_err());
    journal.append(noted(3), Durability::Lazy).unwrap();
    drop(journal);
    assert_eq!(site.open("r").unwrap().entries().unwrap().len(), 3);
}
