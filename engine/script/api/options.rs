//! The options that a script gives a primitive in a map.

use std::time::Duration;

use rhai::{Array, Dynamic, EvalAltResult, Map};

use crate::fault;
use crate::host::Scripted;
use base::duration;
use base::nearest::nearest;

/// The options of one call; an option that is `()` is not given.
pub(super) struct Options<'a> {
    function: &'a str,
    given: &'a Map,
}

impl<'a> Options<'a> {
    /// Refuses a name that is not known.
    pub(super) fn of(function: &'a str, known: &[&str], given: &'a Map) -> Scripted<Self> {
        let is_unknown = |option: &&rhai::Identifier| !known.contains(&option.as_str());
        let Some(unknown) = given.keys().find(is_unknown) else {
            return Ok(Self { function, given });
        };
        let meant = nearest(unknown, known.iter().copied());
        let meant = meant.map(|near| format!("; did you mean `{near}`?"));
        Err(wrong(format!(
            "`{function}` has no option `{unknown}`{}",
            meant.unwrap_or_default()
        )))
    }

    /// Returns what `read` makes of an option; `expected` says what it must be.
    pub(super) fn read<T>(
        &self,
        option: &str,
        expected: &str,
        read: impl Fn(&Dynamic) -> Option<T>,
    ) -> Scripted<Option<T>> {
        let Some(value) = self.given.get(option).filter(|value| !value.is_unit()) else {
            return Ok(None);
        };
        let refused = || {
            let function = self.function;
            wrong(format!(
                "option `{option}` of `{function}`: expected {expected}, found `{value}`"
            ))
        };
        read(value).map(Some).ok_or_else(refused)
    }

    pub(super) fn text(&self, option: &str) -> Scripted<Option<String>> {
        self.read(option, "a string", string)
    }

    pub(super) fn texts(&self, option: &str, expected: &str) -> Scripted<Option<Vec<String>>> {
        self.read(option, expected, |value| {
            value.read_lock::<Array>()?.iter().map(string).collect()
        })
    }

    /// A whole number from 1, without an upper bound if that is `i64::MAX`.
    pub(super) fn count<T: TryFrom<i64>>(&self, option: &str, most: i64) -> Scripted<Option<T>> {
        let expected = match most {
            i64::MAX => "a whole number from 1".to_owned(),
            most => format!("a whole number from 1 to {most}"),
        };
        self.read(option, &expected, |value| {
            let number = value.as_int().ok()?;
            (1..=most)
                .contains(&number)
                .then_some(number)?
                .try_into()
                .ok()
        })
    }

    pub(super) fn duration(&self, option: &str) -> Scripted<Option<Duration>> {
        self.read(option, "a duration such as `5s`", |value| {
            duration::parse(&value.to_string()).ok()
        })
    }

    /// From a millisecond to an hour.
    pub(super) fn short_duration(&self, option: &str) -> Scripted<Option<Duration>> {
        let range = Duration::from_millis(1)..=Duration::from_hours(1);
        self.read(option, "a duration from `1ms` to `1h`", |value| {
            let duration = duration::parse(&value.to_string()).ok()?;
            range.contains(&duration).then_some(duration)
        })
    }
}

fn string(value: &Dynamic) -> Option<String> {
    value.clone().into_string().ok()
}

pub(super) fn wrong(message: impl Into<String>) -> Box<EvalAltResult> {
    fault::error("InvalidArgument", message)
}
