//! What a rehearsal would refuse once its inputs are there, as far as the draft alone tells: better
//! to say so while the plan is made than after the models were asked.

use crate::domain::{Arm, Latency, ModelSource, PlanDraft, PlanProblem};

/// What is missing because answers were recorded elsewhere and nobody measured them.
pub fn foreseen(draft: &PlanDraft) -> Vec<PlanProblem> {
    let batch = draft.batch.as_ref();
    let all_wait = batch.is_some_and(|batch| batch.share >= 100.0);
    let unmeasured =
        |arm: &Arm| is_recorded(arm) && matches!(arm.latency, Latency::Measured { .. });
    let arms = draft.arms.iter().enumerate();
    let mut problems: Vec<PlanProblem> = arms
        .filter(|(_, arm)| !all_wait && unmeasured(arm))
        .map(|(place, arm)| PlanProblem {
            field: format!("arms[{place}].latency"),
            message: format!(
                "Nobody measured the recorded answers of `{}`: state a service time.",
                arm.name
            ),
        })
        .collect();
    let needs_rate = batch.is_some_and(|batch| batch.rows_per_second.is_none());
    if needs_rate && draft.arms.iter().any(is_recorded) {
        problems.push(PlanProblem {
            field: "batch.rows_per_second".to_owned(),
            message: "Recorded answers were not measured in batches: say how fast a job is."
                .to_owned(),
        });
    }
    problems
}

fn is_recorded(arm: &Arm) -> bool {
    match &arm.model {
        ModelSource::Folder(_) => false,
        ModelSource::Column(column) | ModelSource::File { column, .. } => !column.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{BatchServing, SimSpan};

    #[test]
    fn recorded_answers_need_a_stated_time() {
        let mut draft = PlanDraft::default();
        draft.arms[1].model = ModelSource::Column("score".to_owned());
        let fields = |draft: &PlanDraft| -> Vec<String> {
            foreseen(draft).into_iter().map(|problem| problem.field).collect()
        };
        assert_eq!(fields(&draft), ["arms[1].latency"]);
        draft.batch = Some(BatchServing::default());
        assert_eq!(fields(&draft), ["batch.rows_per_second"]);
        draft.batch = None;
        draft.arms[1].latency = Latency::Constant(SimSpan::from_millis(20));
        assert_eq!(fields(&draft), [""; 0]);
    }
}
