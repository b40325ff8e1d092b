//! The engine at its narrow door to AWS: runs in this process, with a fake cloud and a real journal.

mod aws;
mod bench;
mod call;
mod caught;
mod clocks;
mod cuts;
mod doubts;
mod duplicates;
mod effects;
mod ended;
mod epochs;
mod finally;
mod lives;
mod log;
mod older;
mod outside;
mod parallel;
mod places;
mod refusals;
mod resolve;
mod steps;
mod stops;
mod unread;
mod values;
mod waits;
mod world;
