//! Many rehearsals of one script, each disturbed in another way, compared with an undisturbed one.
//!
//! - `pool`: emulators, and workers that take one item of work after the other
//! - `trial`: one disturbed run in an account and a state directory of its own
//! - `left`: what a run left in the cloud: `census` its resources, `effects` its requests
//! - `undisturbed`: the run that they are compared with
//! - `crash`: the points at which a run is killed, `place`: what they are in its life; `seed`: which are tried
//! - `faults`: requests that go wrong
//! - `report`: what all trials came to

pub mod census;
pub mod crash;
pub mod effects;
mod ended;
pub mod faults;
mod finding;
mod kill;
pub mod left;
pub mod place;
pub mod pool;
pub mod report;
pub mod seed;
pub mod trial;
pub mod undisturbed;

mod error;
mod refine;

pub use ended::{Ended, Ending};
pub use error::MatrixError;
pub use finding::{Finding, Kind};
pub use left::Left;
pub use pool::{Pool, Worker};
pub use report::{Failure, Report, Verdict};
pub use seed::Share;
pub use trial::Trial;
pub use undisturbed::Undisturbed;
