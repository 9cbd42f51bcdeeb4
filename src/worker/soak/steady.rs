//! The plan of a soak: the same traffic, arms and fleets, with a split that stands still.

use super::super::status::Status;
use crate::domain::{
    AbMethod, Arrivals, Inputs, LabelDelay, Latency, Metric, Plan, PlanDraft, PlanProblem,
    Predictions, Serving, ShadowEnd, SimSpan, SimTime, Strategy,
};

/// Requests that an arm works on at a time.
pub(super) fn servers(serving: &Serving) -> u64 {
    u64::from(serving.replicas) * u64::from(serving.concurrency)
}

/// The first `span` of the plan's traffic with all arms at full size from the start: split as the
/// plan's A/B test says or evenly, or copied to its shadow; no gates, faults and jobs, and measured
/// service times.
pub(super) fn plan(plan: &Plan, span: SimSpan, status: &Status) -> Result<Plan, Vec<PlanProblem>> {
    let mut draft = PlanDraft::from(plan.clone());
    draft.strategy = strategy(plan);
    draft.window = None;
    draft.batch = None;
    draft.gates.clear();
    draft.faults.clear();
    draft.traffic.duration = span;
    draft.traffic.label_delay = LabelDelay::None;
    for arm in &mut draft.arms {
        if arm.latency != Latency::default() {
            status.note(format!(
                "The plan states how long `{}` takes; a soak takes what the model takes here",
                arm.name
            ));
        }
        arm.latency = Latency::default();
        arm.serving.cold_start = SimSpan::ZERO;
        arm.serving.capacity_changes.clear();
    }
    draft.validate()
}

fn strategy(plan: &Plan) -> Strategy {
    match &plan.strategy {
        _ if plan.arms.len() == 1 => Strategy::Single,
        Strategy::Shadow { mirror_percent, .. } => Strategy::Shadow {
            mirror_percent: *mirror_percent,
            observe: SimSpan::LONGEST,
            then: ShadowEnd::Retain,
        },
        other => Strategy::Ab {
            candidate_percent: match other {
                Strategy::Ab { candidate_percent, .. } => candidate_percent.clone(),
                _ => Vec::new(),
            },
            // Known without labels; it never decides anything.
            metric: Metric::ErrorRate,
            method: AbMethod::Requests,
            min_duration: SimSpan::LONGEST,
            max_duration: SimSpan::LONGEST,
            min_samples: 1,
            alpha: 0.05,
        },
    }
}

/// The plan with traffic so fast that the servers of the busiest arm work for a share of the time;
/// given arrivals in the inputs are moved together or apart.
pub(super) fn at_utilisation(
    plan: &Plan,
    inputs: &mut Inputs,
    wanted: f64,
) -> Result<Plan, Vec<PlanProblem>> {
    let rate = match &inputs.arrivals {
        Some(times) => rate_of(times),
        None => plan.traffic.arrivals.mean_rate().unwrap_or(0.0),
    };
    let arms = plan.arms.iter().zip(shares(plan)).zip(&inputs.predictions);
    let busy = arms.map(|((arm, share), predictions)| {
        rate * share * mean_seconds(predictions, &arm.serving) / servers(&arm.serving) as f64
    });
    let factor = wanted / busy.fold(0.0, f64::max);
    if !factor.is_finite() {
        let message = "There is no traffic that could be made faster.".to_owned();
        return Err(vec![PlanProblem { field: "traffic.arrivals".to_owned(), message }]);
    }
    if let Some(times) = &mut inputs.arrivals {
        for time in times {
            *time = SimTime::from_micros((time.micros() as f64 / factor) as u64);
        }
    }
    let mut draft = PlanDraft::from(plan.clone());
    draft.traffic.arrivals = faster(&plan.traffic.arrivals, factor);
    draft.validate()
}

/// Requests per second.
fn rate_of(times: &[SimTime]) -> f64 {
    times.last().map_or(0.0, |last| times.len() as f64 / last.as_secs_f64().max(1e-6))
}

/// The share of the requests that each arm gets, copies included.
fn shares(plan: &Plan) -> Vec<f64> {
    let arms = plan.arms.len();
    match &plan.strategy {
        Strategy::Shadow { mirror_percent, .. } => vec![1.0, mirror_percent / 100.0],
        Strategy::Ab { candidate_percent, .. } if !candidate_percent.is_empty() => {
            let candidates: Vec<f64> = candidate_percent.iter().map(|x| x / 100.0).collect();
            [vec![1.0 - candidates.iter().sum::<f64>()], candidates].concat()
        }
        _ => vec![1.0 / arms as f64; arms],
    }
}

/// How long one request keeps a server busy on average; its part of a full batch where batches are
/// collected.
fn mean_seconds(predictions: &Predictions, serving: &Serving) -> f64 {
    let profile = &predictions.latency;
    let micros = match serving.batching {
        Some(batching) => {
            let size = batching.max_size;
            profile.batch_micros(size).map(|micros| micros / f64::from(size))
        }
        None => profile.mean(),
    };
    micros.unwrap_or(0.0) / 1e6
}

fn faster(arrivals: &Arrivals, factor: f64) -> Arrivals {
    let mut arrivals = arrivals.clone();
    match &mut arrivals {
        Arrivals::Recorded { speed_up } | Arrivals::Trace { speed_up, .. } => *speed_up *= factor,
        Arrivals::Poisson { per_second } | Arrivals::Constant { per_second } => {
            *per_second *= factor;
        }
        Arrivals::Bursts { per_second, burst_per_second, .. } => {
            *per_second *= factor;
            *burst_per_second *= factor;
        }
        Arrivals::DailyWave { trough, peak, .. } => {
            *trough *= factor;
            *peak *= factor;
        }
    }
    arrivals
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;
    use crate::domain::{LatencyProfile, Units};
    use crate::engine::requests_due;

    fn inputs() -> Inputs {
        let mut inputs = fixture::inputs();
        for predictions in &mut inputs.predictions {
            predictions.latency =
                LatencyProfile { single_row: vec![8_000.0, 12_000.0], ..LatencyProfile::default() };
        }
        inputs
    }

    #[test]
    fn the_busiest_arm_gets_the_utilisation_that_is_asked_for() {
        let mut draft = fixture::draft();
        draft.arms[1].serving.replicas = 2;
        draft.traffic.units = Units::Request;
        let span = SimSpan::from_secs(200);
        let steady = plan(&draft.validate().unwrap(), span, &Status::default()).unwrap();
        let steady = at_utilisation(&steady, &mut inputs(), 0.7).unwrap();
        // Both arms get the same traffic, and A has one server for it: 70 a second at 10 ms.
        let rate = steady.traffic.arrivals.mean_rate().unwrap();
        assert!((rate - 140.0).abs() < 1e-9, "{rate}");
        let due = requests_due(&steady, &inputs(), usize::MAX).unwrap();
        for of_arm in due {
            assert!((of_arm.len() as f64 / (70.0 * 200.0) - 1.0).abs() < 0.05, "{}", of_arm.len());
        }
    }

    #[test]
    fn given_arrivals_are_moved_together() {
        let mut draft = fixture::draft();
        draft.traffic.arrivals = Arrivals::Recorded { speed_up: 1.0 };
        draft.data.time = Some("time".to_owned());
        let given = draft.validate().unwrap();
        let steady = plan(&given, SimSpan::from_secs(10), &Status::default()).unwrap();
        let mut inputs = inputs();
        // 10 a second, so an arm is busy for 0.05 of the time.
        inputs.arrivals = Some((1..=100).map(|k| SimTime::from_micros(k * 100_000)).collect());
        let steady = at_utilisation(&steady, &mut inputs, 0.5).unwrap();
        assert_eq!(steady.traffic.arrivals, Arrivals::Recorded { speed_up: 10.0 });
        let last = inputs.arrivals.and_then(|times| times.last().copied());
        assert_eq!(last, Some(SimTime::from_secs(1)));
    }
}
