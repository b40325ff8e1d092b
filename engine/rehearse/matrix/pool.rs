//! Emulators side by side, and the workers that use them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use super::error::MatrixError;
use super::trial::Trial;
use crate::stage::Play;
use crate::{Emulator, Folder, Options, Provisioned, RehearseError};
use run::cancel::Cancel;

/// A worker waits for the disk and for its emulator half of the time.
const WORKERS_PER_EMULATOR: usize = 2;

/// Accounts are numbered from here: twelve digits, none of them one that a script would name.
const FIRST_ACCOUNT: u64 = 500_000_000_000;

/// One emulator a core, and what is tried in them.
pub struct Pool {
    emulators: Vec<Emulator>,
    play: Play,
    folder: Folder,
    accounts: AtomicU64,
    cancel: Cancel,
}

/// What a worker works with.
#[derive(Clone, Copy)]
pub struct Worker<'a> {
    pool: &'a Pool,
    emulator: &'a Emulator,
}

impl Pool {
    /// Starts an emulator for each core.
    pub fn start(
        provisioned: &Provisioned,
        options: &Options,
        play: Play,
        cancel: Cancel,
    ) -> Result<Self, MatrixError> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            emulators: emulators(provisioned, *options, cores)?,
            play,
            folder: Folder::new()?,
            accounts: AtomicU64::new(FIRST_ACCOUNT),
            cancel,
        })
    }

    #[must_use]
    pub fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// Does the work for each item, some side by side, and hands over each result as it comes.
    /// The first error ends it, and so does Ctrl-C; what is under way is cut off.
    pub fn each<T: Send, R: Send>(
        &self,
        items: Vec<T>,
        work: impl Fn(Worker<'_>, T) -> Result<R, MatrixError> + Sync,
        mut done: impl FnMut(R),
    ) -> Result<(), MatrixError> {
        let left = Mutex::new(items.into_iter());
        let take = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
        let (sender, results) = mpsc::channel();
        thread::scope(|threads| {
            for turn in 0..self.emulators.len() * WORKERS_PER_EMULATOR {
                let (sender, take, work) = (sender.clone(), &take, &work);
                let emulator = &self.emulators[turn % self.emulators.len()];
                let worker = Worker {
                    pool: self,
                    emulator,
                };
                threads.spawn(move || {
                    while let Some(item) = take() {
                        // A receiver that is gone has seen an error: there is nothing left to do.
                        if sender.send(work(worker, item)).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            let mut ended = Ok(());
            for result in results {
                match result {
                    Ok(result) => done(result),
                    Err(error) => {
                        ended = ended.and(Err(error));
                        take_all(&take);
                    }
                }
            }
            ended
        })
    }
}

/// Leaves nothing for the workers.
fn take_all<T>(take: &impl Fn() -> Option<T>) {
    while take().is_some() {}
}

fn emulators(
    provisioned: &Provisioned,
    options: Options,
    count: usize,
) -> Result<Vec<Emulator>, RehearseError> {
    thread::scope(|threads| {
        let starting: Vec<_> = (0..count)
            .map(|_| threads.spawn(|| crate::start(provisioned, &options)))
            .collect();
        let started = starting.into_iter().map(|start| {
            start.join().unwrap_or_else(|_| {
                let lines = vec!["its start panicked".into()];
                Err(RehearseError::NotStarted { lines })
            })
        });
        started.collect()
    })
}

impl<'a> Worker<'a> {
    /// Returns a trial of the pool's script, in an account where only what comes before it has been run.
    pub fn trial(self) -> Result<Trial<'a>, MatrixError> {
        let number = self.pool.accounts.fetch_add(1, Ordering::Relaxed);
        let folder = Folder::at(self.pool.folder.path().join(number.to_string()))?;
        let (play, cancel) = (&self.pool.play, &self.pool.cancel);
        let account = number.to_string();
        let mut trial = Trial::new(self.emulator, play, cancel, account, folder)?;
        for before in &play.before {
            trial.come_after(before)?;
        }
        Ok(trial)
    }
}
