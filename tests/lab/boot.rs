//! A NAT's user data, run for real where a NAT would run it: its packets, its heartbeat, and what it says of both.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::lab;
use super::scene::{LIMIT, NAT1, NAT2};
use super::world::edge::Fault;
use super::world::nat::environment;
use super::world::{Lab, Meter};
use crate::boot::{HOSTILE, given, user_data};

/// Gives the command a disk and a console of its own, which outlast it: run it again and the host has booted again.
const DISK: &str = r#"
set -e
root=$1
shift
if [ ! -d "$root/etc" ]; then
    cp -a /etc "$root/etc"
    mkdir -p "$root/local/bin" "$root/lib"
    mv "$root/sbin" "$root/local/sbin"
    touch "$root/console"
fi
mount --bind "$root/etc" /etc
mount --bind "$root/local" /usr/local
mount --bind "$root/lib" /var/lib
mount --bind "$root/console" /dev/console
if [ -e "$root/hidden" ]; then
    mkdir "$root/all" "$root/others"
    mount --bind /usr/sbin "$root/all"
    ln -s "$root"/all/* "$root/others"
    rm "$root/others/$(cat "$root/hidden")"
    mount --bind "$root/others" /usr/sbin
fi
exec bash "$@"
"#;

/// Does what a unit says, as far as ours say something.
const SYSTEMCTL: &str = r#"#!/bin/bash
[ "$1" = daemon-reload ] && exit
verb=$1
shift
if [ "$1" = --now ]; then now=yes; shift; fi
unit=/etc/systemd/system/$1
[ -f "$unit" ] || { echo "there is no unit $1"; exit 1; }
[ "$verb $now" = "enable " ] && exit
value() { sed -n "s/^$1=//p" "$unit"; }
directory=$(value WorkingDirectory)
cd "${directory:-/}" || exit
for assignment in $(value Environment); do export "$assignment"; done
if [ "$(value Type)" = oneshot ]; then exec $(value ExecStart); fi
setsid $(value ExecStart) >> /var/lib/log 2>&1 < /dev/null &
"#;

/// A NAT's instance that nothing was done to yet. What runs on it ends with the lab, before its disk goes.
struct Machine {
    lab: Lab,
    client: Meter,
    disk: TempDir,
}

impl Machine {
    fn new() -> Self {
        let lab = lab();
        let space = lab.space("nat1");
        space.set("ip_forward", 0).unwrap();
        space.nft("delete table ip nat\n");
        for host in ["nat1", "nat2"] {
            let id = lab.account.instance(host);
            let tag = [
                ("ResourceId.1", &*id),
                ("Tag.1.Key", "runbook:role"),
                ("Tag.1.Value", "nat"),
            ];
            lab.call("CreateTags", &tag);
        }
        let disk = tempfile::tempdir().unwrap();
        let client = lab.meter("client1");
        let machine = Self { lab, client, disk };
        machine.write("sbin/systemctl", SYSTEMCTL);
        machine.write("disk.sh", DISK);
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.disk.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&path, mode).unwrap();
    }

    /// Runs a script of bash as root on the host.
    fn run(&self, script: &str) -> Output {
        self.write("script", script);
        let mut command = Command::new("ip");
        command
            .args(["netns", "exec", self.lab.space("nat1").name()])
            .args(["unshare", "--mount", "bash"])
            .arg(self.path("disk.sh"))
            .arg(self.disk.path())
            .arg(self.path("script"))
            .env_clear()
            .envs(environment(&self.lab, "nat1"))
            .stdin(Stdio::null());
        command.output().unwrap()
    }

    /// Boots it for the first time; returns whether all went well.
    fn boot(&self, settings: &Value) -> bool {
        let tables = |at: usize| {
            [
                &*self.lab.account.tables[at],
                &*self.lab.account.tables[at + 1],
            ]
        };
        let zones = [
            ("ap-northeast-1a", "8.8.4.4", tables(0)),
            ("ap-northeast-1c", "8.8.8.8", tables(2)),
        ];
        let mut all = json!({
            "runbook_url": format!("file://{}", env!("CARGO_BIN_EXE_runbook")),
            "runbook_sha256": digest(Path::new(env!("CARGO_BIN_EXE_runbook"))),
        });
        for (name, value) in settings.as_object().unwrap() {
            all[name] = value.clone();
        }
        let mut given = given(&zones, &all);
        given["net"]["vpc_id"] = Value::from(self.lab.account.vpc.as_str());
        let output = self.run(&user_data(&given));
        // What it says on the console it says where cloud-init listens, too.
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(
            said,
            self.console(),
            "{:?}",
            String::from_utf8(output.stderr)
        );
        output.status.success()
    }

    fn console(&self) -> String {
        fs::read_to_string(self.path("console")).unwrap_or_default()
    }

    /// Returns what the heartbeat has said.
    fn log(&self) -> String {
        fs::read_to_string(self.path("lib/log")).unwrap_or_default()
    }

    /// Waits until the host has published that it is well.
    #[track_caller]
    fn until_healthy(&self) {
        let id = self.lab.account.instance("nat1");
        let filters = [("Filter.1.Name", "resource-id"), ("Filter.1.Value.1", &*id)];
        let what = || format!("a healthy status; {}{}", self.console(), self.log());
        self.lab.until_seen(what, LIMIT, |_| {
            let tags = self.lab.account.api.call("DescribeTags", &filters);
            tags.contains("<key>runbook:heartbeat</key>") && tags.contains("<value>healthy t=")
        });
    }

    /// Fails if a packet of the client comes through from now on.
    #[track_caller]
    fn assert_silent(&self) {
        let from = self.client.now();
        self.client.until(from + Duration::from_millis(500));
        let packets = self.client.since(from);
        let passed = packets.iter().filter(|packet| packet.via.is_some());
        assert!(!packets.is_empty());
        assert_eq!(passed.count(), 0, "{packets:?}");
    }
}

fn digest(path: &Path) -> String {
    let output = Command::new("sha256sum").arg(path).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    said.split(' ').next().unwrap().to_owned()
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn booted_it_forwards_and_its_heartbeat_is_healthy_and_a_reboot_changes_nothing() {
    let machine = Machine::new();
    machine.assert_silent();
    let notify = json!([{"command": ["/bin/true", HOSTILE]}]);
    let well = machine.boot(&json!({"notify": notify}));
    let said = "runbook-nat: forwarding\nrunbook-nat: heartbeat started\n";
    assert_eq!((machine.console().as_str(), well), (said, true));
    machine.client.until_via(NAT1, LIMIT);
    machine.until_healthy();
    assert!(!machine.path("lib/seen").exists());

    let space = machine.lab.space("nat1");
    space.set("ip_forward", 0).unwrap();
    space.nft("delete table ip runbook_nat\n");
    machine.assert_silent();
    for _ in 1..=2 {
        let output = machine.run("systemctl start runbook-nat.service");
        assert!(output.status.success(), "{output:?}");
    }
    assert!(
        machine
            .console()
            .ends_with("runbook-nat: forwarding\nrunbook-nat: forwarding\n")
    );
    machine.client.until_via(NAT1, LIMIT);
    let rules = machine.run("nft list ruleset").stdout;
    let rules = String::from_utf8(rules).unwrap();
    assert_eq!(rules.matches("masquerade").count(), 1, "{rules}");
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn what_it_has_booted_takes_the_others_route_when_that_is_dead() {
    let machine = Machine::new();
    assert!(machine.boot(&json!({})), "{}", machine.console());
    machine.until_healthy();
    let client = machine.lab.meter("client2");
    client.until_via(NAT2, LIMIT);
    machine.lab.break_off(Fault::Dead("nat2"));
    client.until_via(NAT1, LIMIT);
    let taken = ["nat1: private segment AZ2, 0.0.0.0/0 to nat1"];
    assert_eq!(machine.lab.changes(), taken, "{}", machine.log());
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn a_program_that_is_not_the_right_one_is_not_run_and_the_nat_forwards() {
    let machine = Machine::new();
    let well = machine.boot(&json!({"runbook_sha256": "A".repeat(64)}));
    let console = machine.console();
    let (first, second) = console.split_once('\n').unwrap();
    assert_eq!((first, well), ("runbook-nat: forwarding", false));
    assert!(
        second.starts_with("runbook-nat: failed: heartbeat: what is at file:///"),
        "{second}"
    );
    assert!(
        second.ends_with(&format!("not {}\n", "a".repeat(64))),
        "{second}"
    );
    assert!(!machine.path("local/bin/runbook").exists());
    machine.client.until_via(NAT1, LIMIT);
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn without_nft_it_says_that_it_does_not_forward_and_why() {
    let machine = Machine::new();
    machine.write(
        "sbin/apt-get",
        "#!/bin/sh\necho 'no such host:\n archive' >&2; exit 100\n",
    );
    machine.write("sbin/sleep", "#!/bin/sh\n");
    machine.write("hidden", "nft");
    assert!(!machine.boot(&json!({})));
    let said = "runbook-nat: failed: nft: it is not there, and cannot be installed: no such host: archive\n";
    assert_eq!(machine.console(), said);
    machine.assert_silent();
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn rules_that_the_kernel_refuses_are_told() {
    let machine = Machine::new();
    machine.write(
        "sbin/nft",
        "#!/bin/sh\necho 'no nat in this kernel' >&2\nexit 1\n",
    );
    assert!(!machine.boot(&json!({"heartbeat": "none"})));
    assert_eq!(
        machine.console(),
        "runbook-nat: failed: masquerade: no nat in this kernel\n"
    );
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn from_cron_there_is_a_line_and_no_unit() {
    let machine = Machine::new();
    machine.write("sbin/cron", "#!/bin/sh\n");
    machine.run("printf '[Service]\\nType=oneshot\\nExecStart=/bin/true\\n' > /etc/systemd/system/cron.service");
    assert!(
        machine.boot(&json!({"heartbeat": "cron"})),
        "{}",
        machine.console()
    );
    let line = fs::read_to_string(machine.path("etc/cron.d/heartbeat")).unwrap();
    let site = "--site runbooks/sites/heartbeat.toml";
    assert!(line.contains(site), "{line}");
    assert!(
        !machine
            .path("etc/systemd/system/heartbeat.service")
            .exists()
    );
}
