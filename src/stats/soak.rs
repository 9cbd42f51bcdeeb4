//! A plan's traffic really served, beside the simulation of the same requests.

use serde::Serialize;

use super::noise::Noise;
use super::quantile::nearest_rank;
use crate::domain::{ArmWindow, LatencyProfile, SimSpan};

/// Quantiles of times in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Quantiles {
    pub p50: f64,
    pub p95: f64,
    pub p99: f64,
}

impl Quantiles {
    /// By nearest rank; `None` without values.
    pub fn of(mut micros: Vec<f64>) -> Option<Self> {
        micros.sort_by(f64::total_cmp);
        let at = |q| nearest_rank(&micros, q);
        Some(Self { p50: at(0.5)?, p95: at(0.95)?, p99: at(0.99)? })
    }

    pub fn all(self) -> [f64; 3] {
        [self.p50, self.p95, self.p99]
    }
}

/// What one arm had to do, and how long it took.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Load {
    pub requests: u64,
    pub answered: u64,
    pub timed_out: u64,
    /// Turned away, since too many waited.
    pub rejected: u64,
    /// From the moment at which a request was due to its answer; `None` without an answer.
    pub latency: Option<Quantiles>,
    /// How long a request (or a batch of them) kept a server busy.
    pub service: Option<Quantiles>,
    /// Share of the servers' time spent working.
    pub utilisation: f64,
    pub longest_queue: u64,
    /// Answers per second.
    pub per_second: f64,
}

impl Load {
    /// What the simulation counted in `span`, with service times from `profile`.
    pub fn simulated(counted: &ArmWindow, profile: &LatencyProfile, span: SimSpan) -> Self {
        let latency = |q| Some(counted.latency.quantile(q)? as f64);
        let quantiles = |at: &dyn Fn(f64) -> Option<f64>| {
            Some(Quantiles { p50: at(0.5)?, p95: at(0.95)?, p99: at(0.99)? })
        };
        Self {
            requests: counted.arrivals + counted.mirrored,
            answered: counted.answered,
            timed_out: counted.timeouts + counted.mirror_failed,
            rejected: counted.rejected + counted.mirror_dropped,
            latency: quantiles(&latency),
            service: quantiles(&|q| profile.quantile(q)),
            utilisation: counted.busy as f64 / counted.capacity.max(1) as f64,
            longest_queue: u64::from(counted.longest_queue),
            per_second: counted.answered as f64 / span.as_secs_f64(),
        }
    }
}

/// One arm of a soak.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SoakedArm {
    pub name: String,
    pub servers: u64,
    pub simulated: Load,
    pub served: Load,
    /// By how many microseconds servers began later than they could have: the system wakes nobody
    /// at once.
    pub late: Option<Quantiles>,
}

impl SoakedArm {
    /// How far p50, p95 and p99 were from the simulated ones, as shares of these.
    pub fn differences(&self) -> Option<[f64; 3]> {
        let (served, simulated) = (self.served.latency?.all(), self.simulated.latency?.all());
        let [a, b, c] = served;
        let [x, y, z] = simulated;
        let difference = |served: f64, simulated: f64| served / simulated.max(1e-3) - 1.0;
        Some([difference(a, x), difference(b, y), difference(c, z)])
    }

    /// Whether all three quantiles lie within a share of the simulated ones.
    pub fn is_within(&self, share: f64) -> bool {
        let near = |differences: [f64; 3]| differences.iter().all(|d| d.abs() <= share);
        self.differences().is_some_and(near)
    }
}

/// A plan's traffic, served and simulated.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Soaked {
    pub plan: String,
    pub seconds: f64,
    pub arms: Vec<SoakedArm>,
    /// Processors that the servers of all arms shared.
    pub processors: u64,
    /// While service times were measured.
    pub noise: Option<Noise>,
}

impl Soaked {
    pub fn is_within(&self, share: f64) -> bool {
        self.arms.iter().all(|arm| arm.is_within(share))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(latency: [f64; 3]) -> Load {
        let [p50, p95, p99] = latency;
        Load { latency: Some(Quantiles { p50, p95, p99 }), ..Load::default() }
    }

    #[test]
    fn every_quantile_must_agree() {
        let arm = |served| SoakedArm {
            name: "a".to_owned(),
            servers: 1,
            simulated: load([100.0, 200.0, 400.0]),
            served: load(served),
            late: None,
        };
        assert!(arm([105.0, 190.0, 400.0]).is_within(0.1));
        assert!(!arm([105.0, 190.0, 300.0]).is_within(0.1), "too fast is wrong as well");
        assert_eq!(arm([100.0, 300.0, 400.0]).differences(), Some([0.0, 0.5, 0.0]));
        let unanswered = SoakedArm { served: Load::default(), ..arm([1.0, 1.0, 1.0]) };
        assert!(!unanswered.is_within(1.0));
    }

    #[test]
    fn quantiles_are_values_that_occurred() {
        let micros = (1..=200).rev().map(f64::from).collect();
        let quantiles = Quantiles::of(micros).unwrap();
        assert_eq!(quantiles.all(), [100.0, 190.0, 198.0]);
        assert_eq!(Quantiles::of(Vec::new()), None);
    }
}
