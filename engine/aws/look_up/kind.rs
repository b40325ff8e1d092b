//! Things that carry our tags or have an id, by the rows of kinds.

use serde_json::Value;

use knowledge::{Count, EFFECT_TAG, Kind, RUN_TAG, fill, retain, texts_at};

use super::read::{by_ids, filter, retain_present, selected};
use super::rules;
use crate::client::Session;
use crate::look_up::doubt::{Doubt, Found, LookUpError};

/// Looks for what carries our tags and is still there.
///
/// Fewer than were asked for may be a read that lags, unless the missing ones are known to be gone: then nobody but a
/// person can say whether the rest is what the run should go on with.
pub(super) async fn tagged(
    session: &Session,
    kind: &Kind,
    doubt: Doubt<'_>,
) -> Result<Option<Found>, LookUpError> {
    let mut reply = selected(session, kind, &marks(doubt), doubt).await?;
    let all = ids(kind, &reply).len();
    retain_present(kind, &mut reply);
    let some_died = ids(kind, &reply).len() < all;
    retain(&mut reply, kind.items, &mut |thing| {
        thing[kind.id].as_str().is_some_and(|id| doubt.may_be(id))
    });
    let ids = ids(kind, &reply);
    if ids.len() > 1 && !kind.is_plural() {
        return Ok(Some(Found::Several(ids)));
    }
    if !ids.is_empty() && ids.len() >= wanted(kind, doubt) {
        return Ok(Some(Found::Done(fill(kind.made, &reply))));
    }
    Ok((!ids.is_empty() && some_died).then_some(Found::Several(ids)))
}

/// Looks, after a repeat was refused, whether anything that carries our tags is left.
pub(super) async fn left(
    session: &Session,
    kind: &Kind,
    doubt: Doubt<'_>,
) -> Result<Found, LookUpError> {
    let mut reply = selected(session, kind, &marks(doubt), doubt).await?;
    retain_present(kind, &mut reply);
    let ids = ids(kind, &reply);
    Ok(if ids.is_empty() {
        Found::Absent
    } else {
        Found::Several(ids)
    })
}

/// Looks whether what the input names is gone.
pub(super) async fn gone(
    session: &Session,
    kind: &Kind,
    doubt: Doubt<'_>,
) -> Result<Option<Found>, LookUpError> {
    let named = match doubt.list(kind.ids) {
        named if named.is_empty() => vec![doubt.required(kind.id)?],
        named => named,
    };
    for mut reply in by_ids(session, kind, &named, doubt).await? {
        retain_present(kind, &mut reply);
        if !ids(kind, &reply).is_empty() {
            return Ok(None);
        }
    }
    Ok(Some(Found::Done(fill(kind.deleted, &named.into()))))
}

fn marks(doubt: Doubt<'_>) -> [Value; 2] {
    let Doubt { identity, .. } = doubt;
    [
        filter(&format!("tag:{RUN_TAG}"), &[&identity.run_tag()]),
        filter(&format!("tag:{EFFECT_TAG}"), &[&identity.effect_tag()]),
    ]
}

fn ids(kind: &Kind, reply: &Value) -> Vec<String> {
    texts_at(reply, &kind.path(kind.id))
}

/// Returns how many the call asked for, or how many a person has chosen.
fn wanted(kind: &Kind, doubt: Doubt<'_>) -> usize {
    match kind.count {
        _ if doubt.chosen.is_some() => doubt.chosen_ids().count(),
        Count::One => 1,
        Count::Member(member) => doubt.input[member]
            .as_u64()
            .map_or(1, |count| usize::try_from(count).unwrap_or(usize::MAX)),
        Count::Rules => rules::asked(doubt.input).len(),
    }
}
