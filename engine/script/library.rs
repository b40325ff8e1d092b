//! Finds a runbook and its modules, confines them to their folders, and pins them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;

use include_dir::{Dir, include_dir};
use rhai::{Engine, EvalAltResult, Module, ModuleResolver, Position, Scope, Shared};
use serde::Serialize;
use similar::{ChangeTag, TextDiff};
use thiserror::Error;

use super::check;
use super::fault;
use super::text::read;
use crate::aws::models::{self, ModelError};
use crate::digest;
use crate::exit::Exit;
use crate::journal::entry::Source;
use crate::report::Report;
use crate::shell::{self, quoted};

/// A chain of imports is loaded as deep as it is long, and that takes time by the square.
const DEEPEST: usize = 64;

/// Each called runbook needs room on the stack for calls of its own.
const DEEPEST_CALLS: usize = 8;

/// How the file of a runbook ends; a module is named without.
pub(super) const RUNBOOK: &str = ".rhai";

/// As many as Rhai takes.
pub(super) const MOST: usize = 1_000;

static STDLIB: Dir = include_dir!("$CARGO_MANIFEST_DIR/stdlib");

#[derive(Debug, Error)]
pub enum LibraryError {
    #[error("cannot read `{path}`: {cause}")]
    Unreadable { path: String, cause: io::Error },
    #[error("`{path}` is not UTF-8 text")]
    NotText { path: String },
    #[error("`{path}` is {what}, and no file")]
    NoFile { path: String, what: &'static str },
    #[error("`{path}` is larger than 1 MiB")]
    TooLarge { path: String },
    #[error("the {} `{name}` is not found", if name.ends_with(RUNBOOK) { "runbook" } else { "module" })]
    Unknown {
        name: String,
        looked: Vec<String>,
        nearest: Option<String>,
    },
    #[error("the import path `{name}` leads outside the folders that modules may come from")]
    Outside { name: String, why: String },
    #[error("modules import each other in a circle: {}", .chain.join(" -> "))]
    Circle { chain: Vec<String> },
    #[error(
        "modules import each other {DEEPEST} levels deep, down to `{name}`: there may be no more levels"
    )]
    TooDeep { name: String },
    #[error("runbooks call each other in a circle: {}", .chain.join(" -> "))]
    CallCircle { chain: Vec<String> },
    #[error(
        "runbooks call each other {DEEPEST_CALLS} levels deep, down to `{name}`: there may be no more levels"
    )]
    CallsTooDeep { name: String },
    #[error("the runbook imports more than {MOST} modules")]
    TooMany,
}

impl From<LibraryError> for Report {
    fn from(error: LibraryError) -> Self {
        let report = Self::new(Exit::Usage, error.to_string());
        match error {
            LibraryError::Unreadable { path, cause } if cause.kind() == io::ErrorKind::NotFound => {
                report.hint(instead_of(Path::new(&path)))
            }
            LibraryError::Unreadable { path, .. }
            | LibraryError::NotText { path }
            | LibraryError::NoFile { path, .. }
            | LibraryError::TooLarge { path } => {
                let path = quoted(&path);
                report.hint(format!("look at it: ls -ld {path}; file {path}"))
            }
            LibraryError::Unknown {
                looked, nearest, ..
            } => {
                let report = report.cause(format!("looked in {}", looked.join(", ")));
                match nearest {
                    Some(nearest) if nearest.ends_with(RUNBOOK) => {
                        report.hint(format!("there is a file `{nearest}`"))
                    }
                    Some(nearest) => report.hint(format!("there is a module `{nearest}`")),
                    None => report,
                }
            }
            LibraryError::Outside { why, .. } => report
                .cause(why)
                .hint("put the module beside the runbook or into `stdlib/`, and import it by name"),
            LibraryError::TooDeep { .. } | LibraryError::TooMany => {
                report.hint("put what belongs together into one module")
            }
            LibraryError::CallCircle { .. } => report.hint(
                "a run would not come to an end: move what repeats into a function or a module",
            ),
            LibraryError::CallsTooDeep { .. } => {
                report.hint("have one runbook call the others one after the other")
            }
            LibraryError::Circle { .. } => report.hint("move what both need into a third module"),
        }
    }
}

/// Says what to try for a path where nothing is: a name like it beside it, else what there is.
fn instead_of(path: &Path) -> String {
    let parent = folder_of(path);
    let exists = |folder: &&Path| folder.is_dir();
    let folder = parent.ancestors().find(exists).unwrap_or(Path::new("."));
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match crate::nearest::nearest(&name, names.iter().map(String::as_str)) {
        Some(near) if folder == parent => {
            format!("did you mean `{}`?", path.with_file_name(near).display())
        }
        _ => format!("see what there is: ls {}", shell::path(folder)),
    }
}

/// Returns the folder that a path lies in; a mere name lies in the current one.
fn folder_of(path: &Path) -> PathBuf {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

impl From<ModelError> for Report {
    fn from(error: ModelError) -> Self {
        let report = Self::new(Exit::Usage, error.to_string());
        match error {
            ModelError::UnknownService { .. } => report.hint(format!(
                "the services that can be imported are {}",
                models::names().join(", ")
            )),
            _ => report,
        }
    }
}

/// The sources of one run: the runbook first, then its modules.
#[derive(Clone, Debug, PartialEq)]
pub struct Library {
    sources: Vec<Source>,
}

impl Library {
    /// Reads the runbook and everything that it imports, each file once.
    pub fn load(runbook: &Path, sites: &[PathBuf]) -> Result<Self, Report> {
        let text = read(runbook)?;
        let name = runbook.file_name().map_or_else(
            || "runbook".into(),
            |name| name.to_string_lossy().into_owned(),
        );
        let main = source(&name, Some(runbook.display().to_string()), text);
        let mut loading = Loading {
            folders: Folders::new(runbook, sites),
            found: BTreeMap::new(),
            chain: Vec::new(),
        };
        loading.follow(&main)?;
        let mut sources = vec![main];
        sources.extend(loading.found.into_values());
        Ok(Self { sources })
    }

    /// Returns the sources that a run pinned.
    #[must_use]
    pub fn pinned(sources: &[Source]) -> Self {
        Self {
            sources: sources.to_vec(),
        }
    }

    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    #[must_use]
    pub fn main(&self) -> &Source {
        &self.sources[0]
    }

    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.name == name)
    }

    /// Returns the runbook and those that it calls.
    pub fn runbooks(&self) -> impl Iterator<Item = &Source> {
        let mut first = true;
        self.sources
            .iter()
            .filter(move |source| std::mem::take(&mut first) || source.name.ends_with(RUNBOOK))
    }

    /// Returns each runbook with the modules that it leads to.
    pub(super) fn programs(&self) -> Vec<Vec<Source>> {
        if self.runbooks().nth(1).is_none() {
            return vec![self.sources.clone()];
        }
        let programs = self.runbooks().map(|runbook| self.program(runbook));
        programs.collect()
    }

    fn program(&self, runbook: &Source) -> Vec<Source> {
        let mut program = vec![runbook.clone()];
        let mut next = 0;
        while let Some(source) = program.get(next) {
            next += 1;
            for (path, _) in check::imports_of(source).unwrap_or_default() {
                if let Some(module) = self.find(&path).filter(|it| !program.contains(it)) {
                    program.push(module.clone());
                }
            }
        }
        program
    }

    /// Whether any of the sources uses AWS, so that credentials are needed.
    #[must_use]
    pub fn uses_aws(&self) -> bool {
        !self.services().is_empty()
    }

    /// Returns the AWS services that the sources import.
    #[must_use]
    pub fn services(&self) -> BTreeSet<String> {
        let imports = self
            .sources
            .iter()
            .filter_map(|source| check::imports_of(source).ok());
        let paths = imports.flatten().map(|(path, _)| path);
        paths
            .filter_map(|path| path.strip_prefix("aws/").map(str::to_owned))
            .collect()
    }

    /// Returns what became of the sources on the way to `other`, by name.
    #[must_use]
    pub fn changes(&self, other: &Self) -> Vec<Change> {
        let by_name = |library: &Self| -> BTreeMap<String, Source> {
            let sources = library.sources.iter().cloned();
            sources
                .map(|source| (source.name.clone(), source))
                .collect()
        };
        let (before, after) = (by_name(self), by_name(other));
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        names
            .into_iter()
            .filter_map(|name| Change::between(before.get(name), after.get(name)))
            .collect()
    }
}

/// What became of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// `build.rhai` for the runbook itself, the import path for a module.
    pub name: String,
    /// The file it is or was in; `None` for the copy built into the binary.
    pub file: Option<String>,
    pub how: How,
    pub lines_added: usize,
    pub lines_removed: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    Added,
    Changed,
    Removed,
}

impl Change {
    fn between(before: Option<&Source>, after: Option<&Source>) -> Option<Self> {
        let source = after.or(before)?;
        let how = match (before, after) {
            (Some(before), Some(after)) if before.sha256 == after.sha256 => return None,
            (Some(_), Some(_)) => How::Changed,
            (None, _) => How::Added,
            (_, None) => How::Removed,
        };
        let text = |source: Option<&'_ Source>| source.map_or("", |source| &source.text).to_owned();
        let (old, new) = (text(before), text(after));
        let count = |wanted: ChangeTag| {
            let diff = TextDiff::from_lines(&old, &new);
            let lines = diff.iter_all_changes();
            lines.filter(|line| line.tag() == wanted).count()
        };
        Some(Self {
            name: source.name.clone(),
            file: source.file.clone(),
            how,
            lines_added: count(ChangeTag::Insert),
            lines_removed: count(ChangeTag::Delete),
        })
    }
}

struct Loading {
    folders: Folders,
    found: BTreeMap<String, Source>,
    chain: Vec<String>,
}

impl Loading {
    fn follow(&mut self, importer: &Source) -> Result<(), Report> {
        self.chain.push(importer.name.clone());
        let imports = check::imports_of(importer)?;
        for (name, position) in imports.into_iter().chain(check::called_by(importer)?) {
            self.take(name)
                .map_err(|report| fault::located(report, importer, position))?;
        }
        self.chain.pop();
        Ok(())
    }

    /// Reads a module or a called runbook, and what it leads to.
    fn take(&mut self, name: String) -> Result<(), Report> {
        if let Some(service) = name.strip_prefix("aws/") {
            models::service(service)?;
            return Ok(());
        }
        self.may_follow(&name)?;
        if !self.found.contains_key(&name) {
            let source = self.folders.find(&name)?;
            self.follow(&source)?;
            self.found.insert(name, source);
        }
        Ok(())
    }

    fn may_follow(&self, name: &str) -> Result<(), LibraryError> {
        let is_runbook = |name: &str| name.ends_with(RUNBOOK);
        if let Some(start) = self.chain.iter().position(|before| before == name) {
            let chain: Vec<String> = self.chain.iter().cloned().chain([name.into()]).collect();
            return Err(if chain[start..].iter().any(|name| is_runbook(name)) {
                LibraryError::CallCircle { chain }
            } else {
                LibraryError::Circle { chain }
            });
        }
        let name = name.to_owned();
        let calls = self.chain[1..].iter().filter(|name| is_runbook(name));
        if is_runbook(&name) && calls.count() >= DEEPEST_CALLS {
            return Err(LibraryError::CallsTooDeep { name });
        }
        if self.chain.len() > DEEPEST {
            return Err(LibraryError::TooDeep { name });
        }
        if self.found.len() >= MOST {
            return Err(LibraryError::TooMany);
        }
        Ok(())
    }
}

/// Where modules may come from, in the order they are looked up; the built-in copy comes last.
struct Folders(Vec<PathBuf>);

impl Folders {
    fn new(runbook: &Path, sites: &[PathBuf]) -> Self {
        let home = folder_of(runbook);
        let mut folders = vec![
            home.clone(),
            home.join("stdlib"),
            home.join("..").join("stdlib"),
        ];
        folders.extend(sites.iter().map(|site| folder_of(site).join("stdlib")));
        Self(
            folders
                .into_iter()
                .filter_map(|folder| folder.canonicalize().ok())
                .collect(),
        )
    }

    fn find(&self, name: &str) -> Result<Source, LibraryError> {
        confine(name)?;
        let file = format!("{}{RUNBOOK}", name.trim_end_matches(RUNBOOK));
        for folder in &self.0 {
            let path = folder.join(&file);
            let Ok(real) = path.canonicalize() else {
                continue;
            };
            if !real.starts_with(folder) {
                let why = format!("`{}` is a link to `{}`", path.display(), real.display());
                return Err(LibraryError::Outside {
                    name: name.into(),
                    why,
                });
            }
            return Ok(source(name, Some(real.display().to_string()), read(&real)?));
        }
        match STDLIB.get_file(&file).and_then(|file| file.contents_utf8()) {
            Some(text) => Ok(source(name, None, text.into())),
            None => Err(self.unknown(name)),
        }
    }

    fn unknown(&self, name: &str) -> LibraryError {
        let mut looked: Vec<String> = self
            .0
            .iter()
            .map(|folder| format!("`{}`", folder.display()))
            .collect();
        looked.push("the built-in stdlib".into());
        let (stem, ending) = match name.strip_suffix(RUNBOOK) {
            Some(stem) => (stem, RUNBOOK),
            None => (name, ""),
        };
        let mut names = self.beside(&stem[..stem.len() - alias(stem).len()]);
        names.extend(built_in());
        let nearest = crate::nearest::nearest(stem, names.iter().map(String::as_str))
            .or_else(|| {
                names
                    .iter()
                    .map(String::as_str)
                    .find(|it| alias(it) == stem)
            })
            .map(|near| format!("{near}{ending}"));
        LibraryError::Unknown {
            name: name.into(),
            looked,
            nearest,
        }
    }

    /// Returns the names of the modules that lie in a subfolder, such as `lib/`, of the folders.
    fn beside(&self, subfolder: &str) -> Vec<String> {
        let entries = self
            .0
            .iter()
            .filter_map(|folder| folder.join(subfolder).read_dir().ok());
        let names = entries.flatten().flatten().filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            Some(format!("{subfolder}{}", name.strip_suffix(RUNBOOK)?))
        });
        names.collect()
    }
}

/// A module's name is a relative path of plain components.
fn confine(name: &str) -> Result<(), LibraryError> {
    let outside = |why: &str| {
        Err(LibraryError::Outside {
            name: name.into(),
            why: why.into(),
        })
    };
    if name.is_empty() || name.contains(['\\', '\0']) {
        return outside("a module is named like `network` or `lib/network`");
    }
    if Path::new(name)
        .components()
        .all(|component| matches!(component, Component::Normal(_)))
    {
        return Ok(());
    }
    outside("absolute paths, `.` and `..` are not allowed")
}

/// Returns the names of the modules that are built in, sorted.
#[must_use]
pub fn built_in() -> Vec<String> {
    let mut names = Vec::new();
    let mut folders = vec![&STDLIB];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        let paths = folder.files().filter_map(|file| file.path().to_str());
        names.extend(paths.filter_map(|path| Some(path.strip_suffix(RUNBOOK)?.to_owned())));
    }
    names.sort();
    names
}

/// Returns the name that a module is imported as: `tags` of `lib/tags`.
#[must_use]
pub fn alias(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Returns a module that is built in.
#[must_use]
pub fn module(name: &str) -> Option<Source> {
    let file = STDLIB.get_file(format!("{name}.rhai"))?;
    Some(source(name, None, file.contents_utf8()?.into()))
}

/// Returns the name of the step that a called runbook is: `other` of `lib/other.rhai`.
#[must_use]
pub fn step_of(path: &str) -> &str {
    path.strip_suffix(RUNBOOK).map_or(path, alias)
}

fn source(name: &str, file: Option<String>, text: String) -> Source {
    let sha256 = digest::sha256(text.as_bytes());
    Source {
        name: name.into(),
        file,
        sha256,
        text,
    }
}

/// Serves the pinned modules, and AWS's from the models.
pub struct Pinned<F> {
    library: Library,
    loaded: Mutex<HashMap<String, Shared<Module>>>,
    aws: F,
}

impl<F: Fn(&str) -> Result<Module, Report> + Send + Sync> Pinned<F> {
    /// `aws` makes the module of a service.
    pub fn new(library: &Library, aws: F) -> Self {
        Self {
            library: library.clone(),
            loaded: Mutex::default(),
            aws,
        }
    }

    fn make(
        &self,
        engine: &Engine,
        path: &str,
        position: Position,
    ) -> Result<Module, Box<EvalAltResult>> {
        if let Some(service) = path.strip_prefix("aws/") {
            return (self.aws)(service).map_err(|report| {
                Box::new(EvalAltResult::ErrorRuntime(report.message.into(), position))
            });
        }
        let source = self
            .library
            .find(path)
            .ok_or_else(|| Box::new(EvalAltResult::ErrorModuleNotFound(path.into(), position)))?;
        let mut ast = engine.compile(&source.text)?;
        ast.set_source(&source.name);
        Module::eval_ast_as_new(Scope::new(), &ast, engine)
    }
}

impl<F: Fn(&str) -> Result<Module, Report> + Send + Sync> ModuleResolver for Pinned<F> {
    fn resolve(
        &self,
        engine: &Engine,
        _: Option<&str>,
        path: &str,
        position: Position,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let known = self
            .loaded
            .lock()
            .ok()
            .and_then(|loaded| loaded.get(path).cloned());
        if let Some(module) = known {
            return Ok(module);
        }
        let module: Shared<Module> = self
            .make(engine, path, position)
            .map_err(|error| Box::new(EvalAltResult::ErrorInModule(path.into(), error, position)))?
            .into();
        if let Ok(mut loaded) = self.loaded.lock() {
            loaded.insert(path.into(), module.clone());
        }
        Ok(module)
    }
}
