//! The models' files: built into the binary or in a folder, unpacked when first asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use flate2::read::GzDecoder;
use include_dir::{Dir, include_dir};

use crate::error::ModelError;
use crate::load;
use crate::shape::Service;
use base::exit::Exit;
use base::nearest::nearest;
use base::report::Report;

/// A folder whose models win over the built-in ones.
pub const FOLDER_VARIABLE: &str = "RUNBOOK_MODELS";

const SUFFIX: &str = ".json.gz";

static PACKED: Dir = include_dir!("$CARGO_MANIFEST_DIR/packed");

static LOADED: Mutex<BTreeMap<String, Arc<Service>>> = Mutex::new(BTreeMap::new());

/// Returns the model of `name`, such as `ec2`; it is loaded once a process.
pub fn service(name: &str) -> Result<Arc<Service>, ModelError> {
    if let Some(service) = LOADED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get(name)
    {
        return Ok(Arc::clone(service));
    }
    let service = Arc::new(load(folder().as_deref(), name)?);
    LOADED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(name.to_owned(), Arc::clone(&service));
    Ok(service)
}

/// Returns the names of all services there are models of, sorted.
#[must_use]
pub fn names() -> Vec<String> {
    names_with(folder().as_deref())
}

/// Reads a model in botocore's form (`service-2.json`, with `paginators` and `waiters` beside `shapes`).
pub fn parse(service: &str, json: &str) -> Result<Service, ModelError> {
    load::parse(service, json).map_err(|reason| ModelError::Unusable {
        service: service.to_owned(),
        reason,
    })
}

fn names_with(folder: Option<&Path>) -> Vec<String> {
    let built_in = PACKED.files().filter_map(|file| model_name(file.path()));
    let newer = folder
        .and_then(|folder| folder.read_dir().ok())
        .into_iter()
        .flatten();
    let newer = newer.filter_map(|entry| model_name(&entry.ok()?.path()));
    built_in
        .chain(newer)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER_VARIABLE)
        .filter(|folder| !folder.is_empty())
        .map(PathBuf::from)
}

fn model_name(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_str()?.strip_suffix(SUFFIX)?.to_owned())
}

fn load(folder: Option<&Path>, name: &str) -> Result<Service, ModelError> {
    let unusable = |reason: std::io::Error| ModelError::Unusable {
        service: name.to_owned(),
        reason: reason.to_string(),
    };
    // A name is looked up in a list of names and never becomes a path by itself.
    let known = names_with(folder);
    if !known.iter().any(|known| known == name) {
        let nearest = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
        return Err(ModelError::UnknownService {
            name: name.to_owned(),
            nearest,
        });
    }
    let file = format!("{name}{SUFFIX}");
    let newer = folder
        .map(|folder| folder.join(&file))
        .filter(|path| path.is_file());
    let packed = match newer {
        Some(path) => std::fs::read(path).map_err(unusable)?,
        None => PACKED
            .get_file(&file)
            .map(|file| file.contents().to_vec())
            .unwrap_or_default(),
    };
    let mut json = String::with_capacity(packed.len() * 10);
    GzDecoder::new(packed.as_slice())
        .read_to_string(&mut json)
        .map_err(unusable)?;
    parse(name, &json)
}

impl From<ModelError> for Report {
    fn from(error: ModelError) -> Self {
        let report = Self::new(Exit::Usage, error.to_string());
        match error {
            ModelError::UnknownService { .. } => report.hint(format!(
                "the services that can be imported are {}",
                names().join(", ")
            )),
            _ => report,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use super::{load, names, service};
    use crate::error::ModelError;
    use crate::shape::Kind;

    #[test]
    fn every_built_in_model_loads_and_keeps_names_apart() {
        for name in names() {
            let service = service(&name).unwrap();
            for shape in &service.shapes {
                let snakes: BTreeSet<_> = shape.fields().iter().map(|field| &field.snake).collect();
                assert_eq!(snakes.len(), shape.fields().len(), "{name}: {}", shape.name);
            }
        }
    }

    #[test]
    fn ec2_is_whole() {
        let ec2 = service("ec2").unwrap();
        assert_eq!(ec2.operations.len(), 688);
        assert!(ec2.waiters.contains_key("wait_instance_running"));
        assert!(ec2.operations["describe_vpcs"].paginator.is_some());
        assert!(Arc::ptr_eq(&ec2, &service("ec2").unwrap()));
    }

    #[test]
    fn fields_can_be_walked() {
        let ec2 = service("ec2").unwrap();
        let input = ec2
            .operation("run_instances")
            .unwrap()
            .input
            .as_ref()
            .unwrap();
        let specifications = ec2.shape(input.shape).field("tag_specifications").unwrap();
        let Kind::List(item) = &ec2.shape(specifications.to.shape).kind else {
            panic!("not a list")
        };
        assert!(ec2.shape(item.shape).field("resource_type").is_some());
        assert_eq!(
            ec2.token_member(ec2.operation("run_instances").unwrap()),
            Some("client_token")
        );
        assert_eq!(ec2.token_member(ec2.operation("create_vpc").unwrap()), None);
    }

    #[test]
    fn misspelt_names_get_a_suggestion() {
        let unknown = load(None, "opswork").unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "no AWS service `opswork`; did you mean `opsworks`?"
        );
        let unknown = service("ec2").unwrap().operation("create_vcp").unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "service `ec2` has no operation `create_vcp`; did you mean `create_vpc`?"
        );
        assert!(matches!(
            load(None, "../../etc"),
            Err(ModelError::UnknownService { nearest: None, .. })
        ));
    }

    #[test]
    fn a_newer_model_wins_and_a_broken_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ec2.json.gz"), "no gzip").unwrap();
        let error = load(Some(folder.path()), "ec2").unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("the model of `ec2` cannot be used: "),
            "{error}"
        );
        assert!(load(Some(folder.path()), "sts").is_ok());
    }
}
