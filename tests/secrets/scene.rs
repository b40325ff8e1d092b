//! A run with canaries for secrets, and the search for them in whatever it leaves.

use std::cell::RefCell;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::harness::{Ended, Test};
use crate::probes::server::{Server, page};

/// Where a canary is.
pub(super) const KINDS: [&str; 3] = ["env", "file", "param"];

pub(super) struct Scene {
    pub(super) test: Test,
    pub(super) server: Server,
    canaries: Vec<String>,
    printed: RefCell<Vec<String>>,
}

impl Scene {
    /// Prepares a script: `URL` in it stands for a server that repeats what it is sent, `FILE` for a secret's file.
    pub(super) fn new(script: &str) -> Self {
        let server = Server::new(|request| Some(page(200, request)));
        let canaries: Vec<String> = KINDS.iter().map(|kind| canary(kind)).collect();
        let test = Test::new().aws().env("CANARY", &canaries[0]);
        let scene = Self {
            test: test.env("GIVEN", &canaries[2]),
            server,
            canaries,
            printed: RefCell::default(),
        };
        scene.secret_file(&format!("{}\n", scene.canaries[1]), 0o600);
        let script = script
            .replace("URL", &scene.server.url("/"))
            .replace("FILE", &scene.file().display().to_string());
        scene.test.write("book.rhai", &script);
        scene
    }

    pub(super) fn canary(&self, kind: &str) -> &str {
        let place = KINDS.iter().position(|known| *known == kind).unwrap();
        &self.canaries[place]
    }

    pub(super) fn file(&self) -> PathBuf {
        self.test.path("secret.txt")
    }

    pub(super) fn secret_file(&self, text: &str, mode: u32) {
        std::fs::write(self.file(), text).unwrap();
        std::fs::set_permissions(self.file(), PermissionsExt::from_mode(mode)).unwrap();
    }

    /// Gives the environment's secret another value from here on.
    pub(super) fn rotated(self) -> Self {
        let mut canaries = self.canaries;
        canaries.push(canary("env"));
        let test = self.test.env("CANARY", &canaries[KINDS.len()]);
        Self {
            test,
            canaries,
            ..self
        }
    }

    pub(super) fn env(self, name: &str, value: &str) -> Self {
        Self {
            test: self.test.env(name, value),
            ..self
        }
    }

    /// Runs a command whose output is searched, too.
    pub(super) fn runbook(&self, args: &[&str]) -> Ended {
        let ended = self.test.runbook(args);
        let mut printed = self.printed.borrow_mut();
        printed.push(format!("{args:?}\n{}\n{}", ended.stdout, ended.stderr));
        ended
    }

    /// Looks at the run in every way.
    pub(super) fn looked_at(&self) {
        for args in [
            &["show", "last"][..],
            &["show", "last", "--output", "json"],
            &["logs", "last"],
            &["logs", "last", "--output", "json"],
            &["list"],
            &["list", "--output", "json"],
            &["undo", "last", "--plan"],
        ] {
            let ended = self.runbook(args);
            let tokens = format!("{}{}", ended.stdout, ended.stderr).contains('\u{10e000}');
            assert!(!tokens, "a token was printed by {args:?}");
        }
    }

    /// Nothing that was printed or recorded has a canary in it.
    #[track_caller]
    pub(super) fn is_clean(&self) {
        assert!(self.test.state_dir().is_dir());
        let mut places = files(&self.test.state_dir());
        let printed = self.printed.borrow();
        places.extend(
            printed
                .iter()
                .map(|text| (text.clone(), text.clone().into_bytes())),
        );
        for (place, bytes) in &places {
            self.is_not_in(place, bytes);
        }
    }

    /// A text that AWS made up is nowhere, either.
    #[track_caller]
    pub(super) fn lacks(&self, text: &str) {
        let printed = self.printed.borrow();
        let printed = printed
            .iter()
            .map(|text| ("what was printed".to_owned(), text.clone().into_bytes()));
        for (place, bytes) in files(&self.test.state_dir()).into_iter().chain(printed) {
            let found = bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes());
            assert!(!found, "{text} is in {place}");
        }
    }

    #[track_caller]
    pub(super) fn is_not_in(&self, place: &str, bytes: &[u8]) {
        for canary in &self.canaries {
            // Whatever a format makes of the rest, it leaves these digits as they are.
            let (_, digits) = canary.rsplit_once('-').unwrap();
            let found = bytes
                .windows(digits.len())
                .any(|part| part == digits.as_bytes());
            assert!(!found, "the secret {canary} is in {place}");
        }
    }
}

/// Has what JSON, XML and URLs write otherwise; in the environment's the emulator could not quote it.
fn canary(kind: &str) -> String {
    let hard = if kind == "env" { "" } else { "\"canary\" <&> " };
    format!("{kind} {hard}{}", Uuid::new_v4())
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
            }
        }
    }
    found
}
