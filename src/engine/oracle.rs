//! The oracle: goes through a recorded run's requests once more and asks all arms about each.
//!
//! Which request goes where follows from its number and the shares of the moment, and the shares are
//! in the recording. So queues, gates and stages need not be replayed.

use std::sync::Arc;

use crate::domain::oracle::{Group, Oracle, Served, Would};
use crate::domain::{
    Event, EventKind, FaultKind, Inputs, Intervention, Plan, Recording, SimTime, StrategyKind,
    UnitSum,
};

use super::arrivals::ArrivalCursor;
use super::cases::{CORRECT, Case, Cases, LABELLED};
use super::faults::{Change, Faults};
use super::prepared::Prepared;
use super::router::{Router, Routes};
use super::surroundings::Surroundings;
use super::volume::Volume;

/// The truth about all live requests of a recorded run of `plan`, which may still be growing.
///
/// `inputs` must fit the plan: [`Inputs::problems`] has found nothing.
pub fn oracle(plan: &Plan, inputs: &Inputs, recording: &Recording) -> Oracle {
    let prepared = Prepared::new(plan, inputs);
    let faults = Faults::new(plan, &interventions(recording));
    let given = inputs.arrivals.as_deref().map(Into::into);
    let mut cursor = ArrivalCursor::new(&plan.traffic, given, faults.bursts(), plan.seed);
    let mut router = Router::new(plan, &inputs.rows, &prepared.by_time);
    let mut walk = Walk::new(plan, &prepared, faults, router.units());
    let mut shares = vec![0.0; plan.arms.len()];
    shares[0] = 1.0;
    let mut routes = Routes { shares, mirror: 0.0 };
    let end = recording.end();
    let changes = recording.events.chunk_by(|a, b| a.at == b.at);
    let mut changes = changes.take_while(|events| events[0].at < end).peekable();
    let mut now = SimTime::START;
    while now < end {
        walk.turn(now);
        while let Some(events) = changes.next_if(|events| events[0].at <= now) {
            events.iter().for_each(|event| follow(event, &mut routes));
        }
        let next = changes.peek().map_or(end, |events| events[0].at);
        let next = next.min(walk.faults.next().max(now)).min(end);
        let next = if next > now { next } else { end };
        while router.next_chunk(&mut cursor, next.micros(), &routes) {
            walk.visit(&router, routes.shares[0] > 0.0 && routes.shares[0] < 1.0);
        }
        now = next;
    }
    walk.judge();
    walk.oracle
}

/// What people did in the run.
fn interventions(recording: &Recording) -> Vec<Intervention> {
    let by_hand = |event: &Event| match &event.kind {
        EventKind::Intervened(kind) => Some(Intervention { at: event.at, kind: kind.clone() }),
        _ => None,
    };
    recording.events.iter().filter_map(by_hand).collect()
}

fn follow(event: &Event, routes: &mut Routes) {
    if let EventKind::Feasible { arm, share } = event.kind
        && let Some(of_arm) = routes.shares.get_mut(arm.index())
    {
        *of_arm = share;
    }
}

struct Walk<'a> {
    faults: Faults,
    surroundings: Surroundings<'a>,
    cases: Arc<Cases>,
    /// Per arm: how often each row has come since the world last changed.
    visits: Vec<Vec<u32>>,
    values: Option<&'a [f32]>,
    /// The group of users of each row; empty where there are none.
    group_of: Vec<u8>,
    oracle: Oracle,
}

/// More units are not told apart: what they would tell is known from fewer.
const MOST_UNITS: usize = 1_000_000;

impl<'a> Walk<'a> {
    fn new(plan: &'a Plan, prepared: &Prepared<'a>, faults: Faults, units: Option<usize>) -> Self {
        let inputs = prepared.inputs;
        let segments = inputs.rows.segments.as_ref().map_or(1, |s| s.names.len().max(1));
        let arms = plan.arms.len();
        let is_split = plan.strategy.kind() == StrategyKind::Ab;
        let units = units.filter(|count| is_split && *count <= MOST_UNITS);
        let units = units.map_or(Vec::new(), |count| vec![vec![UnitSum::default(); count]; arms]);
        let volume = inputs.rows.users.as_deref().map(Volume::new).unwrap_or_default();
        let group = |name: &String| Group { name: name.clone(), served: Served::default() };
        let groups = volume.names.iter().map(group).collect();
        Self {
            surroundings: Surroundings::new(plan, inputs, Arc::clone(&prepared.cases), &faults),
            cases: Arc::clone(&prepared.cases),
            faults,
            visits: vec![vec![0; inputs.rows.count]; arms],
            values: inputs.rows.values.as_deref(),
            group_of: volume.of_row,
            oracle: Oracle { served: vec![vec![Served::default(); segments]; arms], groups, units },
        }
    }

    /// Faults that begin or end now; where they change what is right, rows are judged up to here.
    fn turn(&mut self, now: SimTime) {
        let changes = self.faults.turn(now);
        let is_judged_anew = changes.iter().any(|change| {
            let (Change::Began(index) | Change::Ended(index)) = change;
            let what = self.faults.all.get(*index).map(|scheduled| &scheduled.fault.what);
            matches!(what, Some(FaultKind::Drift { .. } | FaultKind::FlippedLabels { .. }))
        });
        if is_judged_anew {
            self.judge();
            self.surroundings.judge_again(&self.faults);
            self.cases = self.surroundings.cases();
        }
    }

    /// Takes a chunk of requests; `is_split` while both the baseline and a candidate answer.
    fn visit(&mut self, router: &Router, is_split: bool) {
        for (arm, row, unit) in router.requests() {
            let row = row as usize;
            if let Some(count) = self.visits[arm].get_mut(row) {
                *count += 1;
            }
            let case = self.cases.arms[arm][row];
            let units = self.oracle.units.get_mut(arm).filter(|_| case.flags & LABELLED != 0);
            if is_split && let Some(unit) = units.and_then(|units| units.get_mut(unit as usize)) {
                unit.labelled += 1.0;
                unit.result += f64::from(u8::from(case.flags & CORRECT != 0));
                let value = self.values.and_then(|values| values.get(row));
                unit.covariate += value.map_or(0.0, |value| f64::from(*value));
            }
        }
    }

    /// Asks all arms about the rows that have come.
    fn judge(&mut self) {
        let cases = &self.cases;
        for (arm, visits) in self.visits.iter_mut().enumerate() {
            for (row, count) in visits.iter_mut().enumerate().filter(|(_, count)| **count > 0) {
                let n = u64::from(std::mem::take(count));
                let met = served_of(cases, arm, row, n);
                let segment = usize::from(cases.arms[arm][row].segment);
                self.oracle.served[arm][segment].absorb(&met);
                let group = self.group_of.get(row).map(|group| usize::from(*group));
                if let Some(group) = group.and_then(|group| self.oracle.groups.get_mut(group)) {
                    group.served.absorb(&met);
                }
            }
        }
    }
}

/// What the arms make of `n` requests for a row that went to one of them.
fn served_of(cases: &Cases, arm: usize, row: usize, n: u64) -> Served {
    let own = cases.arms[arm][row];
    if own.flags & LABELLED == 0 {
        return Served { requests: n, ..Served::default() };
    }
    let is_number = !cases.label_number.is_empty();
    let would = |case: Case| match is_number {
        true => Would { correct: 0, absolute: f64::from(case.value.abs()) * n as f64 },
        false => Would { correct: if case.flags & CORRECT != 0 { n } else { 0 }, absolute: 0.0 },
    };
    let [is_right, was_right] = [own, cases.arms[0][row]].map(|c| c.flags & CORRECT != 0);
    Served {
        requests: n,
        labelled: n,
        harm: if !is_number && was_right && !is_right { n } else { 0 },
        gain: if !is_number && is_right && !was_right { n } else { 0 },
        arms: cases.arms.iter().map(|of_arm| would(of_arm[row])).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{fixture, simulate};
    use super::*;
    use crate::domain::{Fault, InterventionKind, Labels, SimSpan, Strategy, StrategyKind, Window};

    fn sums(windows: &[Window], arm: usize) -> [u64; 4] {
        let of_arm = windows.iter().map(|window| &window.arms[arm]);
        of_arm.fold([0; 4], |[n, correct, harm, gain], arm| {
            let quality = arm.total_quality();
            [n + arm.arrivals, correct + quality.correct, harm + quality.harm, gain + quality.gain]
        })
    }

    #[test]
    fn it_sees_each_request_where_the_run_sent_it() {
        for kind in StrategyKind::ALL {
            let plan = fixture::plan(fixture::draft(kind));
            let inputs = fixture::inputs(&[0.2, 0.3]);
            let recording = simulate(&plan, &inputs, &[]);
            let oracle = oracle(&plan, &inputs, &recording);
            for arm in 0..2 {
                let [requests, correct, harm, gain] = sums(&recording.windows, arm);
                let truth = oracle.of_arm(arm);
                assert_eq!(truth.requests, requests, "{kind:?}, arm {arm}");
                // Shadows count copies' answers too, and what fails or is cut has no answer.
                if kind == StrategyKind::Ab || kind == StrategyKind::Canary {
                    assert_eq!(truth.arms[arm].correct, correct, "{kind:?}, arm {arm}");
                    if arm == 1 {
                        assert_eq!([truth.harm, truth.gain], [harm, gain], "{kind:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn it_knows_the_labels_that_came_too_late() {
        let mut draft = fixture::draft(StrategyKind::Direct);
        draft.traffic.label_delay = crate::domain::LabelDelay::Constant(SimSpan::from_secs(9_999));
        let plan = fixture::plan(draft);
        let inputs = fixture::inputs(&[0.1, 0.3]);
        let recording = simulate(&plan, &inputs, &[]);
        assert_eq!(sums(&recording.windows, 1)[2], 0, "the run knows nothing");
        let truth = oracle(&plan, &inputs, &recording).of_arm(1);
        let rate = truth.harm as f64 / truth.requests as f64;
        assert!((rate - 0.2).abs() < 0.01, "{rate}");
    }

    #[test]
    fn it_judges_as_the_world_was() {
        let mut draft = fixture::draft(StrategyKind::Ab);
        draft.strategy = Strategy::Ab {
            candidate_percent: vec![30.0],
            metric: crate::domain::Metric::Accuracy,
            method: crate::domain::AbMethod::Requests,
            min_duration: SimSpan::from_secs(900),
            max_duration: SimSpan::from_secs(900),
            min_samples: 1,
            alpha: 0.05,
        };
        let plan = fixture::plan(draft);
        let inputs = fixture::inputs(&[0.0, 0.0]);
        let flip = Fault {
            at: SimTime::START,
            lasts: Some(SimSpan::from_secs(100)),
            arm: None,
            what: FaultKind::FlippedLabels { percent: 100.0, segment: None },
        };
        let at = SimTime::from_secs(205);
        let by_hand = [Intervention { at, kind: InterventionKind::Inject(flip) }];
        let recording = simulate(&plan, &inputs, &by_hand);
        let oracle = oracle(&plan, &inputs, &recording);
        assert!(matches!(inputs.rows.labels, Labels::Classes { .. }));
        for arm in 0..2 {
            let [_, correct, ..] = sums(&recording.windows, arm);
            let seen = oracle.of_arm(arm).arms[arm].correct;
            // Requests at work when the world changes are judged by their arrival here, and by
            // their answer there.
            assert!(seen.abs_diff(correct) <= 20, "{seen} and {correct}");
            assert!(correct < oracle.of_arm(arm).labelled);
        }
    }
}
