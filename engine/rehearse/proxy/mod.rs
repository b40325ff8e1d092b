//! A server between a run and its emulator that lets one chosen request go wrong in a chosen way.
//!
//! - `name`: how a request is told from all others, in every run of the script alike
//! - `fault`: the ways to go wrong
//! - `ledger`: what is planned, and what was seen and done
//! - `message`: HTTP/1.1 as bytes: what goes wrong is below what a server crate lets through
//! - `refusal`: AWS's errors in the dialect of the service
//! - `connection`: one client's requests, one after the other

mod connection;
mod fault;
mod ledger;
mod message;
mod name;
mod refusal;
#[cfg(test)]
mod tests;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, JoinSet};

use ledger::Ledger;

pub use fault::{Fault, Injection};
pub use ledger::Seen;
pub use name::Name;

/// Serves on a free loopback port until it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    ledger: Arc<Ledger>,
    server: JoinHandle<()>,
}

impl Proxy {
    /// Starts one in front of `upstream` that injects what is planned, each once.
    pub fn start(runtime: &Handle, upstream: SocketAddr, plan: Vec<Injection>) -> io::Result<Self> {
        Self::at((Ipv4Addr::LOCALHOST, 0).into(), runtime, upstream, plan)
    }

    /// The same at a chosen address.
    pub fn at(
        address: SocketAddr,
        runtime: &Handle,
        upstream: SocketAddr,
        plan: Vec<Injection>,
    ) -> io::Result<Self> {
        let listener = runtime.block_on(TcpListener::bind(address))?;
        let address = listener.local_addr()?;
        let ledger = Arc::new(Ledger::new(plan));
        let server = runtime.spawn(accept(listener, upstream, Arc::clone(&ledger)));
        Ok(Self {
            address,
            ledger,
            server,
        })
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the address for `AWS_ENDPOINT_URL`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the requests so far, in the order in which they came.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.ledger.seen()
    }

    /// Returns what is planned and has not been injected: its request never came.
    #[must_use]
    pub fn left(&self) -> Vec<Injection> {
        self.ledger.left()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The connections end with the server.
async fn accept(listener: TcpListener, upstream: SocketAddr, ledger: Arc<Ledger>) {
    let mut connections = JoinSet::new();
    loop {
        // A client that went away before it was accepted is no reason to end.
        if let Ok((client, _)) = listener.accept().await {
            connections.spawn(connection::serve(client, upstream, Arc::clone(&ledger)));
        }
        while connections.try_join_next().is_some() {}
    }
}
