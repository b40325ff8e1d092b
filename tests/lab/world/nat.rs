//! The heartbeat on one host, as cron or as a resident process: the real binary, the shipped runbook.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::{self, File, OpenOptions, Permissions};
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::Lab;
use super::hosts::{AWS, HOSTS, SEGMENTS};

const RUNBOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks/heartbeat.rhai");

/// What is not preset; a tick of it is quick.
const SETTINGS: [(&str, &str); 9] = [
    ("targets_via_inetgw", r#"["1.1.1.1", "9.9.9.9"]"#),
    ("probe_interval", r#""50ms""#),
    ("probe_timeout", r#""300ms""#),
    ("rise", "3"),
    ("recheck", r#""300ms""#),
    ("hold_down", r#""2s""#),
    ("answers_within", r#""3s""#),
    ("nat_tags", r#"{ "opsworks:layer:nat" = "NAT Server" }"#),
    ("fall", "3"),
];

const ZONES: &str = r#"
[[zones]]
name = "ap-northeast-1a"
check_targets = ["8.8.4.4", "208.67.220.220"]

[[zones]]
name = "ap-northeast-1c"
check_targets = ["8.8.8.8", "208.67.222.222"]
"#;

/// The same with one target each, as `build.rhai` has it.
pub(crate) const ONE_TARGET_EACH: &str = r#"
[[zones]]
name = "ap-northeast-1a"
check_targets = ["8.8.4.4"]

[[zones]]
name = "ap-northeast-1c"
check_targets = ["8.8.8.8"]
"#;

/// Takes the news: one a line, its id first.
const PAGER: &str =
    "#!/bin/sh\n{ printf '%s ' \"$RUNBOOK_NEWS_ID\"; tr '\\n' ' '; echo; } >> \"$0.news\"\n";

/// A host that is to have a heartbeat.
pub(crate) struct Nat {
    host: &'static str,
    folder: TempDir,
    environment: BTreeMap<String, String>,
    /// The program and what leads to it: into the namespace.
    entry: Vec<String>,
}

/// A resident heartbeat; killed when it is dropped.
pub(crate) struct Resident(Child);

impl Nat {
    /// Returns the host with a site file of the given settings, which are TOML, over the lab's.
    pub(crate) fn new(lab: &Lab, host: &'static str, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut environment = environment(lab, host);
        let state = folder.path().join("state").display().to_string();
        environment.insert("RUNBOOK_STATE_DIR".into(), state);
        let nat = Self {
            host,
            environment,
            entry: ["ip", "netns", "exec", lab.space(host).name()]
                .map(str::to_owned)
                .into(),
            folder,
        };
        let pager = nat.path("pager");
        fs::write(&pager, PAGER).unwrap();
        fs::set_permissions(&pager, Permissions::from_mode(0o755)).unwrap();
        nat.site(settings);
        nat
    }

    /// Writes the site file anew.
    pub(crate) fn site(&self, settings: &[(&str, &str)]) {
        let news = format!(
            "[{{ command = [{:?}] }}]",
            self.path("pager").display().to_string()
        );
        let mut all: BTreeMap<&str, &str> = SETTINGS.into();
        all.insert("notify", &news);
        all.insert("zones", "");
        all.extend(settings.iter().copied());
        let zones = all.remove("zones").filter(|zones| !zones.is_empty());
        let mut site = String::new();
        for (name, value) in all {
            let _ = writeln!(site, "{name} = {value}");
        }
        site.push_str(zones.unwrap_or(ZONES));
        fs::write(self.path("site.toml"), site).unwrap();
    }

    /// Has the host ask this server for names.
    pub(crate) fn ask_names_of(mut self, server: Ipv4Addr) -> Self {
        let known = self.path("resolv.conf");
        fs::write(&known, format!("nameserver {server}\n")).unwrap();
        // `ip netns exec` has given the command mounts of its own.
        let mount = format!(
            "mount --bind {:?} /etc/resolv.conf && exec \"$@\"",
            known.display().to_string()
        );
        self.entry
            .extend(["sh", "-c", &mount, "sh"].map(str::to_owned));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns the binary with arguments, to be run on the host.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.entry[0]);
        command
            .args(&self.entry[1..])
            .arg(env!("CARGO_BIN_EXE_runbook"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(&self.environment)
            .stdin(Stdio::null());
        command
    }

    /// Returns a tick as cron starts it.
    pub(crate) fn tick_command(&self, more: &[&str]) -> Command {
        self.command(&[&["run", RUNBOOK, "--site", "site.toml"], more].concat())
    }

    pub(crate) fn tick(&self, more: &[&str]) -> Output {
        self.tick_command(more).output().unwrap()
    }

    /// Starts the resident form; what it says is added to the log.
    pub(crate) fn every(&self, interval: &str) -> Resident {
        let log = self.log_file();
        let mut command = self.command(&["every", interval, RUNBOOK, "--site", "site.toml"]);
        command.stdout(log.try_clone().unwrap()).stderr(log);
        Resident(command.spawn().unwrap())
    }

    /// Waits until the host has published its status.
    #[track_caller]
    pub(crate) fn until_published(&self, lab: &Lab, limit: Duration) {
        let what = || format!("{} publishes its status:\n{}", self.host, self.log());
        lab.until_seen(what, limit, |_| lab.has_published(self.host));
    }

    fn log_file(&self) -> File {
        let mut options = OpenOptions::new();
        options
            .create(true)
            .append(true)
            .open(self.path("log"))
            .unwrap()
    }

    /// Returns what the resident form has said so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// Returns the news that were told, each as it came; a line without an end is still being written.
    pub(crate) fn news(&self) -> Vec<String> {
        let news = fs::read_to_string(self.path("pager.news")).unwrap_or_default();
        let whole = news.split_inclusive('\n');
        whole
            .filter_map(|line| line.strip_suffix('\n'))
            .map(str::to_owned)
            .collect()
    }

    /// Returns the directories of its runs.
    pub(crate) fn runs(&self) -> Vec<PathBuf> {
        let runs = fs::read_dir(self.path("state/runs"));
        let mut runs: Vec<_> = runs
            .into_iter()
            .flatten()
            .map(|run| run.unwrap().path())
            .collect();
        runs.sort();
        runs
    }

    pub(crate) fn host(&self) -> &'static str {
        self.host
    }
}

impl Resident {
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.0), signal).unwrap();
    }

    pub(crate) fn kill(&mut self) {
        // It may have ended already, and that is no failure.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    /// Waits for its end; returns the exit code, none where a signal ended it.
    pub(crate) fn ended(&mut self) -> Option<i32> {
        self.0.wait().unwrap().code()
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

impl Drop for Resident {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Returns what a program on the host finds in its environment.
pub(crate) fn environment(lab: &Lab, host: &str) -> BTreeMap<String, String> {
    let known = HOSTS.iter().find(|known| known.name == host);
    let zone = known.map_or("", |known| SEGMENTS[known.segment].zone);
    let path = std::env::var("PATH").unwrap_or_default();
    let set = [
        ("PATH", path),
        ("HOME", "/nonexistent".into()),
        ("RUNBOOK_SETTLE_WINDOW", "0s".into()),
        ("RUNBOOK_HOST_INSTANCE_ID", lab.account.instance(host)),
        ("RUNBOOK_HOST_AVAILABILITY_ZONE", zone.into()),
        ("RUNBOOK_HOST_REGION", "ap-northeast-1".into()),
        ("AWS_REGION", "ap-northeast-1".into()),
        ("AWS_ENDPOINT_URL", format!("http://{AWS}")),
        ("AWS_ACCESS_KEY_ID", lab.account.api.account().into()),
        ("AWS_SECRET_ACCESS_KEY", "secret".into()),
        ("AWS_EC2_METADATA_DISABLED", "true".into()),
    ];
    set.map(|(name, value)| (name.to_owned(), value)).into()
}
