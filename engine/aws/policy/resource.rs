//! What an action acts on, by AWS's Service Authorization Reference.

use super::names::Names;
use super::types::TABLE;

/// Where a policy is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Every region where it is not known.
    pub region: Option<String>,
    /// Every account where it is not known: a policy is good in the account that it is attached in only.
    pub account: Option<String>,
    pub names: Names,
}

impl Place {
    /// Returns the ARNs of what the runbook names of a type, such as `vpc`, else of everything of it.
    pub(super) fn arns(&self, service: &str, kind: &str) -> Vec<String> {
        match self.names.of(service, kind) {
            Some(names) => names.iter().map(|it| self.arn(service, kind, it)).collect(),
            None => vec![self.arn(service, kind, "*")],
        }
    }

    fn arn(&self, service: &str, kind: &str, name: &str) -> String {
        if name.starts_with("arn:") {
            return name.to_owned();
        }
        let region = self.region.as_deref().unwrap_or("*");
        let account = self.account.as_deref().unwrap_or("*");
        let partition = self.partition();
        match (service, kind) {
            // Images and snapshots belong to others too, and IAM knows no regions.
            ("ec2", "image" | "snapshot") => {
                format!("arn:{partition}:ec2:{region}::{kind}/{name}")
            }
            ("iam", kind) => format!("arn:{partition}:iam::{account}:{kind}/{name}"),
            ("sns", _) => format!("arn:{partition}:sns:{region}:{account}:{name}"),
            (service, kind) => {
                format!("arn:{partition}:{service}:{region}:{account}:{kind}/{name}")
            }
        }
    }

    fn partition(&self) -> &'static str {
        match self.region.as_deref().unwrap_or_default() {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }
}

/// What a grant is limited to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    /// Reads, and what has no resources, in one region.
    Anything,
    /// The same for a service without regions.
    Anywhere,
    Types(&'static str, &'static [&'static str]),
    /// Roles that have one of the runbook's boundaries.
    Bounded,
    /// Roles, passed to these services.
    Passed(&'static [&'static str]),
}

impl Scope {
    pub(super) fn of(service: &str, operation: &str) -> Self {
        let table = TABLE.iter().find(|(known, _)| *known == service);
        let groups = table.map_or(&[][..], |(_, groups)| *groups);
        let group = groups.iter().find(|(names, _)| names.contains(&operation));
        match (table, group) {
            (Some((service, _)), Some((_, types))) if !types.is_empty() => {
                Self::Types(service, types)
            }
            _ if service == "iam" => Self::Anywhere,
            _ => Self::Anything,
        }
    }

    pub(super) fn passed(to: &'static [&'static str]) -> Self {
        Self::Passed(to)
    }
}
