//! Where in the script a branch is, so that each step and effect gets its key.
//!
//! A key is the path of the names around it; a name that comes again in the same scope gets `#2`. Each
//! branch runs on a thread of its own, so its scope is the thread's.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use script::host::{Scripted, StopReason, stop_reason};

/// What the branches of one `run::parallel` share.
#[derive(Clone, Default)]
pub(super) struct Siblings {
    /// Set when a branch of the same `run::parallel`, or of one around it, has failed.
    failed: Vec<Arc<AtomicBool>>,
    /// The numbers of the attempts around it.
    attempts: Vec<u32>,
    /// Whether a runbook around it may only look.
    looks_only: bool,
}

impl Siblings {
    /// Returns what the branches of a `run::parallel` in the current scope share.
    pub(super) fn here() -> Self {
        let mut failed = branch_around().map_or_else(Vec::new, |siblings| siblings.failed);
        failed.push(Arc::default());
        Self {
            failed,
            attempts: attempts(),
            looks_only: looks_only(),
        }
    }

    /// Says that a branch has failed; those around are told by their own failure.
    pub(super) fn fail(&self) {
        if let Some(own) = self.failed.last() {
            own.store(true, Ordering::SeqCst);
        }
    }

    pub(super) fn have_failed(&self) -> bool {
        self.failed.iter().any(|flag| flag.load(Ordering::SeqCst))
    }
}

#[derive(Clone)]
pub(super) enum Kind {
    Step,
    /// What a cleanup follows.
    Body,
    /// An attempt of a wait, with its number.
    Attempt(u32),
    Branch(Siblings),
}

struct Frame {
    path: String,
    kind: Kind,
    /// The numbers of the attempts around it, the innermost last.
    attempts: Vec<u32>,
    seen: HashMap<String, u32>,
    looks_only: bool,
}

thread_local! {
    static FRAMES: RefCell<Vec<Frame>> = const { RefCell::new(Vec::new()) };
    static STOPPED: RefCell<Option<StopReason>> = const { RefCell::new(None) };
}

/// Keeps the stop that a script is about to see: Rhai lets it be caught where it comes through a closure that
/// `map` and the like have called.
pub(super) fn kept<T>(result: Scripted<T>) -> Scripted<T> {
    if let Some(stop) = result.as_ref().err().and_then(|error| stop_reason(error)) {
        STOPPED.set(Some(stop));
    }
    result
}

/// Returns the stop that this branch has come to.
pub(super) fn stopped() -> Option<StopReason> {
    STOPPED.with_borrow(Clone::clone)
}

/// Runs what has to be run after a stop; the stop is there again afterwards, unless another came.
pub(super) fn set_aside<T>(body: impl FnOnce() -> T) -> T {
    let before = STOPPED.take();
    let value = body();
    STOPPED.with_borrow_mut(|stopped| *stopped = stopped.take().or(before));
    value
}

/// Lets a failure be told although a stop came before it.
pub(super) fn forget_stop() {
    STOPPED.set(None);
}

/// Returns what a closure of the script came to: a stop inside it, also where the script has caught that.
pub(super) fn uncaught<T>(result: Scripted<T>) -> Scripted<T> {
    stopped().map_or(result, |stop| Err(stop.into()))
}

/// Returns the key of the next thing with this name in the current scope.
pub(super) fn next_key(name: &str) -> String {
    FRAMES.with_borrow_mut(|frames| {
        let Some(frame) = frames.last_mut() else {
            return name.to_owned();
        };
        let count = frame.seen.entry(name.to_owned()).or_insert(0);
        *count += 1;
        let occurrence = if *count == 1 {
            String::new()
        } else {
            format!("#{count}")
        };
        let slash = if frame.path.is_empty() { "" } else { "/" };
        format!("{}{slash}{name}{occurrence}", frame.path)
    })
}

/// Returns the key of something that each attempt has anew; of the first attempt it is the plain one. No name that a
/// script can give has a bracket in front.
pub(super) fn next_key_of_attempt(name: &str) -> String {
    let attempts = attempts();
    if attempts.iter().all(|number| *number == 1) {
        return next_key(name);
    }
    let numbers: Vec<String> = attempts.iter().map(u32::to_string).collect();
    next_key(&format!("[attempt {}] {name}", numbers.join(".")))
}

fn attempts() -> Vec<u32> {
    FRAMES.with_borrow(|frames| {
        let attempts = frames.last().map(|frame| frame.attempts.clone());
        attempts.unwrap_or_default()
    })
}

/// Returns the path of the current scope.
pub(super) fn path() -> String {
    FRAMES.with_borrow(|frames| {
        frames
            .last()
            .map(|frame| frame.path.clone())
            .unwrap_or_default()
    })
}

/// Runs `body` in a scope, and returns what it returned.
pub(super) fn within<T>(path: &str, kind: Kind, body: impl FnOnce() -> T) -> T {
    inside(path, kind, body).0
}

/// Runs an attempt of a wait; returns what it returned and whether anything in it has a record of its own.
pub(super) fn attempt<T>(path: &str, number: u32, body: impl FnOnce() -> T) -> (T, bool) {
    let (value, frame) = inside(path, Kind::Attempt(number), body);
    (value, frame.is_some_and(|frame| !frame.seen.is_empty()))
}

fn inside<T>(path: &str, kind: Kind, body: impl FnOnce() -> T) -> (T, Option<Frame>) {
    let (mut attempts, mut looks_only) = (attempts(), looks_only());
    match &kind {
        Kind::Step | Kind::Body => {}
        Kind::Attempt(number) => attempts.push(*number),
        Kind::Branch(siblings) => {
            attempts.clone_from(&siblings.attempts);
            looks_only |= siblings.looks_only;
        }
    }
    FRAMES.with_borrow_mut(|frames| {
        frames.push(Frame {
            path: path.to_owned(),
            kind,
            attempts,
            seen: HashMap::new(),
            looks_only,
        });
    });
    let value = body();
    (value, FRAMES.with_borrow_mut(Vec::pop))
}

/// Holds the current scope, and what is in it, to looking.
pub(super) fn look_only() {
    FRAMES.with_borrow_mut(|frames| {
        if let Some(frame) = frames.last_mut() {
            frame.looks_only = true;
        }
    });
}

pub(super) fn looks_only() -> bool {
    FRAMES.with_borrow(|frames| frames.last().is_some_and(|frame| frame.looks_only))
}

/// Whether a sibling branch failed and this one is not inside a step that it may finish.
pub(super) fn abandoned() -> bool {
    branch_around().is_some_and(|siblings| siblings.have_failed())
}

/// Returns the innermost branch, unless a step inside it has to be finished first.
fn branch_around() -> Option<Siblings> {
    FRAMES.with_borrow(|frames| {
        frames
            .iter()
            .rev()
            .take_while(|frame| !matches!(frame.kind, Kind::Step))
            .find_map(|frame| match &frame.kind {
                Kind::Branch(siblings) => Some(siblings.clone()),
                _ => None,
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root<T>(body: impl FnOnce() -> T) -> T {
        within("", Kind::Branch(Siblings::default()), body)
    }

    #[test]
    fn keys_are_paths_and_repeats_are_counted() {
        root(|| {
            let key = next_key("build");
            within(&key, Kind::Step, || {
                assert_eq!(next_key("ec2.create_vpc"), "build/ec2.create_vpc");
                assert_eq!(next_key("ec2.create_vpc"), "build/ec2.create_vpc#2");
                assert_eq!(next_key("x"), "build/x");
            });
            assert_eq!(next_key("build"), "build#2");
        });
    }

    #[test]
    fn the_same_scope_entered_again_gives_the_same_keys() {
        root(|| {
            for _ in 0..2 {
                within("wait", Kind::Attempt(1), || {
                    assert_eq!(next_key("ec2.create_route"), "wait/ec2.create_route");
                });
            }
        });
    }

    #[test]
    fn each_attempt_has_keys_of_its_own_for_what_it_has_anew() {
        let keys = || (next_key_of_attempt("sleep"), next_key_of_attempt("sleep"));
        root(|| {
            assert_eq!(keys(), ("sleep".into(), "sleep#2".into()));
            within("a", Kind::Attempt(1), || assert_eq!(keys().0, "a/sleep"));
            within("a", Kind::Attempt(2), || {
                let (first, second) = keys();
                assert_eq!(first, "a/[attempt 2] sleep");
                assert_eq!(second, "a/[attempt 2] sleep#2");
                within("a/s", Kind::Step, || {
                    let siblings = Siblings::here();
                    let key = || within("a/s/b", Kind::Branch(siblings), || keys().0);
                    let on_its_thread = std::thread::scope(|threads| threads.spawn(key).join());
                    assert_eq!(on_its_thread.unwrap(), "a/s/b/[attempt 2] sleep");
                });
                within("a/w", Kind::Attempt(1), || {
                    assert_eq!(keys().0, "a/w/[attempt 2.1] sleep");
                    assert_eq!(next_key("x"), "a/w/x");
                });
            });
        });
    }

    #[test]
    fn an_attempt_knows_whether_it_has_records_of_its_own() {
        root(|| {
            assert!(!attempt("a", 1, || ()).1);
            assert!(attempt("a", 1, || drop(next_key("x"))).1);
        });
    }

    #[test]
    fn a_failed_sibling_stops_a_branch_between_steps_only() {
        let failed = Siblings::here();
        within("a", Kind::Branch(failed.clone()), || {
            assert!(!abandoned());
            failed.fail();
            assert!(abandoned());
            within("a/step", Kind::Step, || {
                within("a/step/wait", Kind::Attempt(1), || assert!(!abandoned()));
            });
        });
    }

    #[test]
    fn a_failed_sibling_stops_the_branches_inside_a_branch_too() {
        let (outer, mut free, mut held) =
            (Siblings::here(), Siblings::default(), Siblings::default());
        within("a", Kind::Branch(outer.clone()), || {
            free = Siblings::here();
            within("a/step", Kind::Step, || held = Siblings::here());
        });
        outer.fail();
        within("a/b", Kind::Branch(free), || assert!(abandoned()));
        within("a/step/b", Kind::Branch(held), || assert!(!abandoned()));
    }
}
