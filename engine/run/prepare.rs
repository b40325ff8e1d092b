//! Everything that can be found wrong before anything happens.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::compiled::{asked, validated};
use super::declared::Constants;
use super::{called, declared, lock, secrets};
use base::exit::Exit;
use base::report::{Report, Reports};
use journal::entry::Settings;
use script::check;
use script::declaration::{Kind, Specs};
use script::params::Given;
use script::sources::Library;

/// What was asked for on the command line.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub runbook: PathBuf,
    pub sites: Vec<PathBuf>,
    pub set: Vec<String>,
}

impl Request {
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings {
            site: self
                .sites
                .iter()
                .map(|site| site.display().to_string())
                .collect(),
            set: self.set.clone(),
        }
    }

    /// Returns the same for another runbook: the site files, and what was set of the settings that it takes.
    pub fn of_another(&self, runbook: &Path) -> Result<Self, Report> {
        let specs = declared::specs(&Library::load(runbook, &self.sites)?)?;
        let takes = |pair: &&String| {
            pair.split_once('=')
                .is_some_and(|(name, _)| specs.contains_key(name))
        };
        Ok(Self {
            runbook: runbook.to_path_buf(),
            sites: self.sites.clone(),
            set: self.set.iter().filter(takes).cloned().collect(),
        })
    }
}

/// A runbook that can be started.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub library: Library,
    pub params: Value,
    /// Whether it is executed again and again: `const TICK = true;`.
    pub tick: bool,
    /// Whether it only looks, and leaves no run behind: `const READ_ONLY = true;`.
    pub read_only: bool,
    /// What no two runs may hold at a time: `const LOCK`.
    pub lock: Option<String>,
    /// The region that the parameters name, if they do.
    pub region: Option<String>,
}

/// Loads, reads and checks a runbook and settles its parameters; nothing is changed anywhere.
pub fn prepare(request: &Request) -> Result<Prepared, Reports> {
    let library = Library::load(&request.runbook, &request.sites)?;
    let mut problems = check::check(&library);
    if problems.is_empty() {
        problems = called::problems(&library);
    }
    if !problems.is_empty() {
        return Err(Reports(problems));
    }
    let constants = Constants::of(&library, &library.main().name)?;
    let specs = constants.specs(&library)?;
    constants.rehearsal()?;
    let params = Given::read(&request.sites, &request.set, &specs)?
        .settle(&specs)
        .map_err(|found| settings(&found))?;
    let unread = secrets::problems(&params);
    if !unread.is_empty() {
        return Err(settings(&unread).into());
    }
    let complaints = validated(library.main(), &library, &params)?;
    if !complaints.is_empty() {
        return Err(settings(&complaints).into());
    }
    let region = region(&specs, &params);
    let lock = lock::wanted(&library, library.main(), &params)?;
    let tick = constants.is_set("TICK")?;
    let read_only = constants.is_set("READ_ONLY")?;
    if read_only && lock.is_some() {
        let message = "a read-only runbook takes no lock: remove `LOCK` or `READ_ONLY`";
        return Err(constants.wrong("LOCK", message).into());
    }
    Ok(Prepared {
        library,
        params,
        tick,
        read_only,
        lock,
        region,
    })
}

/// Returns what the runbook's function `resources` says of the resources that these parameters name.
pub fn resources(prepared: &Prepared) -> Result<Value, Report> {
    let library = &prepared.library;
    asked(library.main(), library, "resources", &prepared.params)
}

fn settings(problems: &[String]) -> Report {
    let count = if problems.len() == 1 {
        "a problem".into()
    } else {
        format!("{} problems", problems.len())
    };
    let report = Report::new(
        Exit::Usage,
        format!("the settings have {count}; nothing was started"),
    );
    let report = problems
        .iter()
        .fold(report, |report, problem| report.cause(problem.clone()));
    report.hint("edit the site file, or override a setting with `--set name=value`")
}

/// The run's region is the parameter `region`, where the runbook has one of that type.
fn region(specs: &Specs, params: &Value) -> Option<String> {
    specs
        .get("region")
        .filter(|spec| spec.kind == Kind::Region)?;
    params["region"].as_str().map(str::to_owned)
}
