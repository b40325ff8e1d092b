//! AWS as a run sees it: calls, and look-ups of what became of a call.

use std::sync::Arc;

use serde_json::Value;

use knowledge::{Deletions, Dependent, Effect, Kind, State};
use models::call::{Call, Failure, Reply};

pub use aws::look_up::{Doubt, Found};

/// The narrow door to AWS; blocking, for it is used from the threads of script branches.
pub trait Cloud: Send + Sync {
    /// Sends one call. Everything that it may do again by itself leaves no second effect behind.
    fn call(&self, call: &Call) -> Result<Reply, Failure>;

    /// Reads, before an effect is issued, what a later look-up needs and the input does not say; `None` for most.
    fn context(&self, effect: &Effect, input: &Value) -> Result<Option<Value>, Failure>;

    /// Looks once for what became of an effect that may have been issued.
    fn look_up(&self, doubt: &Doubt<'_>) -> Result<Found, Failure>;

    /// Looks once after a repeated call was refused with an error that means "it is there already": is it ours?
    fn look_again(&self, doubt: &Doubt<'_>) -> Result<Found, Failure>;

    /// Reads what depends on things that are to be deleted.
    fn dependents(&self, _: &Deletions) -> Result<Vec<Dependent>, Failure> {
        Err(nobody("what depends on a resource"))
    }

    /// Returns those of the ids that carry one of the tags.
    fn carriers(&self, _: &[String], _: &Value) -> Result<Vec<String>, Failure> {
        Err(nobody("which resources carry a tag"))
    }

    /// Reads how things stand that AWS needs time for.
    fn states(&self, _: &Kind, _: &[String]) -> Result<Vec<State>, Failure> {
        Err(nobody("the state of a resource"))
    }
}

fn nobody(what: &str) -> Failure {
    Failure::NotSent {
        service: "aws".into(),
        operation: "connect".into(),
        reason: format!("cannot look up {what}"),
    }
}

/// A connection that is kept for the next tick.
impl<T: Cloud + ?Sized> Cloud for Arc<T> {
    fn call(&self, call: &Call) -> Result<Reply, Failure> {
        (**self).call(call)
    }

    fn context(&self, effect: &Effect, input: &Value) -> Result<Option<Value>, Failure> {
        (**self).context(effect, input)
    }

    fn look_up(&self, doubt: &Doubt<'_>) -> Result<Found, Failure> {
        (**self).look_up(doubt)
    }

    fn look_again(&self, doubt: &Doubt<'_>) -> Result<Found, Failure> {
        (**self).look_again(doubt)
    }

    fn dependents(&self, deletions: &Deletions) -> Result<Vec<Dependent>, Failure> {
        (**self).dependents(deletions)
    }

    fn carriers(&self, ids: &[String], tags: &Value) -> Result<Vec<String>, Failure> {
        (**self).carriers(ids, tags)
    }

    fn states(&self, kind: &Kind, ids: &[String]) -> Result<Vec<State>, Failure> {
        (**self).states(kind, ids)
    }
}
