use std::io;

use serde_json::json;

use super::{command_error::CommandError, context::Context};
use crate::{
    plan::{Exit, Failure, Plan},
    report::{Answer, Format, Painter, PlanView, confirm, plan},
};

/// Shows plans as the result of `--check`, and returns whether they hold steps.
///
/// # Errors
/// When the document can't be written.
pub fn show<A>(context: &Context, plans: &[Plan<A>], diff: bool) -> Result<Exit, CommandError> {
    let output = &context.output;
    match output.format() {
        // Every instance was refused; the recap says why.
        Format::Table if plans.is_empty() => {}
        Format::Table => {
            let views: Vec<_> = plans.iter().collect();
            output.data(&text(context, &views, diff, output.data_painter()));
            output.data(&plan::totals(plans));
        }
        Format::Json | Format::Yaml => {
            let plans: Vec<_> = plans.iter().map(plan::plan_json).collect();
            output.document("swarmctl/plan/1", &json!({ "plans": plans }))?;
        }
    }
    Ok(if plans.iter().all(Plan::is_empty) {
        Exit::Done
    } else {
        Exit::Changes
    })
}

/// Asks whether the plans may be carried out, when one of them removes what can't
/// be had back. The plans are shown first.
///
/// # Errors
/// Refused when declined, or when there is no terminal and no `--yes`.
pub fn ask<A>(
    context: &Context,
    plans: &[&Plan<A>],
    question: &str,
    by_name: bool,
) -> Result<(), Failure> {
    if context.global.yes
        || !plans
            .iter()
            .any(|plan| plan.destructive && !plan.is_empty())
    {
        return Ok(());
    }
    context
        .output
        .complain(&text(context, plans, false, context.output.talk_painter()));
    let answer = match plans {
        [one] if by_name => Answer::Name(&one.instance),
        _ => Answer::Yes,
    };
    confirm(
        &context.output,
        &mut io::stdin().lock(),
        context.global.yes,
        question,
        answer,
    )
}

/// Shows the changed documents of plans that are about to be applied.
pub fn show_diffs<A>(context: &Context, plans: &[&Plan<A>]) {
    let painter = context.output.talk_painter();
    context.output.talk(&text(context, plans, true, painter));
}

fn text<A>(context: &Context, plans: &[&Plan<A>], diff: bool, painter: Painter) -> String {
    let view = PlanView {
        diff,
        undo: context.global.verbose,
    };
    plans
        .iter()
        .map(|one| plan::plan(one, view, painter))
        .collect::<Vec<_>>()
        .join("\n")
}
