//! The declaration of a parameter.

use std::fmt;

use serde_json::Value;

/// One declared parameter, or one field or item of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    pub kind: Kind,
    pub preset: Option<Value>,
    pub required: bool,
    pub help: String,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    String,
    Integer,
    Boolean,
    Duration,
    Cidr,
    Ip,
    Arn,
    Region,
    AvailabilityZone,
    InstanceType,
    Choice(Vec<String>),
    /// Given by where it is.
    Secret,
    List(Box<Spec>),
    Map(Specs),
}

/// Declared parameters by name.
pub type Specs = std::collections::BTreeMap<String, Spec>;

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::String => "a string",
            Self::Integer => "an integer",
            Self::Boolean => "true or false",
            Self::Duration => "a duration such as `30s` or `5m`",
            Self::Cidr => "a CIDR block such as `10.0.0.0/16`",
            Self::Ip => "an IP address",
            Self::Arn => "an ARN",
            Self::Region => "a region such as `eu-west-1`",
            Self::AvailabilityZone => "an availability zone such as `eu-west-1a`",
            Self::InstanceType => "an instance type such as `t3.micro`",
            Self::Choice(choices) => return write!(formatter, "one of {}", quoted(choices)),
            Self::Secret => "where a secret is, such as `env:DB_PASSWORD`",
            Self::List(_) => "a list",
            Self::Map(_) => "a table",
        })
    }
}

pub(super) fn quoted(names: &[String]) -> String {
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
