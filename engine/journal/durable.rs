//! Changes to files and directories that survive a power cut.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Makes the directory's own entries durable: new files and renamed ones.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Replaces the file at `path` durably: a crash leaves the old content or the new one. For one writer at a time, since the
/// temporary name is always the same, so that kills leave no more than one file.
pub(crate) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let unwritten = path.with_extension("new");
    let mut options = File::options();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&unwritten)?;
    file.write_all(content)?;
    file.sync_data()?;
    fs::rename(&unwritten, path)?;
    sync_dir(path.parent().unwrap_or(path))
}

/// Makes the directory and what it lies in, durably: a run is only as safe as the path to it.
pub(crate) fn make_dirs(dir: &Path) -> io::Result<()> {
    let missing = dir.ancestors().take_while(|dir| !dir.exists());
    let parents: Vec<&Path> = missing.filter_map(Path::parent).collect();
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    parents.into_iter().try_for_each(sync_dir)
}
