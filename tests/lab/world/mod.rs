//! A model of a VPC in network namespaces, steered by the route tables of an emulated account.
//!
//! - `ground`: whether this machine can have one, and what a killed process left of its own
//! - `space`: one namespace
//! - `hosts`: who is there, at which address, in which segment
//! - `cables`: the wires, the rules by which the VPC's router picks a table, and what makes a host a NAT
//! - `account`: the same VPC in the emulator
//! - `api`: calls to it, as a client that is none of ours
//! - `agent`: makes the router do what the account's tables say
//! - `edge`: what the router drops and rewrites: source/dest checks, the Internet gateway, faults
//! - `relay`: AWS's address on the Internet, and what can be wrong with it
//! - `nat`: the heartbeat on one host, as cron or as a resident process
//! - `meter`: the traffic of a private client, packet by packet

mod account;
mod agent;
mod api;
mod cables;
pub(crate) mod edge;
pub(crate) mod ground;
pub(crate) mod hosts;
mod meter;
pub(crate) mod nat;
pub(crate) mod relay;
mod space;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base::clock::{Stopwatch, pause};
use tokio::runtime::Runtime;

use account::Account;
use agent::Agent;
use api::Api;
use edge::Fault;
use hosts::Host;
use relay::{Mood, Relay, Seen};

pub(crate) use meter::Meter;
pub(crate) use space::Space;

/// Gone with all that is in it when it is dropped.
pub(crate) struct Lab {
    // First, so that nothing is at work in a namespace that goes.
    runtime: Runtime,
    relay: Arc<Relay>,
    agent: Arc<Agent>,
    pub(crate) account: Arc<Account>,
    name: String,
    inet: Space,
    hosts: Vec<(&'static Host, Space)>,
}

impl Lab {
    /// Builds everything, in the account and in the kernel.
    pub(crate) fn new(endpoint: &str, account: &str) -> Self {
        Self::with(endpoint, account, Account::new)
    }

    /// Builds in the kernel what is in the account.
    pub(crate) fn around(endpoint: &str, account: &str) -> Self {
        Self::with(endpoint, account, Account::built)
    }

    fn with(endpoint: &str, account: &str, vpc_of: impl Fn(Api) -> Account) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let name = ground::name();
        let inet = cables::internet(&name);
        let vpc = cables::router(&name, &inet);
        let hosts = cables::hosts(&name, &vpc);
        let upstream: SocketAddr = endpoint.trim_start_matches("http://").parse().unwrap();
        let account = Arc::new(vpc_of(Api::new(upstream, account)));
        let agent = Arc::new(Agent::new(vpc, Arc::clone(&account)));
        agent.apply();
        let relay = Relay::start(&runtime, &inet, upstream, Arc::clone(&agent));
        meter::echo(&runtime, &inet);
        Self {
            runtime,
            relay,
            agent,
            account,
            name,
            inet,
            hosts,
        }
    }

    /// Returns what its namespaces' names begin with.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns a host's namespace.
    pub(crate) fn space(&self, host: &str) -> &Space {
        let mut all = self.hosts.iter();
        let found = all.find(|(known, _)| known.name == host);
        &found.unwrap_or_else(|| panic!("no host `{host}`")).1
    }

    /// Returns where the operator is: outside of the VPC.
    pub(crate) fn outside(&self) -> &Space {
        &self.inet
    }

    /// Starts the traffic of a client.
    pub(crate) fn meter(&self, client: &str) -> Meter {
        Meter::start(&self.runtime, self.space(client))
    }

    pub(crate) fn break_off(&self, fault: Fault) {
        self.set(fault, true);
    }

    pub(crate) fn mend(&self, fault: Fault) {
        self.set(fault, false);
    }

    pub(crate) fn set(&self, fault: Fault, broken: bool) {
        self.agent.fault(fault, broken);
    }

    /// Changes how AWS answers.
    pub(crate) fn aws(&self, mood: Mood) {
        self.relay.set(mood);
    }

    /// Returns the requests that came to AWS, in their order.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.relay.seen()
    }

    /// Waits until something holds of the requests that came.
    #[track_caller]
    pub(crate) fn until_seen(
        &self,
        what: impl Fn() -> String,
        limit: Duration,
        holds: impl Fn(&[Seen]) -> bool,
    ) {
        let stopwatch = Stopwatch::start();
        while !holds(&self.seen()) {
            assert!(
                stopwatch.elapsed() < limit,
                "not within {limit:?}: {}",
                what()
            );
            pause(Duration::from_millis(20));
        }
    }

    /// Returns the routes that hosts have changed, in their order: `nat2: private segment AZ1, 0.0.0.0/0 to nat2`.
    pub(crate) fn changes(&self) -> Vec<String> {
        let seen = self.seen().into_iter();
        let changes = seen.filter(|seen| seen.action == "ReplaceRoute" && seen.status == 200);
        changes.map(|seen| self.account.told(&seen)).collect()
    }

    /// Switches the source/dest check of a host's instance.
    pub(crate) fn check_source(&self, host: &str, check: bool) {
        let instance = self.account.instance(host);
        self.account.check_source(&instance, check);
        self.agent.apply();
    }

    /// Launches the instance of a host that has none, and of which nothing was heard before.
    pub(crate) fn launch(&self, host: &str) {
        self.account.launch(host);
        self.agent.apply();
    }

    /// Has a host masquerade again.
    pub(crate) fn masquerade(&self, host: &str) {
        self.space(host).nft(&cables::masquerade());
    }

    /// Whether a host has published its status.
    pub(crate) fn has_published(&self, host: &str) -> bool {
        let seen = self.seen();
        let mut own = seen.iter().filter(|seen| seen.host == host);
        own.any(|seen| seen.action == "CreateTags" && seen.status == 200)
    }

    /// Makes a call that is nobody's heartbeat; returns the answer.
    #[track_caller]
    pub(crate) fn call(&self, action: &str, input: &[(&str, &str)]) -> String {
        let answer = self.account.api.call(action, input);
        self.agent.apply();
        answer
    }

    /// Makes a call to AWS from a host, as far as it gets.
    pub(crate) fn ask_from(
        &self,
        host: &str,
        action: &str,
        input: &[(&str, &str)],
    ) -> io::Result<(u16, String)> {
        let api = self.account.api.at((hosts::AWS, 80).into());
        self.space(host).enter(|| api.ask(action, input))
    }

    /// Returns what a destination of a table goes to, in the kernel: a host, `inet` or `blackhole`.
    pub(crate) fn target(&self, table: &str, destination: &str) -> Option<String> {
        self.agent.target(table, destination)
    }
}
