use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::*;
use base::source::Source;

fn library(scripts: &[(&str, &str)]) -> Library {
    let source = |(name, text): &(&str, &str)| Source {
        name: (*name).into(),
        file: None,
        sha256: String::new(),
        text: (*text).into(),
    };
    Library::pinned(&scripts.iter().map(source).collect::<Vec<_>>())
}

fn lines(reports: Vec<Report>) -> Vec<String> {
    let line = |report: &Report| report.excerpt.as_ref().map_or(0, |excerpt| excerpt.line);
    let told = |report: Report| format!("{}: {}", line(&report), report.message);
    reports.into_iter().map(told).collect()
}

/// Returns what `check` finds in scripts, the runbook first, with the lines.
pub(super) fn found(scripts: &[(&str, &str)]) -> Vec<String> {
    lines(check(&library(scripts)))
}

/// Returns what `check` warns of, with the lines.
pub(super) fn warned(scripts: &[(&str, &str)]) -> Vec<String> {
    lines(warnings(&library(scripts)).unwrap())
}

/// Returns all files of a folder whose name ends so.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let within = |path: PathBuf| {
        if path.is_dir() {
            files(&path)
        } else {
            vec![path]
        }
    };
    let is_script = |path: &PathBuf| path.extension().is_some_and(|it| it == "rhai");
    entries.flat_map(within).filter(is_script).collect()
}

/// Returns the sources that were checked.
#[track_caller]
fn right(book: &Path) -> Vec<String> {
    let library = Library::load(book, &[]).unwrap();
    assert_eq!(lines(check(&library)), [""; 0], "{}", book.display());
    let warned = lines(warnings(&library).unwrap());
    assert_eq!(warned, [""; 0], "{}", book.display());
    let sources = library.sources().iter();
    sources.map(|source| source.name.clone()).collect()
}

#[test]
fn nothing_is_found_wrong_in_what_is_shipped() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let books = [home.join("runbooks"), home.join("tests")];
    let books: Vec<PathBuf> = books.iter().flat_map(|folder| files(folder)).collect();
    assert!(books.len() > 15);
    let read: BTreeSet<String> = books.iter().flat_map(|book| right(book)).collect();
    let folder = tempfile::tempdir().unwrap();
    let book = folder.path().join("book.rhai");
    let modules = crate::stdlib::built_in().into_iter();
    for name in modules.filter(|name| !read.contains(name)) {
        std::fs::write(
            &book,
            format!("import \"{name}\" as it;\nfn main(params) {{}}"),
        )
        .unwrap();
        right(&book);
    }
}

#[test]
fn what_is_wrong_in_a_case_of_several_values_is_reported_once() {
    let book = "fn main(params) { switch params { 1 | 2 => nothing(), _ => 0 } }";
    assert_eq!(
        found(&[("book.rhai", book)]),
        ["1: there is no function `nothing`"]
    );
}
