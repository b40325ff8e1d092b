//! A run's requests go wrong, one in each way at a time, and then several by chance.
//!
//! - `point`: what goes wrong in a trial, as it is typed and told
//! - `plan`: which points there are for a run's requests
//! - `mix`: points that a seed chooses
//! - `trial`: a point tried
//! - `verdict`: what counts against the engine, and what nobody could have known

mod mix;
mod plan;
mod point;
mod trial;
mod verdict;

use std::time::Duration;

pub use mix::mix;
pub use plan::Plan;
pub use point::Point;
pub use trial::Bench;

/// How long a run under trial waits for what it cannot see yet.
pub const WINDOW: Duration = Duration::from_secs(1);

/// Reads that lag for less than the window: nothing may come of it.
const WITHIN: Duration = Duration::from_millis(500);

/// Reads that lag for longer than the window: something may be made twice, and the run has to say so.
const BEYOND: Duration = Duration::from_secs(3);
