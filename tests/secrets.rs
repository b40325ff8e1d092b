//! Secrets are sent and never recorded or shown: each is a canary, and everything that a run leaves is searched for it.

mod doors;
mod refusals;
mod replies;
mod resume;
mod scene;
