use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use clap::Args;
use secrecy::SecretString;
use tokio::sync::Semaphore;

use super::{
    command_error::CommandError,
    context::Context,
    interrupt::block_on,
    loaded::Loaded,
    pattern::HostPattern,
    plays::{Plays, asked_to_stop},
};
use crate::{
    plan::{Diagnostic, Exit, Failure, FailureKind, fan_out},
    play::{
        hosts::Reach,
        vars::{Scope, World},
    },
    report::{ExecDrawer, ExecLook, HostEnd, HostStream},
    transport::{Become, BecomeMethod, Piece, Session, TransportError},
};

/// How long a command may take unless `--timeout` says otherwise.
const LIMIT: Duration = Duration::from_secs(3600);

/// How long a connection may take, at most.
const CONNECT: Duration = Duration::from_secs(10);

/// How many hosts may be waited for at once. It is not the number of forks: dead hosts
/// must cost one timeout together.
const CONNECTIONS: usize = 512;

const EXAMPLES: &str = "\
Examples:
  swarmctl exec all -- uptime
  swarmctl exec all --group -- uname -r
  swarmctl exec zap --become -- 'journalctl -n 20 | grep -i error'
  swarmctl exec zap --become-user openclaw -- openclaw --version
  swarmctl exec zap --no-prefix -- cat /etc/hostname > hostname
  swarmctl exec all -f 50 -o json -- cat /etc/os-release";

/// Arguments of `swarmctl exec`.
#[derive(Args, Debug)]
#[command(
    about = "Run a command on many hosts at once",
    long_about = "Run a command on many hosts at once, and show what each writes as it comes.\n\n\
        The words of the command are joined with blanks and run by sh over there, as with ssh: \
        quote what that shell is to read ('echo $HOME', 'a | b'). It reads nothing from standard \
        input and has no terminal. Ctrl-C ends it everywhere.\n\n\
        Any host of the inventory will do, instance or not. Exits 1 when the command failed on a \
        host, 4 when it failed on none but a host can't be reached. --timeout is how long it may \
        take on a host (default: 3600).",
    after_long_help = EXAMPLES
)]
pub struct ExecArgs {
    /// The hosts.
    #[command(flatten)]
    pub pattern: HostPattern,

    /// Run it as another user, root unless said otherwise, by ansible_become_method (sudo)
    #[arg(long)]
    pub r#become: bool,

    /// Run it as this user
    #[arg(long, value_name = "USER")]
    pub become_user: Option<String>,

    /// Show each host's output as a whole when all have ended, equal ones together
    #[arg(long)]
    pub group: bool,

    /// Show the output as it is, without names: binary data stays what it is, and vaulted
    /// values in it are not masked
    #[arg(long, conflicts_with = "group")]
    pub no_prefix: bool,

    /// The command
    #[arg(value_name = "CMD", last = true, required = true)]
    pub command: Vec<String>,
}

/// What every host needs.
struct Run {
    reach: Reach,
    world: Arc<World>,
    drawer: ExecDrawer,
    line: String,
    limit: Duration,
    becomes: bool,
    become_user: Option<String>,
    /// The places of commands that run.
    forks: Semaphore,
}

/// Runs a command on hosts.
///
/// # Errors
/// When the inventory or the pattern is invalid.
pub fn run(args: &ExecArgs, context: &Context) -> Result<Exit, CommandError> {
    let loaded = Loaded::new(context)?;
    let hosts = loaded.select(&args.pattern.pattern)?;
    loaded.refuse_invalid(&hosts)?;
    let names = hosts.clone();
    let (mut reach, world) = Plays::new(context, loaded)?.on_hosts(context);
    let limit = context.global.timeout_or(LIMIT);
    reach.connect_timeout = CONNECT.min(limit);
    for target in reach.instances.values_mut() {
        target.connect_timeout = reach.connect_timeout;
    }
    let look = match (args.group, args.no_prefix) {
        (true, _) => ExecLook::Grouped,
        (false, true) => ExecLook::Bare,
        (false, false) => ExecLook::Prefixed,
    };
    let run = Arc::new(Run {
        reach,
        world,
        drawer: ExecDrawer::new(Arc::clone(&context.output), look),
        line: args.command.join(" "),
        limit,
        becomes: args.r#become || args.become_user.is_some(),
        become_user: args.become_user.clone(),
        forks: Semaphore::new(context.global.forks()),
    });
    let ends = block_on(context, async |cancel| {
        let work = fan_out(hosts, CONNECTIONS.max(context.global.forks()), |host| {
            let run = Arc::clone(&run);
            async move { run.on(host).await }
        });
        tokio::select! {
            ends = work => Some(ends),
            // Sessions that are dropped end what runs over there.
            () = asked_to_stop(&cancel) => None,
        }
    })?;
    let Some(ends) = ends else {
        return Ok(Exit::Interrupted);
    };
    let ends = ends.into_iter().zip(names).map(|(end, host)| {
        end.unwrap_or_else(|| HostEnd {
            host,
            code: Err(Failure::new(FailureKind::Failed, "swarmctl itself failed")),
            seconds: 0.0,
        })
    });
    Ok(run.drawer.finish(&ends.collect::<Vec<_>>()))
}

impl Run {
    async fn on(&self, host: String) -> HostEnd {
        let begun = Instant::now();
        let mut waited = Duration::ZERO;
        let code = match self.connect(&host).await {
            Ok((session, become_user)) => {
                let asked = Instant::now();
                // It is never closed.
                let _place = self.forks.acquire().await;
                waited = asked.elapsed();
                let work = self.work(&host, session, become_user);
                tokio::time::timeout(self.limit, work)
                    .await
                    .unwrap_or_else(|_| Err(self.too_long()))
            }
            Err(failure) => Err(failure),
        };
        let end = HostEnd {
            host,
            code,
            seconds: begun.elapsed().saturating_sub(waited).as_secs_f64(),
        };
        self.drawer.ended(&end);
        end
    }

    fn too_long(&self) -> Failure {
        let seconds = self.limit.as_secs();
        let why = format!("it did not end within {seconds} s and was stopped");
        Failure::new(FailureKind::Failed, why).hint("--timeout waits longer")
    }

    async fn connect(&self, host: &str) -> Result<(Session, Option<Become>), Failure> {
        let scope = World::host_scope(&self.world, host);
        let become_user = self.become_user(host, &scope).map_err(Failure::invalid)?;
        let connection = scope.text("ansible_connection").map_err(Failure::invalid)?;
        let session = if connection.as_deref() == Some("local") {
            Session::local()
        } else {
            let target = self.reach.target(host, None, &scope);
            let target = target.map_err(Failure::invalid)?;
            Session::connect(&target).await.map_err(failure)?
        };
        Ok((session, become_user))
    }

    async fn work(
        &self,
        host: &str,
        session: Session,
        become_user: Option<Become>,
    ) -> Result<i32, Failure> {
        let live = session.live(become_user.as_ref(), &self.line).await;
        let mut live = live.map_err(failure)?;
        loop {
            match live.next().await.map_err(failure)? {
                Piece::Stdout(bytes) => self.drawer.wrote(host, HostStream::Stdout, &bytes),
                Piece::Stderr(bytes) => self.drawer.wrote(host, HostStream::Stderr, &bytes),
                Piece::Ended(code) => {
                    drop(live);
                    session.close().await;
                    return Ok(code);
                }
            }
        }
    }

    /// Returns as whom the command runs: as the options say, else the host's variables.
    fn become_user(&self, host: &str, scope: &Scope) -> Result<Option<Become>, Diagnostic> {
        let wanted = scope.get("ansible_become")?.is_some_and(|value| {
            let text = value.as_str().unwrap_or_default().to_ascii_lowercase();
            value == true || ["true", "yes", "on", "1"].contains(&text.as_str())
        });
        if !self.becomes && !wanted {
            return Ok(None);
        }
        let method = scope.text("ansible_become_method")?;
        let method = method.unwrap_or_else(|| "sudo".to_owned());
        let method = match method.rsplit('.').next().unwrap_or_default() {
            "sudo" => BecomeMethod::Sudo,
            "su" => BecomeMethod::Su,
            "doas" => BecomeMethod::Doas,
            other => {
                let message = format!("{host}: there is no become method `{other}`");
                return Err(Diagnostic::error(None, message).hint("one of sudo, su, doas"));
            }
        };
        let user = match &self.become_user {
            Some(user) => Some(user.clone()),
            None => scope.text("ansible_become_user")?,
        };
        let mut password = scope.text("ansible_become_password")?;
        if password.is_none() {
            password = scope.text("ansible_become_pass")?;
        }
        Ok(Some(Become {
            method,
            user: user.unwrap_or_else(|| "root".to_owned()),
            password: password.map(SecretString::from),
        }))
    }
}

/// Says why a host could not run it, and what to do.
fn failure(error: TransportError) -> Failure {
    let kind = match error {
        TransportError::Become { .. } | TransportError::NulByte { .. } => FailureKind::Failed,
        _ => FailureKind::Unreachable,
    };
    let mut failure = Failure::from_error(kind, &error);
    if let Some(first) = failure.causes.first_mut() {
        *first = format!("failed to {first}");
    }
    failure.hint = error.hint();
    failure
}
