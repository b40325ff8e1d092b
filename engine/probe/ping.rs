//! ICMP echo: several requests in flight, until enough replies are there.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde_json::Value;
use surge_ping::{Client, Config, ICMP, IcmpPacket, PingIdentifier, PingSequence, SurgeError};
use tokio::task::JoinSet;

use super::resolve::addresses;
use crate::question::{Ping, Probe};
use crate::tally::Tally;
use crate::unlooked::Unlooked;
use base::clock;
use base::error::plain;

/// As much as other pings send.
const PAYLOAD: [u8; 56] = [0x52; 56];

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
            "this user may not ping; as root, allow all users: \
             sysctl -w net.ipv4.ping_group_range=\"0 2147483647\", \
             or this program alone: setcap cap_net_raw+ep {program}"
        ),
    )
}
