//! What is known of AWS's operations: their class, our marks in them, how a doubt of one is settled, and how it is taken
//! back. Data and rules: nothing here asks AWS.

mod class;
mod codes;
mod dependents;
mod effect;
mod identity;
mod inverse;
pub mod kind;
mod look;
mod mark;
#[cfg(test)]
mod models_agree;
mod path;
mod query;
mod reads;
mod table;

pub use class::Class;
pub use codes::{consistency_retryable, done_already, is_not_there, token_spent};
pub use dependents::{Deletions, Dependent, State};
pub use effect::{Effect, ModelFacts, effect, resource_id, resource_ids};
pub use identity::{EFFECT_TAG, Identity, RUN_TAG};
pub use inverse::{Nature, inverse, nature, subjects, texts};
pub use kind::{Count, Inverse, KINDS, Kind};
pub use look::Look;
pub use mark::{creator_member, has_stack_mark, has_tags, marked, prepare};
pub use path::{each, fill, retain, texts_at};
pub use query::{Ask, Done, Fit, Query};
pub use table::{Mark, ROWS, Row};
