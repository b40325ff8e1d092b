//! What can be asked of this host.

use serde_json::Value;

use super::masquerade;
use crate::unlooked::Unlooked;

/// What can be asked of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    InstanceId,
    AvailabilityZone,
    Region,
    IpForward,
    Masquerade,
    DefaultInterface,
    Name,
    Uptime,
    BootId,
}

impl Fact {
    /// Returns its name in scripts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InstanceId => "instance_id",
            Self::AvailabilityZone => "availability_zone",
            Self::Region => "region",
            Self::IpForward => "ip_forward",
            Self::Masquerade => "masquerade",
            Self::DefaultInterface => "default_interface",
            Self::Name => "name",
            Self::Uptime => "uptime",
            Self::BootId => "boot_id",
        }
    }

    /// Returns the environment variable that says it instead.
    pub(super) fn variable(self) -> String {
        format!("RUNBOOK_HOST_{}", self.name().to_uppercase())
    }

    /// Reads what the environment says instead.
    pub(super) fn overridden(self, text: &str) -> Result<Value, Unlooked> {
        let refused = |expected: &str| {
            let variable = self.variable();
            let message = format!("{variable} is {expected}, not `{text}`");
            Unlooked::new("InvalidArgument", message)
        };
        match self {
            Self::IpForward => match text {
                "true" => Ok(true.into()),
                "false" => Ok(false.into()),
                _ => Err(refused("true or false")),
            },
            Self::Uptime => {
                let seconds: Option<f64> = text.parse().ok();
                let seconds = seconds.filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
                seconds
                    .map(Value::from)
                    .ok_or_else(|| refused("a number of seconds"))
            }
            Self::Masquerade => masquerade::from_text(text)
                .ok_or_else(|| refused("`none` or blocks such as 10.0.0.0/16,10.1.0.0/16")),
            Self::DefaultInterface if text == "none" => Ok(Value::Null),
            _ => Ok(text.into()),
        }
    }
}
