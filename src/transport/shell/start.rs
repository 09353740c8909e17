use std::{io, sync::Arc, time::Duration};

use secrecy::ExposeSecret;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

use super::{frames::Frames, marker::marker, script, traffic::Counters};
use crate::transport::{
    Become, BecomeMethod, BecomeProblem, TransportError, carrier::Carrier, channel::Channel,
};

/// How long a shell may take to start: slow PAM modules, DNS, a login file.
const START: Duration = Duration::from_secs(60);

/// How much of what is said on stderr is kept.
const SAID: usize = 8 << 10;

/// How long su is silent when it waits for a password.
const SILENCE: Duration = Duration::from_millis(300);

/// A shell that has read its functions.
pub(super) struct Ready {
    pub stdin: Box<dyn AsyncWrite + Send + Unpin>,
    pub stderr: Box<dyn AsyncRead + Send + Unpin>,
    pub frames: Frames,
    pub hold: Box<dyn Send>,
}

/// Starts a shell, as another user where that is asked for.
pub(super) async fn start(
    host: &str,
    carrier: &impl Carrier,
    become_user: Option<&Become>,
    counters: &Arc<Counters>,
) -> Result<Ready, TransportError> {
    let starting = Starting {
        host,
        become_user,
        hello: marker(),
        prompt: marker(),
    };
    match timeout(START, starting.run(carrier, counters)).await {
        Ok(result) => result,
        Err(_) => Err(TransportError::RunTimedOut {
            host: host.to_owned(),
            program: "sh".to_owned(),
            limit: START,
        }),
    }
}

struct Starting<'a> {
    host: &'a str,
    become_user: Option<&'a Become>,
    hello: String,
    prompt: String,
}

impl Starting<'_> {
    async fn run(
        &self,
        carrier: &impl Carrier,
        counters: &Arc<Counters>,
    ) -> Result<Ready, TransportError> {
        let line = match self.become_user {
            Some(user) => user.line(&self.hello, &self.prompt),
            None => "exec sh -s".to_owned(),
        };
        counters.asks();
        let channel = carrier.open(&line).await?;
        let Channel {
            mut stdin,
            stdout,
            mut stderr,
            end,
        } = channel;
        let mut frames = Frames::new(stdout, Arc::clone(counters));
        let mut said = Vec::new();
        if let Some(user) = self.become_user.filter(|user| user.asks()) {
            let hello = format!("{}\n", self.hello);
            let work = async {
                let greeted = frames.until(&hello, 0);
                let asked = self.answer(user, &mut stdin, &mut stderr, &mut said);
                tokio::select! {
                    biased;
                    greeted = greeted => Ok(greeted),
                    problem = asked => Err(problem),
                }
            };
            match work.await {
                Ok(Ok(_)) => {}
                Ok(Err(_)) => return Err(self.ended(&mut frames, stderr, said).await),
                Err(problem) => return Err(self.become_error(problem)),
            }
            counters.answered();
            counters.asks();
        }
        let hello = marker();
        let bootstrap = script::bootstrap(&hello, &marker());
        counters.sent(bootstrap.len());
        let word = {
            let send = async {
                // Why it could not be sent is on stderr.
                drop(stdin.write_all(bootstrap.as_bytes()).await);
                drop(stdin.flush().await);
                hear(&mut stderr, &mut said).await;
                std::future::pending().await
            };
            tokio::select! {
                word = frames.word(&hello) => word,
                () = send => Err(io::ErrorKind::UnexpectedEof.into()),
            }
        };
        counters.answered();
        let host = self.host.to_owned();
        match word.as_deref() {
            Ok("ok") => Ok(Ready {
                stdin,
                stderr,
                frames,
                hold: Box::new(end),
            }),
            Ok("full") => Err(TransportError::NoSpace { host }),
            Ok(word) => Err(TransportError::NoShell {
                host,
                message: format!("its sh has no {word} of its own"),
            }),
            Err(_) => Err(self.ended(&mut frames, stderr, said).await),
        }
    }

    /// Answers the method's prompt, and returns what is wrong with that; it never
    /// returns when nothing is.
    async fn answer(
        &self,
        user: &Become,
        stdin: &mut (impl AsyncWrite + Unpin),
        stderr: &mut (impl AsyncRead + Unpin),
        said: &mut Vec<u8>,
    ) -> BecomeProblem {
        let method = user.method.program();
        let mut answered = false;
        let mut open = heard(stderr, said).await;
        while open {
            let text = String::from_utf8_lossy(said);
            let asks = match user.method {
                BecomeMethod::Sudo => text.contains(&self.prompt),
                // su's prompt is in the machine's language, and ends without a newline,
                // as do the first words of an error: only silence tells.
                BecomeMethod::Su | BecomeMethod::Doas => text.trim_end_matches(' ').ends_with(':'),
            };
            let more = if asks && user.method == BecomeMethod::Sudo {
                None
            } else if asks {
                timeout(SILENCE, heard(stderr, said)).await.ok()
            } else {
                Some(heard(stderr, said).await)
            };
            if let Some(more) = more {
                open = more;
                continue;
            }
            if answered {
                return BecomeProblem::PasswordWrong(method);
            }
            let Some(password) = &user.password else {
                return BecomeProblem::PasswordWanted(method);
            };
            said.clear();
            answered = true;
            let mut line = password.expose_secret().as_bytes().to_vec();
            line.push(b'\n');
            // When it can't be sent, the streams end as well.
            drop(stdin.write_all(&line).await);
            drop(stdin.flush().await);
            open = heard(stderr, said).await;
        }
        std::future::pending().await
    }

    /// Explains why there is no shell, from what was said before the end.
    async fn ended(
        &self,
        frames: &mut Frames,
        mut stderr: impl AsyncRead + Unpin,
        mut said: Vec<u8>,
    ) -> TransportError {
        // Both streams end together, but one is read a moment later.
        drop(timeout(Duration::from_secs(1), hear(&mut stderr, &mut said)).await);
        said.extend_from_slice(frames.rest());
        let said = String::from_utf8_lossy(&said).replace(&self.prompt, "");
        match self.become_user {
            Some(_) if said.trim().is_empty() => TransportError::Closed {
                host: self.host.to_owned(),
            },
            Some(user) => self.become_error(user.problem(&said)),
            None => TransportError::NoShell {
                host: self.host.to_owned(),
                message: match said.trim() {
                    "" => "the channel was closed".to_owned(),
                    said => said.to_owned(),
                },
            },
        }
    }

    fn become_error(&self, problem: BecomeProblem) -> TransportError {
        TransportError::Become {
            host: self.host.to_owned(),
            user: self
                .become_user
                .map(|user| user.user.clone())
                .unwrap_or_default(),
            problem,
        }
    }
}

/// Reads stderr to its end.
async fn hear(stderr: &mut (impl AsyncRead + Unpin), said: &mut Vec<u8>) {
    while heard(stderr, said).await {}
}

/// Reads more of stderr; returns whether there was more.
async fn heard(stderr: &mut (impl AsyncRead + Unpin), said: &mut Vec<u8>) -> bool {
    let mut piece = [0; 1024];
    match stderr.read(&mut piece).await {
        Ok(0) | Err(_) => false,
        Ok(read) => {
            said.extend_from_slice(&piece[..read]);
            let extra = said.len().saturating_sub(SAID);
            said.drain(..extra);
            true
        }
    }
}
