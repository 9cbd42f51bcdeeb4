//! Bandits: shares of the traffic that follow what the arms have earned.
//!
//! The shares move while rewards come in, and the world may move with them, so bare means would
//! compare early answers of one arm with late answers of another. Rewards are therefore taken period
//! by period, and each period weighs as much for every arm.

use super::bayes::{Beta, chances_of_largest_mean, chances_to_be_best};
use super::evidence;
use super::mean::Moments;
use crate::domain::metric::Direction;
use crate::domain::{ArmWindow, Earned, Metric, Policy};

/// The traffic of one period, divided into so many parts, is what UCB1 gives away part by part.
const PARTS: u32 = 100;
/// Shares are rounded to a thousandth.
const GRAIN: f64 = 1_000.0;

/// The rewards of several arms so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Rewards {
    metric: Metric,
    arms: Vec<Arm>,
    /// A period in which not every arm has earned yet goes on.
    open: Vec<Moments>,
    /// Σ of the periods' weights.
    weight: f64,
}

/// One arm's sums over the closed periods p, with weights wₚ and nₚ rewards each.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Arm {
    n: f64,
    /// Σ wₚ meanₚ
    weighted: f64,
    /// Σ wₚ² / nₚ
    spread: f64,
    /// Σ over rewards of (x − meanₚ)²
    centred: f64,
}

/// What is known of one arm.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Estimate {
    /// Rewards, and how many of equal weight would tell as much.
    n: f64,
    effective: f64,
    mean: f64,
    /// Of a single reward.
    variance: f64,
}

impl Rewards {
    pub fn new(metric: Metric, arms: usize) -> Self {
        let open = vec![Moments::default(); arms];
        Self { metric, arms: vec![Arm::default(); arms], open, weight: 0.0 }
    }

    /// Adds what the arms earned in one more period.
    pub fn add(&mut self, arms: &[ArmWindow]) {
        for (open, arm) in self.open.iter_mut().zip(arms) {
            *open = open.merged(evidence::moments(arm, self.metric));
        }
        if self.open.iter().any(|arm| arm.n < 1.0) {
            return;
        }
        let weight: f64 = self.open.iter().map(|arm| arm.n).sum();
        self.weight += weight;
        for (arm, period) in self.arms.iter_mut().zip(&mut self.open) {
            arm.n += period.n;
            arm.weighted += weight * period.mean;
            arm.spread += weight * weight / period.n;
            arm.centred += period.centred;
            *period = Moments::default();
        }
    }

    /// What each arm has earned.
    pub fn earned(&self) -> Vec<Earned> {
        let chances = self.chances();
        let arms = self.arms.iter().zip(chances);
        arms.map(|(arm, chance)| {
            let mean = if self.weight > 0.0 { arm.weighted / self.weight } else { 0.0 };
            Earned { n: arm.n as u64, mean, chance }
        })
        .collect()
    }

    fn estimates(&self) -> Option<Vec<Estimate>> {
        let of_arm = |arm: &Arm| {
            (arm.spread > 0.0).then(|| Estimate {
                n: arm.n,
                effective: self.weight * self.weight / arm.spread,
                mean: arm.weighted / self.weight,
                variance: arm.centred / (arm.n - 1.0).max(1.0),
            })
        };
        self.arms.iter().map(of_arm).collect()
    }

    /// The chance of each arm to be the best: rates have a uniform prior (posterior Beta), means a
    /// flat one (posterior normal). Equal while any arm has earned nothing.
    fn chances(&self) -> Vec<f64> {
        let equal = || vec![1.0 / self.arms.len() as f64; self.arms.len()];
        let Some(arms) = self.estimates() else { return equal() };
        let chances = if self.is_rate() {
            let posterior = |arm: &Estimate| {
                let rate = self.value(arm.mean);
                Beta::posterior(rate * arm.effective, arm.effective, 1.0, 1.0)
            };
            chances_to_be_best(&arms.iter().map(posterior).collect::<Vec<_>>())
        } else {
            let of_mean =
                |arm: &Estimate| (self.value(arm.mean), (arm.variance / arm.effective).sqrt());
            chances_of_largest_mean(&arms.iter().map(of_mean).collect::<Vec<_>>())
        };
        let sum: f64 = chances.iter().sum();
        if sum > 0.0 { chances.iter().map(|chance| chance / sum).collect() } else { equal() }
    }

    fn is_rate(&self) -> bool {
        self.metric.is_share()
    }

    /// The metric, turned so that more is better.
    fn value(&self, mean: f64) -> f64 {
        match (self.metric.direction(), self.is_rate()) {
            (Direction::Lower, true) => 1.0 - mean,
            (Direction::Lower, false) => -mean,
            _ => mean,
        }
    }

    /// The shares of the next period, 0 to 1 and in sum 1, none below `floor`. `pulls` is how many
    /// requests it may bring; `epsilon` is for [`Policy::EpsilonGreedy`]. Equal shares while an arm
    /// has fewer than `least` rewards.
    pub fn shares(
        &self,
        policy: Policy,
        epsilon: f64,
        floor: f64,
        least: u64,
        pulls: f64,
    ) -> Vec<f64> {
        let count = self.arms.len() as f64;
        let known = self.estimates().filter(|arms| arms.iter().all(|arm| arm.n >= least as f64));
        let Some(arms) = known else { return vec![1.0 / count; self.arms.len()] };
        let wanted = match policy {
            Policy::Thompson => self.chances(),
            Policy::EpsilonGreedy => self.greedy(&arms, epsilon),
            Policy::Ucb1 => self.by_upper_bound(&arms, pulls),
        };
        let raised = wanted.iter().map(|share| floor + (1.0 - count * floor) * share);
        let mut shares: Vec<f64> = raised.map(|share| (share * GRAIN).round() / GRAIN).collect();
        let rest: f64 = shares.iter().skip(1).sum();
        if let Some(first) = shares.first_mut() {
            *first = ((1.0 - rest).max(0.0) * GRAIN).round() / GRAIN;
        }
        shares
    }

    /// The best arm gets 1 − ε, and the others share ε; of equal arms the first is the best.
    fn greedy(&self, arms: &[Estimate], epsilon: f64) -> Vec<f64> {
        let best = largest(arms.iter().map(|arm| self.value(arm.mean)));
        let others = (arms.len() as f64 - 1.0).max(1.0);
        let share = |arm| if arm == best { 1.0 - epsilon } else { epsilon / others };
        (0..arms.len()).map(share).collect()
    }

    /// UCB1 for rewards from 0 to 1, mean + √(2 ln N / n), and UCB1-NORMAL for others, mean +
    /// √(16 s² ln(N − 1) / n) (Auer, Cesa-Bianchi & Fischer 2002). Rewards come late and in groups, so
    /// the next period is given away part by part, each counted as made and its reward as still
    /// unknown: otherwise one arm would get all of it.
    fn by_upper_bound(&self, arms: &[Estimate], pulls: f64) -> Vec<f64> {
        let part = (pulls / f64::from(PARTS)).max(1.0);
        let mut counts: Vec<f64> = arms.iter().map(|arm| arm.n).collect();
        let mut shares = vec![0.0; arms.len()];
        for _ in 0..PARTS {
            let all: f64 = counts.iter().sum();
            let bound = |(arm, n): (&Estimate, &f64)| {
                let width = match self.is_rate() {
                    true => 2.0 * all.ln() / n,
                    false => 16.0 * arm.variance * (all - 1.0).ln() / n,
                };
                self.value(arm.mean) + width.sqrt()
            };
            let best = largest(arms.iter().zip(&counts).map(bound));
            if let (Some(count), Some(share)) = (counts.get_mut(best), shares.get_mut(best)) {
                *count += part;
                *share += 1.0 / f64::from(PARTS);
            }
        }
        shares
    }
}

/// The place of the largest value, the first of equal ones.
fn largest(values: impl Iterator<Item = f64>) -> usize {
    let best = values.enumerate().fold((0, f64::NEG_INFINITY), |best, (place, value)| {
        if value > best.1 { (place, value) } else { best }
    });
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::histogram::{BINS, bin_of};
    use crate::domain::{Histogram, Quality};

    fn window(labelled: u64, correct: u64) -> ArmWindow {
        ArmWindow {
            quality: vec![Quality { labelled, correct, ..Quality::default() }],
            ..ArmWindow::default()
        }
    }

    fn rewards(periods: &[[(u64, u64); 2]]) -> Rewards {
        let mut rewards = Rewards::new(Metric::Accuracy, 2);
        for period in periods {
            rewards.add(&period.map(|(labelled, correct)| window(labelled, correct)));
        }
        rewards
    }

    #[test]
    fn moving_shares_do_not_bend_the_means() {
        // Both arms are equal in each period; all got harder while the second was given more.
        let known = rewards(&[[(900, 810), (100, 90)], [(100, 50), (900, 450)]]);
        let earned = known.earned();
        assert!((earned[0].mean - 0.7).abs() < 1e-12, "{earned:?}");
        assert!((earned[0].mean - earned[1].mean).abs() < 1e-12);
        assert!((earned[0].chance - 0.5).abs() < 0.01, "{earned:?}");
    }

    #[test]
    fn thompson_gives_each_arm_its_chance_to_be_the_best() {
        // Beta(81, 21) and Beta(71, 31): P(second larger) is 0.0525 by 10⁷ draws of numpy.
        let known = rewards(&[[(100, 80), (100, 70)]]);
        let shares = known.shares(Policy::Thompson, 0.0, 0.0, 0, 200.0);
        assert!((shares[1] - 0.0525).abs() < 0.001, "{shares:?}");
        let floored = known.shares(Policy::Thompson, 0.0, 0.2, 0, 200.0);
        assert!((floored[1] - (0.2 + 0.6 * 0.0525)).abs() < 0.001, "{floored:?}");
        assert_eq!(known.shares(Policy::Thompson, 0.0, 0.0, 101, 200.0), [0.5, 0.5], "exploring");
    }

    #[test]
    fn greedy_gives_the_best_all_but_epsilon() {
        let known = rewards(&[[(100, 70), (100, 80)]]);
        assert_eq!(known.shares(Policy::EpsilonGreedy, 0.1, 0.0, 0, 200.0), [0.1, 0.9]);
    }

    #[test]
    fn upper_bounds_give_traffic_to_what_is_little_known() {
        let known = rewards(&[[(1_000, 800), (10, 7)]]);
        let shares = known.shares(Policy::Ucb1, 0.0, 0.0, 0, 100.0);
        assert!(shares[1] > 0.9, "{shares:?}");
        let settled = rewards(&[[(100_000, 80_000), (100_000, 70_000)]]);
        assert_eq!(settled.shares(Policy::Ucb1, 0.0, 0.0, 0, 100.0), [1.0, 0.0]);
    }

    #[test]
    fn lower_is_better_for_errors_and_latencies() {
        let failing =
            |failed| ArmWindow { answered: 1_000 - failed, errors: failed, ..ArmWindow::default() };
        let mut errors = Rewards::new(Metric::ErrorRate, 2);
        errors.add(&[failing(50), failing(10)]);
        assert!(errors.earned()[1].chance > 0.99);
        let slow = |micros: u64| {
            let mut counts = vec![0; BINS];
            (0..100).for_each(|k| counts[bin_of(micros + k * 100)] += 1);
            ArmWindow { latency: Histogram::from_dense(&counts), ..ArmWindow::default() }
        };
        let mut times = Rewards::new(Metric::LatencyMean, 2);
        times.add(&[slow(20_000), slow(40_000)]);
        assert!(times.earned()[0].chance > 0.99);
    }
}
