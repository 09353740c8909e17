//! Reaches a machine over SSH. Must not know inventory or tasks.
