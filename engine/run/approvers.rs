//! Who may answer a question: the rules that the script gives with it.

use serde_json::Value;

use base::fault::Fault;
use journal::entry::{Answer, Rules, RunStarted, Signature, Via};
use journal::rehearsal::{self, Wish};

/// Reads the rules as a script gives them: `#{approvers: ["alice"], at_least: 2, not_starter: true}`.
pub(super) fn read(given: &Value) -> Result<Option<Rules>, Fault> {
    if given.is_null() {
        return Ok(None);
    }
    let wrong = |why: &str| Fault::coded("InvalidArgument", format!("`run::approve`: {why}"));
    let rules: Rules = serde_json::from_value(given.clone())
        .map_err(|error| wrong(&format!("the rules are not understood: {error}")))?;
    let named = rules.approvers.as_ref().map(Vec::len);
    match usize::try_from(rules.at_least).unwrap_or(usize::MAX) {
        0 => Err(wrong("`at_least` is 1 or more")),
        _ if named == Some(0) => Err(wrong("`approvers` names nobody")),
        wanted if named.is_some_and(|named| named < wanted) => {
            Err(wrong("`at_least` is more than there are `approvers`"))
        }
        _ => Ok(Some(rules)),
    }
}

/// Returns why this person may not answer; `earlier` are the answers that count already.
pub(super) fn refusal(
    rules: Option<&Rules>,
    started: &RunStarted,
    by: &Signature,
    earlier: &[Answer],
) -> Option<String> {
    let rules = rules?;
    let Some(uid) = by.uid else {
        return Some("who answered is not recorded".into());
    };
    let is_named = |names: &Vec<String>| {
        names
            .iter()
            .any(|name| *name == by.who || *name == uid.to_string())
    };
    if let Some(names) = &rules.approvers
        && !is_named(names)
    {
        let may = names.join(", ");
        return Some(format!(
            "`{}` (uid {uid}) may not answer; these may: {may}",
            by.who
        ));
    }
    if rules.not_starter {
        match started.by.as_ref().and_then(|by| by.uid) {
            None => return Some("who started the run is not recorded".into()),
            Some(starter) if starter == uid => {
                return Some(format!(
                    "`{}` started the run: somebody else must answer",
                    by.who
                ));
            }
            Some(_) => {}
        }
    }
    let again = earlier.iter().any(|answer| answer.by.uid == by.uid);
    again.then(|| {
        format!(
            "`{}` has approved already: somebody else must answer",
            by.who
        )
    })
}

/// Returns why recorded answers, the last one and those before it, do not count.
pub(super) fn mistake(
    rules: Option<&Rules>,
    started: &RunStarted,
    earlier: &[Answer],
    last: &Answer,
) -> Option<String> {
    if last.via == Via::Rehearsal {
        let granted = rehearsal::grants(started.target.as_ref(), Wish::Approval);
        return (!granted).then(|| "a rehearsal gave it, and this is none".into());
    }
    let wanted = rules.map_or(1, |rules| rules.at_least);
    let given = u32::try_from(earlier.len() + 1).unwrap_or(u32::MAX);
    if last.approved && given < wanted {
        return Some(format!("{wanted} must approve, and {given} did"));
    }
    let all: Vec<&Answer> = earlier.iter().chain([last]).collect();
    all.iter()
        .enumerate()
        .find_map(|(n, answer)| refusal(rules, started, &answer.by, &earlier[..n]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::approve::answer;

    fn by(who: &str, uid: Option<u32>) -> Signature {
        Signature {
            who: who.into(),
            uid,
            caller: None,
            why: None,
        }
    }

    fn approval_by(who: &str, uid: u32) -> Answer {
        Answer {
            by: by(who, Some(uid)),
            ..answer(true, Via::Command)
        }
    }

    fn started() -> RunStarted {
        let line = json!({
            "id": "r", "runbook": "b.rhai", "directory": "/", "sources": [], "params": {}, "target": null,
            "settings": {"site": [], "set": []}, "engine": "0", "pid": 1,
            "by": {"who": "carol", "uid": 3, "caller": null, "why": null},
        });
        serde_json::from_value(line).unwrap()
    }

    #[test]
    fn answers_count_only_of_those_who_may_each_once_and_as_many_as_must() {
        let given =
            json!({"approvers": ["alice", "2", "carol"], "at_least": 2, "not_starter": true});
        let rules = read(&given).unwrap();
        let (alice, bob, carol) = (
            approval_by("alice", 1),
            approval_by("bob", 2),
            approval_by("carol", 3),
        );
        let mistake =
            |earlier: &[Answer], last: &Answer| mistake(rules.as_ref(), &started(), earlier, last);
        assert_eq!(mistake(std::slice::from_ref(&alice), &bob), None);
        let wrong = [
            (vec![], alice.clone(), "2 must approve, and 1 did"),
            (
                vec![alice.clone()],
                alice.clone(),
                "`alice` has approved already",
            ),
            (vec![alice.clone()], carol, "`carol` started the run"),
            (
                vec![approval_by("mallory", 9)],
                bob,
                "`mallory` (uid 9) may not answer",
            ),
            (
                vec![approval_by("alice", 1)],
                approval_by("bob", 4),
                "may not answer",
            ),
            (
                vec![alice],
                Answer {
                    by: by("alice", None),
                    ..approval_by("", 0)
                },
                "is not recorded",
            ),
        ];
        for (earlier, last, why) in wrong {
            let found = mistake(&earlier, &last).unwrap();
            assert!(found.contains(why), "{found}");
        }
        let rehearsed = Answer {
            via: Via::Rehearsal,
            ..approval_by("carol", 3)
        };
        let found = super::mistake(None, &started(), &[], &rehearsed).unwrap();
        assert!(found.contains("this is none"), "{found}");
    }
}
