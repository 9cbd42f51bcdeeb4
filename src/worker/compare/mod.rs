//! Every strategy on the same stream: the same requests, users and service times, by the same seed.

mod dialects;
mod variant;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::io;

use rayon::ThreadPoolBuilder;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::error::Error;
use super::hindsight::{self, runs_twice};
use crate::domain::{Drifted, Inputs, Plan, Progress, Recording, SimTime, StrategyKind};
use crate::engine;
use crate::stats::ledger::{Ledger, ledger};
use variant::Variant;

pub use dialects::{Unsaid, compare_dialects, translated};

/// One strategy's run.
#[derive(Clone, Debug)]
pub struct Compared {
    pub kind: StrategyKind,
    /// The plan that was run: with its own parameters for the plan's own strategy, with derived ones
    /// for the others.
    pub plan: Plan,
    pub recording: Recording,
    pub ledger: Ledger,
}

/// Every strategy that the plan's arms allow: one arm can only be rehearsed alone.
pub fn strategies(plan: &Plan) -> Vec<StrategyKind> {
    if plan.arms.len() < 2 { vec![StrategyKind::Single] } else { StrategyKind::ALL.to_vec() }
}

/// The plan with another strategy, and the inputs that it then needs.
///
/// # Errors
/// If the plan has no sound form with it.
pub fn with_strategy(
    plan: &Plan,
    kind: StrategyKind,
    inputs: &Inputs,
) -> Result<(Plan, Inputs), Error> {
    let variant = Variant::derive(plan, kind, inputs)?;
    let inputs = inputs_of(&variant, inputs).into_owned();
    Ok((variant.plan, inputs))
}

/// Runs the plan with each of `kinds`, in parallel; the answers have their order. Progress counts
/// virtual microseconds.
///
/// # Errors
/// If a strategy cannot be derived from the plan, there are no more threads, or somebody cancels.
pub fn compare(
    plan: &Plan,
    kinds: &[StrategyKind],
    inputs: &Inputs,
    progress: &Progress,
) -> Result<Vec<Compared>, Error> {
    let derive = |kind: &StrategyKind| Variant::derive(plan, *kind, inputs);
    in_parallel(kinds.iter().map(derive).collect::<Result<_, _>>()?, inputs, progress)
}

fn in_parallel(
    variants: Vec<Variant>,
    inputs: &Inputs,
    progress: &Progress,
) -> Result<Vec<Compared>, Error> {
    progress.set_done(0);
    let work = variants.iter().map(|variant| {
        let runs = if runs_twice(&variant.plan, inputs) { 2 } else { 1 };
        variant.plan.traffic.duration.micros() * runs
    });
    progress.set_total(work.sum());
    // Threads of their own: in the common pool long runs would keep a person's next dataset waiting.
    let pool = ThreadPoolBuilder::new()
        .num_threads(rayon::current_num_threads())
        .thread_name(|thread| format!("compare {thread}"))
        .build()
        .map_err(|fault| Error::Thread(io::Error::other(fault)))?;
    pool.install(|| {
        variants.into_par_iter().map(|variant| run(variant, inputs, progress)).collect()
    })
}

fn run(variant: Variant, inputs: &Inputs, progress: &Progress) -> Result<Compared, Error> {
    let inputs = inputs_of(&variant, inputs);
    // Runs share one counter, so each adds what is new of its own.
    let own = Progress::default();
    let watch = || {
        let mut counted = SimTime::START;
        let own = &own;
        move |recording: &Recording| {
            let end = recording.end();
            progress.add(end.since(counted).micros());
            counted = end;
            if progress.is_cancelled() {
                own.cancel();
            }
        }
    };
    if progress.is_cancelled() {
        return Err(Error::Cancelled);
    }
    let recording = engine::simulate_watched(&variant.plan, &inputs, &[], &own, watch())
        .ok_or(Error::Cancelled)?;
    let mut ledger = ledger(&recording, &variant.plan);
    ledger.truth = hindsight::watched(&variant.plan, &inputs, &[], &recording, &own, watch())?;
    Ok(Compared { kind: variant.kind, plan: variant.plan, recording, ledger })
}

/// The inputs without the arms and faults that the variant does not have.
fn inputs_of<'a>(variant: &Variant, inputs: &'a Inputs) -> Cow<'a, Inputs> {
    let arms = variant.plan.arms.len();
    if arms == inputs.predictions.len() {
        return Cow::Borrowed(inputs);
    }
    let drifted = inputs.drifted.iter().filter_map(|drifted| {
        let fault = variant.faults.iter().position(|fault| *fault == drifted.fault)?;
        let predictions = drifted.predictions.iter().take(arms).cloned().collect();
        Some(Drifted { fault, predictions })
    });
    Cow::Owned(Inputs {
        rows: inputs.rows.clone(),
        predictions: inputs.predictions.iter().take(arms).cloned().collect(),
        drifted: drifted.collect(),
        arrivals: inputs.arrivals.clone(),
        service_samples: inputs.service_samples.iter().take(arms).cloned().collect(),
    })
}
