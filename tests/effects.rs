//! Every row of the table of effects: cut off in flight, and refused for what somebody else made.

mod in_flight;
mod rows;
mod scripts;
mod strangers;
mod traps;
