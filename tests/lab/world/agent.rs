//! Makes the router do what the account's tables say, as AWS's own network does.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use roxmltree::{Document, Node};

use super::account::Account;
use super::api::{items, text};
use super::cables::table;
use super::edge::{self, Fault, Wire};
use super::hosts::{HOSTS, Host, INTERNET, SEGMENTS};
use super::space::Space;

pub(super) struct Agent {
    vpc: Space,
    account: Arc<Account>,
    applied: Mutex<Applied>,
}

/// What the router does now.
#[derive(Default)]
struct Applied {
    /// By segment and destination: a host, `inet` or `blackhole`.
    routes: Routes,
    faults: BTreeSet<Fault>,
    rules: String,
}

type Routes = BTreeMap<(usize, String), String>;

impl Agent {
    pub(super) fn new(vpc: Space, account: Arc<Account>) -> Self {
        Self {
            vpc,
            account,
            applied: Mutex::default(),
        }
    }

    /// Reads the account and changes in the router what differs; on return the packets follow.
    pub(super) fn apply(&self) {
        self.with(|_| ());
    }

    pub(super) fn fault(&self, fault: Fault, broken: bool) {
        self.with(|faults| {
            if broken {
                faults.insert(fault);
            } else {
                faults.remove(&fault);
            }
        });
    }

    pub(super) fn target(&self, segment: &str, destination: &str) -> Option<String> {
        let segment = SEGMENTS.iter().position(|known| known.name == segment)?;
        let applied = self.applied.lock().unwrap_or_else(PoisonError::into_inner);
        applied
            .routes
            .get(&(segment, destination.to_owned()))
            .cloned()
    }

    /// Reads under the lock: what is read first must not be applied last.
    fn with(&self, change: impl FnOnce(&mut BTreeSet<Fault>)) {
        let mut applied = self.applied.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut applied.faults);
        self.account.learn();
        let routes = self.routes();
        let lines = changes(&applied.routes, &routes);
        if !lines.is_empty() {
            self.vpc.ip(&lines);
        }
        applied.routes = routes;
        let rules = edge::rules(&self.wires(), &applied.faults);
        if rules != applied.rules {
            self.vpc.nft(&rules);
            applied.rules = rules;
        }
    }

    fn routes(&self) -> Routes {
        let answer = self.account.api.call("DescribeRouteTables", &[]);
        let document = Document::parse(&answer).unwrap();
        let mut routes = Routes::new();
        for described in items(document.root(), "routeTableSet") {
            let id = text(described, "routeTableId").unwrap_or_default();
            let Some(segment) = self.account.tables.iter().position(|known| known == id) else {
                continue;
            };
            for route in items(described, "routeSet") {
                let destination = text(route, "destinationCidrBlock").unwrap_or_default();
                if let Some(target) = self.target_of(route) {
                    routes.insert((segment, destination.to_owned()), target);
                }
            }
        }
        routes
    }

    fn target_of(&self, route: Node<'_, '_>) -> Option<String> {
        if text(route, "state") == Some("blackhole") {
            return Some("blackhole".into());
        }
        match text(route, "gatewayId") {
            Some("local") => return None,
            Some(gateway) if gateway.starts_with("igw-") => return Some("inet".into()),
            _ => {}
        }
        let instance_id = text(route, "instanceId").unwrap_or_default();
        let host = self.account.host(instance_id);
        Some(host.map_or("blackhole", |host| host.name).to_owned())
    }

    /// A host whose instance is not running is off; one that has none yet is, too.
    fn wires(&self) -> Vec<Wire> {
        let answer = self.account.api.call("DescribeInstances", &[]);
        let document = Document::parse(&answer).unwrap();
        let mut wires: Vec<Wire> = HOSTS.iter().map(Wire::of).collect();
        for reservation in items(document.root(), "reservationSet") {
            for instance in items(reservation, "instancesSet") {
                let id = text(instance, "instanceId").unwrap_or_default();
                let host = self.account.host(id);
                let wire = wires
                    .iter_mut()
                    .find(|wire| host.is_some_and(|host| host.name == wire.host.name));
                if let Some(wire) = wire {
                    wire.is_on = text(instance, "name") == Some("running");
                    wire.is_checked = text(instance, "sourceDestCheck") != Some("false");
                }
            }
        }
        wires
    }
}

fn changes(before: &Routes, after: &Routes) -> String {
    let mut lines = String::new();
    for ((segment, destination), target) in after {
        if before.get(&(*segment, destination.clone())) != Some(target) {
            let (route, table) = (spelt(destination, target), table(*segment));
            let _ = writeln!(lines, "route replace {route} table {table}");
        }
    }
    for (segment, destination) in before.keys().filter(|key| !after.contains_key(key)) {
        let _ = writeln!(lines, "route del {destination} table {}", table(*segment));
    }
    lines
}

fn spelt(destination: &str, target: &str) -> String {
    match HOSTS.iter().find(|host| host.name == target) {
        Some(Host { name, address, .. }) => {
            format!("{destination} via {address} dev {name} onlink")
        }
        None if target == "inet" => format!("{destination} via {INTERNET} dev inet"),
        None => format!("blackhole {destination}"),
    }
}
