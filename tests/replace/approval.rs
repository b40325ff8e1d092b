//! Live traffic moves when somebody has said so.
