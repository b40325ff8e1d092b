//! Where in the script a branch is, so that each step and effect gets its key.
//!
//! A key is the path of the names around it; a name that comes again in the same scope gets `#2`. Each
//! branch runs on a thread of its own, so its scope is the thread's.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::script::host::{Scripted, Stop, stop_of};

/// Set when a branch of the same `run::parallel`, or of one around it, has failed.
#[derive(Clone, Default)]
pub(super) struct Failed(Vec<Arc<AtomicBool>>);

impl Failed {
    /// Returns what the branches of a `run::parallel` in the current scope share.
    pub(super) fn here() -> Self {
        let mut flags = branch_around().map(|Self(flags)| flags).unwrap_or_default();
        flags.push(Arc::default());
        Self(flags)
    }

    /// Says that a branch has failed; those around are told by their own failure.
    pub(super) fn set(&self) {
        if let Some(own) = self.0.last() {
            own.store(true, Ordering::SeqCst);
        }
    }

    fn is_set(&self) -> bool {
        self.0.iter().any(|flag| flag.load(Ordering::SeqCst))
    }
}

#[derive(Clone)]
pub(super) enum Kind {
    Step,
    Wait,
    /// What a cleanup follows.
    Body,
    Branch(Failed),
}

struct Frame {
    path: String,
    kind: Kind,
    seen: HashMap<String, u32>,
    changed: bool,
}

thread_local! {
    static FRAMES: RefCell<Vec<Frame>> = const { RefCell::new(Vec::new()) };
    static STOPPED: RefCell<Option<Stop>> = const { RefCell::new(None) };
}

/// Keeps the stop that a script is about to see: Rhai lets it be caught where it comes through a closure that
/// `map` and the like have called.
pub(super) fn kept<T>(result: Scripted<T>) -> Scripted<T> {
    if let Some(stop) = result.as_ref().err().and_then(|error| stop_of(error)) {
        STOPPED.set(Some(stop));
    }
    result
}

/// Returns the stop that this branch has come to.
pub(super) fn stopped() -> Option<Stop> {
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

/// Returns the path of the current scope.
pub(super) fn path() -> String {
    FRAMES.with_borrow(|frames| {
        frames
            .last()
            .map(|frame| frame.path.clone())
            .unwrap_or_default()
    })
}

/// Runs `body` in a scope; returns what it returned and whether it changed anything outside.
pub(super) fn within<T>(path: &str, kind: Kind, body: impl FnOnce() -> T) -> (T, bool) {
    FRAMES.with_borrow_mut(|frames| {
        frames.push(Frame {
            path: path.to_owned(),
            kind,
            seen: HashMap::new(),
            changed: false,
        });
    });
    let value = body();
    let changed = FRAMES
        .with_borrow_mut(Vec::pop)
        .is_some_and(|frame| frame.changed);
    if changed {
        mark_changed();
    }
    (value, changed)
}

/// Notes that an effect happened in the current scope.
pub(super) fn mark_changed() {
    FRAMES.with_borrow_mut(|frames| {
        if let Some(frame) = frames.last_mut() {
            frame.changed = true;
        }
    });
}

/// Whether a sibling branch failed and this one is not inside a step that it may finish.
pub(super) fn abandoned() -> bool {
    branch_around().is_some_and(|failed| failed.is_set())
}

/// Returns the innermost branch, unless a step inside it has to be finished first.
fn branch_around() -> Option<Failed> {
    FRAMES.with_borrow(|frames| {
        frames
            .iter()
            .rev()
            .take_while(|frame| !matches!(frame.kind, Kind::Step))
            .find_map(|frame| match &frame.kind {
                Kind::Branch(failed) => Some(failed.clone()),
                _ => None,
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root<T>(body: impl FnOnce() -> T) -> T {
        within("", Kind::Branch(Failed::default()), body).0
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
                within("wait", Kind::Wait, || {
                    assert_eq!(next_key("ec2.create_route"), "wait/ec2.create_route");
                });
            }
        });
    }

    #[test]
    fn a_change_is_known_to_all_scopes_around_it() {
        root(|| {
            let ((inner, outer), all) = within("a", Kind::Step, || {
                let ((), inner) = within("a/b", Kind::Wait, mark_changed);
                let ((), outer) = within("a/c", Kind::Wait, || ());
                (inner, outer)
            });
            assert!(inner && !outer && all);
        });
    }

    #[test]
    fn a_failed_sibling_stops_a_branch_between_steps_only() {
        let failed = Failed::here();
        within("a", Kind::Branch(failed.clone()), || {
            assert!(!abandoned());
            failed.set();
            assert!(abandoned());
            within("a/step", Kind::Step, || {
                within("a/step/wait", Kind::Wait, || assert!(!abandoned()));
            });
        });
    }

    #[test]
    fn a_failed_sibling_stops_the_branches_inside_a_branch_too() {
        let (outer, mut free, mut held) = (Failed::here(), Failed::default(), Failed::default());
        within("a", Kind::Branch(outer.clone()), || {
            free = Failed::here();
            within("a/step", Kind::Step, || held = Failed::here());
        });
        outer.set();
        within("a/b", Kind::Branch(free), || assert!(abandoned()));
        within("a/step/b", Kind::Branch(held), || assert!(!abandoned()));
    }
}
