//! How far a run has come, beside sled: what sled has in memory only, a kill takes along.
//!
//! A few bytes, written in place after each sync of the log and never synced: the system keeps them over the death of the
//! process. They are never ahead of the log, unless the log has lost lines.

use std::fs::{File, OpenOptions, read_to_string};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use base::digest::sha256;

const FILE: &str = "tip";

#[derive(Debug)]
pub(crate) struct Tip(File);

impl Tip {
    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        options.open(dir.join(FILE)).map(Self)
    }

    /// Says that entry `seq` is durable.
    pub(crate) fn put(&self, seq: u64) -> io::Result<()> {
        self.0.write_all_at(text(seq).as_bytes(), 0)
    }
}

/// Returns the last entry that is known to have been durable; none where nothing sound is there.
pub(crate) fn read(dir: &Path) -> Option<u64> {
    let found = read_to_string(dir.join(FILE)).ok()?;
    let seq = found.split(' ').next()?.parse().ok()?;
    (found == text(seq)).then_some(seq)
}

/// Of one length, so that no end of an older text stays behind it; with a digest, so that damage is no number.
fn text(seq: u64) -> String {
    let number = format!("{seq:020}");
    let digest = sha256(number.as_bytes());
    format!("{number} {digest}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_whole_counts() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read(dir.path()), None);
        let tip = Tip::open(dir.path()).unwrap();
        tip.put(123_456).unwrap();
        tip.put(7).unwrap();
        assert_eq!(read(dir.path()), Some(7));
        tip.0.write_all_at(b"9", 18).unwrap();
        assert_eq!(read(dir.path()), None);
    }
}
