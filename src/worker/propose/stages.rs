//! How long the stages of a canary must last for gates to see enough in them.

use crate::domain::{PlanDraft, Ramp, SimSpan, Step, Strategy};

/// More time than is needed on average, for chance.
pub const SPARE: f64 = 1.15;
/// The part of the plan's time that all stages may take.
const MOST_TIME: f64 = 0.9;

/// What a stage must show.
pub struct Needs {
    /// Requests in every stage.
    pub requests: f64,
    /// Labelled answers of either arm in the last stage.
    pub labelled: f64,
}

/// What all the traffic brings in a second.
pub struct Rates {
    pub requests: f64,
    pub labelled: f64,
}

/// Lengthens the stages of the plan's canary that are too short for `needs`; tells which, a
/// sentence each. Nothing changes if there is no time for that.
pub fn lengthen(plan: &mut PlanDraft, needs: &Needs, rates: &Rates) -> Vec<String> {
    let duration = plan.traffic.duration;
    let Strategy::Canary { ramp: Ramp::Steps(steps), .. } = &mut plan.strategy else {
        return Vec::new();
    };
    let last = steps.len().saturating_sub(1);
    let longer: Vec<Step> = steps
        .iter()
        .enumerate()
        .map(|(place, step)| {
            let labelled = if place == last { needs.labelled } else { 0.0 };
            let needs = Needs { labelled, ..*needs };
            Step { hold: step.hold.map(|hold| hold.max(needed(step, &needs, rates))), ..*step }
        })
        .collect();
    let whole: f64 = longer.iter().filter_map(|step| Some(step.hold?.as_secs_f64())).sum();
    if whole > MOST_TIME * duration.as_secs_f64() {
        return Vec::new();
    }
    let told = steps.iter().zip(&longer).filter(|(old, new)| old.hold < new.hold);
    let notes = told.filter_map(|(old, new)| {
        Some(format!(
            "Canary {} % lasts {} instead of {}: the gates need that long to see enough.",
            old.weight,
            new.hold?.words(),
            old.hold?.words()
        ))
    });
    let notes = notes.collect();
    *steps = longer;
    notes
}

/// The time that a stage needs, in a round number.
fn needed(step: &Step, needs: &Needs, rates: &Rates) -> SimSpan {
    let share = step.weight / 100.0;
    // With everything at the candidate there is no baseline to wait for.
    let fewer = if share < 1.0 { share.min(1.0 - share) } else { share };
    let time = |count: f64, rate: f64| if rate > 0.0 { count / rate } else { 0.0 };
    let requests = time(needs.requests, rates.requests * share);
    let labelled = time(needs.labelled, rates.labelled * fewer);
    let seconds = SPARE * requests.max(labelled);
    let grain = if seconds > 60.0 { 30.0 } else { 10.0 };
    SimSpan::from_secs(((seconds / grain).ceil() * grain) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::StrategyKind;

    fn holds(duration: u64, rates: &Rates) -> (Vec<u64>, Vec<String>) {
        let mut plan =
            PlanDraft { strategy: StrategyKind::Canary.default_strategy(), ..PlanDraft::default() };
        plan.traffic.duration = SimSpan::from_secs(duration);
        let needs = Needs { requests: 200.0, labelled: 1_500.0 };
        let notes = lengthen(&mut plan, &needs, rates);
        let Strategy::Canary { ramp, .. } = &plan.strategy else { panic!("no canary") };
        let seconds = ramp.steps().iter().map(|s| s.hold.unwrap().micros() / 1_000_000).collect();
        (seconds, notes)
    }

    #[test]
    fn stages_last_until_the_gates_have_seen_enough() {
        let rates = Rates { requests: 40.0, labelled: 40.0 };
        // 200 of 2 requests a second; 200 of 10; 1,500 of 20.
        let (seconds, notes) = holds(600, &rates);
        assert_eq!(seconds, [120, 60, 90]);
        assert_eq!(
            notes[0],
            "Canary 5 % lasts 2 min 00 s instead of 1 min 00 s: the gates need that long to see enough."
        );
        assert_eq!(notes.len(), 2);
        assert_eq!(holds(290, &rates), (vec![60, 60, 60], vec![]), "there is no time for it");
        let busy = Rates { requests: 4_000.0, labelled: 4_000.0 };
        assert_eq!(holds(600, &busy), (vec![60, 60, 60], vec![]), "they are long enough");
    }
}
