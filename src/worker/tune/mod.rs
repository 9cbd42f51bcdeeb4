//! Better plans: stages, holds and limits are varied, and every variant's odds are worked out on the
//! same requests, until only those are left that nobody beats.

mod variants;

use super::error::Error;
use super::odds::{Question, odds};
use super::status::Status;
use crate::domain::{Inputs, Plan, Regression};
use crate::stats::odds::{Odds, Rung};
use crate::stats::tuned::{Figures, Goal, Tuned, front};

pub use variants::{Variant, variants};

/// Runs per round; variants that have fallen behind by then are not run any further.
const ROUNDS: [u32; 2] = [10, 40];

/// Tries variants of the plan and keeps those that reach the goal and that no other one beats in
/// false alarms, misses, exposure and time at once; the plan itself is always among the answers. Of
/// each, at most `runs` runs with the baseline and with `bad` in the candidate's place. Progress
/// counts runs of one variant.
///
/// # Errors
/// If the regression does not fit the data, or somebody cancels.
pub fn tune(
    plan: &Plan,
    inputs: &Inputs,
    bad: &Regression,
    goal: &Goal,
    runs: u32,
    status: &Status,
) -> Result<Vec<(Variant, Tuned)>, Error> {
    let mut left = variants(plan, inputs, &status.progress)?;
    let mut found: Vec<(Variant, Tuned)> = Vec::new();
    let rounds = ROUNDS.into_iter().filter(|round| *round < runs).chain([runs]);
    for round in rounds {
        found.clear();
        let count = left.len();
        for (place, variant) in std::mem::take(&mut left).into_iter().enumerate() {
            status.begin(format!("Variant {} of {count}, {round} runs", place + 1));
            let regressions = vec![Regression::None, bad.clone()];
            let question = Question { regressions, runs: round, precision: None, seed: plan.seed };
            let odds = odds(&variant.plan, inputs, &question, &status.progress, |_| {})?;
            let tuned = Tuned { figures: figures(&odds), odds, is_own: variant.is_own };
            found.push((variant, tuned));
        }
        let tuned: Vec<&Tuned> = found.iter().map(|(_, tuned)| tuned).collect();
        let is_last = round == runs;
        let kept = front(&tuned, goal, is_last);
        let mut place = 0;
        found.retain(|_| {
            place += 1;
            kept.contains(&(place - 1))
        });
        if !is_last {
            left = found.iter().map(|(variant, _)| variant.clone()).collect();
        }
    }
    found.sort_by(|a, b| a.1.figures.exposed.total_cmp(&b.1.figures.exposed));
    Ok(found)
}

fn figures(odds: &Odds) -> Figures {
    let good = odds.rungs.iter().find(|rung| rung.regression == Regression::None);
    let bad = odds.rungs.iter().find(|rung| rung.regression.is_worse());
    let typical = |rung: Option<&Rung>, of: fn(&Rung) -> Option<f64>| {
        rung.and_then(of).unwrap_or(f64::INFINITY)
    };
    Figures {
        false_alarms: good.map(|rung| rung.stopped),
        caught: bad.map(Rung::not_shipped),
        exposed: typical(bad, |rung| rung.exposed.map(|typical| typical.median)),
        full_after: typical(good, |rung| rung.full_after.map(|typical| typical.median)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn the_plan_itself_is_among_the_answers_and_nothing_beats_the_front() {
        let (plan, inputs) = (fixture::plan(), fixture::inputs());
        let bad = Regression::Accuracy { points: 50.0, segment: None };
        let goal = Goal { most_false_alarms: 0.1, least_caught: 0.8 };
        let found = tune(&plan, &inputs, &bad, &goal, 12, &Status::default()).unwrap();
        assert_eq!(found.iter().filter(|(variant, _)| variant.is_own).count(), 1);
        assert!(found.iter().all(|(_, tuned)| tuned.odds.runs == 12));
        let exposed: Vec<f64> = found.iter().map(|(_, tuned)| tuned.figures.exposed).collect();
        assert!(exposed.is_sorted(), "{exposed:?}");
        assert!(found.len() > 1, "a canary of three steps can be bettered");
    }
}
