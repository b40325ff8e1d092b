//! ICMP echo: several requests in flight, until enough replies are there.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde_json::{Value, json};
use surge_ping::{Client, Config, ICMP, IcmpPacket, PingIdentifier, PingSequence, SurgeError};
use tokio::task::JoinSet;

use super::report::milliseconds;
use super::resolve::addresses;
use super::{Ping, Probe, Unlooked};
use base::clock;
use base::error::plain;

/// As much as other pings send.
const PAYLOAD: [u8; 56] = [0x52; 56];

/// What has come of the requests so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    address: Option<IpAddr>,
    sent: u16,
    times: Vec<Duration>,
    error: Option<String>,
}

type Flights = JoinSet<Result<(IcmpPacket, Duration), SurgeError>>;

/// Pings until enough replies came or its time is over.
pub(super) async fn ping(probe: &Probe, ping: &Ping) -> Result<Value, Unlooked> {
    let mut tally = Tally::default();
    let driven = clock::timeout(probe.span(), drive(ping, probe.timeout, &mut tally)).await;
    driven.unwrap_or(Ok(()))?;
    let ok = tally.times.len() >= usize::from(ping.enough);
    let silence = || format!("no reply within {:?}", probe.span());
    let error = (!ok).then(|| tally.error.take().unwrap_or_else(silence));
    Ok(tally.report(&probe.target, error.as_deref()))
}

async fn drive(ping: &Ping, timeout: Duration, tally: &mut Tally) -> Result<(), Unlooked> {
    let address = match addresses(&ping.host, 0, ping.source).await {
        Ok(found) => found[0].ip(),
        Err(error) => {
            tally.error = Some(error);
            return Ok(());
        }
    };
    tally.address = Some(address);
    let Some(client) = client(address, ping.source, tally)? else {
        return Ok(());
    };
    let mut flights = Flights::new();
    for number in 0..ping.count {
        let identity = PingIdentifier(identifier());
        let mut pinger = client.pinger(address, identity).await;
        pinger.timeout(timeout);
        flights.spawn(async move { pinger.ping(PingSequence(number), &PAYLOAD).await });
        tally.sent += 1;
        let is_last = number + 1 == ping.count;
        let pause = if is_last { timeout } else { ping.interval };
        let gathered = gather(&mut flights, ping.enough, !is_last, tally);
        if let Ok(true) = clock::timeout(pause, gathered).await {
            break;
        }
    }
    Ok(())
}

/// Notes what lands, until enough did or nothing is in flight; or, if more is to follow, for as long as it is let.
async fn gather(flights: &mut Flights, enough: u16, more: bool, tally: &mut Tally) -> bool {
    while let Some(landed) = flights.join_next().await {
        tally.note(landed.unwrap_or(Err(SurgeError::NetworkError)));
        if tally.times.len() >= usize::from(enough) {
            return true;
        }
    }
    if more {
        std::future::pending::<()>().await;
    }
    false
}

/// Replies of a raw socket are told apart by this; two processes may ping the same host at the same time.
fn identifier() -> u16 {
    let [.., high, low] = uuid::Uuid::new_v4().into_bytes();
    u16::from_be_bytes([high, low])
}

/// Opens a socket: of datagrams where the kernel lets everybody ping, else a raw one.
fn client(
    address: IpAddr,
    source: Option<IpAddr>,
    tally: &mut Tally,
) -> Result<Option<Client>, Unlooked> {
    let mut config = Config::builder();
    if address.is_ipv6() {
        config = config.kind(ICMP::V6);
    }
    if let Some(source) = source {
        config = config.bind(SocketAddr::new(source, 0));
    }
    match Client::new(&config.build()) {
        Ok(client) => Ok(Some(client)),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(not_permitted()),
        Err(error) => {
            let from = source.map(|source| format!(" from {source}"));
            let error = plain(&error.to_string());
            tally.error = Some(format!("cannot send{}: {error}", from.unwrap_or_default()));
            Ok(None)
        }
    }
}

fn not_permitted() -> Unlooked {
    let program = std::env::current_exe()
        .map_or_else(|_| "runbook".to_owned(), |path| base::shell::path(&path));
    Unlooked::new(
        "NotPermitted",
        format!(
            "this user may not ping; as root, allow everybody to: \
             sysctl -w net.ipv4.ping_group_range=\"0 2147483647\", \
             or only this program: setcap cap_net_raw+ep {program}"
        ),
    )
}

impl Tally {
    /// An error message of a router on the way comes as a reply too.
    fn note(&mut self, landed: Result<(IcmpPacket, Duration), SurgeError>) {
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
    format!("{what}, says {from}")
}
