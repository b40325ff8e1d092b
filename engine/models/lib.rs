//! AWS's models as data: operations, shapes, checks of an input, pages, waiters; built into the binary, unpacked when first
//! asked for. Also a call, its reply and its failures as values. No client: nothing here sends anything.

pub mod call;
pub mod check;
mod error;
mod load;
pub mod names;
pub mod outside;
mod packed;
pub mod pages;
mod raw;
pub mod rename;
pub mod sensitive;
mod shape;
pub mod time;
pub mod verdict;
pub mod waiter;

pub use crate::error::{ModelError, suggestion};

pub use packed::{FOLDER_VARIABLE, names, parse, service};
pub use shape::{
    Field, Kind, Metadata, Operation, Protocol, Reference, Service, Shape, ShapeId, TimeFormat,
};
