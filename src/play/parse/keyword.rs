/// What a keyword's value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Int,
    /// A number, perhaps with `%`.
    Share,
    Text,
    /// A text or a list of texts.
    Texts,
    Map,
    /// A mapping, or a list of mappings.
    Maps,
    /// Expressions: a text, a boolean, or a list of them.
    Conditions,
    /// Read by a file of its own.
    Own,
}

/// Where keywords may stand.
pub(super) const PLAY: u8 = 1;
pub(super) const BLOCK: u8 = 2;
pub(super) const TASK: u8 = 4;
pub(super) const HANDLER: u8 = 8;
pub(super) const ROLE: u8 = 16;
const TASKS: u8 = TASK | HANDLER;
const BELOW: u8 = BLOCK | TASK | HANDLER | ROLE;
const ALL: u8 = PLAY | BELOW;

/// How a value meets that of the block, role or play around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inherit {
    /// It stays where it is written.
    No,
    /// The innermost counts.
    Inner,
    /// All count, the outermost first.
    Both,
}

/// What is known of a keyword.
pub(super) struct Spec {
    pub keyword: Keyword,
    pub name: &'static str,
    pub kind: Kind,
    /// Where it may stand.
    pub on: u8,
    pub inherit: Inherit,
}

macro_rules! keywords {
    ($($variant:ident $name:literal $kind:ident $on:expr, $inherit:ident;)*) => {
        /// The keywords of plays, blocks, roles and tasks, named as Ansible names them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "Ansible's playbook keyword reference has them")]
        pub enum Keyword { $($variant,)* }

        pub(super) const SPECS: &[Spec] = &[$(Spec {
            keyword: Keyword::$variant,
            name: $name,
            kind: Kind::$kind,
            on: $on,
            inherit: Inherit::$inherit,
        },)*];
    };
}

// Source: "Playbook Keywords" of Ansible's documentation, version 2.19.
keywords! {
    AnyErrorsFatal "any_errors_fatal" Bool ALL, Inner;
    Become "become" Bool ALL, Inner;
    BecomeExe "become_exe" Text ALL, Inner;
    BecomeFlags "become_flags" Text ALL, Inner;
    BecomeMethod "become_method" Text ALL, Inner;
    BecomeUser "become_user" Text ALL, Inner;
    CheckMode "check_mode" Bool ALL, Inner;
    Collections "collections" Texts ALL, Inner;
    Connection "connection" Text ALL, Inner;
    Debugger "debugger" Text ALL, Inner;
    Diff "diff" Bool ALL, Inner;
    Environment "environment" Maps ALL, Both;
    IgnoreErrors "ignore_errors" Bool ALL, Inner;
    IgnoreUnreachable "ignore_unreachable" Bool ALL, Inner;
    ModuleDefaults "module_defaults" Maps ALL, Both;
    Name "name" Text PLAY | BLOCK | TASKS, No;
    NoLog "no_log" Bool ALL, Inner;
    Port "port" Int ALL, Inner;
    RemoteUser "remote_user" Text ALL, Inner;
    RunOnce "run_once" Bool ALL, Inner;
    Tags "tags" Texts ALL, Both;
    Throttle "throttle" Int ALL, Inner;
    Timeout "timeout" Int ALL, Inner;
    Vars "vars" Own ALL, No;
    DelegateTo "delegate_to" Text BELOW, Inner;
    DelegateFacts "delegate_facts" Bool BELOW, Inner;
    When "when" Conditions BELOW, Both;
    Notify "notify" Texts BLOCK | TASKS, Both;
    Args "args" Own TASKS, No;
    Action "action" Own TASKS, No;
    LocalAction "local_action" Own TASKS, No;
    Async "async" Int TASKS, No;
    ChangedWhen "changed_when" Conditions TASKS, No;
    Delay "delay" Share TASKS, No;
    FailedWhen "failed_when" Conditions TASKS, No;
    Listen "listen" Texts HANDLER, No;
    Loop "loop" Own TASKS, No;
    LoopControl "loop_control" Own TASKS, No;
    Poll "poll" Int TASKS, No;
    Register "register" Text TASKS, No;
    Retries "retries" Int TASKS, No;
    Until "until" Conditions TASKS, No;
    Block "block" Own BLOCK, No;
    Rescue "rescue" Own BLOCK, No;
    Always "always" Own BLOCK, No;
    Hosts "hosts" Texts PLAY, No;
    FactPath "fact_path" Text PLAY, No;
    ForceHandlers "force_handlers" Bool PLAY, No;
    GatherFacts "gather_facts" Bool PLAY, No;
    GatherSubset "gather_subset" Texts PLAY, No;
    GatherTimeout "gather_timeout" Int PLAY, No;
    Handlers "handlers" Own PLAY, No;
    MaxFailPercentage "max_fail_percentage" Share PLAY, No;
    Order "order" Text PLAY, No;
    PostTasks "post_tasks" Own PLAY, No;
    PreTasks "pre_tasks" Own PLAY, No;
    Roles "roles" Own PLAY, No;
    Serial "serial" Own PLAY, No;
    Strategy "strategy" Text PLAY, No;
    TasksOfPlay "tasks" Own PLAY, No;
    User "user" Text PLAY, No;
    ValidateArgspec "validate_argspec" Own PLAY, No;
    VarsFiles "vars_files" Own PLAY, No;
    VarsPrompt "vars_prompt" Own PLAY, No;
    RoleName "role" Own ROLE, No;
}

impl Keyword {
    /// Returns the word itself.
    pub fn name(self) -> &'static str {
        self.spec().map_or("", |spec| spec.name)
    }

    pub(super) fn spec(self) -> Option<&'static Spec> {
        SPECS.iter().find(|spec| spec.keyword == self)
    }

    /// Returns why swarmctl has no such thing, for what Ansible alone has.
    pub(super) fn refused(self) -> Option<&'static str> {
        Some(match self {
            Self::BecomeExe | Self::BecomeFlags => {
                "remove it: sudo, su and doas are called as they are, without flags"
            }
            Self::Debugger => "remove it: there is no debugger; -v says more",
            Self::FactPath => "remove it: custom facts aren't gathered",
            Self::VarsPrompt => "nothing asks during a run; give the variables with -e",
            Self::ValidateArgspec => "remove it, or check with an `assert` task",
            _ => return None,
        })
    }
}

/// Returns the keyword called `name` that may stand at one of the places `on`.
pub(super) fn find(name: &str, on: u8) -> Option<&'static Spec> {
    SPECS
        .iter()
        .find(|spec| spec.name == name && spec.on & on != 0)
}

/// Returns the words that may stand at one of the places `on`.
pub(super) fn names(on: u8) -> impl Iterator<Item = &'static str> {
    SPECS
        .iter()
        .filter(move |spec| spec.on & on != 0)
        .map(|spec| spec.name)
}
