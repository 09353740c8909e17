//! How long `swarmctl --version` and `--help` take, beside `virsh --version` and
//! `ssh -V`: the programs take turns, so that a busy machine slows all of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench may panic, and prints"
)]

use std::{
    process::{Command, Output, Stdio},
    time::Instant,
};

const RUNS: usize = 50;
/// What the benchmark's document promises for our start.
const GOAL_MS: f64 = 10.0;

struct Program {
    name: &'static str,
    command: &'static str,
    argument: &'static str,
    times: Vec<f64>,
}

impl Program {
    fn new(name: &'static str, command: &'static str, argument: &'static str) -> Self {
        Self {
            name,
            command,
            argument,
            times: Vec::with_capacity(RUNS),
        }
    }

    fn run(&self) -> Option<Output> {
        let mut command = Command::new(self.command);
        command.arg(self.argument).stdin(Stdio::null());
        command.output().ok()
    }

    fn median(&mut self) -> f64 {
        self.times.sort_by(f64::total_cmp);
        self.times[self.times.len() / 2]
    }
}

fn main() {
    let ours = env!("CARGO_BIN_EXE_swarmctl");
    let mut programs = vec![
        Program::new("swarmctl --version", ours, "--version"),
        Program::new("swarmctl --help", ours, "--help"),
        Program::new("virsh --version", "virsh", "--version"),
        Program::new("ssh -V", "ssh", "-V"),
    ];
    programs.retain(|program| match program.run() {
        Some(output) => {
            assert!(output.status.success(), "{} failed", program.name);
            true
        }
        None => {
            println!("{}: not installed, left out", program.name);
            false
        }
    });
    let said = |index: usize| String::from_utf8(programs[index].run().unwrap().stdout).unwrap();
    assert_eq!(
        said(0).trim(),
        concat!("swarmctl ", env!("CARGO_PKG_VERSION"))
    );
    assert!(said(1).contains("provision"), "the help names the verbs");

    for _ in 0..RUNS {
        for program in &mut programs {
            let start = Instant::now();
            program.run().unwrap();
            program.times.push(start.elapsed().as_secs_f64() * 1000.0);
        }
    }
    let medians: Vec<f64> = programs.iter_mut().map(Program::median).collect();
    for (program, median) in programs.iter().zip(&medians) {
        print!("{:<20} {median:6.2} ms", program.name);
        if program.command == ours {
            let met = if *median <= GOAL_MS { "pass" } else { "FAIL" };
            print!("  goal {GOAL_MS} ms: {met}");
        } else {
            print!("  {:.2} times swarmctl --version", median / medians[0]);
        }
        println!();
    }
}
