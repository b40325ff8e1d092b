//! `host::…`: facts of the machine that the runbook runs on, each read at the time of the call.

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

From the instance's metadata (IMDSv2), read once a process, within two seconds. `RUNBOOK_HOST_INSTANCE_ID` in the environment overrides it.
Error `NoMetadata`: the service does not answer.",
    ),
    primitive(
        "availability_zone",
        &[],
        "Returns the availability zone of this host.

From the instance's metadata (IMDSv2), read once a process, within two seconds. `RUNBOOK_HOST_AVAILABILITY_ZONE` in the environment overrides it.
Error `NoMetadata`: the service does not answer.",
    ),
    primitive(
        "region",
        &[],
        "Returns the AWS region of this host.

From the instance's metadata (IMDSv2), read once a process, within two seconds. `RUNBOOK_HOST_REGION` in the environment overrides it.
Error `NoMetadata`: the service does not answer.",
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
        "Returns the rules that masquerade (or `snat`) what leaves this host, a list of `#{source: \"10.0.0.0/16\", interface: \"eth0\"}`.

A `source` or `interface` of `()` means any. Rules for part of the traffic only, such as one protocol, are left out. Read with `nft`,
and with `iptables-save` for rules of iptables-legacy; needs root. `RUNBOOK_HOST_MASQUERADE` (blocks with commas between, or
`none`) overrides it. Errors: `NoProgram`, `NotPermitted`.",
    ),
    primitive(
        "default_interface",
        &[],
        "Returns the interface of the IPv4 default route with the smallest metric, or `()`.

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
        "Returns the seconds since boot with a fraction, suspended time included; setting the clock does not change it.

`RUNBOOK_HOST_UPTIME` overrides it.",
    ),
    primitive(
        "boot_id",
        &[],
        "Returns an id that changes with each boot.

`RUNBOOK_HOST_BOOT_ID` overrides it.",
    ),
];

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
