//! The fleet directory on disk: where files are, built-in defaults, `.swarm/`.
