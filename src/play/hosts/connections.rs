use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OnceCell;

use crate::{
    play::run::{Become, BecomeMethod},
    transport::{self, Session, Shell, Target, TransportError},
};

/// The sessions of a run. A host that can't be reached is tried once, and costs one
/// timeout, however many tasks wait for it.
#[derive(Default)]
pub struct Connections {
    sessions: Cells<(String, Option<String>), Session>,
    shells: Cells<ShellKey, Shell>,
    /// Those on this machine, by the host that they work for.
    locals: Cells<(String, Option<Who>), Shell>,
}

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
    ) -> Result<Shell, Arc<TransportError>> {
        let login = (name.to_owned(), target.user.clone());
        let key = (login.0.clone(), login.1.clone(), become_user.map(who));
        let cell = self.shells.cell(key.clone());
        let shell = cell
            .get_or_init(|| async {
                let session = self.sessions.cell(login);
                let session = session
                    .get_or_init(|| async { Session::connect(target).await.map_err(Arc::new) })
                    .await
                    .as_ref()
                    .map_err(Arc::clone)?;
                let become_user = become_user.map(carried);
                let shell = session.shell(become_user.as_ref()).await;
                shell.map_err(Arc::new)
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

    /// Forgets what leads to a host, so that the next task connects anew.
    pub fn forget(&self, name: &str) {
        self.shells.forget(|(host, ..)| host == name);
        self.sessions.forget(|(host, _)| host == name);
    }

    /// Forgets the shells on this machine.
    pub fn forget_local(&self, name: &str) {
        self.locals.forget(|(host, _)| host == name);
    }
}

/// Returns whether only the other user was refused: a task may change that, so the next
/// one tries again.
fn refused(shell: &Result<Shell, Arc<TransportError>>) -> bool {
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
