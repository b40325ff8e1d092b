//! kill -9 of a replacement, then resume: a share of all points, and the same end.
