//! Finds a runbook and its modules, confines them to their folders, and pins them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex};

use rhai::{Engine, EvalAltResult, Module, ModuleResolver, Position, Scope, Shared};
use serde::Serialize;
use similar::{ChangeTag, TextDiff};

use super::text::read;
use crate::library_error::{DEEPEST, DEEPEST_CALLS, LibraryError, MOST, RUNBOOK, folder_of};
use crate::located;
use crate::program::Program;
use crate::source_names::{alias, source};
use crate::sources::Library;
use crate::stdlib;
use crate::tree::Script;
use base::report::Report;
use base::source::Source;

impl Library {
    /// Reads the runbook and everything that it imports, each file once.
    pub fn load(runbook: &Path, sites: &[PathBuf]) -> Result<Self, Report> {
        let text = read(runbook)?;
        let name = runbook.file_name().map_or_else(
            || "runbook".into(),
            |name| name.to_string_lossy().into_owned(),
        );
        let main = Script::compile(&source(&name, Some(runbook.display().to_string()), text))?;
        let mut loading = Loading {
            folders: Folders::new(runbook, sites),
            found: BTreeMap::new(),
            chain: Vec::new(),
        };
        loading.follow(&main)?;
        let scripts: Vec<Script> = std::iter::once(main)
            .chain(loading.found.into_values())
            .collect();
        Ok(Self {
            sources: scripts.iter().map(|script| script.source.clone()).collect(),
            program: Arc::new(Program::new(scripts).into()),
        })
    }

    /// Whether any of the sources uses AWS, so that credentials are needed.
    #[must_use]
    pub fn uses_aws(&self) -> bool {
        !self.services().is_empty()
    }

    /// Returns the AWS services that the sources import.
    #[must_use]
    pub fn services(&self) -> BTreeSet<String> {
        let scripts = self.program().scripts().iter();
        let imports = scripts.flat_map(|script| &script.imports);
        imports
            .filter_map(|import| import.path.strip_prefix("aws/").map(str::to_owned))
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
    found: BTreeMap<String, Script>,
    chain: Vec<String>,
}

impl Loading {
    fn follow(&mut self, importer: &Script) -> Result<(), Report> {
        self.chain.push(importer.name().to_owned());
        let imports = importer.imports.iter();
        let mut needed: Vec<(String, Position)> = imports
            .map(|import| (import.path.clone(), import.position))
            .collect();
        importer.runbook_calls(&mut |path, _, position| needed.push((path.to_owned(), position)));
        for (name, position) in needed {
            self.take(name)
                .map_err(|report| located::located(report, &importer.source, position))?;
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
            let script = Script::compile(&self.folders.find(&name)?)?;
            self.follow(&script)?;
            self.found.insert(name, script);
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
        match stdlib::text(&file) {
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
        names.extend(stdlib::built_in());
        let nearest = base::nearest::nearest(stem, names.iter().map(String::as_str))
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
        let failed = |report: Report| EvalAltResult::ErrorRuntime(report.message.into(), position);
        if let Some(service) = path.strip_prefix("aws/") {
            return (self.aws)(service).map_err(|report| failed(report).into());
        }
        let script = self.library.program().script(path).map_err(failed)?;
        Module::eval_ast_as_new(Scope::new(), script.executable(), engine)
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
