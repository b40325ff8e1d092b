//! A run's journal: the log that is the authority, and the checkpoints that are its index.
//!
//! - `entry`: what one line of the log says
//! - `state`: what is known of a key; `transition`: which record may follow; `illegal`: what is said when one may not;
//!   `replay`: what many come to
//! - `log`: the chain of lines on disk; `commit`: appending to it, with shared syncs; `pending`: what waits for one
//! - `index`: the checkpoints in sled, always derivable from the log; `database`: sled, opened with care
//! - `tip`: how far the log had come, so that an older one is noticed
//! - `draft`: what is recorded of a tick before its first effect makes a run of it, and what is only looked at
//! - `memory`: what a runbook keeps between its ticks
//! - `key`: what belongs to what, by the names in it
//! - `lock`: who holds a run; `shared_lock`: which run (its `holder`) has what its runbook locks
//! - `id`, `store`, `list`: where runs are, and which there are; `ends`: the first and the last entry of a log
//! - `files`: a run's files, made all at once and made whole when they are opened; `durable`: what survives a power cut
//! - `run`: a run's journal as the engine uses it, out of all of these
//! - `rehearsal`: whether a run is rehearsed; `crash`: killing the process at a chosen entry then
//! - `error`: what can go wrong; `report`: what an operator reads of it
//!
//! Nothing here knows of scripts or of AWS, and nothing else touches sled.

pub mod cancel;
pub mod entry;
pub mod error;
pub mod id;
pub mod key;
pub mod list;
pub mod log;
pub mod memory;
pub mod rehearsal;
pub mod run;
pub mod state;
pub mod store;
pub mod transition;

mod commit;
mod crash;
mod database;
mod draft;
mod durable;
mod ends;
mod files;
mod holder;
mod illegal;
mod index;
mod kind;
mod lock;
mod pending;
mod replay;
mod report;
mod shared_lock;
mod tip;

#[cfg(test)]
mod any;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod samples;

pub use self::error::{JournalError, Result};
pub use self::holder::Holder;
pub use self::id::RunId;
pub use self::illegal::{Clash, Illegal};
pub use self::kind::Kind;
pub use self::list::{Listed, Status, Summary};
pub use self::lock::is_live;
pub use self::log::{follow, read};
pub use self::memory::{Memory, Owner};
pub use self::run::{Durability, Journal};
pub use self::shared_lock::SharedLock;
pub use self::state::Slot;
pub use self::store::StateDir;
