use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OnceCell;

use crate::{
    play::{
        modules::Given,
        run::{Become, BecomeMethod},
    },
    transport::{self, Session, Shell, Target, Traffic, TransportError},
};

/// The sessions of a run. A host that can't be reached is tried once, and costs one
/// timeout, however many tasks wait for it.
#[derive(Default)]
pub struct Connections {
    sessions: Cells<(String, Option<String>), Session>,
    shells: Cells<ShellKey, Line>,
    /// Those on this machine, by the host that they work for.
    locals: Cells<(String, Option<Who>), Shell>,
    /// What the lines carried that are no more, and the logins.
    past: Mutex<HashMap<String, Traffic>>,
}

/// A shell, with what it was given so far.
#[derive(Clone)]
pub struct Line {
    /// The shell.
    pub shell: Shell,
    /// What programs need not bring. It is held while something is sent that relies
    /// on it, so that nothing overtakes.
    pub given: Arc<tokio::sync::Mutex<Given>>,
}

/// Round trips of a login by russh or OpenSSH: TCP, banners, key exchange and its
/// request, user authentication with one key, and the channel.
const LOGIN: u64 = 7;

/// A host, who logs in, and as whom the shell runs.
type ShellKey = (String, Option<String>, Option<Who>);

/// A method and a user.
type Who = (u8, String);

struct Cells<K, T>(Mutex<HashMap<K, Cell<T>>>);

type Cell<T> = Arc<OnceCell<Result<T, Arc<TransportError>>>>;

impl<K, T> Default for Cells<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + std::hash::Hash, T> Cells<K, T> {
    fn cell(&self, key: K) -> Cell<T> {
        let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(cells.entry(key).or_default())
    }

    fn forget(&self, unwanted: impl Fn(&K) -> bool) {
        let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cells.retain(|key, _| !unwanted(key));
    }
}

impl Connections {
    /// Returns the shell of `name` for a user, connecting when there is none yet.
    ///
    /// # Errors
    /// Why the host can't be reached or the user can't be become.
    pub async fn shell(
        &self,
        name: &str,
        target: &Target,
        become_user: Option<&Become>,
    ) -> Result<Line, Arc<TransportError>> {
        let login = (name.to_owned(), target.user.clone());
        let key = (login.0.clone(), login.1.clone(), become_user.map(who));
        let cell = self.shells.cell(key.clone());
        let shell = cell
            .get_or_init(|| async {
                let session = self.sessions.cell(login);
                let session = session
                    .get_or_init(|| async {
                        let session = Session::connect(target).await.map_err(Arc::new);
                        let login = Traffic {
                            round_trips: LOGIN,
                            ..Traffic::default()
                        };
                        self.add(name, login);
                        session
                    })
                    .await
                    .as_ref()
                    .map_err(Arc::clone)?;
                let become_user = become_user.map(carried);
                let shell = session.shell(become_user.as_ref()).await;
                let shell = shell.map_err(Arc::new)?;
                Ok(Line {
                    shell,
                    given: Arc::default(),
                })
            })
            .await;
        if refused(shell) {
            self.shells.forget(|other| *other == key);
        }
        shell.clone()
    }

    /// Returns a shell on this machine that works for the host `name`.
    ///
    /// # Errors
    /// Why the user can't be become, or there is no shell.
    pub async fn local(
        &self,
        name: &str,
        become_user: Option<&Become>,
    ) -> Result<Shell, Arc<TransportError>> {
        let key = (name.to_owned(), become_user.map(who));
        let cell = self.locals.cell(key.clone());
        let shell = cell
            .get_or_init(|| async {
                let become_user = become_user.map(carried);
                let shell = Session::local().shell(become_user.as_ref()).await;
                shell.map_err(Arc::new)
            })
            .await;
        if shell.is_err() {
            self.locals.forget(|other| *other == key);
        }
        shell.clone()
    }

    fn add(&self, name: &str, traffic: Traffic) {
        let mut past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        let known = past.entry(name.to_owned()).or_default();
        *known = sum(*known, traffic);
    }

    /// Returns what went to a host and came from it so far.
    pub fn traffic(&self, name: &str) -> Traffic {
        let past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        let past = past.get(name).copied().unwrap_or_default();
        sum(past, self.carried(name))
    }

    /// Returns what the lines to a host carried that are there.
    fn carried(&self, name: &str) -> Traffic {
        let cells = self.shells.0.lock();
        let cells = cells.unwrap_or_else(PoisonError::into_inner);
        cells
            .iter()
            .filter(|((host, ..), _)| host == name)
            .filter_map(|(_, cell)| cell.get()?.as_ref().ok())
            .fold(Traffic::default(), |all, line| {
                sum(all, line.shell.traffic())
            })
    }

    /// Forgets what leads to a host, so that the next task connects anew.
    pub fn forget(&self, name: &str) {
        self.add(name, self.carried(name));
        self.shells.forget(|(host, ..)| host == name);
        self.sessions.forget(|(host, _)| host == name);
    }

    /// Forgets the shells on this machine.
    pub fn forget_local(&self, name: &str) {
        self.locals.forget(|(host, _)| host == name);
    }
}

/// Adds what went one way to what went before.
fn sum(one: Traffic, other: Traffic) -> Traffic {
    Traffic {
        round_trips: one.round_trips + other.round_trips,
        sent: one.sent + other.sent,
        received: one.received + other.received,
    }
}

/// Returns whether only the other user was refused: a task may change that, so the next
/// one tries again.
fn refused(shell: &Result<Line, Arc<TransportError>>) -> bool {
    let problem = shell.as_ref().err().map(AsRef::as_ref);
    matches!(problem, Some(TransportError::Become { .. }))
}

fn who(wish: &Become) -> Who {
    let method = match wish.method {
        BecomeMethod::Sudo => 0,
        BecomeMethod::Su => 1,
        BecomeMethod::Doas => 2,
    };
    (method, wish.user.clone())
}

/// The same wish in the words of the room that carries it out.
fn carried(wish: &Become) -> transport::Become {
    transport::Become {
        method: match wish.method {
            BecomeMethod::Sudo => transport::BecomeMethod::Sudo,
            BecomeMethod::Su => transport::BecomeMethod::Su,
            BecomeMethod::Doas => transport::BecomeMethod::Doas,
        },
        user: wish.user.clone(),
        password: wish.password.clone(),
    }
}
