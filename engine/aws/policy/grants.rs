//! Grants, put together into statements.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::resource::{Place, Scope};
use knowledge::RUN_TAG;

const TAG: &str = "ec2:CreateTags";

/// The actions of each scope.
#[derive(Debug, Default)]
pub(super) struct Grants {
    scopes: BTreeMap<Scope, BTreeSet<String>>,
    /// What is tagged by the call that makes it: the operations, and the types of what they make.
    making: BTreeSet<String>,
    made: BTreeSet<&'static str>,
}

impl Grants {
    pub(super) fn add(&mut self, action: String, scope: Scope) {
        self.scopes.entry(scope).or_default().insert(action);
    }

    /// Grants the right to tag what an operation makes, at that moment only.
    pub(super) fn tag(&mut self, types: &[&'static str], operation: String) {
        self.made.extend(types);
        self.making.insert(operation);
    }

    pub(super) fn has(&self, action: &str) -> bool {
        self.scopes.values().any(|actions| actions.contains(action))
    }

    pub(super) fn document(&self, place: &Place) -> Value {
        let scopes = self.scopes.iter();
        let mut statements: Vec<Value> = scopes
            .flat_map(|(scope, actions)| statements(scope, actions, place))
            .collect();
        // The right to tag anything has the right to tag what is made.
        let may_tag_all = self.has(TAG) && place.names.tags.is_empty();
        if !self.made.is_empty() && !may_tag_all {
            let kinds: Vec<_> = self.made.iter().copied().collect();
            let condition = json!({
                "StringEquals": {"ec2:CreateAction": self.making},
                "Null": {format!("aws:RequestTag/{RUN_TAG}"): "false"},
            });
            statements.extend(statement(
                &json!([TAG]),
                &arns(place, "ec2", &kinds),
                Some(condition),
            ));
        }
        json!({"Version": "2012-10-17", "Statement": statements})
    }
}

fn statements(scope: &Scope, actions: &BTreeSet<String>, place: &Place) -> Vec<Value> {
    let roles = || arns(place, "iam", &["role"]);
    let one = |resources: &[String], condition| {
        statement(&json!(actions), resources, condition)
            .into_iter()
            .collect()
    };
    match scope {
        Scope::Anything => one(&["*".to_owned()], in_region(place)),
        Scope::Anywhere => one(&["*".to_owned()], None),
        Scope::Types("ec2", ["*"]) if !place.names.tags.is_empty() => tags(actions, place),
        Scope::Types(service, kinds) => one(&arns(place, service, kinds), None),
        Scope::Bounded => {
            let boundaries = place.names.boundaries();
            let condition = json!({"StringEquals": {"iam:PermissionsBoundary": boundaries}});
            one(&roles(), Some(condition))
        }
        Scope::Passed(to) => {
            let condition = json!({"StringEquals": {"iam:PassedToService": to}});
            one(&roles(), Some(condition))
        }
    }
}

/// Tags by their keys. Without a key a request would delete all tags.
fn tags(actions: &BTreeSet<String>, place: &Place) -> Vec<Value> {
    let of_type = |(kind, keys): (&String, &Vec<String>)| {
        let (service, kind) = kind.split_once(':')?;
        let condition = json!({
            "ForAllValues:StringEquals": {"aws:TagKeys": keys},
            "Null": {"aws:TagKeys": "false"},
        });
        statement(
            &json!(actions),
            &arns(place, service, &[kind]),
            Some(condition),
        )
    };
    place.names.tags.iter().filter_map(of_type).collect()
}

fn arns(place: &Place, service: &str, kinds: &[&str]) -> Vec<String> {
    kinds
        .iter()
        .flat_map(|kind| place.arns(service, kind))
        .collect()
}

/// Returns none where a runbook names no resource of the types.
fn statement(actions: &Value, resources: &[String], condition: Option<Value>) -> Option<Value> {
    let mut members = Map::new();
    members.insert("Effect".into(), json!("Allow"));
    members.insert("Action".into(), actions.clone());
    members.insert(
        "Resource".into(),
        match resources {
            [] => return None,
            [only] => json!(only),
            _ => json!(resources),
        },
    );
    members.extend(condition.map(|condition| ("Condition".to_owned(), condition)));
    Some(Value::Object(members))
}

fn in_region(place: &Place) -> Option<Value> {
    let region = place.region.as_ref()?;
    Some(json!({"StringEquals": {"aws:RequestedRegion": region}}))
}
