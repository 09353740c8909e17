//! The only room that draws: tables, JSON, progress, exit codes.
//!
//! Owns every word that a person or a program reads from swarmctl. It must not
//! know where the facts came from; terminal facts are handed in.

mod bases;
mod confirm;
mod diagnostic;
mod diagnostic_json;
pub mod document;
mod drawer;
mod exec;
mod facts;
/// Failures and failed outcomes as an error line and the next command.
pub mod failure;
mod images;
mod instances;
mod output;
/// Plans as text and as JSON.
pub mod plan;
mod play;
mod play_progress;
mod recap;
mod stages;
mod stream;
mod style;
mod table;
pub mod text;

pub use bases::Bases;
pub use confirm::{Answer, confirm};
pub use diagnostic::{DiagnosticRenderer, summary};
pub use diagnostic_json::diagnostic_json;
pub use drawer::Drawer;
pub use exec::{ExecDrawer, ExecLook, HostEnd, HostStream};
pub use facts::{HostFacts, facts};
pub use images::{ImageRow, images};
pub use instances::{InstanceRow, instances};
pub use output::{Format, Output, Redact, Terminal, Verbosity};
pub use plan::PlanView;
pub use play::{PlayDrawer, play_exit};
pub use recap::{ended, recap};
pub use stages::{Change, Stage, Stages};
pub use style::Painter;
pub use table::{Align, Table};
