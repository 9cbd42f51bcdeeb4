//! The plan under the rules of several controllers.

use super::{Compared, Variant, in_parallel};
use crate::domain::{Dialect, Inputs, Plan, PlanDraft, PlanProblem, Progress};
use crate::worker::error::Error;

/// A dialect that cannot say the plan at all, and why.
pub type Unsaid = (Dialect, Vec<PlanProblem>);

/// The plan in each of `dialects`, as far as they can say it.
pub fn translated(plan: &Plan, dialects: &[Dialect]) -> (Vec<Plan>, Vec<Unsaid>) {
    let (mut plans, mut unsaid) = (Vec::new(), Vec::new());
    for dialect in dialects {
        let draft = PlanDraft { dialect: *dialect, ..PlanDraft::from(plan.clone()) };
        match draft.validate() {
            Ok(plan) => plans.push(plan),
            Err(problems) => unsaid.push((*dialect, problems)),
        }
    }
    (plans, unsaid)
}

/// Runs all of them on the same requests, in parallel; the answers have their order.
///
/// # Errors
/// If there are no more threads, or somebody cancels.
pub fn compare_dialects(
    plans: Vec<Plan>,
    inputs: &Inputs,
    progress: &Progress,
) -> Result<Vec<Compared>, Error> {
    let variants = plans.into_iter().map(|plan| Variant {
        kind: plan.strategy.kind(),
        faults: (0..plan.faults.len()).collect(),
        plan,
    });
    in_parallel(variants.collect(), inputs, progress)
}
