//! Durations as people write them: `90s`, `1m 30s`, `2h`, or a plain number of seconds.

use std::time::Duration;

use jiff::SignedDuration;

/// Returns the duration; negative ones and calendar units (days and longer) are refused.
pub fn parse(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let seconds = text.parse::<f64>().ok().map(Duration::try_from_secs_f64);
    if let Some(parsed) = seconds {
        return parsed.map_err(|_| refusal(text));
    }
    let signed: SignedDuration = text.parse().map_err(|_| refusal(text))?;
    Duration::try_from(signed).map_err(|_| refusal(text))
}

fn refusal(text: &str) -> String {
    format!("`{text}` is not a duration: write for example `500ms`, `30s`, `2m` or `1h 30m`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        for (text, milliseconds) in [
            ("30s", 30_000),
            ("500ms", 500),
            ("1m 30s", 90_000),
            ("2h", 7_200_000),
            ("5", 5_000),
            ("0.25", 250),
            ("0s", 0),
        ] {
            assert_eq!(
                parse(text),
                Ok(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
    }

    #[test]
    fn refuses_the_rest() {
        for text in ["", "soon", "-5s", "-1", "5 parsecs", "NaN", "1e400"] {
            assert!(
                parse(text).unwrap_err().contains("is not a duration"),
                "{text}"
            );
        }
    }
}
