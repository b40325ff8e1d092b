//! A run's requests go wrong, one in each way at a time, and then several by chance.
//!
//! - `point`: what goes wrong in a trial, as it is typed and told
//! - `plan`: which points there are for a run's requests
//! - `mix`: points that a seed chooses
//! - `trial`: a point tried
//! - `verdict`: what counts against the engine, and what nobody could have known

mod lag;
mod mix;
mod plan;
mod point;
mod trial;
mod verdict;

pub use mix::mix;
pub use plan::Plan;
pub use point::Point;
pub use trial::Bench;
