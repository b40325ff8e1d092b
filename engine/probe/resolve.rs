//! Names to addresses, by the system's resolver.

use std::net::{IpAddr, SocketAddr};

use base::error::plain;

/// Returns the addresses of a host; one that is an address needs no resolver.
pub(super) async fn addresses(
    host: &str,
    port: u16,
    source: Option<IpAddr>,
) -> Result<Vec<SocketAddr>, String> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let found = tokio::net::lookup_host((host, port)).await;
    let found =
        found.map_err(|error| format!("cannot resolve `{host}`: {}", plain(&error.to_string())))?;
    let fits =
        |address: &SocketAddr| source.is_none_or(|source| source.is_ipv4() == address.is_ipv4());
    let found: Vec<SocketAddr> = found.filter(fits).collect();
    if found.is_empty() {
        return Err(format!("`{host}` has no address that fits `source`"));
    }
    Ok(found)
}
