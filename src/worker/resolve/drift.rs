//! Drift faults: every model is asked again about a world in which one feature has moved.

use super::super::error::Error;
use super::models::{Answering, Asked, Scorer, Times};
use crate::domain::{Drifted, FaultKind, Plan, PlanProblem, Predictions, Table};
use crate::models;

/// The arms' answers under each drift fault of the plan. Service times are those of `usual`, since
/// a moved number takes no longer.
pub(super) fn resolve(
    plan: &Plan,
    table: &Table,
    asked: &[Asked],
    usual: &[Predictions],
    scorer: &mut Scorer,
) -> Result<Vec<Drifted>, Error> {
    let mut all = Vec::new();
    for (fault, what) in plan.faults.iter().map(|fault| &fault.what).enumerate() {
        let FaultKind::Drift { feature, shift } = what else { continue };
        let problem = |message: String| {
            let field = format!("faults[{fault}].what.drift.feature");
            Error::Problems(vec![PlanProblem { field, message }])
        };
        let models = running(asked).map_err(problem)?;
        let cards: Vec<_> = models.iter().map(|model| model.card()).collect();
        let moved = models::drifted(&cards, table, feature, *shift)
            .map_err(|fault| problem(fault.to_string()))?;
        let mut predictions = Vec::with_capacity(models.len());
        for ((arm, model), usual) in asked.iter().zip(models).zip(usual) {
            predictions.push(scorer.ask(&arm.arm, model, &moved, Times::Known(&usual.latency))?);
        }
        all.push(Drifted { fault, predictions });
    }
    Ok(all)
}

/// All arms' models, if every arm has one.
fn running(asked: &[Asked]) -> Result<Vec<&models::Model>, String> {
    let mut models = Vec::with_capacity(asked.len());
    for arm in asked {
        let Answering::Model(model) = &arm.answers else {
            return Err(format!(
                "The answers of `{}` are recorded, and nobody recorded what it would have said under \
             drift: use models that can be run, or remove the fault.",
                arm.arm
            ));
        };
        models.push(model.as_ref());
    }
    Ok(models)
}
