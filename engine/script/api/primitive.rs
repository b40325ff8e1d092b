//! A function that scripts can call, and what the reference says of it.

/// One function of a namespace.
#[derive(Clone, Copy, Debug)]
pub struct Primitive {
    pub name: &'static str,
    pub parameters: &'static [&'static str],
    /// What it does, with units, ranges and errors. The first line stands alone in lists.
    pub doc: &'static str,
}

pub(super) const fn primitive(
    name: &'static str,
    parameters: &'static [&'static str],
    doc: &'static str,
) -> Primitive {
    Primitive {
        name,
        parameters,
        doc,
    }
}
