use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use super::{command_error::CommandError, environment::Environment, global::Global};
use crate::{
    fleet::{FleetDir, FleetError, builtin_text},
    plan::Place,
    report::{Bases, Format, Output, Terminal},
};

/// What every verb needs: options, environment, output; the fleet when asked for.
pub struct Context {
    /// The global options.
    pub global: Global,
    /// What the process was given.
    pub environment: Environment,
    /// Where everything that is said goes.
    pub output: Arc<Output>,
    fleet: OnceLock<FleetDir>,
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
            fleet: OnceLock::new(),
        }
    }

    /// Returns the fleet directory: `-C`, else `$SWARMCTL_FLEET`, else the nearest at
    /// or above the working directory. With `-i` alone the working directory stands
    /// in for a missing one, as with Ansible.
    ///
    /// # Errors
    /// When there is none.
    pub fn fleet(&self) -> Result<&FleetDir, CommandError> {
        if let Some(fleet) = self.fleet.get() {
            return Ok(fleet);
        }
        let start = &self.environment.working_directory;
        let explicit = self.global.fleet.as_ref();
        let explicit = explicit.or(self.environment.fleet.as_ref());
        let named = !self.global.inventory.is_empty();
        let fleet = match FleetDir::find(explicit.map(PathBuf::as_path), start) {
            Ok(fleet) => fleet,
            Err(FleetError::NoInventory { directory }) if named => FleetDir::at(directory),
            Err(FleetError::NotFound { start }) if named => FleetDir::at(start),
            Err(error) => return Err(error.into()),
        };
        Ok(self.fleet.get_or_init(|| fleet))
    }

    /// Returns the directories that file names are seen from.
    pub fn bases(&self) -> Bases {
        Bases {
            working_directory: Some(self.environment.working_directory.clone()),
            fleet: self.fleet.get().map(|fleet| fleet.root().to_owned()),
            carried: Some(builtin_text),
        }
    }

    /// Returns a place as people read it: `host_vars/zap.yml:3:16`.
    pub fn shown(&self, place: &Place) -> String {
        let file = self.bases().shown(&place.file);
        Place {
            file: Path::new(&file).into(),
            ..place.clone()
        }
        .to_string()
    }
}
