//! The only room that draws: tables, JSON, progress, exit codes.
