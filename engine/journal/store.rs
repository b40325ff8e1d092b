//! The state directory: where it is, whether it is ours, and finding a run in it.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf, absolute};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustix::fs::{Access, access};
use rustix::process::geteuid;

use crate::durable::make_dirs;
use crate::error::{JournalError, Result, io_error};
use crate::id::RunId;
use crate::{ends, lock};
use base::clock;

const RUNS: &str = "runs";
const TICKS: &str = "ticks";
const LOCKS: &str = "locks";
const SECRET_KEY: &str = "secret.key";
/// Runs are made under such a name and renamed once their first entry is durable. No id begins so.
const TEMPORARY: &str = ".new-";
/// A leftover younger than this may belong to a process that is about to lock it.
const LEFTOVER_AGE: Duration = Duration::from_hours(1);
/// So many ids are suggested for one that is not known.
const SUGGESTIONS: usize = 3;

/// Where runs are kept.
#[derive(Clone, Debug)]
pub struct StateDir {
    path: PathBuf,
}

impl StateDir {
    /// Returns the state directory that `flag` or else the environment names, once it is known that, if it exists, nobody
    /// else can write in it. Makes nothing.
    pub fn find(flag: Option<&Path>) -> Result<Self> {
        let path = locate(flag, |name| std::env::var_os(name)).ok_or(JournalError::NoStateDir)?;
        let path = absolute(&path).map_err(io_error("use", &path))?;
        let state_dir = Self { path };
        match fs::metadata(&state_dir.path) {
            Ok(metadata) => state_dir.check(&metadata)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(state_dir.unusable(error)),
        }
        Ok(state_dir)
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the directory of a run, which need not exist.
    #[must_use]
    pub fn run_dir(&self, id: &RunId) -> PathBuf {
        self.runs_dir().join(id.as_str())
    }

    /// Makes the directory where it is missing, and makes sure that runs can be added; worth asking before the first AWS
    /// call of a run. Clears away what cut-off starts have left behind.
    pub fn prepare(&self) -> Result<()> {
        let runs = self.runs_dir();
        make_dirs(&runs).map_err(|error| self.unusable(error))?;
        self.check(&fs::metadata(&self.path).map_err(|error| self.unusable(error))?)?;
        access(&runs, Access::WRITE_OK | Access::EXEC_OK)
            .map_err(|error| self.unusable(error.into()))?;
        self.clear_leftovers()
    }

    /// Returns the ids of all runs, oldest first.
    pub fn ids(&self) -> Result<Vec<RunId>> {
        let names = self.names()?;
        let mut ids: Vec<RunId> = names.iter().filter_map(|name| RunId::parse(name)).collect();
        ids.sort();
        Ok(ids)
    }

    /// Returns the run that `part` means: an id, any part that only one id has, or `last` for the newest.
    pub fn resolve(&self, part: &str) -> Result<RunId> {
        if RunId::parse(part).is_none() {
            return Err(JournalError::BadId {
                part: part.to_owned(),
            });
        }
        let ids = self.ids()?;
        if part == "last" {
            return self.last(&ids)?.ok_or_else(|| self.no_such_run(part, &ids));
        }
        if let Some(id) = ids.iter().find(|id| id.as_str() == part) {
            return Ok(id.clone());
        }
        let mut matching: Vec<RunId> = ids
            .iter()
            .filter(|id| id.as_str().contains(part))
            .cloned()
            .collect();
        match (matching.pop(), matching.is_empty()) {
            (None, _) => Err(self.no_such_run(part, &ids)),
            (Some(id), true) => Ok(id),
            (Some(id), false) => {
                matching.push(id);
                Err(JournalError::Ambiguous {
                    part: part.to_owned(),
                    candidates: matching,
                })
            }
        }
    }

    /// Returns the file with the key of the secrets' digests. It is for all runs, as ticks remember some.
    #[must_use]
    pub fn secret_key(&self) -> PathBuf {
        self.path.join(SECRET_KEY)
    }

    /// Returns the directory in which a run is put together before it gets its name.
    pub(crate) fn temporary_dir(&self, id: &RunId) -> PathBuf {
        self.runs_dir().join(format!("{TEMPORARY}{id}"))
    }

    pub(crate) fn ticks_dir(&self) -> PathBuf {
        self.path.join(TICKS)
    }

    /// Returns where the locks are that runbooks share.
    pub(crate) fn locks_dir(&self) -> PathBuf {
        self.path.join(LOCKS)
    }

    pub(crate) fn runs_dir(&self) -> PathBuf {
        self.path.join(RUNS)
    }

    /// Ids have whole seconds, so the newest ones may need their first entries to be told apart.
    /// One that cannot be read may be the one that is meant, and is not passed over.
    fn last(&self, ids: &[RunId]) -> Result<Option<RunId>> {
        let second = |id: &RunId| id.as_str().get(..15).map(str::to_owned);
        let newest = ids.last().and_then(second);
        let newest: Vec<_> = ids.iter().filter(|id| second(id) == newest).collect();
        if let [only] = newest[..] {
            return Ok(Some(only.clone()));
        }
        let mut last = None;
        for id in newest {
            last = last.max(Some((ends::started_at(&self.run_dir(id))?, id)));
        }
        Ok(last.map(|(_, id)| id.clone()))
    }

    fn names(&self) -> Result<Vec<String>> {
        let runs = self.runs_dir();
        let entries = match fs::read_dir(&runs) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.unusable(error)),
        };
        let names: io::Result<Vec<String>> = entries
            .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
            .collect();
        names.map_err(|error| self.unusable(error))
    }

    fn clear_leftovers(&self) -> Result<()> {
        for name in self
            .names()?
            .iter()
            .filter(|name| name.starts_with(TEMPORARY))
        {
            let dir = self.runs_dir().join(name);
            if is_old(&dir) && !lock::is_live(&dir)? {
                fs::remove_dir_all(&dir).map_err(io_error("remove", &dir))?;
            }
        }
        Ok(())
    }

    fn check(&self, metadata: &Metadata) -> Result<()> {
        let dir = self.path.clone();
        let user = geteuid().as_raw();
        if !metadata.is_dir() {
            return Err(self.unusable(io::ErrorKind::NotADirectory.into()));
        }
        if metadata.uid() != user {
            return Err(JournalError::NotOurs {
                dir,
                owner: metadata.uid(),
                user,
            });
        }
        if metadata.mode() & 0o022 != 0 {
            return Err(JournalError::OpenToOthers {
                dir,
                mode: metadata.mode() & 0o7777,
            });
        }
        Ok(())
    }

    fn no_such_run(&self, part: &str, ids: &[RunId]) -> JournalError {
        let dir = self.runs_dir();
        if ids.is_empty() {
            return JournalError::NoRuns { dir };
        }
        let mut near: Vec<RunId> = ids.iter().rev().cloned().collect();
        // Stable: among equally far ones the newest come first.
        near.sort_by_key(|id| distance(part, id));
        near.truncate(SUGGESTIONS);
        JournalError::NoSuchRun {
            dir,
            part: part.to_owned(),
            near,
        }
    }

    fn unusable(&self, error: io::Error) -> JournalError {
        JournalError::Unusable {
            dir: self.path.clone(),
            source: Arc::new(error),
        }
    }
}

fn locate(flag: Option<&Path>, env: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let dir = |name| {
        env(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    flag.map(Path::to_owned)
        .or_else(|| dir("RUNBOOK_STATE_DIR"))
        // A relative path there counts as none, says the specification of these directories.
        .or_else(|| {
            dir("XDG_STATE_HOME")
                .filter(|path| path.is_absolute())
                .map(|path| path.join("runbook"))
        })
        .or_else(|| dir("HOME").map(|path| path.join(".local/state/runbook")))
}

fn is_old(dir: &Path) -> bool {
    let changed = fs::metadata(dir)
        .and_then(|metadata| metadata.modified())
        .ok();
    let age = changed
        .and_then(|time| Timestamp::try_from(time).ok())
        .map(|time| clock::now().duration_since(time));
    age.and_then(|age| Duration::try_from(age).ok())
        .is_some_and(|age| age > LEFTOVER_AGE)
}

/// Returns how far `part` is from the nearest stretch of the id that is as long.
fn distance(part: &str, id: &RunId) -> usize {
    let windows = id
        .as_str()
        .as_bytes()
        .windows(part.len())
        .filter_map(|window| std::str::from_utf8(window).ok());
    let nearest = windows
        .map(|window| strsim::levenshtein(part, window))
        .min();
    nearest.unwrap_or_else(|| strsim::levenshtein(part, id.as_str()))
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use crate::fixture::{Site, effects};

    const IDS: [&str; 3] = [
        "20260101-000000-build-aaaaaaaaaaaa",
        "20260102-000000-build-bbbbbbbbbbbb",
        "20260102-000000-nat-cccccccccccc",
    ];

    fn located(flag: Option<&str>, env: &[(&str, &str)]) -> Option<PathBuf> {
        let value = |name: &str| {
            env.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| OsString::from(value))
        };
        locate(flag.map(Path::new), value)
    }

    fn resolved(site: &Site, part: &str) -> String {
        site.state_dir.resolve(part).unwrap().to_string()
    }

    #[test]
    fn the_flag_wins_then_the_environment_in_its_order() {
        let env = [
            ("RUNBOOK_STATE_DIR", "/r"),
            ("XDG_STATE_HOME", "/x"),
            ("HOME", "/h"),
        ];
        let path = |text| Some(PathBuf::from(text));
        assert_eq!(located(Some("f"), &env), path("f"));
        assert_eq!(located(None, &env), path("/r"));
        assert_eq!(located(None, &env[1..]), path("/x/runbook"));
        assert_eq!(located(None, &env[2..]), path("/h/.local/state/runbook"));
        assert_eq!(
            located(None, &[("XDG_STATE_HOME", "x"), ("HOME", "/h")]),
            path("/h/.local/state/runbook")
        );
        assert_eq!(
            located(None, &[("RUNBOOK_STATE_DIR", ""), ("XDG_STATE_HOME", "/x")]),
            path("/x/runbook")
        );
        assert_eq!(located(None, &[]), None);
    }

    #[test]
    fn a_directory_that_others_can_write_is_refused() {
        let temporary = tempfile::tempdir().unwrap();
        for (mode, fine) in [
            (0o700, true),
            (0o755, true),
            (0o720, false),
            (0o702, false),
            (0o1777, false),
        ] {
            fs::set_permissions(temporary.path(), fs::Permissions::from_mode(mode)).unwrap();
            match StateDir::find(Some(temporary.path())) {
                Ok(_) => assert!(fine, "{mode:o}"),
                Err(JournalError::OpenToOthers { mode: found, .. }) => {
                    assert_eq!((found, fine), (mode, false));
                }
                Err(other) => panic!("{other}"),
            }
        }
    }

    #[test]
    fn a_directory_of_somebody_else_is_refused() {
        // What root owns is somebody else's, unless the tests run as root: then it is what nobody owns.
        let temporary = tempfile::tempdir().unwrap();
        let theirs = if geteuid().is_root() {
            std::os::unix::fs::chown(temporary.path(), Some(65534), None).unwrap();
            temporary.path()
        } else {
            Path::new("/usr")
        };
        assert!(matches!(
            StateDir::find(Some(theirs)),
            Err(JournalError::NotOurs { .. })
        ));
    }

    #[test]
    fn a_path_that_cannot_be_a_directory_is_refused() {
        let temporary = tempfile::tempdir().unwrap();
        let file = temporary.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(matches!(
            StateDir::find(Some(&file)),
            Err(JournalError::Unusable { .. })
        ));
        let below = file.join("state");
        let found = StateDir::find(Some(&below)).and_then(|state_dir| state_dir.prepare());
        assert!(matches!(found, Err(JournalError::Unusable { .. })));
        let dangling = temporary.path().join("dangling");
        symlink("nowhere/at/all", &dangling).unwrap();
        let found = StateDir::find(Some(&dangling)).and_then(|state_dir| state_dir.prepare());
        assert!(matches!(found, Err(JournalError::Unusable { .. })));
    }

    #[test]
    fn looking_makes_nothing() {
        let site = Site::new();
        assert!(site.state_dir.ids().unwrap().is_empty());
        assert!(matches!(
            site.state_dir.resolve("last"),
            Err(JournalError::NoRuns { .. })
        ));
        assert!(!site.state_dir.path().exists());
    }

    #[test]
    fn any_part_that_one_run_has_means_it() {
        let site = Site::new();
        for id in IDS {
            site.log(id, Vec::new());
        }
        assert_eq!(resolved(&site, IDS[1]), IDS[1]);
        assert_eq!(resolved(&site, "aaa"), IDS[0]);
        assert_eq!(resolved(&site, "nat"), IDS[2]);
        assert_eq!(resolved(&site, "20260101"), IDS[0]);
    }

    #[test]
    fn a_whole_id_is_meant_even_where_others_contain_it() {
        let site = Site::new();
        for id in ["a-1", "a-12"] {
            site.log(id, Vec::new());
        }
        assert_eq!(resolved(&site, "a-1"), "a-1");
    }

    #[test]
    fn last_is_the_newest_also_within_a_second() {
        let site = Site::new();
        for id in [IDS[0], IDS[2], IDS[1]] {
            site.log(id, Vec::new());
            clock::pause(Duration::from_millis(2));
        }
        assert_eq!(resolved(&site, "last"), IDS[1]);
    }

    #[test]
    fn unclear_parts_come_back_with_suggestions() {
        let site = Site::new();
        for id in IDS {
            site.log(id, effects(1));
        }
        let Err(JournalError::Ambiguous { candidates, .. }) = site.state_dir.resolve("build")
        else {
            panic!()
        };
        assert_eq!(
            candidates.iter().map(RunId::as_str).collect::<Vec<_>>(),
            &IDS[..2]
        );
        let Err(JournalError::NoSuchRun { near, .. }) = site.state_dir.resolve("nxt-ccc") else {
            panic!()
        };
        assert_eq!(near[0].as_str(), IDS[2]);
        for part in ["", "..", "a/b", "Build", &"a".repeat(65)] {
            assert!(
                matches!(
                    site.state_dir.resolve(part),
                    Err(JournalError::BadId { .. })
                ),
                "{part}"
            );
        }
    }

    #[test]
    fn leftovers_are_no_runs_and_go_when_old_and_free() {
        let site = Site::new();
        site.log("r", Vec::new());
        let [fresh, old, held] = ["fresh", "old", "held"]
            .map(|name| site.state_dir.temporary_dir(&RunId::parse(name).unwrap()));
        for dir in [&fresh, &old, &held] {
            fs::create_dir(dir).unwrap();
        }
        let _lock = lock::Lock::take(&held).unwrap().unwrap();
        for dir in [&old, &held] {
            let two_hours_ago = fs::metadata(dir).unwrap().modified().unwrap() - 2 * LEFTOVER_AGE;
            File::open(dir)
                .unwrap()
                .set_modified(two_hours_ago)
                .unwrap();
        }
        site.state_dir.prepare().unwrap();
        assert_eq!(
            [&fresh, &old, &held].map(|dir| dir.exists()),
            [true, false, true]
        );
        assert_eq!(site.state_dir.ids().unwrap().len(), 1);
    }
}
