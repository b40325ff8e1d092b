//! Checks of the network from this host, and what this host is: always live, never recorded.
//!
//! `ping`, `tcp`, `http` and `dns` are one check each, `together` several at once; `host` is what this machine says
//! of itself.

mod dns;
pub mod host;
mod http;
mod ping;
mod report;
mod resolve;
mod tcp;
mod together;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde_json::Value;
use thiserror::Error;

pub use host::{Fact, Host};

/// The narrow door to the network and to this host; blocking, for it is used from the threads of script branches.
pub trait Prober: Send + Sync {
    /// Returns what there is to see. What the network does is part of the answer and no error.
    fn look(&self, question: &Question) -> Result<Value, Unlooked>;
}

/// Looks, on the calling task; dropping it ends all that it began.
pub async fn answer(question: &Question, host: &Host) -> Result<Value, Unlooked> {
    match question {
        Question::One(probe) => together::one(probe).await,
        Question::Each(probes) => together::each(probes).await,
        Question::Any(probes) => together::any(probes).await,
        Question::Host(fact) => host.tell(*fact).await,
    }
}

/// Why nothing could be looked at.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub struct Unlooked {
    /// As scripts catch it.
    pub code: &'static str,
    pub message: String,
}

impl Unlooked {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

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
