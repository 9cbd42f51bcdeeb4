//! The requests of a plan whose split stands still: what real servers have to answer when a
//! rehearsal is held against them.

use crate::domain::{Inputs, Plan, Strategy};

use super::arrivals::ArrivalCursor;
use super::prepared::Prepared;
use super::router::{Router, Routes};

/// One request of an arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// When it arrives, in microseconds from the start.
    pub at: u64,
    /// The row that it carries.
    pub row: u32,
}

/// Each arm's requests in order of arrival: those that [`super::simulate`] sends it, copies for a
/// shadow included, as long as the strategy only collects: one arm alone, an A/B test, or a shadow.
/// `None` if there are more than `most` in all.
///
/// `inputs` must fit the plan: [`Inputs::problems`] has found nothing.
pub fn requests_due(plan: &Plan, inputs: &Inputs, most: usize) -> Option<Vec<Vec<Due>>> {
    let prepared = Prepared::new(plan, inputs);
    let mut router = Router::new(plan, &inputs.rows, &prepared.by_time);
    let given = inputs.arrivals.as_deref().map(Into::into);
    let mut cursor = ArrivalCursor::new(&plan.traffic, given, [].into(), plan.seed);
    let routes = steady_routes(plan);
    let mut due = vec![Vec::new(); plan.arms.len()];
    while router.next_chunk(&mut cursor, u64::MAX, &routes) {
        let copies = (1, &router.copies);
        for (arm, batch) in router.live.iter().enumerate().chain([copies]) {
            let requests = batch.lot.arrival.iter().zip(batch.lot.row.iter()).take(batch.count);
            if let Some(due) = due.get_mut(arm) {
                due.extend(requests.map(|(at, row)| Due { at: *at, row: *row }));
            }
        }
        if due.iter().map(Vec::len).sum::<usize>() > most {
            return None;
        }
    }
    Some(due)
}

fn steady_routes(plan: &Plan) -> Routes {
    let arms = plan.arms.len();
    let candidates = match &plan.strategy {
        Strategy::Ab { candidate_percent, .. } if !candidate_percent.is_empty() => {
            candidate_percent.iter().map(|percent| percent / 100.0).collect()
        }
        Strategy::Ab { .. } => vec![1.0 / arms as f64; arms - 1],
        _ => vec![0.0; arms - 1],
    };
    let mirror = match &plan.strategy {
        Strategy::Shadow { mirror_percent, .. } => mirror_percent / 100.0,
        _ => 0.0,
    };
    let baseline = 1.0 - candidates.iter().sum::<f64>();
    Routes { shares: [vec![baseline], candidates].concat(), mirror }
}

#[cfg(test)]
mod tests {
    use super::super::{fixture, simulate};
    use super::*;
    use crate::domain::{Arrivals, Metric, PlanDraft, ShadowEnd, SimSpan, StrategyKind, Window};

    fn steady(strategy: Strategy) -> Plan {
        let mut draft = PlanDraft { strategy, ..fixture::draft(StrategyKind::Ab) };
        draft.traffic.arrivals = Arrivals::Poisson { per_second: 200.0 };
        draft.traffic.duration = SimSpan::from_secs(20);
        draft.gates.clear();
        for arm in &mut draft.arms {
            arm.serving.cold_start = SimSpan::ZERO;
        }
        draft.validate().unwrap()
    }

    #[test]
    fn every_arm_is_due_what_the_simulation_sends_it() {
        let ab = Strategy::Ab {
            candidate_percent: vec![30.0],
            metric: Metric::ErrorRate,
            method: crate::domain::AbMethod::Requests,
            min_duration: SimSpan::LONGEST,
            max_duration: SimSpan::LONGEST,
            min_samples: 1,
            alpha: 0.05,
        };
        let shadow = Strategy::Shadow {
            mirror_percent: 40.0,
            observe: SimSpan::LONGEST,
            then: ShadowEnd::Retain,
        };
        for strategy in [ab, shadow] {
            let plan = steady(strategy);
            let inputs = fixture::inputs(&[0.1, 0.2]);
            let due = requests_due(&plan, &inputs, usize::MAX).unwrap();
            let recording = simulate(&plan, &inputs, &[]);
            let whole = Window::merged(&recording.windows).unwrap();
            let sent: Vec<usize> =
                whole.arms.iter().map(|arm| (arm.arrivals + arm.mirrored) as usize).collect();
            assert_eq!(due.iter().map(Vec::len).collect::<Vec<_>>(), sent);
            assert!(sent.iter().all(|count| *count > 500), "{sent:?}");
            assert!(due.iter().all(|due| due.is_sorted_by_key(|request| request.at)));
            assert_eq!(requests_due(&plan, &inputs, 1_000), None);
        }
    }
}
