//! Parses the arguments, runs the verb, prints the one error chain, exits.

fn main() -> std::process::ExitCode {
    swarmctl::cli::main()
}
