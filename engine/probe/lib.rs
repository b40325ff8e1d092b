//! Checks of the network from this host, and what this host is: always live, never recorded.
//!
//! `question` is what can be asked. `ping`, `tcp`, `http` and `dns` are one check each, `together` several at once; `host`
//! is what this machine says of itself. No journal, no Rhai.

mod dns;
pub mod host;
mod http;
mod ping;
mod question;
mod report;
mod resolve;
mod tally;
mod tcp;
mod together;
mod unlooked;

pub use crate::question::{Dns, Http, Ping, Probe, Question, Way};
pub use crate::unlooked::Unlooked;
use serde_json::Value;

pub use host::{Fact, Host};

/// The narrow door to the network and to this host; blocking, for it is used from the threads of script branches.
pub trait Prober: Send + Sync {
    /// Returns what there is to see. What the network does is part of the answer and no error.
    fn look(&self, question: &Question) -> Result<Value, Unlooked>;
}

/// Looks, on the calling task; dropping it ends all that it began.
pub async fn answer(question: &Question, host: &Host) -> Result<Value, Unlooked> {
    match question {
        Question::One(probe) => together::one(probe).await,
        Question::Each(probes) => together::each(probes).await,
        Question::Any(probes) => together::any(probes).await,
        Question::Host(fact) => host.tell(*fact).await,
    }
}
