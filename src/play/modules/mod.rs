//! The modules that tasks call, each in a file of its own.
//!
//! A module turns typed arguments into [`Work`]: mostly a [`Remote`], which is one
//! self-contained POSIX `sh` program that looks, decides, applies unless it is
//! checking, verifies and reports. Check mode is the same program with one
//! variable set. Must not know plays, hosts or how a program reaches one.
//!
//! Rules that hold for every program:
//! - a value enters a program through [`Program`] only, which quotes it;
//! - no value is an argument of another process where that can be avoided, so that
//!   the far side's process list shows none;
//! - files are written beside their destination, get owner and mode there, are
//!   validated there, and are renamed.

mod add_host;
mod apt;
mod apt_repository;
mod archive;
mod arg_error;
mod args;
mod assert;
mod attributes;
mod authorized_key;
mod bind;
mod blockinfile;
mod call;
mod coerce;
mod command;
mod copy;
mod copy_directory;
mod cron;
mod deb822_repository;
mod debug;
mod edit;
mod facts;
mod facts_network;
mod fail;
mod fetch;
mod file;
mod find;
mod free_form;
mod get_url;
mod getent;
mod git;
mod git_config;
mod group;
mod group_by;
mod hostname;
mod include_vars;
mod ini_file;
mod known_hosts;
mod lean;
mod lineinfile;
mod lines;
mod meta;
mod mode;
mod module;
mod mount;
mod npm;
mod package;
mod package_facts;
mod path;
mod pause;
mod ping;
mod pip;
mod prelude;
mod program;
mod protocol;
mod pyregex;
mod quote;
mod raw;
mod reboot;
mod remote;
mod replace;
mod report;
mod result;
mod script;
mod service;
mod service_facts;
mod set_fact;
mod setup;
mod shell;
mod slurp;
mod ssh_keys;
mod stat;
mod sysctl;
mod systemd;
mod table;
mod tempfile;
mod template;
mod timezone;
mod ufw;
mod unarchive;
mod uri;
mod user;
mod wait_for;
mod wait_for_connection;
mod words;

pub use arg_error::{ArgError, ModuleError};
pub use args::Args;
pub use bind::{bind, check};
pub use call::{Call, Files, LocalEntry, LocalFile, LocalKind, TemplateOptions};
pub use edit::{Edit, EditError, Edited};
pub use free_form::free_form;
pub use lean::{Given, Lean};
pub use module::{Arg, ArgKind, Module};
pub use path::path_word;
pub use prelude::whole as prelude;
pub use program::Program;
pub use protocol::ProtocolError;
pub use quote::{exports, quote};
pub use remote::{Answer, Content, EngineAction, Fetch, Remote, Report, Run, Work};
pub use result::{Diff, TaskResult};
pub use table::{MODULES, find, suggest};
