use std::{
    io::{self, Read},
    time::Duration,
};

use clap::Args;
use rustix::termios;
use tokio::sync::mpsc;

use super::{command_error::CommandError, context::Context, guests};
use crate::{
    guest::hypervisor_failure,
    hypervisor::{Console, Hypervisor, HypervisorError},
    plan::{Cancel, Exit},
    report::Output,
};

/// Ctrl-], as in virsh and telnet.
const ESCAPE: u8 = 0x1d;

/// How often it is looked whether the user wants to stop.
const LOOK: Duration = Duration::from_millis(200);

const EXAMPLES: &str = "\
Examples:
  swarmctl console zap";

/// Arguments of `swarmctl console`.
#[derive(Args, Debug)]
#[command(
    about = "Attach to an instance's serial console",
    long_about = "Attach to an instance's serial console. Leave with Ctrl-].\n\n\
        Works while the guest boots, and when SSH does not answer.",
    after_long_help = EXAMPLES
)]
pub struct ConsoleArgs {
    /// The instance
    #[arg(value_name = "NAME")]
    pub name: String,

    /// Take the console over from whoever has it
    #[arg(long)]
    pub force: bool,
}

/// Attaches to the console.
///
/// # Errors
/// When the inventory or the pattern is invalid.
pub fn run(args: &ConsoleArgs, context: &Context) -> Result<Exit, CommandError> {
    let terminal = context.output.terminal();
    guests::with_one(
        context,
        &args.name,
        "console",
        async |instance, env, cancel| {
            let hypervisor = Hypervisor::connect(&instance.hypervisor, env.call_timeout)
                .await
                .map_err(|e| hypervisor_failure(&e))?;
            let console = hypervisor
                .console(&instance.domain, args.force)
                .await
                .map_err(|e| {
                    let failure = hypervisor_failure(&e);
                    match e {
                        HypervisorError::WrongState { .. } => failure
                            .hint(format!("start it with `swarmctl start {}`", instance.name)),
                        _ => failure,
                    }
                })?;
            // Not before: what went wrong is to be read on a terminal as it was.
            context.output.talk("attached; leave with Ctrl-]");
            let _raw = (terminal.stdin && terminal.stdout).then(RawTerminal::enter);
            relay(console, terminal.stdin, &cancel, &context.output).await;
            Ok(())
        },
    )?;
    Ok(Exit::Done)
}

/// Carries bytes both ways until either side ends or the user leaves.
async fn relay(console: Console, interactive: bool, cancel: &Cancel, output: &Output) {
    let (mut guest, input) = console.split();
    let (typed, mut keys) = mpsc::channel::<Vec<u8>>(16);
    // Reading a terminal can't be interrupted, so a detached thread does it.
    std::thread::spawn(move || {
        let mut buffer = [0; 1024];
        let mut stdin = io::stdin().lock();
        while let Ok(n @ 1..) = stdin.read(&mut buffer) {
            if typed.blocking_send(buffer[..n].to_vec()).is_err() {
                return;
            }
        }
    });
    let mut look = tokio::time::interval(LOOK);
    let mut typing = true;
    loop {
        tokio::select! {
            piece = guest.recv() => match piece {
                Some(bytes) => output.bytes(&bytes),
                None => return,
            },
            bytes = keys.recv(), if typing => match bytes {
                Some(bytes) => {
                    let left = interactive && bytes.contains(&ESCAPE);
                    if left || !input.send(&bytes).await {
                        return;
                    }
                }
                // Without a terminal the end of the input is no wish to leave.
                None => typing = interactive,
            },
            _ = look.tick() => if cancel.is_cancelled() {
                return;
            },
        }
    }
}

/// The terminal without line editing and signals, until it is dropped.
struct RawTerminal(Option<termios::Termios>);

impl RawTerminal {
    fn enter() -> Self {
        let stdin = io::stdin();
        let before = termios::tcgetattr(&stdin).ok();
        if let Some(before) = &before {
            let mut raw = before.clone();
            raw.make_raw();
            // A terminal that can't be switched still shows the console.
            let _ = termios::tcsetattr(&stdin, termios::OptionalActions::Now, &raw);
        }
        Self(before)
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = termios::tcsetattr(io::stdin(), termios::OptionalActions::Now, before);
        }
    }
}
