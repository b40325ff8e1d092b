//! What the journal survives: kills, power cuts, full and broken disks, and two processes at once.

mod appender;
mod disk;
mod holder;
mod kills;
pub(crate) mod mount;
mod order;
mod power;
mod races;
mod readers;
mod shim;
mod small;
