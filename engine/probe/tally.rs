//! What the echo requests of one ping came to.

use std::net::IpAddr;
use std::time::Duration;

use serde_json::{Value, json};
use surge_ping::{IcmpPacket, SurgeError};

use crate::report::milliseconds;
use base::error::plain;

/// What has come of the requests so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) address: Option<IpAddr>,
    pub(super) sent: u16,
    pub(super) times: Vec<Duration>,
    pub(super) error: Option<String>,
}

impl Tally {
    /// An error message of a router on the way comes as a reply too.
    pub(super) fn note(&mut self, landed: Result<(IcmpPacket, Duration), SurgeError>) {
        match landed {
            Ok((packet, time)) if is_reply(&packet) => self.times.push(time),
            Ok((packet, _)) => self.error = Some(refusal(&packet)),
            Err(SurgeError::IOError(error)) => {
                self.error = Some(format!("cannot send: {}", plain(&error.to_string())));
            }
            Err(SurgeError::Timeout { .. }) => {}
            Err(error) => self.error = Some(error.to_string()),
        }
    }

    /// Returns the map that a script gets; it is a success unless there is an error.
    pub(super) fn report(&self, target: &str, error: Option<&str>) -> Value {
        let times: Vec<f64> = self.times.iter().copied().map(milliseconds).collect();
        let mean = self.times.iter().sum::<Duration>() / u32::from(self.received().max(1));
        json!({
            "target": target,
            "address": self.address,
            "ok": error.is_none(),
            "sent": self.sent,
            "received": self.received(),
            "min_ms": times.iter().copied().reduce(f64::min),
            "avg_ms": (!times.is_empty()).then(|| milliseconds(mean)),
            "max_ms": times.iter().copied().reduce(f64::max),
            "error": error,
        })
    }

    fn received(&self) -> u16 {
        u16::try_from(self.times.len()).unwrap_or(u16::MAX)
    }
}

fn is_reply(packet: &IcmpPacket) -> bool {
    match packet {
        IcmpPacket::V4(packet) => packet.get_icmp_type().0 == 0,
        IcmpPacket::V6(packet) => packet.get_icmpv6_type().0 == 129,
    }
}

fn refusal(packet: &IcmpPacket) -> String {
    let (from, unreachable) = match packet {
        IcmpPacket::V4(packet) => (
            IpAddr::V4(packet.get_source()),
            packet.get_icmp_type().0 == 3,
        ),
        IcmpPacket::V6(packet) => (
            IpAddr::V6(packet.get_source()),
            packet.get_icmpv6_type().0 == 1,
        ),
    };
    let what = if unreachable {
        "unreachable"
    } else {
        "not delivered"
    };
    format!("{what}, reported by {from}")
}
