use clap::Args;

/// The instances that a verb is for.
#[derive(Args, Clone, Debug)]
pub struct Pattern {
    /// Instances, as Ansible's patterns: names, groups, globs, ~regex; joined by `,` or `:`,
    /// narrowed by `:&` and `:!`; all for every instance
    #[arg(value_name = "PATTERN")]
    pub pattern: String,
}
