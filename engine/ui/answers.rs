//! Who has said what, and why.

use journal::entry::Answer;

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
