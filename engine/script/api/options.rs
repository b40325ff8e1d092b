//! The options of a probe, read once and checked.

use std::net::IpAddr;
use std::time::Duration;

use rhai::{Dynamic, Map};

use crate::fault;
use crate::host::Scripted;
use base::duration;
use base::fault::Fault;
use base::nearest::nearest;

/// The options of each, as they are checked before a run too.
pub(super) const OPTIONS: [(&str, &[&str]); 5] = [
    (
        "ping",
        &["count", "interval", "timeout", "source", "enough"],
    ),
    ("tcp", &["timeout", "source"]),
    (
        "http",
        &["timeout", "status", "contains", "headers", "method"],
    ),
    ("dns", &["server", "type", "timeout"]),
    ("any", &["count", "interval", "timeout", "source"]),
];

/// The presets that hold where a script says nothing.
pub(super) const TIMEOUT: Duration = Duration::from_secs(1);

pub(super) const INTERVAL: Duration = Duration::from_millis(200);

pub(super) const COUNT: u16 = 3;

/// Where a probe comes from, if the script says so.
pub(super) type Source = Option<IpAddr>;

/// The options that a script gave; those that are `()` were not given.
pub(super) struct Options<'a> {
    name: &'static str,
    given: &'a Map,
}

impl<'a> Options<'a> {
    pub(super) fn of(name: &'static str, given: &'a Map) -> Scripted<Self> {
        let known = OPTIONS.iter().find(|(probe, _)| *probe == name);
        let known = known.map_or(&[][..], |(_, known)| *known);
        let unknown = given
            .keys()
            .find(|option| !known.contains(&option.as_str()));
        let Some(unknown) = unknown else {
            return Ok(Self { name, given });
        };
        let meant = nearest(unknown, known.iter().copied());
        let meant = meant.map(|near| format!("; did you mean `{near}`?"));
        Err(wrong(&format!(
            "`probe::{name}` has no option `{unknown}`{}",
            meant.unwrap_or_default()
        )))
    }

    pub(super) fn get(&self, option: &str) -> Option<&Dynamic> {
        self.given.get(option).filter(|value| !value.is_unit())
    }

    /// Returns what `read` makes of an option; `expected` says what it must be.
    pub(super) fn read<T>(
        &self,
        option: &str,
        expected: &str,
        read: impl Fn(&Dynamic) -> Option<T>,
    ) -> Scripted<Option<T>> {
        let Some(value) = self.get(option) else {
            return Ok(None);
        };
        let refused = || {
            let name = self.name;
            wrong(&format!(
                "`probe::{name}`: `{option}` is {expected}, not `{value}`"
            ))
        };
        read(value).map(Some).ok_or_else(refused)
    }

    pub(super) fn text(&self, option: &str) -> Scripted<Option<String>> {
        self.read(option, "a string", |value| value.clone().into_string().ok())
    }

    /// A whole number from 1.
    pub(super) fn count(&self, option: &str, most: u16) -> Scripted<Option<u16>> {
        let expected = format!("a whole number from 1 to {most}");
        self.read(option, &expected, |value| {
            let number = value.as_int().ok()?;
            let number = u16::try_from(number).ok()?;
            (1..=most).contains(&number).then_some(number)
        })
    }

    /// From a millisecond to an hour: a probe has an end.
    pub(super) fn duration(&self, option: &str) -> Scripted<Option<Duration>> {
        let range = Duration::from_millis(1)..=Duration::from_hours(1);
        self.read(option, "a duration from `1ms` to `1h`", |value| {
            let duration = duration::parse(&value.to_string()).ok()?;
            range.contains(&duration).then_some(duration)
        })
    }
}

pub(super) fn wrong(message: &str) -> Box<rhai::EvalAltResult> {
    fault::throw(&Fault {
        message: message.to_owned(),
        code: Some("InvalidArgument".into()),
        ..Fault::default()
    })
}
