use secrecy::SecretString;

/// As whom a task runs, when not as the user who logs in.
#[derive(Clone, Debug)]
pub struct Become {
    /// By which program.
    pub method: BecomeMethod,
    /// The user.
    pub user: String,
    /// The password that the program asks for.
    pub password: Option<SecretString>,
}

/// A program that changes the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BecomeMethod {
    /// sudo.
    Sudo,
    /// su.
    Su,
    /// doas.
    Doas,
}
