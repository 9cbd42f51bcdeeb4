//! What becomes of a plan in many runs: chances, times and prices, each with its uncertainty.

use serde::{Serialize, Serializer};

use super::Interval;
use super::ledger::Ledger;
use super::mean::Moments;
use super::proportion::wilson;
use super::quantile::{nearest_rank, order_statistics};
use crate::domain::{EventKind, Ladder, OutcomeKind, Recording, Regression, SimSpan, Verdict};

/// All intervals are at 95 %.
const ALPHA: f64 = 0.05;

/// What is kept of one run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trial {
    pub outcome: OutcomeKind,
    /// From the candidate's first request to the decision to send the traffic back.
    pub detected_after: Option<SimSpan>,
    /// From the start until the candidate took all traffic.
    pub full_after: Option<SimSpan>,
    /// Live requests that met the candidate.
    pub exposed: u64,
    /// Wrong answers that the rollout caused, on balance.
    pub net_harm: i64,
    pub failed: u64,
    /// In the plan's currency.
    pub cost: f64,
    /// Places of the gates that failed, each once. No part of the digest: it follows from the rest.
    #[serde(skip)]
    pub objected: Vec<u16>,
}

impl Trial {
    pub fn of(ledger: &Ledger, recording: &Recording) -> Self {
        let failed = recording.events.iter().filter_map(|event| match event.kind {
            EventKind::GateEnded { gate, verdict: Verdict::Fail, .. } => Some(gate),
            _ => None,
        });
        let mut objected: Vec<u16> = failed.collect();
        objected.sort_unstable();
        objected.dedup();
        Self {
            outcome: ledger.outcome,
            detected_after: ledger.time_to_detect,
            full_after: ledger.time_to_full,
            exposed: ledger.exposed_requests,
            net_harm: ledger.net_harm,
            failed: ledger.failed,
            cost: ledger.money.total,
            objected,
        }
    }
}

/// A share of the runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Chance {
    pub count: u64,
    pub runs: u64,
    /// Wilson's interval.
    pub interval: Interval,
}

impl Chance {
    fn of(count: usize, runs: usize) -> Self {
        let everything = Interval::new(0.0, 1.0);
        let interval = wilson(count as f64, runs as f64, ALPHA).unwrap_or(everything);
        Self { count: count as u64, runs: runs as u64, interval }
    }

    /// `None` without a run.
    pub fn share(self) -> Option<f64> {
        (self.runs > 0).then(|| self.count as f64 / self.runs as f64)
    }

    /// The larger distance from the share to an end of its interval.
    pub fn half_width(self) -> f64 {
        let share = self.share().unwrap_or(0.5);
        (self.interval.high - share).max(share - self.interval.low)
    }
}

/// The middle of a quantity over runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Typical {
    pub median: f64,
    /// From order statistics; `None` where the runs are too few for an end.
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// Nine runs in ten stay below.
    pub p90: f64,
}

impl Typical {
    /// `None` without a value.
    fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.collect();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = order_statistics(sorted.len() as u64, 0.5, ALPHA);
        let at = |place: Option<u64>| sorted.get(place? as usize).copied();
        Some(Self {
            median: nearest_rank(&sorted, 0.5)?,
            low: at(low),
            high: at(high),
            p90: nearest_rank(&sorted, 0.9)?,
        })
    }
}

/// The mean of a quantity over runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Average {
    pub mean: f64,
    /// Half the width of a normal interval; `None` below two runs.
    pub half_width: Option<f64>,
}

impl Average {
    fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let values: Vec<f64> = values.collect();
        let moments = Moments::of(&values);
        let error = moments.variance().map(|variance| (variance / moments.n).sqrt());
        let z = super::distribution::normal_two_sided(ALPHA);
        (!values.is_empty()).then(|| Self { mean: moments.mean, half_width: error.map(|e| e * z) })
    }
}

/// What became of one what-if in many runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rung {
    #[serde(serialize_with = "as_text")]
    pub regression: Regression,
    pub promoted: Chance,
    /// Aborted or rolled back.
    pub stopped: Chance,
    /// The baseline was kept because nothing better was shown.
    pub kept: Chance,
    /// The time ended before anything was decided, or nothing was to be decided.
    pub undecided: Chance,
    /// Seconds, over the runs that were stopped.
    pub detected_after: Option<Typical>,
    /// Seconds, over the runs in which the candidate took all traffic.
    pub full_after: Option<Typical>,
    /// Requests, over all runs.
    pub exposed: Option<Typical>,
    pub net_harm: Option<Average>,
    pub failed: Option<Average>,
    pub cost: Option<Average>,
    #[serde(skip)]
    pub trials: Vec<Trial>,
}

fn as_text<S: Serializer>(regression: &Regression, out: S) -> Result<S::Ok, S::Error> {
    out.collect_str(regression)
}

impl Rung {
    pub fn of(regression: Regression, trials: Vec<Trial>) -> Self {
        let chance = |kinds: &[OutcomeKind]| {
            Chance::of(trials.iter().filter(|t| kinds.contains(&t.outcome)).count(), trials.len())
        };
        let secs = |span: SimSpan| span.as_secs_f64();
        let of_stopped = trials.iter().filter(|trial| trial.outcome.is_refusal());
        Self {
            promoted: chance(&[OutcomeKind::Promoted]),
            stopped: chance(&[OutcomeKind::Aborted, OutcomeKind::RolledBack]),
            kept: chance(&[OutcomeKind::Kept]),
            undecided: chance(&[OutcomeKind::Held, OutcomeKind::Observed]),
            detected_after: Typical::of(of_stopped.filter_map(|t| t.detected_after).map(secs)),
            full_after: Typical::of(trials.iter().filter_map(|t| t.full_after).map(secs)),
            exposed: Typical::of(trials.iter().map(|trial| trial.exposed as f64)),
            net_harm: Average::of(trials.iter().map(|trial| trial.net_harm as f64)),
            failed: Average::of(trials.iter().map(|trial| trial.failed as f64)),
            cost: Average::of(trials.iter().map(|trial| trial.cost)),
            regression,
            trials,
        }
    }

    /// The share of runs in which the candidate did not get all traffic by a decision: stopped, or the
    /// baseline was kept.
    pub fn not_shipped(&self) -> Chance {
        Chance::of((self.stopped.count + self.kept.count) as usize, self.trials.len())
    }

    /// The share of runs in which the gate at `place` of the plan failed.
    pub fn objections(&self, place: u16) -> Chance {
        let count = self.trials.iter().filter(|trial| trial.objected.contains(&place)).count();
        Chance::of(count, self.trials.len())
    }

    /// The share of runs that made the wrong end of it: a good candidate sent back (a false alarm),
    /// or a worse one promoted (a miss). `None` for the plan's candidate, of which nobody has said
    /// whether it is good.
    pub fn mistakes(&self) -> Option<Chance> {
        match self.regression {
            Regression::AsPlanned => None,
            Regression::None => Some(self.stopped),
            _ => Some(self.promoted),
        }
    }
}

/// The odds of one plan: a rung for each what-if, after equally many runs of each.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Odds {
    pub runs: u32,
    /// Seeds of the runs: so many from this one on.
    pub first_seed: u64,
    pub rungs: Vec<Rung>,
}

impl Odds {
    /// How often the baseline against itself was stopped.
    pub fn false_alarms(&self) -> Option<Chance> {
        self.rungs.iter().find(|rung| rung.regression == Regression::None).map(|r| r.stopped)
    }

    /// The rungs of one ladder, the mildest first.
    pub fn rungs_of(&self, ladder: Ladder) -> Vec<&Rung> {
        let severity = |rung: &Rung| rung.regression.severity().filter(|(of, _)| *of == ladder);
        let mut rungs: Vec<_> =
            self.rungs.iter().filter_map(|rung| Some((severity(rung)?.1, rung))).collect();
        rungs.sort_by(|a, b| a.0.total_cmp(&b.0));
        rungs.into_iter().map(|(_, rung)| rung).collect()
    }

    /// The mildest regression of a ladder that at least such a share of the runs did not promote,
    /// and so with every worse one.
    pub fn least_caught(&self, ladder: Ladder, share: f64) -> Option<&Rung> {
        let caught = |rung: &&Rung| {
            let runs = rung.stopped.runs as f64;
            (rung.stopped.count + rung.kept.count) as f64 >= share * runs
        };
        self.rungs_of(ladder).into_iter().rev().take_while(caught).last()
    }

    /// The largest half-width of the chances to be promoted and to be stopped: how sure the whole
    /// table is.
    pub fn half_width(&self) -> f64 {
        let chances = self.rungs.iter().flat_map(|rung| [rung.promoted, rung.stopped]);
        chances.map(Chance::half_width).fold(0.0, f64::max)
    }

    /// A BLAKE3 digest, in hexadecimal, over every run.
    pub fn digest(&self) -> String {
        let trials: Vec<_> =
            self.rungs.iter().map(|rung| (&rung.regression, &rung.trials)).collect();
        match postcard::to_stdvec(&(self.runs, self.first_seed, trials)) {
            Ok(bytes) => blake3::hash(&bytes).to_hex().to_string(),
            // Writing plain values to memory has no way to fail.
            Err(fault) => unreachable!("odds could not be encoded: {fault}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(outcome: OutcomeKind, secs: u64) -> Trial {
        Trial {
            outcome,
            detected_after: outcome.is_refusal().then(|| SimSpan::from_secs(secs)),
            full_after: None,
            exposed: 10 * secs,
            net_harm: 3,
            failed: 0,
            cost: 1.5,
            objected: Vec::new(),
        }
    }

    #[test]
    fn chances_carry_wilsons_interval_and_times_only_those_that_detected() {
        let mut trials = vec![trial(OutcomeKind::Promoted, 900); 10];
        trials.extend((1..=30).map(|secs| trial(OutcomeKind::Aborted, secs)));
        let rung = Rung::of(Regression::Latency { factor: 2.0 }, trials);
        assert_eq!(rung.stopped.share(), Some(0.75));
        // statsmodels: proportion_confint(30, 40, 0.05, "wilson").
        assert!((rung.stopped.interval.low - 0.598_060).abs() < 1e-6, "{:?}", rung.stopped);
        assert!((rung.stopped.interval.high - 0.858_129).abs() < 1e-6);
        let detected = rung.detected_after.unwrap();
        assert_eq!((detected.median, detected.p90), (15.0, 27.0));
        // Order statistics 10 and 21 of 30 enclose the median with 95 % (Conover's table).
        assert_eq!((detected.low, detected.high), (Some(10.0), Some(21.0)));
        assert_eq!(rung.mistakes().unwrap().count, 10, "a worse candidate was promoted");
    }

    #[test]
    fn a_stopped_baseline_is_a_false_alarm() {
        let trials = vec![trial(OutcomeKind::RolledBack, 5), trial(OutcomeKind::Promoted, 5)];
        let odds = Odds { runs: 2, first_seed: 1, rungs: vec![Rung::of(Regression::None, trials)] };
        assert_eq!(odds.false_alarms().unwrap().count, 1);
        assert!(odds.half_width() > 0.4, "two runs say little: {}", odds.half_width());
    }
}
