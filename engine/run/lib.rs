//! A run's life: started, stopped at any moment, resumed until it is done.
//!
//! `life` starts and resumes. `conductor` is the live run: `recorder` (what it writes down, and emits), `outbound` (the ways
//! out of this process) and `control` (what lets it go on). `host` has what a script asks of it, each with a file of its
//! own; `scope` gives each of them its key. `forecast` compares what is recorded with edited scripts. Nothing here prints.

mod activity;
pub mod approvals;
pub mod approve;
mod approvers;
pub mod aws_backend;
mod body_end;
mod call;
pub mod called;
pub mod cancel;
mod caught_failures;
pub mod cloud;
mod compiled;
pub mod conductor;
pub mod control;
pub mod created;
mod deadline;
mod declared;
pub mod duplicates;
mod effect;
mod emitter;
mod ending;
pub mod event;
mod failures;
mod finally;
pub mod forecast;
mod host;
pub mod identity;
mod issue;
mod issued;
mod keeps;
pub mod life;
pub mod local;
mod lock;
mod locks;
pub mod log_lines;
pub mod next;
mod offline;
mod operation;
mod other_runs;
mod outbound;
mod parallel;
pub mod params;
mod patience;
pub mod pinned;
pub mod prepare;
mod recent;
mod reconcile;
mod recorder;
mod rehearsed;
pub mod resolve;
pub mod rewind;
mod scope;
mod script_thread;
mod secrets;
mod step;
pub mod surroundings;
pub mod tick;
pub mod undo;
mod wait;
