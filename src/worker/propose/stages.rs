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
    let Strategy::Canary { ramp, .. } = &mut plan.strategy else { return Vec::new() };
    let steps = ramp.steps();
    let mut longer = long_enough(&steps, needs, rates);
    if let Ramp::Linear { .. } | Ramp::Exponential { .. } = ramp {
        // One time holds for all of its stages.
        let longest = longer.iter().filter_map(|step| step.hold).max();
        longer.iter_mut().for_each(|step| step.hold = longest);
    }
    let whole: f64 = longer.iter().filter_map(|step| Some(step.hold?.as_secs_f64())).sum();
    if whole > MOST_TIME * duration.as_secs_f64() {
        return Vec::new();
    }
    let changed = steps.iter().zip(&longer).filter_map(|(old, new)| {
        let (old, new) = (old.hold?, (new.weight, new.hold?));
        (old < new.1).then_some((old, new))
    });
    let told = |what: &str, new: SimSpan, old: SimSpan| {
        let (new, old) = (new.words(), old.words());
        format!("{what} lasts {new} instead of {old}: the gates need that long to see enough.")
    };
    match ramp {
        Ramp::Steps(steps) => {
            let notes = changed
                .map(|(old, (weight, new))| told(&format!("Canary {weight} %"), new, old))
                .collect();
            *steps = longer;
            notes
        }
        Ramp::Linear { hold, .. } | Ramp::Exponential { hold, .. } => changed
            .take(1)
            .map(|(old, (_, new))| {
                *hold = new;
                told("Each stage of the ramp", new, old)
            })
            .collect(),
    }
}

/// The same stages, none shorter than it needs; labels are only waited for in the last one.
fn long_enough(steps: &[Step], needs: &Needs, rates: &Rates) -> Vec<Step> {
    let last = steps.len().saturating_sub(1);
    let longer = steps.iter().enumerate().map(|(place, step)| {
        let labelled = if place == last { needs.labelled } else { 0.0 };
        let needs = Needs { labelled, ..*needs };
        Step { hold: step.hold.map(|hold| hold.max(needed(step, &needs, rates))), ..*step }
    });
    longer.collect()
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
        holds_of(|_| (), duration, rates)
    }

    /// Seconds of the stages, once the default canary's ramp was changed and lengthened.
    fn holds_of(
        change: impl FnOnce(&mut Ramp),
        duration: u64,
        rates: &Rates,
    ) -> (Vec<u64>, Vec<String>) {
        let mut plan =
            PlanDraft { strategy: StrategyKind::Canary.default_strategy(), ..PlanDraft::default() };
        plan.traffic.duration = SimSpan::from_secs(duration);
        if let Strategy::Canary { ramp, .. } = &mut plan.strategy {
            change(ramp);
        }
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

    #[test]
    fn a_ramp_that_grows_by_itself_has_one_time_for_all_stages() {
        let rates = Rates { requests: 40.0, labelled: 40.0 };
        let linear = |ramp: &mut Ramp| {
            *ramp = Ramp::Linear { step: 10.0, max: 30.0, hold: SimSpan::from_secs(30) };
        };
        // 200 of 4 requests a second; 1,500 of 12 labels a second in the last.
        let (seconds, notes) = holds_of(linear, 600, &rates);
        assert_eq!(seconds, [150, 150, 150]);
        assert_eq!(
            notes,
            [
                "Each stage of the ramp lasts 2 min 30 s instead of 30.0 s: the gates need that long \
              to see enough."
            ]
        );
        assert_eq!(holds_of(linear, 400, &rates), (vec![30, 30, 30], vec![]), "too short a plan");
    }
}
