//! Grants, put together into statements.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::resource::{Place, Scope};

pub(super) const TAG: &str = "ec2:CreateTags";

/// The actions of each scope.
#[derive(Debug, Default)]
pub(super) struct Grants(BTreeMap<Scope, BTreeSet<String>>);

impl Grants {
    pub(super) fn add(&mut self, action: String, scope: Scope) {
        self.0.entry(scope).or_default().insert(action);
    }

    pub(super) fn document(&self, place: &Place) -> Value {
        let statements: Vec<Value> = self
            .0
            .iter()
            .filter(|(scope, _)| !self.is_said(scope))
            .map(|(scope, actions)| statement(scope, actions, place))
            .collect();
        json!({"Version": "2012-10-17", "Statement": statements})
    }
}

impl Grants {
    /// Whether the right to tag what is made is part of the right to tag.
    fn is_said(&self, scope: &Scope) -> bool {
        let tags = Scope::of("ec2", "create_tags");
        let may_tag = self.0.get(&tags).is_some_and(|it| it.contains(TAG));
        may_tag && matches!(scope, Scope::Made(..))
    }
}

fn statement(scope: &Scope, actions: &BTreeSet<String>, place: &Place) -> Value {
    let arns = |service: &str, kinds: &[&str]| -> Vec<String> {
        kinds.iter().map(|kind| place.arn(service, kind)).collect()
    };
    let (resources, condition) = match scope {
        Scope::Anything => (json!("*"), in_region(place)),
        Scope::Anywhere => (json!("*"), None),
        Scope::Types(service, kinds) => (listed(&arns(service, kinds)), None),
        Scope::Made(kinds, operation) => (
            listed(&arns("ec2", kinds)),
            Some(json!({"StringEquals": {"ec2:CreateAction": operation}})),
        ),
        Scope::Passed(to) => (
            listed(&arns("iam", &["role"])),
            Some(json!({"StringEquals": {"iam:PassedToService": to}})),
        ),
    };
    let mut members = Map::new();
    members.insert("Effect".into(), json!("Allow"));
    members.insert("Action".into(), json!(actions));
    members.insert("Resource".into(), resources);
    members.extend(condition.map(|condition| ("Condition".to_owned(), condition)));
    Value::Object(members)
}

fn in_region(place: &Place) -> Option<Value> {
    let region = place.region.as_ref()?;
    Some(json!({"StringEquals": {"aws:RequestedRegion": region}}))
}

fn listed(arns: &[String]) -> Value {
    match arns {
        [only] => json!(only),
        _ => json!(arns),
    }
}
