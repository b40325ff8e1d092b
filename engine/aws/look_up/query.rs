//! Look-ups by one read that a row describes.

use serde_json::{Map, Value, json};

use super::read::{filter, read};
use crate::client::Session;
use crate::look_up::doubt::{Doubt, Found, LookUpError};
use knowledge::{Ask, Done, Fit, Query, fill, has_tags, marked, retain, texts_at};

pub(super) async fn find(
    session: &Session,
    query: &Query,
    doubt: Doubt<'_>,
) -> Result<Option<Found>, LookUpError> {
    let input = input(query, doubt)?;
    let mut reply = read(session, (query.service, query.read), input, doubt).await?;
    let sent = marked(doubt.effect, doubt.input, doubt.identity);
    let fits = |thing: &Value| query.fits.iter().all(|fit| doubt.fits(fit, thing, &sent));
    let is_there = retain(&mut reply, query.items, &mut |thing| fits(thing));
    Ok(match query.done {
        Done::Gone => (!is_there).then(|| Found::Done(json!({}))),
        Done::There(_) if !is_there => None,
        Done::There(answer) if query.id.is_empty() => Some(Found::Done(fill(answer, &reply))),
        Done::There(answer) => only(query, answer, reply, doubt),
    })
}

/// Returns what the read is asked, once the input is known to have all that decides.
fn input(query: &Query, doubt: Doubt<'_>) -> Result<Value, LookUpError> {
    for fit in query.fits {
        match fit {
            Fit::Same(_, member) => drop(doubt.required(member)?),
            Fit::Needs(members) => drop(doubt.one_of(members.iter().copied())?),
            _ => {}
        }
    }
    let mut input = Map::new();
    for ask in query.asks {
        let (member, value) = match ask {
            Ask::Member(member, own) => (*member, json!(doubt.required(own)?)),
            Ask::List(member, own) => (*member, json!([doubt.required(own)?])),
            Ask::Filter(pairs) => {
                let (own, value) = doubt.one_of(pairs.iter().map(|(_, own)| *own))?;
                let name = pairs
                    .iter()
                    .find(|(_, it)| *it == own)
                    .map_or("", |it| it.0);
                ("filters", json!([filter(name, &[value])]))
            }
        };
        input.insert(member.to_owned(), value);
    }
    Ok(input.into())
}

/// Returns the answer about the only thing that fits.
fn only(query: &Query, answer: &str, mut reply: Value, doubt: Doubt<'_>) -> Option<Found> {
    retain(&mut reply, query.items, &mut |thing| {
        thing[query.id].as_str().is_some_and(|id| doubt.may_be(id))
    });
    let ids = texts_at(&reply, &format!("{}.{}", query.items, query.id));
    match ids.len() {
        0 => None,
        1 => Some(Found::Done(fill(answer, &reply))),
        _ => Some(Found::Several(ids)),
    }
}

impl Doubt<'_> {
    /// Returns whether a thing is as the input that was sent has it.
    fn fits(self, fit: &Fit, thing: &Value, sent: &Value) -> bool {
        let at = |path: &str| path.split('.').fold(thing, |at, step| &at[step]);
        let state = |path| at(path).as_str().unwrap_or_default();
        match fit {
            Fit::Needs(_) => true,
            Fit::Same(path, member) | Fit::Both(path, member) => *at(path) == sent[*member],
            Fit::Alike(path, member) => sent[*member].is_null() || *at(path) == sent[*member],
            Fit::NoCase(path, member) => {
                let pair = at(path).as_str().zip(sent[*member].as_str());
                pair.is_some_and(|(one, other)| one.eq_ignore_ascii_case(other))
            }
            Fit::Has(path, member) => {
                let list = at(path).as_array().map_or(&[][..], Vec::as_slice);
                let mut wanted = sent[*member].as_array().into_iter().flatten();
                wanted.all(|one| list.contains(one))
            }
            Fit::Given(path) => !is_empty(at(path)),
            Fit::Absent(path) => is_empty(at(path)),
            Fit::In(path, states) => states.contains(&state(path)),
            Fit::NotIn(path, states) => !states.contains(&state(path)),
            Fit::Token(path) => {
                let text = at(path).as_str();
                text.is_some_and(|text| text.contains(&self.identity.token()))
            }
            Fit::Tags(path) => has_tags(at(path), self.identity),
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}
