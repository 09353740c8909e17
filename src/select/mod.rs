//! Host patterns: which instances a command is for. Knows names and groups only.
