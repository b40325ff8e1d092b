//! `host::…`: what the machine is that the runbook runs on.

use std::sync::Arc;

use rhai::Module;

use super::primitive::{Primitive, primitive};
use super::probe::ask;
use crate::api::register::function;
use crate::host::Host;
use probe::{Fact, Question};

pub(super) const FUNCTIONS: &[Primitive] = &[
    primitive(
        "instance_id",
        &[],
        "Returns the EC2 instance id of this host.

From the instance's metadata (IMDSv2), asked once a process. `RUNBOOK_HOST_INSTANCE_ID` in the environment overrides it. Error: there is no such service here.",
    ),
    primitive(
        "availability_zone",
        &[],
        "Returns the availability zone of this host.

From the instance's metadata (IMDSv2), asked once a process. `RUNBOOK_HOST_AVAILABILITY_ZONE` in the environment overrides it. Error: there is no such service here.",
    ),
    primitive(
        "region",
        &[],
        "Returns the AWS region of this host.

From the instance's metadata (IMDSv2), asked once a process. `RUNBOOK_HOST_REGION` in the environment overrides it. Error: there is no such service here.",
    ),
    primitive(
        "ip_forward",
        &[],
        "Returns whether the kernel forwards IPv4.

`RUNBOOK_HOST_IP_FORWARD` (true or false) overrides it.",
    ),
    primitive(
        "masquerade",
        &[],
        "Returns the rules that masquerade what leaves this host, a list of maps `source` and `interface`.

A `source` or `interface` of `()` means any. Read with `nft`, and with `iptables-save` for rules of iptables-legacy; needs root.
`RUNBOOK_HOST_MASQUERADE` (blocks with commas between, or `none`) overrides it. Error: neither program is there, or not permitted.",
    ),
    primitive(
        "default_interface",
        &[],
        "Returns the interface of the IPv4 default route, or `()`.

`RUNBOOK_HOST_DEFAULT_INTERFACE` overrides it.",
    ),
    primitive(
        "name",
        &[],
        "Returns the host's name.",
    ),
    primitive(
        "uptime",
        &[],
        "Returns the seconds since boot, suspended time included; setting the clock does not change it.

`RUNBOOK_HOST_UPTIME` overrides it.",
    ),
    primitive(
        "boot_id",
        &[],
        "Returns an id that is new with each boot.

`RUNBOOK_HOST_BOOT_ID` overrides it.",
    ),
];

/// Each of `host::…` tells one fact, read at the time of the call; `RUNBOOK_HOST_<NAME>` in the environment says it
/// instead.
///
/// - `instance_id()`, `availability_zone()`, `region()`: of the EC2 instance, by its metadata service (version 2), asked
///   once a process, for two seconds at most. Error: `NoMetadata`.
/// - `ip_forward()`: whether the kernel forwards IPv4.
/// - `masquerade()`: the rules that masquerade (or `snat`), of nftables and iptables, as a list of
///   `#{source: "10.0.0.0/16", interface: "eth0"}` with `()` for what a rule does not restrict. Rules that hold for part
///   of the traffic only, such as one protocol, are left out. Errors: `NotPermitted`, `NoProgram`.
/// - `default_interface()`: that of the default route with the smallest metric, or `()`.
/// - `name()`: the host's name.
/// - `uptime()`: seconds since boot with a fraction, suspensions included; it never jumps.
/// - `boot_id()`: another one after each boot.
pub(super) fn module(host: &Arc<dyn Host>) -> Module {
    let mut module = Module::new();
    for fact in [
        Fact::InstanceId,
        Fact::AvailabilityZone,
        Fact::Region,
        Fact::IpForward,
        Fact::Masquerade,
        Fact::DefaultInterface,
        Fact::Name,
        Fact::Uptime,
        Fact::BootId,
    ] {
        let host = Arc::clone(host);
        function(&mut module, fact.name(), move || {
            ask(&host, &Question::Host(fact))
        });
    }
    module
}
