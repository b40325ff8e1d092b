//! AWS as a run sees it: calls, and look-ups of what became of a call.

use serde_json::Value;

use crate::aws::call::{Call, Failure, Reply};
use crate::aws::effects::{Effect, Identity};

/// The narrow door to AWS; blocking, for it is used from the threads of script branches.
pub trait Cloud: Send + Sync {
    /// Sends one call. Everything that it may do again by itself leaves no second effect behind.
    fn call(&self, call: &Call) -> Result<Reply, Failure>;

    /// Looks once for what became of an effect that may have been issued.
    fn look_up(
        &self,
        effect: &Effect,
        input: &Value,
        identity: &Identity,
    ) -> Result<Found, Failure>;

    /// Looks once after a repeated call was refused with an error that means "it is there already": is it ours?
    fn look_again(
        &self,
        effect: &Effect,
        input: &Value,
        identity: &Identity,
    ) -> Result<Found, Failure>;
}

/// What a look-up found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// It was done; the output is what the call would have returned.
    Done(Value),
    /// AWS does not show it, now.
    Absent,
    /// Nobody needs to know: calling again with the same marks does it once.
    CallAgain,
    /// Looking does not settle it; the reason says why.
    Unknowable(String),
}
