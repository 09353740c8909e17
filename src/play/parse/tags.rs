use std::collections::BTreeSet;

/// Which tasks run: `--tags` and `--skip-tags`.
#[derive(Clone, Debug, Default)]
pub struct TagFilter {
    /// Tags that are wanted; empty means all.
    pub only: BTreeSet<String>,
    /// Tags that are not.
    pub skip: BTreeSet<String>,
}

impl TagFilter {
    /// Returns the filter of comma-separated lists, as the command line has them.
    pub fn new(only: &[String], skip: &[String]) -> Self {
        let split = |lists: &[String]| {
            lists
                .iter()
                .flat_map(|list| list.split(','))
                .map(|tag| tag.trim().to_owned())
                .filter(|tag| !tag.is_empty())
                .collect()
        };
        Self {
            only: split(only),
            skip: split(skip),
        }
    }

    /// Returns whether a task with these tags runs. The words `all`, `tagged` and
    /// `untagged` have their meaning in the lists, `always` and `never` at the task.
    pub fn selects(&self, tags: &BTreeSet<String>) -> bool {
        let own: BTreeSet<String> = if tags.is_empty() {
            BTreeSet::from(["untagged".to_owned()])
        } else {
            tags.clone()
        };
        let has = |set: &BTreeSet<String>, tag: &str| set.contains(tag);
        let never = has(&own, "never");
        let wanted = if self.only.is_empty() {
            has(&own, "always") || !never
        } else {
            has(&own, "always")
                || (has(&self.only, "all") && !never)
                || !own.is_disjoint(&self.only)
                || (has(&self.only, "tagged") && !tags.is_empty() && !never)
        };
        let unwanted = if has(&self.skip, "all") {
            !has(&own, "always") || has(&self.skip, "always")
        } else {
            !own.is_disjoint(&self.skip) || (has(&self.skip, "tagged") && !tags.is_empty())
        };
        wanted && !unwanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line: `--tags`, `--skip-tags`, a task's tags, and whether it runs.
    #[test]
    fn tasks_run_by_their_tags() {
        for (only, skip, own, runs) in [
            ("", "", "", true),
            ("", "", "never", false),
            ("a", "", "a,b", true),
            ("a", "", "", false),
            ("a", "", "always", true),
            ("a", "", "never,a", true),
            ("tagged", "", "", false),
            ("tagged", "", "x", true),
            ("untagged", "", "", true),
            ("all", "", "never", false),
            ("", "a", "a", false),
            ("", "tagged", "", true),
            ("", "all", "always", true),
            ("", "always", "always", false),
        ] {
            let filter = TagFilter::new(&[only.to_owned()], &[skip.to_owned()]);
            let own = TagFilter::new(&[own.to_owned()], &[]).only;
            assert_eq!(filter.selects(&own), runs, "{only} {skip} {own:?}");
        }
    }
}
