//! Opens a TCP connection and closes it.

use std::net::{IpAddr, SocketAddr};

use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};

use super::report::Found;
use super::resolve::addresses;
use crate::question::Probe;
use base::clock;
use base::clock::Stopwatch;
use base::error::plain;

pub(super) async fn tcp(probe: &Probe, host: &str, port: u16, source: Option<IpAddr>) -> Value {
    let mut found = Found::default();
    let reached = clock::timeout(probe.timeout, reach(host, port, source, &mut found)).await;
    let ok = reached.is_ok_and(|reached| reached);
    if !ok && found.error.is_none() {
        found.error = Some(format!("no connection within {:?}", probe.timeout));
    }
    if ok {
        found.error = None;
    }
    found.report(&probe.target, ok)
}

/// Tries one address after the other; `found` says how far it came.
async fn reach(host: &str, port: u16, source: Option<IpAddr>, found: &mut Found) -> bool {
    let addresses = match addresses(host, port, source).await {
        Ok(addresses) => addresses,
        Err(error) => {
            found.error = Some(error);
            return false;
        }
    };
    for address in addresses {
        found.address = Some(address.to_string());
        let watch = Stopwatch::start();
        match connect(address, source).await {
            Ok(_) => {
                found.elapsed = Some(watch.elapsed());
                return true;
            }
            Err(error) => found.error = Some(plain(&error.to_string())),
        }
    }
    false
}

pub(super) async fn connect(
    address: SocketAddr,
    source: Option<IpAddr>,
) -> std::io::Result<TcpStream> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    if let Some(source) = source {
        socket.bind(SocketAddr::new(source, 0))?;
    }
    socket.connect(address).await
}
