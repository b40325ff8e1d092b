//! Who decides something on this machine.

use journal::entry::Signature;

const USERS: &str = "/etc/passwd";

/// Returns who decides something, and why: the user whose process this is, whatever variables say.
#[must_use]
pub fn signature(why: Option<String>, caller: Option<String>) -> Signature {
    let uid = rustix::process::getuid().as_raw();
    let users = std::fs::read_to_string(USERS).unwrap_or_default();
    Signature {
        who: name(&users, uid).map_or_else(|| format!("user {uid}"), str::to_owned),
        uid: Some(uid),
        caller,
        why,
    }
}

fn name(users: &str, uid: u32) -> Option<&str> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then_some(name)
    })
}

/// Returns the name of this machine.
#[must_use]
pub fn host() -> String {
    let names = rustix::system::uname();
    names.nodename().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_first_of_the_uid() {
        let users =
            "root:x:0:0::/root:/bin/sh\n# 7\nops:x:1000:100::/:/bin/sh\nalias:x:1000:1::/:\n";
        assert_eq!(name(users, 1000), Some("ops"));
        assert_eq!(name(users, 0), Some("root"));
        assert_eq!(name(users, 100), None);
    }
}
