//! The heartbeat of the NATs: what it does about the routes, tick by tick, and what it says.

mod carrier;
mod check_routes;
mod death;
mod kills;
mod news;
mod refusals;
mod return_home;
mod self_test;
mod settings;
mod status;
pub(crate) mod world;
