//! What this host is: its instance, its routes, whether it forwards.

mod fact;
mod imds;
mod masquerade;
mod nft;
mod programs;
mod rule;
mod saved;

use std::fs::read_to_string;

use serde_json::{Value, json};

pub use crate::host::fact::Fact;
use crate::unlooked::Unlooked;
use base::clock;

/// This host; what cannot change while it runs is asked once.
#[derive(Debug, Default)]
pub struct Host {
    metadata: imds::Metadata,
}

impl Host {
    pub(super) async fn tell(&self, fact: Fact) -> Result<Value, Unlooked> {
        if let Ok(text) = std::env::var(fact.variable()) {
            return fact.overridden(&text);
        }
        match fact {
            Fact::InstanceId => self.metadata.get(fact, "instance-id").await,
            Fact::AvailabilityZone => {
                let path = "placement/availability-zone";
                self.metadata.get(fact, path).await
            }
            Fact::Region => self.metadata.get(fact, "placement/region").await,
            Fact::IpForward => Ok((read("/proc/sys/net/ipv4/ip_forward")?.trim() == "1").into()),
            Fact::Masquerade => masquerade::rules().await,
            Fact::DefaultInterface => Ok(json!(default_interface(&read("/proc/net/route")?))),
            Fact::Name => {
                let name = rustix::system::uname();
                Ok(name.nodename().to_string_lossy().into())
            }
            Fact::Uptime => Ok(clock::since_boot().as_secs_f64().into()),
            Fact::BootId => Ok(read("/proc/sys/kernel/random/boot_id")?.trim().into()),
        }
    }
}

fn read(path: &str) -> Result<String, Unlooked> {
    read_to_string(path).map_err(|error| {
        let message = format!("cannot read `{path}`: {error}");
        Unlooked::new("Unreadable", message)
    })
}

/// Returns the interface of the default route with the smallest metric.
fn default_interface(routes: &str) -> Option<&str> {
    let default = |line: &'_ str| -> Option<u32> {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, "00000000", _, flags, _, _, metric, "00000000", ..] = fields[..] else {
            return None;
        };
        let is_up = u16::from_str_radix(flags, 16).is_ok_and(|flags| flags & 1 == 1);
        metric.parse().ok().filter(|_| is_up)
    };
    let routes = routes.lines().skip(1);
    let (_, line) = routes
        .filter_map(|line| Some((default(line)?, line)))
        .min_by_key(|(metric, _)| *metric)?;
    line.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_interface_is_that_of_the_best_default_route() {
        let routes = "\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
eth1\t00000000\t0101A8C0\t0002\t0\t0\t0\t00000000\t0\t0\t0
eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth2\t0000000A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
";
        assert_eq!(default_interface(routes), Some("eth0"));
        assert_eq!(default_interface("Iface\tDestination\n"), None);
    }

    #[test]
    fn the_environment_can_say_each_fact() {
        let said = |fact: Fact, text| fact.overridden(text);
        assert_eq!(said(Fact::IpForward, "true"), Ok(true.into()));
        assert_eq!(said(Fact::Uptime, "12.5"), Ok(12.5.into()));
        assert_eq!(said(Fact::DefaultInterface, "none"), Ok(Value::Null));
        assert_eq!(said(Fact::InstanceId, "i-1"), Ok("i-1".into()));
        assert_eq!(said(Fact::Masquerade, "none"), Ok(json!([])));
        for (fact, text) in [
            (Fact::IpForward, "1"),
            (Fact::Uptime, "soon"),
            (Fact::Uptime, "-1"),
            (Fact::Masquerade, "all"),
        ] {
            let message = said(fact, text).unwrap_err().message;
            assert!(message.starts_with(&fact.variable()), "{message}");
        }
    }
}
