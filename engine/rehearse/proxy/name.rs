//! How a request is told from all others, in every run of the script alike.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::message::Message;
use crate::text::masked;

/// Parallel branches change the order of requests, so a request is named by who makes it, and counted there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    /// The key of the effect or the scope of the read; `look-up <key>`, or `sdk` for the typed look-ups.
    pub origin: String,
    /// `ec2`, as the request's signature has it.
    pub service: String,
    /// `CreateVpc`, as AWS writes it.
    pub operation: String,
    /// From 1.
    pub occurrence: u32,
}

impl Name {
    /// Whether it changes nothing.
    #[must_use]
    pub fn is_read(&self) -> bool {
        let reads = ["Describe", "Get", "List"];
        reads.iter().any(|verb| self.operation.starts_with(verb))
    }

    /// Returns it as it is typed: `1:ec2.CreateVpc:create the VPC/ec2.create_vpc`.
    #[must_use]
    pub fn typed(&self) -> String {
        let Self {
            origin,
            service,
            operation,
            occurrence,
        } = self;
        format!("{occurrence}:{service}.{operation}:{origin}")
    }

    /// Returns the name that it has in every account: the ids of what was there before the run differ.
    #[must_use]
    pub fn without_ids(&self) -> Self {
        Self {
            origin: masked(&self.origin),
            ..self.clone()
        }
    }

    /// Returns the names without ids of the requests in an emulator's log, in its order.
    #[must_use]
    pub fn listed(requests: &Value) -> Vec<Self> {
        let text =
            |request: &Value, name: &str| request[name].as_str().unwrap_or_default().to_owned();
        let mut names: Vec<Self> = Vec::new();
        for request in requests.as_array().into_iter().flatten() {
            let mut name = Self {
                origin: masked(&origin(&text(request, "user_agent"))),
                service: text(request, "service"),
                operation: text(request, "operation"),
                occurrence: 1,
            };
            while names.contains(&name) {
                name.occurrence += 1;
            }
            names.push(name);
        }
        names
    }

    /// Returns the name of a request that is the first of its kind.
    pub(super) fn of(request: &Message) -> Self {
        Self {
            origin: origin(request.header("user-agent").unwrap_or_default()),
            service: service(request.header("authorization").unwrap_or_default()),
            operation: operation(request),
            occurrence: 1,
        }
    }
}

impl FromStr for Name {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.splitn(3, ':');
        let mut next = || parts.next().filter(|part| !part.is_empty()).ok_or(());
        let (occurrence, operation, origin) = (next()?, next()?, next()?);
        let (service, operation) = operation.split_once('.').ok_or(())?;
        Ok(Self {
            origin: origin.into(),
            service: service.into(),
            operation: operation.into(),
            occurrence: occurrence.parse().map_err(drop)?,
        })
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            origin,
            service,
            operation,
            occurrence,
        } = self;
        write!(
            formatter,
            "{service} {operation} #{occurrence} of `{origin}`"
        )
    }
}

/// The run's id would make two runs' requests differ.
fn origin(agent: &str) -> String {
    let ours = agent.starts_with("runbook/").then_some(agent);
    let ours = ours.and_then(|agent| agent.split_once(" run/"));
    let Some((_, origin)) = ours.and_then(|(_, run)| run.split_once(' ')) else {
        return "sdk".into();
    };
    match origin.split_once('/') {
        Some(("effect", key)) => key.into(),
        Some((kind, key)) => format!("{kind} {key}"),
        None => origin.into(),
    }
}

/// `Credential=<key>/<date>/<region>/<service>/aws4_request`
fn service(authorization: &str) -> String {
    let scope = authorization
        .split_once("Credential=")
        .map_or("", |(_, rest)| rest);
    scope.split('/').nth(3).unwrap_or_default().into()
}

fn operation(request: &Message) -> String {
    if let Some(target) = request.header("x-amz-target") {
        let (_, operation) = target.rsplit_once('.').unwrap_or(("", target));
        return operation.into();
    }
    let action = form_urlencoded::parse(&request.body).find(|(name, _)| name == "Action");
    action.map_or_else(|| request.start.clone(), |(_, action)| action.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(agent: &str, body: &str, target: Option<&str>) -> Message {
        let signature = "AWS4-HMAC-SHA256 Credential=500/20261121/us-east-1/ec2/aws4_request, x";
        let mut headers = vec![
            ("User-Agent".to_owned(), agent.to_owned()),
            ("authorization".to_owned(), signature.to_owned()),
        ];
        headers.extend(target.map(|target| ("x-amz-target".to_owned(), target.to_owned())));
        Message {
            start: "POST / HTTP/1.1".into(),
            headers,
            body: body.into(),
        }
    }

    #[test]
    fn two_runs_of_a_script_name_a_request_alike() {
        let name = |run: &str| {
            let agent = format!("runbook/0.1.0 run/{run} effect/create the VPC/ec2.create_vpc");
            Name::of(&request(&agent, "Action=CreateVpc&Version=1", None))
        };
        assert_eq!(name("20261121-1-a-x"), name("20261122-2-a-y"));
        assert_eq!(
            name("r").to_string(),
            "ec2 CreateVpc #1 of `create the VPC/ec2.create_vpc`"
        );
        assert!(!name("r").is_read());
    }

    #[test]
    fn two_accounts_name_a_request_alike_without_ids() {
        let name = |vpc: &str| {
            let agent = format!("runbook/0.1.0 run/r effect/divide[{vpc}]/ec2.create_subnet");
            Name::of(&request(&agent, "Action=CreateSubnet&Version=1", None))
        };
        let (one, other) = (name("vpc-0123456789abcdef0"), name("vpc-fedcba98765432100"));
        assert_ne!(one, other);
        assert_eq!(one.without_ids(), other.without_ids());
        assert_eq!(one.without_ids().origin, "divide[<id>]/ec2.create_subnet");
    }

    #[test]
    fn look_ups_have_names_of_their_own() {
        let of = |agent: &str| {
            Name::of(&request(
                agent,
                "",
                Some("OpsWorks_20130218.DescribeStacks"),
            ))
        };
        assert_eq!(of("runbook/0.1.0 run/r look-up/a/b").origin, "look-up a/b");
        let sdk = of("aws-sdk-rust/1.3 ua/2.1 api/opsworks/1.9 lang/rust/1.95");
        assert_eq!(
            (sdk.origin.as_str(), sdk.operation.as_str()),
            ("sdk", "DescribeStacks")
        );
        assert!(sdk.is_read());
    }
}
