//! What goes wrong in a trial, as it is typed and told.

use std::fmt;
use std::str::FromStr;

use crate::proxy::{Injection, Name};

/// A trial's name; with the seed it makes the same trial again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Point {
    /// One request goes wrong in one way.
    One(Injection),
    /// The replies to one request are dropped for longer than the client tries by itself.
    Lost(Name),
    /// The mix of that number.
    Mix(u32),
}

const LOST: &str = "lost";

impl fmt::Display for Point {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(injection) => write!(
                formatter,
                "{}@{}",
                injection.fault.typed(),
                injection.at.typed()
            ),
            Self::Lost(at) => write!(formatter, "{LOST}@{}", at.typed()),
            Self::Mix(number) => write!(formatter, "mix:{number}"),
        }
    }
}

impl FromStr for Point {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(number) = text.strip_prefix("mix:") {
            let number = number.parse().map_err(|_| expected())?;
            return Ok(Self::Mix(number));
        }
        let (fault, at) = text.split_once('@').ok_or_else(expected)?;
        let at = at.parse().map_err(|()| expected())?;
        if fault == LOST {
            return Ok(Self::Lost(at));
        }
        let fault = fault.parse().map_err(|()| expected())?;
        Ok(Self::One(Injection { at, fault }))
    }
}

fn expected() -> String {
    "expected FAULT@N:service.Operation:origin or mix:N, as the report has it".into()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::proxy::{Fault, Name};

    #[test]
    fn a_point_is_typed_as_it_is_told() {
        let at = Name {
            origin: "create the VPC/ec2.create_vpc: x@1".into(),
            service: "ec2".into(),
            operation: "CreateVpc".into(),
            occurrence: 2,
        };
        let fault = Fault::DroppedStale(Duration::from_millis(500));
        let point = Point::One(Injection { at, fault });
        let text = point.to_string();
        assert_eq!(
            text,
            "dropped-stale=0.5@2:ec2.CreateVpc:create the VPC/ec2.create_vpc: x@1"
        );
        assert_eq!(text.parse::<Point>().unwrap(), point);
        let lost = Point::Lost("1:ec2.CreateVpc:a".parse().unwrap());
        assert_eq!("lost@1:ec2.CreateVpc:a".parse::<Point>().unwrap(), lost);
        assert_eq!("mix:7".parse::<Point>().unwrap(), Point::Mix(7));
        for text in [
            "",
            "mix:x",
            "dropped",
            "melted@1:ec2.X:y",
            "dropped@x:ec2.X:y",
            "stale=-1@1:ec2.X:y",
        ] {
            assert!(text.parse::<Point>().is_err(), "{text}");
        }
    }
}
