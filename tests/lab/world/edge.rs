//! What the router drops and rewrites: source/dest checks, the Internet gateway, faults.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::net::Ipv4Addr;

use super::hosts::{AWS, HOSTS, Host};

/// What can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// A host is dead, and AWS does not know.
    Dead(&'static str),
    /// Nothing passes between a host and the Internet; inside the VPC it is reached.
    Uplink(&'static str),
    /// A host's pings do not leave the VPC; all else does.
    Blind(&'static str),
    /// Two hosts do not reach each other.
    Link(&'static str, &'static str),
    /// An address of the Internet does not answer.
    Target(Ipv4Addr),
    /// A host does not reach AWS.
    Aws(&'static str),
    /// So many of a hundred packets to the Internet are lost; fewer than all.
    Loss(u8),
    /// The same, for what nobody sends again: pings, and the clients' packets.
    Unrepeated(u8),
}

/// A host as AWS has it.
pub(super) struct Wire {
    pub(super) host: &'static Host,
    pub(super) is_on: bool,
    /// Whether only packets from and to its own address pass.
    pub(super) is_checked: bool,
}

impl Wire {
    /// What no instance is known for is a plain host.
    pub(super) fn of(host: &'static Host) -> Self {
        Self {
            host,
            is_on: host.public.is_none(),
            is_checked: true,
        }
    }
}

/// Returns the whole table; loading it replaces the one before at once. Nothing here keeps connections: AWS's gateway
/// translates address for address, and a moved route moves the next packet.
pub(super) fn rules(wires: &[Wire], faults: &BTreeSet<Fault>) -> String {
    let dropped: String = faults.iter().map(|fault| fault.rules()).collect();
    let checked: String = wires.iter().map(check).collect();
    let known = HOSTS
        .iter()
        .filter_map(|host| Some((host.address, host.public?)));
    let known: Vec<_> = known.collect();
    let own = joined(known.iter().map(|(own, _)| own.to_string()));
    let out = joined(
        known
            .iter()
            .map(|(own, public)| format!("{own} : {public}")),
    );
    let back = joined(
        known
            .iter()
            .map(|(own, public)| format!("{public} : {own}")),
    );
    format!(
        "table ip vpc
delete table ip vpc
table ip vpc {{
    chain arriving {{
        type filter hook prerouting priority -300;
        iifname \"inet\" ip daddr set ip daddr map {{ {back} }}
    }}
    chain passing {{
        type filter hook forward priority 0;
{dropped}{checked}        oifname \"inet\" ip saddr != {{ {own} }} drop
    }}
    chain leaving {{
        type filter hook postrouting priority 300;
        oifname \"inet\" ip saddr set ip saddr map {{ {out} }}
    }}
}}
"
    )
}

fn check(wire: &Wire) -> String {
    let Host { name, address, .. } = wire.host;
    let mut lines = String::new();
    if !wire.is_on {
        let _ = writeln!(lines, "iifname \"{name}\" drop\noifname \"{name}\" drop");
    }
    if wire.is_checked {
        let _ = writeln!(lines, "iifname \"{name}\" ip saddr != {address} drop");
        let _ = writeln!(lines, "oifname \"{name}\" ip daddr != {address} drop");
    }
    lines
}

impl Fault {
    fn rules(self) -> String {
        let both = |one: &str, other: &str| {
            format!(
                "iifname \"{one}\" oifname \"{other}\" drop\niifname \"{other}\" oifname \"{one}\" drop\n"
            )
        };
        match self {
            Self::Dead(host) => format!("iifname \"{host}\" drop\noifname \"{host}\" drop\n"),
            Self::Uplink(host) => both(host, "inet"),
            Self::Blind(host) => {
                format!("iifname \"{host}\" oifname \"inet\" meta l4proto icmp drop\n")
            }
            Self::Link(one, other) => both(one, other),
            Self::Target(address) => format!("oifname \"inet\" ip daddr {address} drop\n"),
            Self::Aws(host) => format!("iifname \"{host}\" ip daddr {AWS} drop\n"),
            Self::Loss(percent) => {
                format!("oifname \"inet\" numgen random mod 100 < {percent} drop\n")
            }
            Self::Unrepeated(percent) => format!(
                "oifname \"inet\" meta l4proto != tcp numgen random mod 100 < {percent} drop\n"
            ),
        }
    }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}
