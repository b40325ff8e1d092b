//! The script that did the job before, with the AWS CLI that it needs.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::say_to_stderr;
use super::world::Lab;
use super::world::nat::environment;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/heartbeat/check.sh");
const CLI: &str = "awscli==1.45.11";

/// The script, as it is set up on the first NAT.
pub(crate) struct Port {
    command: Vec<(String, String)>,
    space: String,
}

impl Port {
    pub(crate) fn new(lab: &Lab) -> Self {
        let programs = cli().join("bin");
        let path = std::env::var("PATH").unwrap_or_default();
        let mut set = environment(lab, "nat1");
        for (name, value) in [
            ("PATH", format!("{}:{path}", programs.display())),
            ("AWS_DEFAULT_REGION", "ap-northeast-1".into()),
            ("INSTANCE_ID", lab.account.instance("nat1")),
            ("OPPOSITE_PRIMARY_NAT_ID", lab.account.instance("nat2")),
            ("OPPOSITE_RTB", lab.account.tables[3].clone()),
            ("TARGET_VIA_CHECKING_NAT", "8.8.4.4".into()),
            ("TARGET_VIA_INETGW", "1.1.1.1".into()),
        ] {
            set.insert(name.into(), value);
        }
        Self {
            command: set.into_iter().collect(),
            space: lab.space("nat1").name().to_owned(),
        }
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.space, "bash", SCRIPT]);
        command.env_clear().envs(self.command.iter().cloned());
        command
    }
}

/// Returns an environment with the AWS CLI, made on first use beside the build.
fn cli() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("aws-cli");
    if !folder.join("bin/aws").exists() {
        say_to_stderr("installing the AWS CLI from PyPI, once");
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
        let pip = ["-m", "pip", "install", "--quiet", CLI];
        run(Command::new(folder.join("bin/python")).args(pip));
    }
    folder
}

fn run(command: &mut Command) {
    let status = command.status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}
