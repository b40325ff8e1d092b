//! Behaviour through the command line, against the real binary and the emulator.
