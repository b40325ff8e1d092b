//! An address of the emulator's own that closes, opens again and has faults: a run stays pinned to it.

use std::net::SocketAddr;

use rehearse::proxy::{Injection, Proxy};
use tokio::runtime::Runtime;

use super::{Test, emulator};

pub(crate) struct Door {
    upstream: SocketAddr,
    address: SocketAddr,
    open: Option<(Proxy, Runtime)>,
}

impl Door {
    pub(crate) fn new(test: &Test) -> Self {
        Self::at("http://127.0.0.1:0", test)
    }

    pub(crate) fn at(endpoint: &str, test: &Test) -> Self {
        let upstream = address(&emulator(test.account()).endpoint());
        let open = open(address(endpoint), upstream, Vec::new());
        let address = open.0.address();
        Self {
            upstream,
            address,
            open: Some(open),
        }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From here on nobody listens there.
    pub(crate) fn close(&mut self) {
        self.open = None;
    }

    /// Opens it with faults that have not been planned before, and returns what tells of them.
    pub(crate) fn reopen(&mut self, plan: Vec<Injection>) -> &Proxy {
        self.close();
        &self.open.insert(open(self.address, self.upstream, plan)).0
    }
}

/// The proxy ends before the runtime that it runs on.
fn open(address: SocketAddr, upstream: SocketAddr, plan: Vec<Injection>) -> (Proxy, Runtime) {
    let runtime = Runtime::new().unwrap();
    let proxy = Proxy::at(address, runtime.handle(), upstream, plan).unwrap();
    (proxy, runtime)
}

fn address(endpoint: &str) -> SocketAddr {
    endpoint.trim_start_matches("http://").parse().unwrap()
}
