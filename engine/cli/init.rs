//! `runbook init`

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use base::exit::Exit;
use base::report::{Report, Reports};
use base::shell;

static RUNBOOKS: Dir = include_dir!("$CARGO_MANIFEST_DIR/../../runbooks");
static STDLIB: Dir = include_dir!("$CARGO_MANIFEST_DIR/../../stdlib");

/// Write editable copies of the runbooks, their modules and a site file
///
/// Files that exist are left as they are.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The directory to write to
    directory: PathBuf,
}

pub(super) fn init(args: &Args) -> Result<Exit, Reports> {
    copy(&RUNBOOKS, &args.directory.join("runbooks"))?;
    copy(&STDLIB, &args.directory.join("stdlib"))?;
    let runbooks = args.directory.join("runbooks");
    ui::tell("next: edit the site file, then rehearse:");
    ui::tell(&format!(
        "  runbook rehearse {} --site {}",
        shell::path(&runbooks.join("build.rhai")),
        shell::path(&runbooks.join("sites/example.toml"))
    ));
    Ok(Exit::Succeeded)
}

fn copy(from: &Dir, to: &Path) -> Result<(), Report> {
    fs::create_dir_all(to).map_err(|error| refused("make", to, &error))?;
    for file in from.files() {
        let path = to.join(file.path().file_name().unwrap_or_default());
        let word = match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut new) => new
                .write_all(file.contents())
                .map(|()| "wrote")
                .map_err(|error| refused("write", &path, &error))?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => "kept ",
            Err(error) => return Err(refused("write", &path, &error)),
        };
        ui::tell(&format!("{word} {}", path.display()));
    }
    from.dirs()
        .try_for_each(|dir| copy(dir, &to.join(dir.path().file_name().unwrap_or_default())))
}

fn refused(verb: &str, path: &Path, error: &std::io::Error) -> Report {
    Report::new(
        Exit::Usage,
        format!("cannot {verb} `{}`: {error}", path.display()),
    )
}
