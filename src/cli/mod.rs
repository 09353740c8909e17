//! Arguments only, one file per verb: arguments to one call into the library to a report.

/// Runs the command line and returns the exit code.
pub fn main() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
