//! A soak: the plan's traffic in real time, answered by the real models, beside the simulation of the
//! very same requests.
//!
//! The split stands still, so that every arm is under load from the first second to the last, and
//! the simulation takes the service times that were measured just before. What is left to differ is
//! what a soak is for: whether queues, servers and service times behave as the simulation says.

mod queue;
mod serve;
mod steady;
#[cfg(test)]
mod tests;

use std::panic::resume_unwind;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::error::Error;
use super::resolve::Opened;
use super::status::Status;
use crate::domain::{Arm, Inputs, Plan, SimSpan, Table, Window};
use crate::engine;
use crate::models::{self, Asker, DeviceChoice, Measured, Model};
use crate::stats::noise::Noise;
use crate::stats::soak::{Load, Soaked, SoakedArm};
use crate::store::Library;
use serve::Service;

/// No soak has more requests than this: the times of all are kept.
const MOST_REQUESTS: usize = 4_000_000;
/// No soak starts more threads.
const MOST_SERVERS: u64 = 256;

/// What is to be served.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Question {
    /// How long requests come.
    pub span: SimSpan,
    /// Makes the traffic so much faster or slower that the busiest arm's servers are busy for this
    /// share of the time; without it the plan's own rate holds.
    pub utilisation: Option<f64>,
}

/// Opens the plan's models, measures them, serves the traffic, and simulates the same. The models
/// run on `device`; what they answered before is taken from `cache`. Progress counts requests.
///
/// # Errors
/// As [`super::resolve()`]; if an arm has no model to ask, there would be too many requests or
/// threads, a model fails, or somebody cancels.
pub fn soak(
    plan: &Plan,
    base: &Path,
    device: DeviceChoice,
    cache: Option<&Library>,
    question: &Question,
    status: &Status,
) -> Result<Soaked, Error> {
    let plan = steady::plan(plan, question.span, status).map_err(Error::Problems)?;
    let opened = Opened::open(&plan, base, device, status)?;
    let asked = models_of(&plan, &opened)?;
    let table = opened.table();
    let askers = plan
        .arms
        .iter()
        .zip(&asked)
        .map(|(arm, model)| model.asker(table).map_err(of_arm(&arm.name)))
        .collect::<Result<Vec<_>, _>>()?;
    let mut inputs = opened.inputs(cache, status)?;
    status.begin("Measuring the models, one beside another");
    let time = Duration::from_micros(question.span.micros() / 3);
    let mut noise = None;
    let measured = measure(&asked, table, time, status);
    for ((arm, predictions), measured) in
        plan.arms.iter().zip(&mut inputs.predictions).zip(measured)
    {
        let measured = measured.map_err(of_arm(&arm.name))?;
        predictions.latency = measured.profile;
        noise = worse(noise, measured.noise);
    }
    let plan = match question.utilisation {
        Some(wanted) => steady::at_utilisation(&plan, &mut inputs, wanted),
        None => Ok(plan.clone()),
    };
    let plan = plan.map_err(Error::Problems)?;
    serve_and_simulate(&plan, &inputs, &askers, noise, status)
}

fn serve_and_simulate(
    plan: &Plan,
    inputs: &Inputs,
    askers: &[Asker<'_>],
    noise: Option<Noise>,
    status: &Status,
) -> Result<Soaked, Error> {
    let Some(due) = engine::requests_due(plan, inputs, MOST_REQUESTS) else {
        return Err(Error::Soak(format!(
            "More than {MOST_REQUESTS} requests would come: take fewer seconds or a lower utilisation"
        )));
    };
    let processors = thread::available_parallelism().map_or(1, usize::from) as u64;
    warn(plan, askers, processors, status)?;
    let services: Vec<Service<'_>> = plan
        .arms
        .iter()
        .zip(askers)
        .zip(&due)
        .map(|((arm, asker), due)| Service { arm, asker, due })
        .collect();
    let requests: usize = due.iter().map(Vec::len).sum();
    status.begin(format!("Serving {requests} requests"));
    let served = serve::serve(&services, &status.progress)?;

    status.begin("Simulating the same requests");
    let recording = engine::simulate_watched(plan, inputs, &[], &status.progress, |_| {})
        .ok_or(Error::Cancelled)?;
    let counted = Window::merged(&recording.windows).map_or(Vec::new(), |window| window.arms);
    let span = plan.traffic.duration;
    let sides = counted.iter().zip(&inputs.predictions).zip(served);
    let arms = plan.arms.iter().zip(sides).map(|(arm, ((counted, predictions), served))| {
        let servers = steady::servers(&arm.serving);
        SoakedArm {
            name: arm.name.clone(),
            servers,
            simulated: Load::simulated(counted, &predictions.latency, span),
            late: served.late(),
            served: served.load(servers, span),
        }
    });
    let arms = arms.collect();
    Ok(Soaked { plan: plan.name.clone(), seconds: span.as_secs_f64(), arms, processors, noise })
}

/// Each model on a thread of its own and all at the same time, as they will serve: what they take from
/// one another is then in their times.
fn measure(
    models: &[&Model],
    table: &Table,
    time: Duration,
    status: &Status,
) -> Vec<Result<Measured, models::Error>> {
    thread::scope(|scope| {
        let begin =
            |&model| scope.spawn(move || Model::measure(model, table, time, &status.progress));
        let threads: Vec<_> = models.iter().map(begin).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|p| resume_unwind(p)))
            .collect()
    })
}

/// Every arm's model.
fn models_of<'a>(plan: &Plan, opened: &'a Opened<'_>) -> Result<Vec<&'a Model>, Error> {
    let model = |(arm, model): (&Arm, Option<&'a Model>)| {
        model.ok_or_else(|| {
            Error::Soak(format!(
                "Arm `{}` has recorded answers and no model that could be asked: give it a model's \
                 folder",
                arm.name
            ))
        })
    };
    plan.arms.iter().zip(opened.models()).map(model).collect()
}

fn of_arm(arm: &str) -> impl Fn(models::Error) -> Error {
    move |fault| Error::Arm { arm: arm.to_owned(), fault }
}

fn worse(one: Option<Noise>, other: Option<Noise>) -> Option<Noise> {
    match (one, other) {
        (Some(one), Some(other)) if one.mean >= other.mean => Some(one),
        (one, other) => other.or(one),
    }
}

/// What will make the two sides differ for reasons of this machine.
fn warn(plan: &Plan, askers: &[Asker<'_>], processors: u64, status: &Status) -> Result<(), Error> {
    let servers: u64 = plan.arms.iter().map(|arm| steady::servers(&arm.serving)).sum();
    if servers > MOST_SERVERS {
        return Err(Error::Soak(format!(
            "The fleets have {servers} servers, each a thread here; at most {MOST_SERVERS} are \
             started: take fewer replicas"
        )));
    }
    if servers > processors {
        status.note(format!(
            "{servers} servers share {processors} processors here: when more are busy than there \
             are processors, they wait for one another, which the simulation does not know"
        ));
    }
    for (arm, asker) in plan.arms.iter().zip(askers) {
        if !asker.is_shared() && steady::servers(&arm.serving) > 1 {
            status.note(format!(
                "The model of `{}` answers one call at a time, however many servers it has",
                arm.name
            ));
        }
    }
    Ok(())
}
