use std::{fmt, path::Path, sync::Arc};

/// Where a value was written: a file with a line and a column, both from 1.
///
/// Values that no file holds (`-e` on the command line, built-in defaults)
/// carry a place whose `file` is a description in angle brackets and whose
/// `line` is 0.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The file, as it was named to swarmctl or found below the fleet directory.
    pub file: Arc<Path>,
    /// Line, from 1; 0 where the value comes from no file.
    pub line: u32,
    /// Column in characters, from 1; 0 where unknown.
    pub column: u32,
}

impl Place {
    /// Returns the place at `line` and `column` of `file`.
    pub fn new(file: &Arc<Path>, line: u32, column: u32) -> Self {
        Self {
            file: Arc::clone(file),
            line,
            column,
        }
    }

    /// Returns a place that is no file, such as `<command line>`.
    pub fn nowhere(description: &str) -> Self {
        Self {
            file: Arc::from(Path::new(description)),
            line: 0,
            column: 0,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
            if self.column > 0 {
                write!(f, ":{}", self.column)?;
            }
        }
        Ok(())
    }
}
