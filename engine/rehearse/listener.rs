//! Answers the rehearsed runs: whether they are rehearsed, and what becomes of their effects outside AWS.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use journal::entry::Target;
use journal::rehearsal::{Answer, Question, Wish, within};

const NAME: &str = "socket";

/// A run writes its question at once.
const TIMEOUT: Duration = Duration::from_secs(10);

/// More than a target takes.
const LONGEST: u64 = 1 << 20;

/// Effects on what is not AWS, of all runs of a rehearsal.
#[derive(Debug, Default)]
pub struct Outside {
    /// They happen.
    pub is_allowed: bool,
    stubbed: Mutex<BTreeSet<String>>,
}

impl Outside {
    #[must_use]
    pub fn new(is_allowed: bool) -> Self {
        Self {
            is_allowed,
            ..Self::default()
        }
    }

    /// Returns what a stub has answered.
    #[must_use]
    pub fn stubbed(&self) -> Vec<String> {
        lock(&self.stubbed).iter().cloned().collect()
    }
}

/// Listens until it is dropped.
#[derive(Debug)]
pub struct Listener {
    path: PathBuf,
    folder: File,
    known: Arc<Known>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Known {
    endpoints: Mutex<BTreeSet<String>>,
    outside: Arc<Outside>,
    is_over: AtomicBool,
}

impl Listener {
    /// Listens in a folder that this user alone can enter, for runs against this endpoint.
    pub fn start(folder: &Path, endpoint: String, outside: Arc<Outside>) -> io::Result<Self> {
        let path = folder.join(NAME);
        let folder = File::open(folder)?;
        let listener = UnixListener::bind(within(&folder, Path::new(NAME)))?;
        let known = Arc::new(Known {
            endpoints: Mutex::new(BTreeSet::from([endpoint])),
            outside,
            is_over: AtomicBool::new(false),
        });
        let thread = thread::Builder::new().name("rehearsal".into()).spawn({
            let known = Arc::clone(&known);
            move || known.serve(&listener)
        })?;
        Ok(Self {
            path,
            folder,
            known,
            thread: Some(thread),
        })
    }

    /// Takes another address for one of the emulator's.
    pub fn accept(&self, endpoint: String) {
        lock(&self.known.endpoints).insert(endpoint);
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.known.is_over.store(true, Ordering::SeqCst);
        let woken = UnixStream::connect(within(&self.folder, Path::new(NAME)));
        if let (Ok(_), Some(thread)) = (woken, self.thread.take()) {
            // It has nothing left to do.
            drop(thread.join());
        }
        // It goes with its folder at the latest.
        drop(std::fs::remove_file(&self.path));
    }
}

impl Known {
    fn serve(&self, listener: &UnixListener) {
        for stream in listener.incoming() {
            if self.is_over.load(Ordering::SeqCst) {
                return;
            }
            // Without an answer a run gets nothing.
            drop(stream.and_then(|stream| self.reply(&stream)));
        }
    }

    fn reply(&self, mut stream: &UnixStream) -> io::Result<()> {
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        let mut line = String::new();
        BufReader::new(stream.take(LONGEST)).read_line(&mut line)?;
        let answer = self.answer(&serde_json::from_str(&line)?);
        stream.write_all(&serde_json::to_vec(&answer)?)
    }

    fn answer(&self, question: &Question) -> Answer {
        let target = question.target.as_ref();
        if !target.is_none_or(|target| self.is_ours(target)) {
            return Answer::No;
        }
        let is_allowed = self.outside.is_allowed;
        match &question.wish {
            // Nothing of such a run is rehearsed.
            Wish::Approval if is_allowed && target.is_none() => Answer::No,
            Wish::Run | Wish::Approval => Answer::Rehearsed,
            Wish::Effect(_) if is_allowed => Answer::ForReal,
            Wish::Effect(name) => {
                lock(&self.outside.stubbed).insert(name.clone());
                Answer::Rehearsed
            }
        }
    }

    /// Compares texts: what a URL means is up to whoever reads it.
    fn is_ours(&self, target: &Target) -> bool {
        let endpoints = lock(&self.endpoints);
        let mut own = target.endpoints.values();
        let general = target.endpoint.as_ref();
        general.is_some_and(|endpoint| endpoints.contains(endpoint))
            && own.all(|endpoint| endpoints.contains(endpoint))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "http://127.0.0.1:5000";

    fn known(is_allowed: bool) -> Known {
        Known {
            endpoints: Mutex::new(BTreeSet::from([OURS.into()])),
            outside: Arc::new(Outside::new(is_allowed)),
            is_over: AtomicBool::new(false),
        }
    }

    fn target(general: Option<&str>, of_ec2: Option<&str>) -> Target {
        let own = of_ec2.map(|url| ("ec2".to_owned(), url.to_owned()));
        Target {
            account: "123456789012".into(),
            caller: "arn:aws:iam::123456789012:root".into(),
            region: "eu-west-1".into(),
            endpoint: general.map(str::to_owned),
            partition: None,
            endpoints: own.into_iter().collect(),
        }
    }

    fn answer(known: &Known, target: Option<Target>, wish: Wish) -> Answer {
        known.answer(&Question { target, wish })
    }

    #[test]
    fn only_a_run_whose_every_endpoint_is_the_emulators_is_approved() {
        let approved = |target| answer(&known(false), Some(target), Wish::Approval);
        assert_eq!(approved(target(Some(OURS), None)), Answer::Rehearsed);
        assert_eq!(approved(target(Some(OURS), Some(OURS))), Answer::Rehearsed);
        for (general, of_ec2) in [
            (None, None),
            (None, Some(OURS)),
            (Some("http://127.0.0.1@evil.example"), None),
            (Some("http://127.0.0.1:5000@evil.example"), None),
            (Some("http://127.0.0.1:5001"), None),
            (Some("http://127.0.0.1:5000/"), None),
            (Some("http://localhost:5000"), None),
            (Some(OURS), Some("https://ec2.amazonaws.com")),
            (Some(OURS), Some("http://127.0.0.1:5001")),
        ] {
            let found = approved(target(general, of_ec2));
            assert_eq!(found, Answer::No, "{general:?} {of_ec2:?}");
        }
    }

    #[test]
    fn effects_outside_are_stubbed_and_listed_unless_they_are_allowed() {
        let mail = || Wish::Effect("command.run mail".into());
        let shut = known(false);
        for target in [None, Some(target(Some(OURS), None))] {
            assert_eq!(answer(&shut, target, mail()), Answer::Rehearsed);
        }
        assert_eq!(answer(&shut, Some(target(None, None)), mail()), Answer::No);
        assert_eq!(shut.outside.stubbed(), ["command.run mail"]);
        let open = known(true);
        assert_eq!(answer(&open, None, mail()), Answer::ForReal);
        assert_eq!(open.outside.stubbed(), Vec::<String>::new());
        assert_eq!(answer(&open, None, Wish::Approval), Answer::No);
    }
}
