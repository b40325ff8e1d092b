//! Timestamps as the protocols write them; inside the engine they are RFC 3339 strings.

use jiff::Timestamp;
use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};
use serde_json::{Number, Value};

use crate::TimeFormat;

/// Reads a timestamp in any form that AWS or a script may give it.
#[must_use]
pub fn parse_any(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(number) => epoch(number.as_f64()?),
        Value::String(text) => parse_text(text.trim()),
        _ => None,
    }
}

/// Returns a timestamp in the form that the wire wants; `default` where the model names none.
pub fn write(value: &Value, format: Option<TimeFormat>, default: TimeFormat) -> Option<Value> {
    let time = parse_any(value)?;
    Some(match format.unwrap_or(default) {
        TimeFormat::Iso8601 => Value::String(time.to_string()),
        TimeFormat::Rfc822 => Value::String(
            DateTimePrinter::new()
                .timestamp_to_rfc9110_string(&time)
                .ok()?,
        ),
        TimeFormat::Epoch if time.subsec_nanosecond() == 0 => Value::from(time.as_second()),
        TimeFormat::Epoch => {
            Number::from_f64(time.as_duration().as_secs_f64()).map(Value::Number)?
        }
    })
}

fn parse_text(text: &str) -> Option<Timestamp> {
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    text.parse()
        .ok()
        .and_then(epoch)
        .or_else(|| parse_http_date(text))
}

/// HTTP dates may carry a fraction of a second, which RFC 2822 does not know.
fn parse_http_date(text: &str) -> Option<Timestamp> {
    let parser = DateTimeParser::new();
    if let Ok(time) = parser.parse_timestamp(text) {
        return Some(time);
    }
    let (seconds, rest) = text.split_once('.')?;
    let (fraction, zone) = rest.split_once(' ')?;
    let whole = parser.parse_timestamp(format!("{seconds} {zone}")).ok()?;
    let fraction: f64 = format!("0.{fraction}").parse().ok()?;
    whole
        .checked_add(std::time::Duration::from_secs_f64(fraction))
        .ok()
}

/// AWS counts milliseconds at most; beyond microseconds a float says nothing.
fn epoch(seconds: f64) -> Option<Timestamp> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a value out of range saturates and is refused"
    )]
    let micros = (seconds * 1e6).round() as i64;
    seconds
        .is_finite()
        .then_some(micros)
        .and_then(|micros| Timestamp::from_microsecond(micros).ok())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{parse_any, write};
    use crate::TimeFormat;

    #[test]
    fn every_form_is_read() {
        for form in [
            json!("2014-04-29T18:30:38Z"),
            json!("2014-04-29T20:30:38+02:00"),
            json!(1_398_796_238),
            json!("1398796238"),
            json!("Tue, 29 Apr 2014 18:30:38 GMT"),
        ] {
            assert_eq!(
                parse_any(&form).unwrap().as_second(),
                1_398_796_238,
                "{form}"
            );
        }
        let fraction = parse_any(&json!("Sun, 02 Jan 2000 20:34:56.456 GMT")).unwrap();
        assert_eq!(fraction.to_string(), "2000-01-02T20:34:56.456Z");
        for wrong in [json!("yesterday"), json!(true), json!(""), json!("inf")] {
            assert_eq!(parse_any(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn each_format_is_written() {
        let time = json!("2014-04-29T18:30:38Z");
        let written = |format| write(&time, Some(format), TimeFormat::Epoch).unwrap();
        assert_eq!(written(TimeFormat::Iso8601), time);
        assert_eq!(written(TimeFormat::Epoch), json!(1_398_796_238));
        assert_eq!(
            written(TimeFormat::Rfc822),
            json!("Tue, 29 Apr 2014 18:30:38 GMT")
        );
        assert_eq!(
            write(&json!(1.5), None, TimeFormat::Epoch),
            Some(json!(1.5))
        );
        assert_eq!(write(&Value::Null, None, TimeFormat::Epoch), None);
    }
}
