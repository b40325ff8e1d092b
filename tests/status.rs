//! `status.rhai`: what is there of a network, who carries its traffic, and what is wrong with it.

mod drift;
mod nothing;
mod recorded;
mod well;
mod world;
