//! Where a secret comes from.

use super::token::{is_in, token};
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::error::plain;
use crate::shell;

/// More is no secret that anybody sends in a call.
const LARGEST: u64 = 64 << 10;

/// Where a secret comes from, as a setting says it: `env:DB_PASSWORD`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    pub kind: Kind,
    pub name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A variable of this process's environment.
    Env,
    /// A file that nobody else can read.
    File,
    /// A member of a reply, which nobody can ask for again.
    Reply,
}

const KINDS: [(&str, Kind); 3] = [
    ("env", Kind::Env),
    ("file", Kind::File),
    ("reply", Kind::Reply),
];

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = KINDS.iter().find(|(_, kind)| *kind == self.kind);
        write!(
            formatter,
            "{}:{}",
            word.map_or("", |(word, _)| word),
            self.name
        )
    }
}

impl Reference {
    /// Returns the reference of a variable.
    pub fn env(name: &str) -> Result<Self, String> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(is_name) {
            return Err("the name of an environment variable has letters, digits and `_`".into());
        }
        Ok(Self::of(Kind::Env, name))
    }

    /// Returns the reference of a file. A path is absolute: a resume may be typed in another folder.
    pub fn file(path: &str) -> Result<Self, String> {
        if !path.starts_with('/') || path.contains(char::is_control) {
            return Err(
                "the path of a secret's file is absolute, such as `/etc/secrets/db`".into(),
            );
        }
        Ok(Self::of(Kind::File, path))
    }

    /// Returns the reference of a member of a reply.
    #[must_use]
    pub fn reply(service: &str, operation: &str, path: &str) -> Self {
        Self::of(Kind::Reply, &format!("{service}.{operation}:{path}"))
    }

    /// Reads where the secret of a reply is to go.
    pub fn keep(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("file", path)) => Self::file(path),
            _ => Err(
                "`keep` is a file that is not there yet, such as \"file:/etc/keys/name.pem\""
                    .into(),
            ),
        }
    }

    fn of(kind: Kind, name: &str) -> Self {
        Self {
            kind,
            name: name.to_owned(),
        }
    }

    /// Reads a setting. What is none may be the secret itself, and is not repeated.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("env", name)) => Self::env(name),
            Some(("file", path)) => Self::file(path),
            _ => Err(
                "expected where the secret is: `env:NAME` or `file:/PATH`; the secret itself is never a setting".into(),
            ),
        }
    }

    /// Reads back what `Display` wrote.
    #[must_use]
    pub fn of_token(text: &str) -> Option<Self> {
        let (word, name) = text.split_once(':')?;
        let (_, kind) = KINDS.iter().find(|(known, _)| *known == word)?;
        Some(Self::of(*kind, name))
    }

    /// Reads the secret from this host.
    pub fn read(&self) -> Result<String, String> {
        let read = match self.kind {
            Kind::Env => variable(&self.name),
            Kind::File => file(Path::new(&self.name)),
            Kind::Reply => Err(
                "it was in a reply that only an earlier process of this run has seen; ask AWS for it outside of a step"
                    .into(),
            ),
        };
        let text = read.and_then(|text| {
            if text.is_empty() {
                Err("it is empty".into())
            } else if is_in(&text) {
                Err("it has characters that runbook marks secrets with".into())
            } else {
                Ok(text)
            }
        });
        text.map_err(|problem| format!("the secret `{self}` cannot be read: {problem}"))
    }
}

fn variable(name: &str) -> Result<String, String> {
    let value = std::env::var_os(name)
        .ok_or_else(|| format!("the environment variable `{name}` is not set"))?;
    value
        .into_string()
        .map_err(|_| format!("the environment variable `{name}` is not UTF-8"))
}

/// One newline at the end is the editor's.
fn file(path: &Path) -> Result<String, String> {
    let failed = |error: std::io::Error| plain(&error.to_string());
    let mut file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err("it is not a file".into());
    }
    if metadata.mode() & 0o077 != 0 {
        return Err(format!(
            "others can read or write the file (mode {:04o}); type: chmod 600 {}",
            metadata.mode() & 0o7777,
            shell::path(path)
        ));
    }
    if metadata.len() > LARGEST {
        return Err(format!("the file has more than {LARGEST} bytes"));
    }
    let mut text = String::new();
    (&mut file)
        .take(LARGEST)
        .read_to_string(&mut text)
        .map_err(failed)?;
    if text.ends_with('\n') {
        text.pop();
    }
    Ok(text)
}

/// Returns the token of a secret that is yet to be read.
#[must_use]
pub fn unread(reference: &Reference) -> String {
    token(&reference.to_string(), "")
}
