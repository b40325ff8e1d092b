//! The namespaces that need no import.

/// The namespaces that need no import.
pub const NAMESPACES: [&str; 12] = [
    "run", "runs", "state", "log", "json", "base64", "cidr", "time", "probe", "host", "http",
    "command",
];
