//! Which variants of a plan are worth keeping: those that reach a goal, and that no other one beats.

use serde::Serialize;

use super::odds::{Chance, Odds};

/// What a plan must reach.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Goal {
    /// The largest share (0 to 1) of good candidates that may be stopped.
    pub most_false_alarms: f64,
    /// The smallest share (0 to 1) of bad candidates that must not be shipped.
    pub least_caught: f64,
}

/// The figures by which plans are compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figures {
    pub false_alarms: Option<Chance>,
    pub caught: Option<Chance>,
    /// Requests that meet the bad candidate, in a typical run.
    pub exposed: f64,
    /// Seconds until a good candidate has all traffic.
    pub full_after: f64,
}

impl Figures {
    /// Shares of good candidates stopped and of bad ones shipped, exposure and time: less is better
    /// in each.
    fn costs(&self) -> [f64; 4] {
        let share = |chance: Option<Chance>| chance.and_then(Chance::share).unwrap_or(0.0);
        [share(self.false_alarms), 1.0 - share(self.caught), self.exposed, self.full_after]
    }

    /// At least as good in everything, and better in something.
    fn beats(&self, other: &Self) -> bool {
        let (own, theirs) = (self.costs(), other.costs());
        let pairs = || own.iter().zip(&theirs);
        pairs().all(|(a, b)| a <= b) && pairs().any(|(a, b)| a < b)
    }

    /// Whether the goal is reached; `surely_not` asks instead whether chance still leaves it open.
    fn reaches(&self, goal: &Goal, leaves_open: bool) -> bool {
        let (alarms, caught) = if leaves_open {
            let low = self.false_alarms.map_or(0.0, |chance| chance.interval.low);
            (low, self.caught.map_or(1.0, |chance| chance.interval.high))
        } else {
            let [alarms, misses, ..] = self.costs();
            (alarms, 1.0 - misses)
        };
        alarms <= goal.most_false_alarms && caught >= goal.least_caught
    }
}

/// A variant's odds.
#[derive(Clone, Debug, PartialEq)]
pub struct Tuned {
    pub figures: Figures,
    pub odds: Odds,
    /// The plan itself, which is kept whatever its figures are.
    pub is_own: bool,
}

/// The places of those to keep. Before the last round a variant goes on while its goal is not
/// surely out of reach; in the end it must have been reached, and no other variant that did may beat
/// it.
pub fn front(variants: &[&Tuned], goal: &Goal, is_last: bool) -> Vec<usize> {
    let reaching: Vec<usize> = (0..variants.len())
        .filter(|place| variants[*place].figures.reaches(goal, !is_last))
        .collect();
    let is_beaten = |place: usize| {
        reaching.iter().any(|other| variants[*other].figures.beats(&variants[place].figures))
    };
    (0..variants.len())
        .filter(|place| {
            variants[*place].is_own
                || (reaching.contains(place) && (!is_last || !is_beaten(*place)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{OutcomeKind, Regression};
    use crate::stats::odds::{Rung, Trial};

    /// Of 100 runs each, so many good candidates stopped and bad ones caught.
    fn tuned(alarms: usize, caught: usize, exposed: f64, full_after: f64, is_own: bool) -> Tuned {
        let trial = |is_stopped| Trial {
            outcome: if is_stopped { OutcomeKind::Aborted } else { OutcomeKind::Promoted },
            detected_after: None,
            full_after: None,
            exposed: 0,
            net_harm: 0,
            failed: 0,
            cost: 0.0,
            objected: Vec::new(),
        };
        let rung = |count| {
            let trials = (0..100).map(|run| trial(run < count)).collect();
            Rung::of(Regression::None, trials).stopped
        };
        let (false_alarms, caught) = (Some(rung(alarms)), Some(rung(caught)));
        let figures = Figures { false_alarms, caught, exposed, full_after };
        let odds = Odds { runs: 100, first_seed: 1, rungs: Vec::new() };
        Tuned { figures, odds, is_own }
    }

    #[test]
    fn the_front_holds_what_reaches_the_goal_and_is_not_beaten() {
        let goal = Goal { most_false_alarms: 0.05, least_caught: 0.9 };
        let all = [
            tuned(20, 50, 900.0, 600.0, true),
            tuned(2, 95, 500.0, 600.0, false),
            tuned(2, 95, 600.0, 600.0, false),
            tuned(2, 95, 800.0, 300.0, false),
            tuned(9, 99, 100.0, 100.0, false),
        ];
        let all: Vec<&Tuned> = all.iter().collect();
        assert_eq!(front(&all, &goal, true), [0, 1, 3], "beaten, and too many false alarms");
        // Nine false alarms in a hundred leave 5 % open: lower end 4.8 %.
        assert_eq!(front(&all, &goal, false), [0, 1, 2, 3, 4]);
    }
}
