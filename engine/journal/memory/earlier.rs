//! A memory that an earlier version wrote: sled databases, of which the newest whole one counts.

use std::cmp::Reverse;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::values::Values;
use crate::database::{self, Attempt};
use base::digest::sha256;

/// As the earlier version set it.
const SEGMENT: usize = 16 * 1024;
/// A number follows, from 1.
const DATABASE: &str = "db-";
/// The key of the digest of all values; no value has this key.
const SUM: &[u8] = b"sum";

/// Returns the databases in `dir`, the newest first.
pub(super) fn databases(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut numbers = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(DATABASE));
        numbers.extend(number.and_then(|number| number.parse::<u64>().ok()));
    }
    numbers.sort_unstable_by_key(|number| Reverse(*number));
    let path = |number| dir.join(format!("{DATABASE}{number}"));
    Ok(numbers.into_iter().map(path).collect())
}

/// Returns what the newest whole database says.
pub(super) fn read(databases: &[PathBuf]) -> Attempt<Values> {
    let read = |path: &PathBuf| {
        let path = path.clone();
        database::guarded(0, move || values(&path)).ok()
    };
    let newest = databases.iter().find_map(read);
    newest.ok_or_else(|| "it is corrupt".into())
}

/// sled loses keys without an error: only the digest proves that all are there.
fn values(path: &Path) -> Attempt<Values> {
    let (mut values, mut digest) = (Values::new(), None);
    for pair in database::open(path, SEGMENT)?.iter() {
        let (key, value) = pair?;
        if &*key == SUM {
            digest = Some(value);
        } else {
            let key = String::from_utf8(key.to_vec())?;
            values.insert(key, serde_json::from_slice(&value)?);
        }
    }
    let expected = sha256(serde_json::to_string(&values)?.as_bytes());
    if digest.is_some_and(|digest| *digest == *expected.as_bytes()) {
        Ok(values)
    } else {
        Err("it does not match its digest".into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixture::Site;
    use crate::memory::Memory;
    use crate::memory::tests::copy;

    /// Writes a database as the earlier version did, with this digest or the right one. It is a copy: sled's lock may
    /// outlive a database while another test starts a program.
    fn write(dir: &Path, number: u32, n: u32, digest: Option<&str>) {
        let folder = tempfile::tempdir().unwrap();
        let db = database::open(folder.path(), SEGMENT).unwrap();
        db.insert("/n", json!(n).to_string().as_bytes()).unwrap();
        let right = sha256(json!({"/n": n}).to_string().as_bytes());
        db.insert(SUM, digest.unwrap_or(&right)).unwrap();
        drop(db);
        copy(folder.path(), &dir.join(format!("{DATABASE}{number}")));
    }

    /// A memory folder as the earlier version left it.
    fn left(site: &Site) -> PathBuf {
        let dir = site.state_dir.ticks_dir().join("m");
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("written"), "").unwrap();
        dir
    }

    fn taken(site: &Site) -> (Option<serde_json::Value>, Option<String>) {
        let (memory, loss) = Memory::take(&site.state_dir, "m", None).unwrap();
        (memory.get("n"), loss.map(|loss| loss.problem))
    }

    #[test]
    fn the_newest_whole_database_is_carried_over_once() {
        let site = Site::new();
        let dir = left(&site);
        write(&dir, 9, 1, None);
        write(&dir, 10, 2, None);
        fs::create_dir(dir.join("db-11")).unwrap();
        assert_eq!(taken(&site), (Some(json!(2)), None));
        assert_eq!(databases(&dir).unwrap(), Vec::<PathBuf>::new());
        assert_eq!(taken(&site), (Some(json!(2)), None));
    }

    #[test]
    fn a_memory_that_was_carried_over_counts_though_a_kill_left_the_database() {
        let site = Site::new();
        let dir = left(&site);
        write(&dir, 1, 1, None);
        taken(&site);
        write(&dir, 1, 7, None);
        assert_eq!(taken(&site), (Some(json!(1)), None));
        assert!(!dir.join("db-1").exists());
    }

    #[test]
    fn a_database_that_does_not_match_its_digest_is_moved_aside() {
        let site = Site::new();
        let dir = left(&site);
        write(&dir, 1, 1, Some("other"));
        assert_eq!(taken(&site), (None, Some("it is corrupt".into())));
        assert!(!dir.join("db-1").exists());
        assert_eq!(taken(&site), (None, None));
    }

    #[test]
    fn looking_leaves_the_database_alone_and_says_why_it_is_not_read() {
        let site = Site::new();
        let dir = left(&site);
        write(&dir, 1, 1, None);
        let (memory, unread) = Memory::look(&site.state_dir, "m");
        assert_eq!(memory.get("n"), None);
        assert!(unread.unwrap().contains("an earlier version"));
        assert!(!dir.join("memory").exists());
        assert_eq!(taken(&site), (Some(json!(1)), None));
    }

    /// Nothing is removed until the file is there.
    #[test]
    fn where_the_file_cannot_be_written_the_database_stays() {
        let site = Site::new();
        let dir = left(&site);
        write(&dir, 1, 1, None);
        fs::create_dir(dir.join("memory.new")).unwrap();
        assert_eq!(taken(&site), (Some(json!(1)), None));
        assert!(dir.join("db-1").exists());
        let with_room = Site::new();
        copy(&dir, &left(&with_room));
        assert_eq!(taken(&with_room), (Some(json!(1)), None));
        assert!(!left(&with_room).join("db-1").exists());
    }
}
