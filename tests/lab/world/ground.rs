//! Whether this machine can have a lab, and what a killed process left of its own.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::space::Space;

/// All namespaces of all labs begin so; then comes the process, then a number.
const PREFIX: &str = "runbook-lab";

static FIT: OnceLock<Result<(), String>> = OnceLock::new();
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Returns why there can be no lab here. The first to ask clears away what killed processes left.
pub(crate) fn fit() -> Result<(), String> {
    FIT.get_or_init(look).clone()
}

/// Returns a name that no other lab has.
pub(super) fn name() -> String {
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{PREFIX}-{}-{number}", std::process::id())
}

fn look() -> Result<(), String> {
    if !rustix::process::geteuid().is_root() {
        return Err("it needs root".into());
    }
    let space = Space::try_new(&name())?;
    space.try_ip("link add name one type veth peer name other\n")?;
    space.try_nft("table ip a {\n chain b {\n numgen random mod 100 < 30 drop\n }\n}\n")?;
    sweep();
    Ok(())
}

/// Removes the namespaces whose process is no more.
pub(crate) fn sweep() {
    let known = fs::read_dir("/run/netns").into_iter().flatten().flatten();
    for entry in known {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.strip_prefix(PREFIX).and_then(|rest| rest.get(1..));
        let owner = owner.and_then(|rest| rest.split('-').next());
        if owner.is_some_and(|owner| !Path::new("/proc").join(owner).exists()) {
            drop(Space::adopt(name));
        }
    }
}

/// Runs a program with something to read; returns what it said, or what was wrong.
pub(super) fn run(command: &mut Command, input: &str) -> Result<String, String> {
    let told = |error: std::io::Error| format!("{command:?}: {error}");
    let mut file = tempfile::tempfile().map_err(told)?;
    std::io::Write::write_all(&mut file, input.as_bytes()).map_err(|error| error.to_string())?;
    std::io::Seek::rewind(&mut file).map_err(|error| error.to_string())?;
    command.stdin(Stdio::from(file));
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(format!("{command:?}: {said}"))
}
