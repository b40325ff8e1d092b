//! A run's life: started, stopped at any moment, resumed until it is done.
//!
//! `life` starts and resumes; `conductor` is the live run, with a file for each kind of thing that a script asks
//! of it; `scope` gives each of them its key. `forecast` compares what is recorded with edited scripts. Nothing here prints.

pub mod approvals;
pub mod approve;
pub mod aws_backend;
mod call;
pub mod called;
pub mod cancel;
mod caught_failures;
pub mod cloud;
pub mod conductor;
mod declared;
pub mod duplicates;
mod effect;
mod ending;
pub mod event;
mod failures;
mod finally;
pub mod forecast;
pub mod identity;
mod issued;
pub mod life;
pub mod local;
mod lock;
pub mod log_lines;
pub mod made;
pub mod next;
mod offline;
mod operation;
mod other_runs;
mod parallel;
pub mod pinned;
pub mod prepare;
mod recent;
mod reconcile;
pub mod resolve;
pub mod rewind;
mod scope;
mod step;
pub mod tick;
pub mod undo;
mod wait;
