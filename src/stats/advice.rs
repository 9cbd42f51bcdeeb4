//! Which strategy fits: what a person needs, held against what every strategy was measured to do.

use serde::Serialize;

use super::ledger::Ledger;
use super::odds::{Odds, Rung};
use crate::domain::{Regression, SimSpan, StrategyKind, grouped};

/// A bad candidate that is stopped less often than this is not caught.
const CAUGHT: f64 = 0.8;

/// What matters to the person who asks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Needs {
    /// Live requests may go unanswered for a while.
    pub tolerates_downtime: bool,
    /// A second fleet may run beside the first.
    pub has_double_capacity: bool,
    /// The largest share of the requests (0 to 1) that may meet a bad candidate.
    pub most_exposed: f64,
    /// The effect on users is to be measured, so they must meet both models at random.
    pub wants_feedback: bool,
    /// A good candidate must have all traffic by then.
    pub within: Option<SimSpan>,
}

/// What one strategy was measured to do on the person's own traffic.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    pub kind: StrategyKind,
    /// With the plan's own candidate.
    pub ledger: Ledger,
    /// The largest fleet of all arms together, over that of the baseline alone.
    pub peak: f64,
    /// Of the baseline in place of the candidate, and of one regression.
    pub odds: Odds,
}

/// How one strategy stands with the needs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Standing {
    pub kind: StrategyKind,
    /// Needs that it does not meet.
    pub faults: Vec<String>,
    pub reasons: Vec<String>,
    pub counter_reasons: Vec<String>,
    #[serde(skip)]
    rank: Rank,
}

/// Smaller is better, the first difference decides.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
struct Rank {
    faults: usize,
    lets_through: bool,
    exposed: f64,
    extra_hours: f64,
}

/// Every strategy, the best first. The first one without faults is the answer; if all have some, the
/// needs contradict one another.
pub fn advise(needs: &Needs, measured: &[Measured]) -> Vec<Standing> {
    let mut standings: Vec<Standing> =
        measured.iter().map(|one| Case { needs, one }.standing()).collect();
    standings.sort_by(|a, b| a.rank.partial_cmp(&b.rank).unwrap_or(std::cmp::Ordering::Equal));
    standings
}

struct Case<'a> {
    needs: &'a Needs,
    one: &'a Measured,
}

impl Case<'_> {
    /// The rung of the regression that was tried.
    fn bad(&self) -> Option<&Rung> {
        self.one.odds.rungs.iter().find(|rung| rung.regression.is_worse())
    }

    fn good(&self) -> Option<&Rung> {
        self.one.odds.rungs.iter().find(|rung| rung.regression == Regression::None)
    }

    fn requests(&self) -> f64 {
        self.one.ledger.arms.iter().map(|arm| arm.requests).sum::<u64>() as f64
    }

    /// The share of the requests that met the bad candidate, in a typical run.
    fn exposed(&self) -> f64 {
        let exposed =
            self.bad().and_then(|rung| rung.exposed).map_or(0.0, |typical| typical.median);
        exposed / self.requests().max(1.0)
    }

    fn standing(&self) -> Standing {
        let mut standing = Standing {
            kind: self.one.kind,
            faults: Vec::new(),
            reasons: Vec::new(),
            counter_reasons: Vec::new(),
            rank: Rank {
                faults: 0,
                lets_through: self.catches().is_some_and(|share| share < CAUGHT),
                exposed: self.exposed(),
                extra_hours: self.one.ledger.extra_hours,
            },
        };
        self.purpose(&mut standing);
        self.catching(&mut standing);
        self.exposure(&mut standing);
        self.false_alarms(&mut standing);
        self.downtime(&mut standing);
        self.capacity(&mut standing);
        self.time(&mut standing);
        standing.rank.faults = standing.faults.len();
        standing
    }

    fn catches(&self) -> Option<f64> {
        self.bad()?.not_shipped().share()
    }

    fn purpose(&self, standing: &mut Standing) {
        match self.one.kind {
            StrategyKind::Single => {
                standing.faults.push("it leaves the baseline where it is".to_owned());
            }
            StrategyKind::Shadow => {
                standing
                    .reasons
                    .push("no user ever gets its answers before it is judged".to_owned());
                standing
                    .counter_reasons
                    .push("how users react to its answers stays unknown".to_owned());
            }
            _ => {}
        }
        let is_randomised = matches!(self.one.kind, StrategyKind::Ab | StrategyKind::Canary);
        if self.needs.wants_feedback && !is_randomised {
            let fault =
                "users do not meet both models at random, so their reactions cannot be compared";
            standing.faults.push(fault.to_owned());
        }
        if self.needs.wants_feedback && self.one.kind == StrategyKind::Ab {
            standing.reasons.push("it measures the effect on users with the most power".to_owned());
        }
    }

    fn catching(&self, standing: &mut Standing) {
        let Some(bad) = self.bad() else { return };
        let not_shipped = bad.not_shipped();
        let Some(share) = not_shipped.share() else { return };
        let after = bad.detected_after.map_or(String::new(), |time| {
            format!(", after {}", SimSpan::from_secs_f64(time.median).words())
        });
        let text = format!(
            "{} is not shipped in {:.0} % of {} runs{after}",
            bad.regression,
            share * 100.0,
            not_shipped.runs
        );
        if share >= CAUGHT {
            standing.reasons.push(text);
        } else {
            standing.counter_reasons.push(text);
        }
    }

    fn exposure(&self, standing: &mut Standing) {
        let Some(exposed) = self.bad().and_then(|rung| rung.exposed) else { return };
        let text = format!(
            "a bad candidate meets {} requests ({:.1} %)",
            grouped(exposed.median as u64),
            self.exposed() * 100.0
        );
        if self.exposed() > self.needs.most_exposed {
            let most = self.needs.most_exposed * 100.0;
            standing.faults.push(format!("{text}, more than {most} %"));
        } else {
            standing.reasons.push(text);
        }
    }

    fn false_alarms(&self, standing: &mut Standing) {
        let Some(alarms) = self.good().map(|rung| rung.stopped) else { return };
        if alarms.share().is_some_and(|share| share > 0.05) {
            standing.counter_reasons.push(format!(
                "a good candidate is stopped in {} of {} runs",
                alarms.count, alarms.runs
            ));
        }
    }

    fn downtime(&self, standing: &mut Standing) {
        let downtime = self.one.ledger.downtime;
        if downtime.is_zero() {
            return;
        }
        let text = format!("nobody answers for {}", downtime.words());
        if self.needs.tolerates_downtime {
            standing.counter_reasons.push(text);
        } else {
            standing.faults.push(text);
        }
    }

    fn capacity(&self, standing: &mut Standing) {
        let (peak, extra) = (self.one.peak, self.one.ledger.extra_hours);
        if peak < 1.5 {
            standing.reasons.push(format!("at most {peak:.1} × the fleet"));
            return;
        }
        let text = format!("{peak:.1} × the fleet for a while, {extra:.2} replica-hours more");
        if self.needs.has_double_capacity {
            standing.counter_reasons.push(text);
        } else {
            standing.faults.push(text);
        }
    }

    fn time(&self, standing: &mut Standing) {
        let full = self.good().and_then(|rung| rung.full_after);
        let text = full.map(|time| SimSpan::from_secs_f64(time.median));
        match (text, self.needs.within) {
            (Some(full), Some(within)) if full > within => {
                standing
                    .faults
                    .push(format!("a good candidate has all traffic after {} only", full.words()));
            }
            (Some(full), _) => {
                standing.reasons.push(format!("a good one has all traffic after {}", full.words()));
            }
            (None, Some(_)) => {
                standing.faults.push("a good candidate never gets all traffic".to_owned());
            }
            (None, None) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{OutcomeKind, SimTime};
    use crate::stats::ledger::{ArmLedger, Money};
    use crate::stats::odds::Trial;

    fn needs() -> Needs {
        Needs {
            tolerates_downtime: false,
            has_double_capacity: true,
            most_exposed: 0.1,
            wants_feedback: false,
            within: None,
        }
    }

    /// Of 10,000 requests.
    fn ledger(downtime: SimSpan) -> Ledger {
        let arm = ArmLedger {
            name: "old".to_owned(),
            requests: 10_000,
            share: 1.0,
            mirrored: 0,
            units: 0,
            labelled: 0,
            wrong: 0,
            failed: 0,
            replica_hours: 1.0,
        };
        let money = Money {
            currency: "EUR".to_owned(),
            compute: 0.0,
            extra_compute: 0.0,
            mistakes: 0.0,
            failures: 0.0,
            total: 0.0,
            is_priced: false,
        };
        Ledger {
            truth: None,
            arms: vec![arm],
            exposed_requests: 0,
            exposed_share: 0.0,
            exposed_units: 0,
            harm: 0,
            gain: 0,
            net_harm: 0,
            has_labels: true,
            failed: 0,
            failed_share: 0.0,
            downtime,
            replica_hours: 1.0,
            extra_hours: 0.5,
            money,
            time_to_full: None,
            time_to_detect: None,
            outcome: OutcomeKind::Promoted,
            reason: String::new(),
            end: SimTime::from_secs(900),
        }
    }

    /// `stopped` of ten bad candidates, which met `exposed` of 10,000 requests.
    fn measured(kind: StrategyKind, stopped: usize, exposed: u64, downtime: u64) -> Measured {
        let trial = |outcome| Trial {
            outcome,
            detected_after: Some(SimSpan::from_secs(90)),
            full_after: Some(SimSpan::from_secs(600)),
            exposed,
            net_harm: 0,
            failed: 0,
            cost: 0.0,
            objected: Vec::new(),
        };
        let bad = (0..10).map(|run| {
            trial(if run < stopped { OutcomeKind::Aborted } else { OutcomeKind::Promoted })
        });
        let good = vec![trial(OutcomeKind::Promoted); 10];
        let rungs = vec![
            Rung::of(Regression::None, good),
            Rung::of(Regression::Errors { percent: 2.0 }, bad.collect()),
        ];
        let ledger = ledger(SimSpan::from_secs(downtime));
        Measured { kind, ledger, peak: 2.0, odds: Odds { runs: 10, first_seed: 1, rungs } }
    }

    #[test]
    fn the_least_exposed_strategy_without_a_fault_comes_first() {
        use StrategyKind::{BlueGreen, Canary, Direct, Rolling};
        let all = [
            measured(Direct, 10, 6_000, 0),
            measured(Rolling, 10, 300, 20),
            measured(Canary, 10, 700, 0),
            measured(BlueGreen, 3, 500, 0),
        ];
        let standings = advise(&needs(), &all);
        let kinds: Vec<_> = standings.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [Canary, BlueGreen, Rolling, Direct]);
        assert_eq!(standings[0].faults, [""; 0]);
        assert!(
            standings[0].reasons[0].contains("not shipped in 100 % of 10 runs, after 1 min 30 s")
        );
        assert!(standings[2].faults[0].contains("nobody answers for 20.0 s"));
        assert!(standings[3].faults[0].contains("60.0 %), more than 10 %"));
    }

    #[test]
    fn needs_that_a_strategy_cannot_meet_are_its_faults() {
        let shadow = [measured(StrategyKind::Shadow, 10, 0, 0)];
        let strict = Needs {
            wants_feedback: true,
            has_double_capacity: false,
            within: Some(SimSpan::from_secs(60)),
            ..needs()
        };
        let faults = advise(&strict, &shadow)[0].faults.join("; ");
        for part in ["at random", "2.0 × the fleet", "after 10 min 00 s only"] {
            assert!(faults.contains(part), "{part} in {faults}");
        }
    }
}
