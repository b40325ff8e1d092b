//! The emulator's own files, built into the binary.

use std::fs;
use std::io;
use std::path::Path;

use base::digest;

pub(super) const REQUIREMENTS: &str = include_str!("requirements.txt");
pub(super) const VECTORS: &str = include_str!("vectors.txt");
pub(super) const EXTRACT: &str = include_str!("extract.py");

macro_rules! files {
    ($($path:literal),* $(,)?) => { &[$(($path, include_str!($path))),*] };
}

const FILES: &[(&str, &str)] = files![
    "emulator/__init__.py",
    "emulator/__main__.py",
    "emulator/accounts.py",
    "emulator/boots.py",
    "emulator/census.py",
    "emulator/control.py",
    "emulator/ec2.py",
    "emulator/ec2_states.py",
    "emulator/gateway.py",
    "emulator/iam.py",
    "emulator/identity.py",
    "emulator/launches.py",
    "emulator/orders.py",
    "emulator/routes.py",
    "emulator/stale.py",
    "emulator/opsworks/__init__.py",
    "emulator/opsworks/apps.py",
    "emulator/opsworks/book.py",
    "emulator/opsworks/deployments.py",
    "emulator/opsworks/elastic_ips.py",
    "emulator/opsworks/instances.py",
    "emulator/opsworks/layers.py",
    "emulator/opsworks/lifecycle.py",
    "emulator/opsworks/permissions.py",
    "emulator/opsworks/profiles.py",
    "emulator/opsworks/stacks.py",
];

/// Returns a name that changes whenever one of the files does.
pub(super) fn digest() -> String {
    let parts = FILES.iter().flat_map(|(path, text)| [*path, *text]);
    digest_of(parts)
}

/// Returns sixteen hexadecimal digits for the parts in their order.
pub(super) fn digest_of<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut bytes = Vec::new();
    for part in parts {
        // The length keeps ("ab", "c") apart from ("a", "bc").
        bytes.extend(part.len().to_le_bytes());
        bytes.extend(part.bytes());
    }
    digest::sha256(&bytes)[..16].to_owned()
}

/// Writes the files under `folder`.
pub(super) fn write(folder: &Path) -> io::Result<()> {
    for (path, text) in FILES {
        let target = folder.join(path);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(target, text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn python_files(folder: &Path) -> usize {
        let entries = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        entries
            .map(|path| {
                if path.is_dir() {
                    python_files(&path)
                } else {
                    usize::from(path.extension().is_some_and(|extension| extension == "py"))
                }
            })
            .sum()
    }

    #[test]
    fn every_file_of_the_emulator_is_built_in() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("emulator");
        assert_eq!(python_files(&folder), FILES.len());
    }

    #[test]
    fn every_requirement_is_pinned_and_hashed() {
        let lines = REQUIREMENTS.lines().filter(|line| !line.starts_with('#'));
        for line in lines {
            let pinned = line.contains("==") && line.ends_with('\\');
            assert!(pinned || line.starts_with("    --hash=sha256:"), "{line}");
        }
        assert!(
            REQUIREMENTS.contains("\nbotocore==1.40.0 "),
            "later ones have no OpsWorks"
        );
    }

    #[test]
    fn a_digest_tells_parts_apart() {
        assert_ne!(digest_of(["ab", "c"]), digest_of(["a", "bc"]));
        assert_eq!(digest_of(["ab"]).len(), 16);
    }
}
