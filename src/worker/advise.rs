//! Measures every strategy on a person's own traffic, for advice on which to take.

use super::compare::{self, compare, with_strategy};
use super::error::Error;
use super::odds::{Question, odds};
use super::status::Status;
use crate::domain::{Inputs, Plan, Recording, Regression, Window};
use crate::stats::advice::Measured;
use crate::stats::odds::Odds;

/// Rehearses the plan under every strategy once with its own candidate, and `runs` times each with
/// the baseline and with `bad` in its place.
///
/// # Errors
/// If the regression does not fit the data, a strategy has no form for this plan, or somebody
/// cancels.
pub fn measure(
    plan: &Plan,
    inputs: &Inputs,
    bad: &Regression,
    runs: u32,
    status: &Status,
) -> Result<Vec<Measured>, Error> {
    let kinds = compare::strategies(plan);
    status.begin("Comparing strategies");
    let compared = compare(plan, &kinds, inputs, &status.progress)?;
    let measure = |one: compare::Compared| {
        status.begin(format!("Odds of {}", one.kind.label().to_lowercase()));
        let (plan, inputs) = with_strategy(plan, one.kind, inputs)?;
        let regressions = vec![Regression::None, bad.clone()];
        let question = Question { regressions, runs, precision: None, seed: plan.seed };
        let odds = if plan.arms.len() < 2 {
            Odds { runs: 0, first_seed: plan.seed, rungs: Vec::new() }
        } else {
            odds(&plan, &inputs, &question, &status.progress, |_| {})?
        };
        let peak = peak(&one.recording, &one.plan);
        Ok(Measured { kind: one.kind, ledger: one.ledger, peak, odds })
    };
    compared.into_iter().map(measure).collect()
}

/// The most replicas ready at once, over those of the baseline alone.
fn peak(recording: &Recording, plan: &Plan) -> f64 {
    let own = plan.arms.first().map_or(1, |arm| arm.serving.replicas).max(1);
    let ready = |window: &Window| -> u32 { window.arms.iter().map(|arm| arm.ready_replicas).sum() };
    let most = recording.windows.iter().map(ready).max().unwrap_or(0);
    f64::from(most) / f64::from(own)
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::domain::StrategyKind;

    #[test]
    fn every_strategy_is_measured_on_the_same_traffic() {
        let (plan, inputs) = (fixture::plan(), fixture::inputs());
        let bad = Regression::Accuracy { points: 50.0, segment: None };
        let all = measure(&plan, &inputs, &bad, 3, &Status::default()).unwrap();
        assert!(all.iter().map(|one| one.kind).eq(StrategyKind::ALL));
        let of = |kind| all.iter().find(|one| one.kind == kind).unwrap();
        let exposed = |kind| of(kind).odds.rungs[1].exposed.unwrap().median;
        assert!(exposed(StrategyKind::Canary) < exposed(StrategyKind::Direct));
        assert_eq!(exposed(StrategyKind::Shadow), 0.0);
        assert!(of(StrategyKind::Canary).peak > 1.0);
    }
}
