use super::{
    Painter,
    text::{counted, printable},
};
use crate::plan::{Held, Need, Plan, Undo};

/// How a plan is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanView {
    /// Show the changed documents.
    pub diff: bool,
    /// Show how each step is taken back.
    pub undo: bool,
}

/// Returns the plan of one instance as text: each step with its reason, the
/// differences that wait for a permission, and diffs when asked for.
pub fn plan<A>(plan: &Plan<A>, view: PlanView, painter: Painter) -> String {
    let name = painter.bold(&printable(&plan.instance));
    if plan.is_empty() && plan.held.is_empty() {
        return format!("{name}: nothing to do");
    }
    let mut lines = vec![if plan.is_empty() {
        format!("{name}: nothing to do now")
    } else {
        format!("{name}: {}", counted(plan.steps.len(), "step"))
    }];
    let digits = plan.steps.len().to_string().len();
    for (i, step) in plan.steps.iter().enumerate() {
        let number = i + 1;
        lines.push(format!("  {number:>digits$}. {}", printable(&step.what)));
        let indent = " ".repeat(digits + 4);
        if !step.why.is_empty() {
            let why = format!("because {}", printable(&step.why));
            lines.push(format!("{indent}{}", painter.dim(&why)));
        }
        match &step.undo {
            Undo::Cannot => lines.push(format!("{indent}{}", painter.bad("cannot be undone"))),
            Undo::By(how) if view.undo && !how.is_empty() => {
                let how = format!("undo: {}", printable(how));
                lines.push(format!("{indent}{}", painter.dim(&how)));
            }
            Undo::By(_) => {}
        }
        if let (true, Some(changed)) = (view.diff, &step.diff) {
            lines.extend(changed.lines().map(|line| {
                let line = diff_line(&printable(line), painter);
                format!("{indent}{line}").trim_end().to_owned()
            }));
        }
    }
    lines.extend(
        plan.held
            .iter()
            .map(|held| format!("  {}", self::held(held, painter))),
    );
    if let (true, Some(changed)) = (view.diff, &plan.held_diff) {
        lines.extend(changed.lines().map(|line| {
            let line = diff_line(&printable(line), painter);
            format!("    {line}").trim_end().to_owned()
        }));
    }
    lines.join("\n")
}

/// Returns a difference that is left alone, with what it would take.
pub fn held(held: &Held, painter: Painter) -> String {
    let need = match held.need {
        Need::Restart => "needs --restart",
        Need::Rebuild => "needs --rebuild",
        Need::Impossible => "can't be done",
    };
    format!("- {} ({})", printable(&held.what), painter.warn(need))
}

/// Returns the last line of a plan: how many steps on how many instances.
pub fn totals<A>(plans: &[Plan<A>]) -> String {
    let steps: usize = plans.iter().map(|plan| plan.steps.len()).sum();
    let busy = plans.iter().filter(|plan| !plan.is_empty()).count();
    let held: usize = plans.iter().map(|plan| plan.held.len()).sum();
    let mut text = if steps == 0 {
        format!("nothing to do on {}", counted(plans.len(), "instance"))
    } else {
        format!(
            "{} on {}",
            counted(steps, "step"),
            counted(busy, "instance")
        )
    };
    if held > 0 {
        text.push_str(&format!(", {} left alone", counted(held, "difference")));
    }
    text
}

/// Returns the plan as a JSON value, as docs/json.md describes it.
pub fn plan_json<A>(plan: &Plan<A>) -> serde_json::Value {
    let steps: Vec<_> = plan
        .steps
        .iter()
        .map(|step| {
            serde_json::json!({
                "name": step.name,
                "what": step.what,
                "why": step.why,
                "undo": step.undo,
                "diff": step.diff,
            })
        })
        .collect();
    serde_json::json!({
        "instance": plan.instance,
        "destructive": plan.destructive,
        "steps": steps,
        "held": plan.held,
        "held_diff": plan.held_diff,
    })
}

fn diff_line(line: &str, painter: Painter) -> String {
    if line.starts_with("+++") || line.starts_with("---") {
        painter.bold(line)
    } else if line.starts_with('+') {
        painter.good(line)
    } else if line.starts_with('-') {
        painter.bad(line)
    } else if line.starts_with("@@") {
        painter.help(line)
    } else {
        line.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::plan::Step;

    fn step(name: &'static str, what: &str, why: &str, undo: Undo, diff: Option<&str>) -> Step<()> {
        Step {
            action: (),
            name,
            what: what.to_owned(),
            why: why.to_owned(),
            undo,
            diff: diff.map(str::to_owned),
        }
    }

    fn sample() -> Plan<()> {
        let mut plan = Plan::new("zap");
        plan.destructive = true;
        plan.steps = vec![
            step(
                "create-overlay",
                "create overlay claw.qcow2, 60 GiB",
                "the volume does not exist",
                Undo::By("swarmctl destroy zap".to_owned()),
                None,
            ),
            step(
                "define-domain",
                "define domain \"zap [claw]\"",
                "memory differs",
                Undo::Cannot,
                Some("--- now\n+++ wanted\n@@ -1 +1 @@\n-<memory>1\n+<memory>2\n"),
            ),
        ];
        plan.held = vec![Held {
            what: "firmware efi, wanted secure-boot".to_owned(),
            need: Need::Rebuild,
        }];
        plan
    }

    #[test]
    fn steps_with_reasons() {
        let painter = Painter::new(false);
        assert_snapshot!(plan(&sample(), PlanView::default(), painter), @r#"
        zap: 2 steps
          1. create overlay claw.qcow2, 60 GiB
             because the volume does not exist
          2. define domain "zap [claw]"
             because memory differs
             cannot be undone
          - firmware efi, wanted secure-boot (needs --rebuild)
        "#);
        let all = PlanView {
            diff: true,
            undo: true,
        };
        assert_snapshot!(plan(&sample(), all, painter), @r#"
        zap: 2 steps
          1. create overlay claw.qcow2, 60 GiB
             because the volume does not exist
             undo: swarmctl destroy zap
          2. define domain "zap [claw]"
             because memory differs
             cannot be undone
             --- now
             +++ wanted
             @@ -1 +1 @@
             -<memory>1
             +<memory>2
          - firmware efi, wanted secure-boot (needs --rebuild)
        "#);
        assert_snapshot!(totals(&[sample(), Plan::new("demo")]), @"2 steps on 1 instance, 1 difference left alone");
    }

    #[test]
    fn nothing_to_do() {
        let none: Plan<()> = Plan::new("zap");
        assert_snapshot!(plan(&none, PlanView::default(), Painter::new(false)), @"zap: nothing to do");
        let mut held = sample();
        held.steps.clear();
        assert_snapshot!(plan(&held, PlanView::default(), Painter::new(false)), @"
        zap: nothing to do now
          - firmware efi, wanted secure-boot (needs --rebuild)
        ");
        assert_eq!(totals(&[none]), "nothing to do on 1 instance");
    }

    #[test]
    fn the_json_form() {
        insta::assert_json_snapshot!(plan_json(&sample()), @r#"
        {
          "instance": "zap",
          "destructive": true,
          "steps": [
            {
              "name": "create-overlay",
              "what": "create overlay claw.qcow2, 60 GiB",
              "why": "the volume does not exist",
              "undo": {
                "by": "swarmctl destroy zap"
              },
              "diff": null
            },
            {
              "name": "define-domain",
              "what": "define domain \"zap [claw]\"",
              "why": "memory differs",
              "undo": "cannot",
              "diff": "--- now\n+++ wanted\n@@ -1 +1 @@\n-<memory>1\n+<memory>2\n"
            }
          ],
          "held": [
            {
              "what": "firmware efi, wanted secure-boot",
              "need": "rebuild"
            }
          ],
          "held_diff": null
        }
        "#);
    }
}
