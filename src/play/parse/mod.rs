//! Playbooks and roles as files to typed plays: every value keeps its place.
//!
//! Owns which words a play may hold and what they may be. It must not know what a
//! module does, nor any host: what can be wrong before anything runs is found here,
//! all at once.

mod arguments;
mod block;
mod checks;
mod files;
mod keyword;
mod keywords;
mod known_modules;
mod modules;
mod play;
mod playbook;
mod reader;
mod role;
mod session;
mod split_args;
mod tags;
mod task;
mod words;

mod read_include;
mod read_play;
mod read_playbook;
mod read_role;
mod read_role_files;
mod read_task;
mod read_tasks;

#[cfg(test)]
mod tests;

pub use arguments::Arguments;
pub use block::{Block, Item};
pub use files::{DiskFiles, PlayFiles};
pub use keyword::Keyword;
pub use keywords::Keywords;
pub use known_modules::SomeModules;
pub use modules::{ArgumentProblem, KnownModule, ModuleTable};
pub use play::{Play, Section};
pub use playbook::Playbook;
pub use reader::{Included, Reader};
pub use role::{Role, RoleUse};
pub use split_args::split_args;
pub use tags::TagFilter;
pub use task::{Include, Loop, Task, TaskAction};
