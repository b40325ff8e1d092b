//! `runbook rewind`: forgets checkpoints from a key on, so that a resume does them anew.

use std::collections::BTreeMap;

use super::next::resolutions;
use super::operation;
use base::command::Command;
use base::exit::Exit;
use base::hint::Hint;
use base::nearest::nearest;
use base::report::Report;
use journal::entry::{Entry, Record, Rewound, Signature};
use journal::key::{is_below, slashes};
use journal::state::{self, EffectState, Progress, Slot};
use journal::{Durability, Journal};

/// What a rewind forgets, and what that leaves in AWS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewind {
    /// The latest first.
    pub forgotten: Vec<String>,
    /// The effects among them that were done, the earliest first.
    pub left: Vec<Left>,
}

/// An effect whose record is forgotten: what it did stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    pub key: String,
    pub operation: String,
    /// The id of what it made, where it made something.
    pub resource: Option<String>,
}

/// A key's time in the journal.
#[derive(Clone, Copy, Debug)]
struct Span {
    first: u64,
    last: u64,
}

/// Returns what going back to `to` forgets: itself, what is inside it and around it, and what came after it, save in
/// branches that ran beside it.
pub fn plan(journal: &Journal, to: &str) -> Result<Rewind, Report> {
    if journal.is_undone()? {
        let id = journal.id();
        let message = format!("the run `{id}` is undone, in full or in part: it cannot be rewound");
        return Err(Report::new(Exit::Usage, message).hint(Command::show(id)));
    }
    let spans = spans(&journal.entries()?);
    let history = History { journal, spans };
    let Some(start) = history.span(to) else {
        return Err(history.unknown(to));
    };
    let mut keys = Vec::new();
    for (key, span) in &history.spans {
        if history.is_forgotten(key, *span, to, start)? {
            keys.push((span.first, key.clone()));
        }
    }
    keys.sort_unstable_by(|one, other| other.cmp(one));
    let forgotten: Vec<String> = keys.into_iter().map(|(_, key)| key).collect();
    history.settled(&forgotten)?;
    let left = history.left(&forgotten)?;
    Ok(Rewind { forgotten, left })
}

/// Records it. Cut off in between it has gone back less far, and can be done again.
pub fn rewind(journal: &Journal, to: &str, plan: &Rewind, by: Signature) -> Result<(), Report> {
    let rewound = Rewound { to: to.into(), by };
    journal.append(Record::RunRewound(rewound), Durability::Synced)?;
    let last = plan.forgotten.len().saturating_sub(1);
    for (at, key) in plan.forgotten.iter().enumerate() {
        let durability = if at == last {
            Durability::Synced
        } else {
            Durability::Lazy
        };
        journal.append(Record::Forgotten { key: key.clone() }, durability)?;
    }
    Ok(())
}

struct History<'a> {
    journal: &'a Journal,
    spans: BTreeMap<String, Span>,
}

impl History<'_> {
    /// Returns the time of a key, or of all keys below a branch, which has no records of its own.
    fn span(&self, key: &str) -> Option<Span> {
        let within = |other: &&String| *other == key || is_below(other, key);
        let spans = self.spans.iter().filter(|(other, _)| within(other));
        spans.map(|(_, span)| *span).reduce(|one, other| Span {
            first: one.first.min(other.first),
            last: one.last.max(other.last),
        })
    }

    fn is_forgotten(&self, key: &str, span: Span, to: &str, start: Span) -> Result<bool, Report> {
        if key == to || is_below(key, to) {
            return Ok(true);
        }
        if is_below(to, key) {
            return self.is_finished(key);
        }
        Ok(span.first >= start.first && !self.beside(key, to)?)
    }

    /// What is around the key is run again anyway, unless it is finished; a note around it is how a body ended.
    fn is_finished(&self, key: &str) -> Result<bool, Report> {
        Ok(match self.journal.slot(key)? {
            Some(Slot::Step(step)) => matches!(step.state, Progress::Finished { .. }),
            Some(Slot::Note { .. }) => true,
            Some(Slot::Wait(wait)) => matches!(wait.state, Progress::Finished { .. }),
            _ => false,
        })
    }

    /// Whether the two keys are in branches that ran side by side: where their paths part, both go into something that
    /// has no record of its own, and at the same time.
    fn beside(&self, one: &str, other: &str) -> Result<bool, Report> {
        let (mine, theirs) = parting(one, other);
        let is_branch = |key: &str| Ok::<_, Report>(self.journal.slot(key)?.is_none());
        if !is_branch(mine)? || !is_branch(theirs)? {
            return Ok(false);
        }
        let overlap = self
            .span(mine)
            .zip(self.span(theirs))
            .is_some_and(|(a, b)| a.first <= b.last && b.first <= a.last);
        Ok(overlap)
    }

    /// What is in doubt would be lost sight of.
    fn settled(&self, keys: &[String]) -> Result<(), Report> {
        for key in keys {
            if let Some(Slot::Effect(effect)) = self.journal.slot(key)?
                && effect.state == EffectState::Intended
            {
                let id = self.journal.id();
                let report = Report::new(
                    Exit::InDoubt,
                    format!("`{key}` is in doubt; nothing was forgotten"),
                )
                .cause("after a rewind, the engine would not look for what the call may have made")
                .hint(Hint::to("to look up the call in AWS", Command::resume(id)));
                return Err(report.with_hints(resolutions(id.as_str(), key, None)));
            }
        }
        Ok(())
    }

    fn left(&self, keys: &[String]) -> Result<Vec<Left>, Report> {
        let mut left = Vec::new();
        for key in keys.iter().rev() {
            let Some(Slot::Effect(effect)) = self.journal.slot(key)? else {
                continue;
            };
            let EffectState::Finished(outcome) = &effect.state else {
                continue;
            };
            let (service, operation) = (&effect.intent.service, &effect.intent.operation);
            let resource = operation::effect(service, operation)
                .ok()
                .and_then(|effect| knowledge::resource_id(&effect, &outcome.output));
            left.push(Left {
                key: key.clone(),
                operation: format!("{service}.{operation}"),
                resource,
            });
        }
        Ok(left)
    }

    fn unknown(&self, to: &str) -> Report {
        let report = Report::new(
            Exit::Usage,
            format!("nothing is recorded under `{to}`; nothing was forgotten"),
        );
        match nearest(to, self.spans.keys().map(String::as_str)) {
            Some(near) => report.hint(format!("did you mean `{near}`?")),
            None => report.hint(Command::show(self.journal.id())),
        }
    }
}

/// Returns when each key that is not forgotten was first and last recorded.
fn spans(entries: &[Entry]) -> BTreeMap<String, Span> {
    let mut spans: BTreeMap<String, Span> = BTreeMap::new();
    for entry in entries {
        let key = entry.record.key();
        if key == state::RUN {
            continue;
        }
        if matches!(entry.record, Record::Forgotten { .. }) {
            spans.remove(key);
            continue;
        }
        let (first, last) = (entry.seq, entry.seq);
        spans
            .entry(key.to_owned())
            .and_modify(|span| span.last = last)
            .or_insert(Span { first, last });
    }
    spans
}

/// Returns both paths up to and with the first name in which they differ.
fn parting<'a>(one: &'a str, other: &'a str) -> (&'a str, &'a str) {
    let pairs = ends(one).into_iter().zip(ends(other));
    let pairs = pairs.map(|(mine, theirs)| (&one[..mine], &other[..theirs]));
    pairs
        .into_iter()
        .find(|(mine, theirs)| mine != theirs)
        .unwrap_or((one, other))
}

/// Returns where each name of a key ends.
fn ends(key: &str) -> Vec<usize> {
    slashes(key).chain([key.len()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_part_at_a_name_and_not_inside_one() {
        assert_eq!(parting("a/b/c", "a/x/c"), ("a/b", "a/x"));
        assert_eq!(parting("a[1/2]/b", "a[1/3]/b"), ("a[1/2]", "a[1/3]"));
        assert_eq!(parting("a", "b/c"), ("a", "b"));
    }
}
