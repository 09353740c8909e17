use clap::Args;

/// The instances that a verb is for.
#[derive(Args, Clone, Debug)]
pub struct Pattern {
    /// Instances, as Ansible's patterns: names, groups, globs, ~regex; joined by `,` or `:`,
    /// narrowed by `:&` and `:!`; all for every instance
    #[arg(value_name = "PATTERN")]
    pub pattern: String,
}

/// The hosts that a verb is for, instances or not.
#[derive(Args, Clone, Debug)]
pub struct HostPattern {
    /// Hosts, as Ansible's patterns: names, groups, globs, ~regex; joined by `,` or `:`,
    /// narrowed by `:&` and `:!`; all for every host
    #[arg(value_name = "PATTERN")]
    pub pattern: String,
}
