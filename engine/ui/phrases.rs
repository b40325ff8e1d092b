//! Phrases that the events of a live run and the entries of a recorded one share.

use base::level::Level;
use journal::entry::{Answer, Settled};

/// Who has said what, and why.
pub(crate) fn answered(answer: &Answer) -> String {
    let verb = if answer.approved {
        "approved"
    } else {
        "refused"
    };
    let why = answer.by.why.as_ref().map(|why| format!(": {why}"));
    format!(
        "{verb}, by {} on {}{}",
        answer.by.who,
        answer.host,
        why.unwrap_or_default()
    )
}

/// Who is asked about an effect in doubt; nobody, where it is none of AWS's.
pub(crate) fn asking(operation: &str) -> &'static str {
    match operation.split_once('.') {
        Some((service, _)) if models::outside::knows(service) => "",
        _ => ", asking AWS",
    }
}

/// Which attempt it is, from the second on.
pub(crate) fn again(attempt: u32) -> String {
    if attempt > 1 {
        format!(", attempt {attempt}")
    } else {
        String::new()
    }
}

/// How an effect came to be known as done.
pub(crate) fn settled(settled: Settled) -> &'static str {
    match settled {
        Settled::Called => "done",
        Settled::Adopted => "adopted",
        Settled::Resolved => "resolved",
    }
}

pub(crate) fn level(level: Level) -> &'static str {
    match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warning",
        Level::Error => "error",
    }
}

/// Returns the text behind where in the script it comes from.
pub(crate) fn scoped(scope: &str, text: &str) -> String {
    if scope.is_empty() {
        text.to_owned()
    } else {
        format!("{scope}: {text}")
    }
}
