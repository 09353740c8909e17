use std::{io, path::PathBuf, sync::Arc};

use super::{environment::Environment, global::Global};
use crate::report::{Format, Output, Terminal};

/// What every verb needs: options, environment, output; the fleet when asked for.
pub struct Context {
    /// The global options.
    pub global: Global,
    /// What the process was given.
    pub environment: Environment,
    /// Where everything that is said goes.
    pub output: Arc<Output>,
}

impl Context {
    /// Returns a context; reads no file.
    pub fn new(global: Global, environment: Environment) -> Self {
        let terminal = Terminal {
            colour: environment.terminal.colour && !global.no_color,
            ..environment.terminal
        };
        let output = Output::new(
            global.output.unwrap_or(Format::Table),
            global.verbosity(),
            terminal,
            Box::new(io::stdout()),
            Box::new(io::stderr()),
        );
        Self {
            global,
            environment,
            output: Arc::new(output),
        }
    }

    /// Returns the fleet's root when it is known already.
    pub fn known_root(&self) -> Option<PathBuf> {
        None
    }
}
