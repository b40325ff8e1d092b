//! Who decides something on this machine.

use journal::entry::Signature;

/// Returns who decides something, and why.
#[must_use]
pub fn signature(why: Option<String>, caller: Option<String>) -> Signature {
    let named = ["USER", "LOGNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()));
    let who = named.unwrap_or_else(|| format!("user {}", rustix::process::getuid().as_raw()));
    Signature { who, caller, why }
}

/// Returns the name of this machine.
#[must_use]
pub fn host() -> String {
    let names = rustix::system::uname();
    names.nodename().to_string_lossy().into_owned()
}
