//! What is asked of the network or of this host.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::host::Fact;

#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    One(Probe),
    /// Side by side; the answer is a list.
    Each(Vec<Probe>),
    /// Side by side, until one of them succeeds.
    Any(Vec<Probe>),
    Host(Fact),
}

impl Question {
    /// Returns what is asked, as scripts write it: `probe::ping`.
    #[must_use]
    pub fn name(&self) -> String {
        let way = |probe: &Probe| match probe.way {
            Way::Ping(_) => "ping",
            Way::Tcp { .. } => "tcp",
            Way::Http(_) => "http",
            Way::Dns(_) => "dns",
        };
        match self {
            Self::One(probe) => format!("probe::{}", way(probe)),
            Self::Each(probes) => format!("probe::{}", probes.first().map_or("ping", way)),
            Self::Any(_) => "probe::any".into(),
            Self::Host(fact) => format!("host::{}", fact.name()),
        }
    }
}

/// One check of one target.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// As the script wrote it.
    pub target: String,
    pub way: Way,
    /// For a name: the time to resolve it is part of this.
    pub timeout: Duration,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Way {
    Ping(Ping),
    Tcp {
        host: String,
        port: u16,
        source: Option<IpAddr>,
    },
    Http(Http),
    Dns(Dns),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Ping {
    pub host: String,
    pub count: u16,
    pub interval: Duration,
    pub source: Option<IpAddr>,
    /// So many replies make a success, and end it.
    pub enough: u16,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Http {
    pub method: String,
    pub headers: Vec<(String, String)>,
    pub status: u16,
    /// The body must have this in its first 64 KiB.
    pub contains: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Dns {
    pub name: hickory_proto::rr::Name,
    pub kind: hickory_proto::rr::RecordType,
    /// Else the first of the system's.
    pub server: Option<SocketAddr>,
}

impl Probe {
    /// Returns how long it takes at most.
    #[must_use]
    pub fn span(&self) -> Duration {
        match &self.way {
            Way::Ping(ping) => {
                ping.interval * u32::from(ping.count.saturating_sub(1)) + self.timeout
            }
            _ => self.timeout,
        }
    }
}
