//! Why a text with a secret cannot be used.

/// Why a text with a secret cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretError {
    /// Something else than joining was done with it.
    Changed,
    /// Nothing in this process has read it.
    Unread(String),
    /// The digests' key cannot be had.
    Key(String),
}

impl std::fmt::Display for SecretError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Changed => formatter.write_str(
                "the secret was changed in the script: a secret can only be joined with text",
            ),
            Self::Unread(reference) => {
                write!(formatter, "the secret `{reference}` has not been read")
            }
            Self::Key(problem) => formatter.write_str(problem),
        }
    }
}
