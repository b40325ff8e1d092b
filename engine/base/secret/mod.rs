//! Secrets: what may be sent, and never recorded or shown.
//!
//! A secret goes through the program as a *token*: where it comes from and a keyed digest, between two private-use
//! characters, in texts that are otherwise plain. Only this module knows what a token stands for. Whoever sends a text
//! off reveals it at the last moment; whatever comes back is scrubbed.

mod error;
mod forms;
mod key;
mod reference;
mod scrub;
mod table;
mod token;

pub use error::SecretError;
pub use key::{Keep, use_key};
pub use reference::{Kind, Reference, unread};
pub use scrub::{scrub, scrub_cut, scrub_value};
pub use table::{add, is_known, reveal, reveal_value};
pub use token::{is_in, is_within, shown, shown_value, tokens};

#[cfg(test)]
mod tests;
