//! What counts against the engine, and what nobody could have known.

use super::mix::Mix;
use super::point::Point;
use crate::matrix::ended::Ending;
use crate::matrix::faults::lag::WINDOW;
use crate::matrix::finding::{Finding, Kind, is_tag_of};
use crate::matrix::left::{unfounded, warned};
use crate::matrix::report::Verdict;
use crate::text::masked;
use journal::entry::{self, Entry, Record, Settled};
use knowledge::Class;

/// A trial that has ended.
pub(super) struct Tried<'a> {
    pub(super) mix: &'a Mix,
    pub(super) journal: &'a [Entry],
    /// What is there is what is there without faults, whatever the requests say.
    pub(super) same_things: bool,
}

impl Tried<'_> {
    pub(super) fn verdict(
        &self,
        point: &Point,
        ending: Ending,
        findings: Vec<Finding>,
        reached: bool,
    ) -> Verdict {
        let (findings, possible_duplicates) = self.without_the_unknowable(findings);
        Verdict {
            kind: kind(point),
            what: what(point, self.mix),
            point: point.to_string(),
            ending: self.judged(ending),
            findings,
            doubts: self.doubts(),
            adopted: self.adopted(),
            possible_duplicates,
            reached,
        }
    }

    /// Returns what counts, and how many duplicates were rightly said to be possible.
    ///
    /// What was made twice beyond the window is one if the run said so; without the word it counts as doubled, and the word
    /// without a duplicate counts too.
    fn without_the_unknowable(&self, findings: Vec<Finding>) -> (Vec<Finding>, usize) {
        let mut warnings = warned(self.journal);
        let mut told = 0;
        let mut counted: Vec<Finding> = Vec::new();
        for finding in findings {
            match self.beyond_the_window(&finding) {
                Some(key) if warnings.iter().any(|warning| is_of(warning, key)) => {
                    warnings.retain(|warning| !is_of(warning, key));
                    told += 1;
                }
                // A second call that joins what is joined, or whose token AWS knows, makes nothing.
                Some(_) if self.same_things => {}
                _ => counted.push(finding),
            }
        }
        if told > 0 {
            // AWS makes some things along with others, and our tag is not on those.
            counted.retain(|finding| finding.effect.is_some() || !is_too_much(finding));
        }
        counted.extend(unfounded(warnings));
        (counted, told)
    }

    /// Returns the key of the effect that was made twice while reads lagged for longer than the window.
    fn beyond_the_window(&self, finding: &Finding) -> Option<&str> {
        let effect = finding.effect.as_deref()?;
        let keys = self.beyond();
        keys.into_iter()
            .find(|key| is_too_much(finding) && is_tag_of(effect, key))
    }

    fn beyond(&self) -> Vec<&str> {
        let injections = self.mix.injections.iter();
        let beyond = injections.filter(|one| one.fault.stale().is_some_and(|lag| lag > WINDOW));
        beyond.map(|one| one.at.origin.as_str()).collect()
    }

    /// Stopping in doubt is right for what nobody can look up, and for what was made twice unseen.
    fn judged(&self, ending: Ending) -> Ending {
        let Ending::InDoubt { said } = ending else {
            return ending;
        };
        let rightly = self.in_doubt().is_some_and(|key| {
            self.class_of(key) == Some(Class::Unsafe.to_string())
                || self.beyond().contains(&&*masked(key))
        });
        if rightly {
            Ending::InDoubt { said }
        } else {
            Ending::Stuck {
                code: Some(base::exit::Exit::InDoubt as i32),
                said,
            }
        }
    }

    fn in_doubt(&self) -> Option<&str> {
        self.journal
            .iter()
            .rev()
            .find_map(|entry| match &entry.record {
                Record::RunEnded(ended) => match &ended.ending {
                    entry::Ending::InDoubt { key, .. } => Some(key.as_str()),
                    _ => None,
                },
                _ => None,
            })
    }

    fn class_of(&self, key: &str) -> Option<String> {
        let mut intents = self.intents().filter(|intent| intent.key == key);
        intents.next_back().map(|intent| intent.class.clone())
    }

    /// Counts the effects that were looked for, or issued again, before their outcome was known.
    fn doubts(&self) -> usize {
        self.adopted() + self.intents().filter(|intent| intent.attempt == 2).count()
    }

    fn adopted(&self) -> usize {
        let adopted = |entry: &&Entry| matches!(&entry.record, Record::EffectFinished(outcome) if outcome.settled == Settled::Adopted);
        self.journal.iter().filter(adopted).count()
    }

    fn intents(&self) -> impl DoubleEndedIterator<Item = &entry::Intent> {
        self.journal.iter().filter_map(|entry| match &entry.record {
            Record::EffectIntended(intent) => Some(intent),
            _ => None,
        })
    }
}

/// Requests are told by keys without ids.
fn is_of(warning: &str, key: &str) -> bool {
    masked(warning).contains(key)
}

fn is_too_much(finding: &Finding) -> bool {
    matches!(finding.kind, Kind::Doubled | Kind::Leaked)
}

fn kind(point: &Point) -> String {
    match point {
        Point::One(injection) => injection.fault.kind().into(),
        Point::Lost(_) => "replies dropped, one after the other".into(),
        Point::Mix(_) => "several by chance".into(),
    }
}

fn what(point: &Point, mix: &Mix) -> String {
    let mut parts: Vec<String> = mix.injections.iter().map(ToString::to_string).collect();
    parts.extend(mix.kill.map(|kill| format!("killed {kill}")));
    match point {
        Point::One(_) | Point::Lost(_) => parts.join("; "),
        Point::Mix(number) => format!("mix {number}: {}", parts.join("; ")),
    }
}
