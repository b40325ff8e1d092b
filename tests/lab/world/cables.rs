//! The wires, the rules by which the router picks a table, and what makes a host a NAT.

use std::fmt::Write;
use std::process::Command;

use super::ground::run;
use super::hosts::{
    AWS, EDGE, HOSTS, Host, INTERNET, PUBLIC, ROUTER, SEGMENTS, SERVER, TARGETS, VPC,
};
use super::space::Space;

/// The router's table of the VPC's own addresses: more specific than all that a route table may say.
const LOCAL: usize = 10;

/// Returns the number of a segment's table in the router.
pub(super) fn table(segment: usize) -> usize {
    100 + segment
}

pub(super) fn internet(lab: &str) -> Space {
    let inet = Space::new(&format!("{lab}-inet"));
    for address in [AWS, SERVER].iter().chain(&TARGETS) {
        inet.ip(&format!("addr add {address}/32 dev lo\n"));
    }
    inet
}

pub(super) fn router(lab: &str, inet: &Space) -> Space {
    let vpc = Space::new(&format!("{lab}-vpc"));
    vpc.set("ip_forward", 1).unwrap();
    wire(&vpc, "inet", inet);
    vpc.ip(&format!("addr add {EDGE}/30 dev inet\nlink set inet up\n"));
    inet.ip(&format!(
        "addr add {INTERNET}/30 dev eth0\nlink set eth0 up\nroute add {PUBLIC} via {EDGE}\n"
    ));
    vpc.ip(&rules());
    vpc
}

/// What no table of the segment knows is lost; nothing falls through to the router's own table.
fn rules() -> String {
    let mut lines = format!("rule add pref 10 lookup {LOCAL}\n");
    for host in &HOSTS {
        let (name, table) = (host.name, table(host.segment));
        let _ = writeln!(lines, "rule add pref 100 iif {name} lookup {table}");
        let _ = writeln!(lines, "rule add pref 200 iif {name} blackhole");
    }
    lines
}

pub(super) fn hosts(lab: &str, vpc: &Space) -> Vec<(&'static Host, Space)> {
    HOSTS
        .iter()
        .map(|host| (host, attach(lab, vpc, host)))
        .collect()
}

fn attach(lab: &str, vpc: &Space, host: &Host) -> Space {
    let Host { name, address, .. } = host;
    let space = Space::new(&format!("{lab}-{name}"));
    wire(vpc, name, &space);
    vpc.ip(&format!(
        "addr add {ROUTER}/32 dev {name}\nlink set {name} up\nroute add {address}/32 dev {name} table {LOCAL}\n"
    ));
    space.ip(&format!(
        "addr add {address}/32 dev eth0\nlink set eth0 up\nroute add {ROUTER} dev eth0\nroute add default via {ROUTER}\n"
    ));
    if host.public.is_some() {
        forward(&space);
    }
    space
}

/// Does what the set-up of a NAT instance does.
fn forward(nat: &Space) {
    nat.set("ip_forward", 1).unwrap();
    nat.nft(&masquerade());
}

pub(super) fn masquerade() -> String {
    format!(
        "table ip nat {{
            chain postrouting {{
                type nat hook postrouting priority 100; policy accept;
                ip saddr {VPC} oifname \"eth0\" masquerade
            }}
        }}\n"
    )
}

fn wire(from: &Space, name: &str, to: &Space) {
    let mut command = Command::new("ip");
    command.args([
        "link",
        "add",
        "name",
        name,
        "netns",
        from.name(),
        "type",
        "veth",
    ]);
    command.args(["peer", "name", "eth0", "netns", to.name()]);
    run(&mut command, "").unwrap();
}

/// The router's tables and the account's segments are told apart by the same index.
const _: () = assert!(SEGMENTS.len() == 4);
