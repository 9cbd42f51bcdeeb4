//! The odds of a plan: the same rehearsal by many seeds, for the plan's candidate, for the baseline
//! in its place, and for a ladder of regressions.
//!
//! Run number k has the same seed in every rung and every plan, so plans and rungs meet the same
//! requests (common random numbers) and differ in nothing but themselves.

mod inject;

use std::io;
use std::sync::Arc;

use rayon::ThreadPoolBuilder;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use super::error::Error;
use crate::domain::{Inputs, Labels, Plan, PlanProblem, Progress, Recording, Regression, Task};
use crate::engine::Prepared;
use crate::stats::ledger::ledger;
use crate::stats::odds::{Odds, Rung, Trial};

/// Runs of each rung before the first answer; every later round doubles what there is.
const FIRST_ROUND: u32 = 8;

/// What is to be found out.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub regressions: Vec<Regression>,
    /// At most so many runs of each.
    pub runs: u32,
    /// Enough once every chance is known to so much either way.
    pub precision: Option<f64>,
    /// The seed of the first run.
    pub seed: u64,
}

impl Question {
    /// Every ladder that the inputs allow, by the plan's seed.
    pub fn of(plan: &Plan, inputs: &Inputs, runs: u32) -> Self {
        let task = inputs.predictions.first().map_or(&Task::Binary, |baseline| &baseline.task);
        let has_labels = !matches!(inputs.rows.labels, Labels::None);
        let regressions = Regression::ladders(task, has_labels);
        Self { regressions, runs, precision: None, seed: plan.seed }
    }
}

/// A what-if, ready to be run.
struct WhatIf {
    regression: Regression,
    plan: Plan,
    /// Shared by all in which the candidates answer as the baseline does.
    inputs: Arc<Inputs>,
}

/// Rehearses `plan` as often as the question asks, and shows the odds after each round. The answer
/// does not depend on the number of threads. Progress counts runs.
///
/// # Errors
/// If the plan has no candidate, a regression does not fit the data, there are no more threads, or
/// somebody cancels.
pub fn odds(
    plan: &Plan,
    inputs: &Inputs,
    question: &Question,
    progress: &Progress,
    mut on_round: impl FnMut(&Odds),
) -> Result<Odds, Error> {
    let what_ifs = what_ifs(plan, inputs, &question.regressions)?;
    let prepared: Vec<Prepared<'_>> =
        what_ifs.iter().map(|one| Prepared::new(&one.plan, &one.inputs)).collect();
    let mut trials: Vec<Vec<Trial>> = vec![Vec::new(); what_ifs.len()];
    progress.set_done(0);
    progress.set_total(u64::from(question.runs) * what_ifs.len() as u64);
    // Threads of their own: in the common pool long runs would keep a person's next dataset waiting.
    let pool = ThreadPoolBuilder::new()
        .num_threads(rayon::current_num_threads())
        .thread_name(|thread| format!("odds {thread}"))
        .build()
        .map_err(|fault| Error::Thread(io::Error::other(fault)))?;
    let mut done = 0;
    loop {
        let until = question.runs.min(FIRST_ROUND.max(2 * done));
        let rungs = || what_ifs.iter().zip(&prepared);
        let jobs: Vec<_> =
            rungs().flat_map(|rung| (done..until).map(move |run| (rung, run))).collect();
        let run = |((what_if, prepared), run): ((&WhatIf, &Prepared<'_>), u32)| {
            let seed = question.seed.wrapping_add(u64::from(run));
            trial(&what_if.plan, prepared, seed, progress)
        };
        let round = pool.install(|| {
            jobs.into_par_iter().with_max_len(1).map(run).collect::<Result<Vec<_>, _>>()
        })?;
        for (known, new) in trials.iter_mut().zip(round.chunks((until - done).max(1) as usize)) {
            known.extend_from_slice(new);
        }
        done = until;
        let odds = summed(&what_ifs, &trials, done, question.seed);
        on_round(&odds);
        let is_precise = question.precision.is_some_and(|wanted| odds.half_width() <= wanted);
        if done >= question.runs || is_precise {
            return Ok(odds);
        }
    }
}

fn summed(what_ifs: &[WhatIf], trials: &[Vec<Trial>], runs: u32, first_seed: u64) -> Odds {
    let rung =
        |(one, trials): (&WhatIf, &Vec<Trial>)| Rung::of(one.regression.clone(), trials.clone());
    Odds { runs, first_seed, rungs: what_ifs.iter().zip(trials).map(rung).collect() }
}

fn what_ifs(
    plan: &Plan,
    inputs: &Inputs,
    regressions: &[Regression],
) -> Result<Vec<WhatIf>, Error> {
    if plan.arms.len() < 2 {
        let message = "Odds are about candidates; this plan has one arm.".to_owned();
        let field = "arms".to_owned();
        return Err(Error::Problems(vec![PlanProblem { field, message }]));
    }
    let mut alike: Option<Arc<Inputs>> = None;
    let mut what_if = |regression: &Regression| {
        let plan_of = inject::plan(plan, regression)?;
        let inputs = match alike.as_ref().filter(|_| inject::answers_alike(regression)) {
            Some(known) => Arc::clone(known),
            None => Arc::new(inject::inputs(plan, inputs, regression)?),
        };
        if inject::answers_alike(regression) {
            alike = Some(Arc::clone(&inputs));
        }
        Ok(WhatIf { regression: regression.clone(), plan: plan_of, inputs })
    };
    let told = |(regression, made): (&Regression, Result<WhatIf, Vec<PlanProblem>>)| {
        made.map_err(|problems| Error::Regression { regression: regression.to_string(), problems })
    };
    regressions.iter().map(|one| told((one, what_if(one)))).collect()
}

/// One run by one seed.
fn trial(
    plan: &Plan,
    prepared: &Prepared<'_>,
    seed: u64,
    progress: &Progress,
) -> Result<Trial, Error> {
    if progress.is_cancelled() {
        return Err(Error::Cancelled);
    }
    let own = Progress::default();
    let watch = |_: &Recording| {
        if progress.is_cancelled() {
            own.cancel();
        }
    };
    let recording = prepared.simulate(seed, &[], &own, watch).ok_or(Error::Cancelled)?;
    progress.add(1);
    Ok(Trial::of(&ledger(&recording, plan), &recording))
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn question(runs: u32) -> Question {
        Question::of(&fixture::plan(), &fixture::inputs(), runs)
    }

    fn ask(question: &Question, threads: usize) -> (Odds, Vec<u32>) {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut rounds = Vec::new();
        let ask = || {
            let (plan, inputs) = (fixture::plan(), fixture::inputs());
            odds(&plan, &inputs, question, &Progress::default(), |odds| rounds.push(odds.runs))
        };
        (pool.install(ask).unwrap(), rounds)
    }

    #[test]
    fn threads_do_not_change_the_odds() {
        let (one, rounds) = ask(&question(20), 1);
        assert_eq!(rounds, [8, 16, 20]);
        let (two, _) = ask(&question(20), 2);
        assert_eq!(one.digest(), two.digest());
        let other = Question { seed: 77, ..question(20) };
        assert_ne!(ask(&other, 2).0.digest(), one.digest());
    }

    #[test]
    fn the_worse_a_candidate_the_more_often_it_is_stopped() {
        // The fixture's gate stops below an accuracy of one half; the baseline is right on three
        // rows in four.
        let accuracy = |points| Regression::Accuracy { points, segment: None };
        let regressions = vec![Regression::None, accuracy(20.0), accuracy(30.0), accuracy(50.0)];
        let (odds, _) = ask(&Question { regressions, ..question(16) }, 2);
        let stopped: Vec<u64> = odds.rungs.iter().map(|rung| rung.stopped.count).collect();
        assert_eq!(stopped.first(), Some(&0), "the baseline passes");
        assert_eq!(stopped.last(), Some(&16));
        assert!(stopped.is_sorted(), "{stopped:?}");
    }

    #[test]
    fn it_ends_when_it_is_sure_enough() {
        let regressions = vec![Regression::None];
        let (odds, rounds) =
            ask(&Question { precision: Some(0.2), regressions, ..question(1_000) }, 2);
        assert_eq!((odds.runs, rounds.as_slice()), (16, &[8, 16][..]));
    }
}
