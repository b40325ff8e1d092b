//! What CONTRIBUTING.md and docs/architecture.md say of files and crates is so.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use regex::Regex;

const CONTRIBUTING: &str = "CONTRIBUTING.md";
const ARCHITECTURE: &str = "docs/architecture.md";

/// By crate, those that it depends on.
type Arrows = BTreeMap<String, BTreeSet<String>>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

#[test]
fn every_file_that_is_named_is_there() {
    let path = Regex::new(r"`([\w.-]+/[\w./-]*)[\w.*/-]*`").unwrap();
    let placeholder = Regex::new(r"[A-Z]{3}").unwrap();
    let pages = [CONTRIBUTING, ARCHITECTURE].map(page);
    let named: BTreeSet<&str> = pages
        .iter()
        .flat_map(|page| path.captures_iter(page))
        .map(|found| found.get(1).unwrap().as_str())
        .filter(|path| !placeholder.is_match(path))
        .collect();
    assert!(named.len() > 40, "{named:?}");
    let is_there =
        |path: &&str| root().join(path).exists() || root().join("engine").join(path).exists();
    let missing: Vec<_> = named.iter().filter(|path| !is_there(path)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_map_has_the_arrows_of_the_crates() {
    assert_eq!(closed(drawn()), closed(declared()));
}

fn drawn() -> Arrows {
    let mut arrows = Arrows::new();
    for line in page(ARCHITECTURE).lines() {
        if let Some((from, to)) = line.trim().split_once(" --> ") {
            arrows.entry(from.into()).or_default().insert(to.into());
        }
    }
    arrows
}

fn declared() -> Arrows {
    let folders = fs::read_dir(root().join("engine")).unwrap();
    let crates: Vec<_> = folders.map(|folder| folder.unwrap().path()).collect();
    let name = |folder: &Path| folder.file_name().unwrap().to_str().unwrap().to_owned();
    let names: BTreeSet<String> = crates.iter().map(|folder| name(folder)).collect();
    let mut arrows = Arrows::new();
    for folder in &crates {
        let text = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let manifest: toml::Table = text.parse().unwrap();
        for dependency in manifest["dependencies"].as_table().unwrap().keys() {
            if names.contains(dependency) {
                let own = arrows.entry(name(folder)).or_default();
                own.insert(dependency.clone());
            }
        }
    }
    arrows
}

/// Adds the arrows that follow from others.
fn closed(mut arrows: Arrows) -> Arrows {
    loop {
        let next: Arrows = arrows
            .iter()
            .map(|(from, to)| {
                let beyond = to.iter().filter_map(|one| arrows.get(one)).flatten();
                (from.clone(), to.iter().chain(beyond).cloned().collect())
            })
            .collect();
        if next == arrows {
            return arrows;
        }
        arrows = next;
    }
}
