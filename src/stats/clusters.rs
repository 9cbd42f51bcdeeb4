//! The difference of two arms with users as units: who sends many requests is one observation.
//!
//! Users are put into buckets by a hash. As they are assigned independently of one another, sums over
//! a bucket are independent too, and as good a unit as a user; and memory stays the same however many
//! users come. With 512 buckets the standard error itself scatters by 3 % (1/√(2·512)).

use super::lift::{Arm, Effect, Scale, cuped, effect};
use crate::domain::UnitSum;

/// Buckets that users are put into.
pub const BUCKETS: usize = 512;
/// Units that each arm needs before a normal bound means anything.
const LEAST_UNITS: usize = 30;
/// Units of the candidate with another result than the baseline would have had, before a difference
/// is adjusted: while there is none, its variance would seem to be 0.
const LEAST_DIFFERENT: usize = 20;
/// Right and wrong answers that each arm must expect.
const LEAST_EXPECTED: f64 = 5.0;

/// The candidate's mean result less the baseline's, by the delta method (Deng, Knoblich & Lu 2018);
/// for one look. `None` below two units in an arm and without any spread.
pub fn difference(baseline: &[UnitSum], candidate: &[UnitSum]) -> Option<Effect> {
    let ratio = |units: &[UnitSum]| Arm::ratio(&results(units), &requests(units));
    effect(ratio(baseline)?, ratio(candidate)?, Scale::Absolute)
}

/// The same by CUPED: results and covariates are linearised first, R + (xᵢ − R nᵢ)/n̄ for each unit,
/// whose mean is R and whose variance is that of the delta method. `None` where the covariate does
/// not vary.
pub fn adjusted_difference(baseline: &[UnitSum], candidate: &[UnitSum]) -> Option<Effect> {
    let sum = |of: fn(&UnitSum) -> f64| baseline.iter().chain(candidate).map(of).sum::<f64>();
    // The covariate is known before anybody is assigned, so its ratio is that of both arms.
    let covariate = sum(|unit| unit.covariate) / sum(|unit| unit.labelled);
    let of_arm = |units: &[UnitSum]| {
        let n = requests(units);
        let own = results(units);
        let mean = own.iter().sum::<f64>() / n.iter().sum::<f64>();
        let other: Vec<f64> = met(units).map(|unit| unit.covariate).collect();
        [linear(&own, &n, mean), linear(&other, &n, covariate)]
    };
    let [control, treatment] = [of_arm(baseline), of_arm(candidate)];
    let both = cuped((&control[0], &control[1]), (&treatment[0], &treatment[1]))?;
    let is_of_use = both.theta != 0.0;
    effect(both.control, both.treatment, Scale::Absolute).filter(|_| is_of_use)
}

/// The units with labelled requests.
fn met(units: &[UnitSum]) -> impl Iterator<Item = &UnitSum> {
    units.iter().filter(|unit| unit.labelled > 0.0)
}

fn requests(units: &[UnitSum]) -> Vec<f64> {
    met(units).map(|unit| unit.labelled).collect()
}

fn results(units: &[UnitSum]) -> Vec<f64> {
    met(units).map(|unit| unit.result).collect()
}

/// Sums per unit, as values whose mean is `ratio`.
fn linear(sums: &[f64], n: &[f64], ratio: f64) -> Vec<f64> {
    let mean = n.iter().sum::<f64>() / n.len() as f64;
    sums.iter().zip(n).map(|(sum, n)| ratio + (sum - ratio * n) / mean).collect()
}

/// What is known of the difference while users still come, in stretches of constant shares.
///
/// Within each stretch d = R꜀ − R_b; stretches are weighted by w = n꜀n_b/(n꜀ + n_b). Over all of them
/// each bucket of an arm has Σ w (xᵢ − R nᵢ)/n, whose squares add up to the variance: a user who comes
/// in several stretches is still one observation. Users who move to the candidate as its share grows
/// are taken for others, which makes the variance larger than it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Clusters {
    /// By CUPED, once there is enough to see.
    adjusts: bool,
    /// The candidate's share in the stretch that is open.
    share: f64,
    open: [Vec<UnitSum>; 2],
    all: [Vec<UnitSum>; 2],
    closed: Weighted,
}

/// Stretches, weighted and added up.
#[derive(Clone, Debug, PartialEq)]
struct Weighted {
    weight: f64,
    effect: f64,
    /// Per arm: Σ w²/n, of which the variance of one request makes that of the effect.
    spread: [f64; 2],
    /// Per arm and bucket.
    residuals: [Vec<f64>; 2],
}

/// The candidate's mean result less the baseline's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    pub effect: f64,
    pub variance: f64,
    /// Labelled requests of the baseline and of the candidate.
    pub n: [f64; 2],
}

impl Clusters {
    pub fn new(adjusts: bool) -> Self {
        let units = || [vec![UnitSum::default(); BUCKETS], vec![UnitSum::default(); BUCKETS]];
        let residuals = [vec![0.0; BUCKETS], vec![0.0; BUCKETS]];
        let closed = Weighted { weight: 0.0, effect: 0.0, spread: [0.0; 2], residuals };
        Self { adjusts, share: f64::NAN, open: units(), all: units(), closed }
    }

    /// Adds what became known of the baseline's and the candidate's buckets at a share.
    pub fn add(&mut self, share: f64, arms: [&[UnitSum]; 2]) {
        if share != self.share {
            self.closed.add(&self.open, self.adjusts_now());
            self.open.iter_mut().for_each(|units| units.fill(UnitSum::default()));
            self.share = share;
        }
        for (sums, units) in
            [&mut self.open, &mut self.all].into_iter().flatten().zip(arms.repeat(2))
        {
            sums.iter_mut().zip(units).for_each(|(sum, unit)| sum.absorb(unit));
        }
    }

    /// `None` while there is too little for a normal bound. Shares of right answers
    /// (`is_proportion`) need some of both kinds in each arm.
    ///
    /// The variance of one request is pooled over the arms, so that an arm without a wrong answer has
    /// one too, unless the arms' own variances give more.
    pub fn estimate(&self, is_proportion: bool) -> Option<Estimate> {
        let n = [0, 1].map(|arm| self.all[arm].iter().map(|unit| unit.labelled).sum::<f64>());
        if !self.has_enough(n, is_proportion) {
            return None;
        }
        let mut sum = self.closed.clone();
        sum.add(&self.open, self.adjusts_now());
        let own = [0, 1].map(|arm| {
            let met = self.all[arm].iter().filter(|unit| unit.labelled > 0.0).count() as f64;
            let squares: f64 = sum.residuals[arm].iter().map(|x| x * x).sum();
            squares * met / (met - 1.0)
        });
        let [per_a, per_b] = [0, 1].map(|arm| own[arm] / sum.spread[arm]);
        let pooled = (per_a * n[0] + per_b * n[1]) / (n[0] + n[1]);
        let variance = (own[0] + own[1]).max(pooled * (sum.spread[0] + sum.spread[1]));
        let variance = variance / (sum.weight * sum.weight);
        (variance > 0.0).then(|| Estimate { effect: sum.effect / sum.weight, variance, n })
    }

    fn adjusts_now(&self) -> bool {
        let different = self.all[1].iter().filter(|unit| unit.result != unit.covariate).count();
        self.adjusts && different >= LEAST_DIFFERENT
    }

    fn has_enough(&self, n: [f64; 2], is_proportion: bool) -> bool {
        let met = |units: &Vec<UnitSum>| units.iter().filter(|unit| unit.labelled > 0.0).count();
        let right: f64 = self.all.iter().flatten().map(|unit| unit.result).sum();
        let share = right / (n[0] + n[1]);
        let expected = n[0].min(n[1]) * share.min(1.0 - share);
        self.all.iter().all(|units| met(units) >= LEAST_UNITS)
            && (!is_proportion || expected >= LEAST_EXPECTED)
    }
}

impl Weighted {
    /// Adds a stretch, in which both arms have answered.
    fn add(&mut self, arms: &[Vec<UnitSum>; 2], adjusts: bool) {
        let theta = if adjusts { theta(arms) } else { 0.0 };
        let adjusted = |unit: &UnitSum| unit.result - theta * unit.covariate;
        let n = [0, 1].map(|arm| arms[arm].iter().map(|unit| unit.labelled).sum::<f64>());
        let weight = n[0] * n[1] / (n[0] + n[1]);
        if weight.is_nan() || weight <= 0.0 {
            return;
        }
        let mean = [0, 1].map(|arm| arms[arm].iter().map(adjusted).sum::<f64>() / n[arm]);
        self.weight += weight;
        self.effect += weight * (mean[1] - mean[0]);
        for arm in 0..2 {
            self.spread[arm] += weight * weight / n[arm];
            for (sum, unit) in self.residuals[arm].iter_mut().zip(&arms[arm]) {
                *sum += weight * (adjusted(unit) - mean[arm] * unit.labelled) / n[arm];
            }
        }
    }
}

/// cov(result, covariate)/var(covariate) over the buckets of both arms, each around its arm's mean;
/// 0 for a constant covariate.
fn theta(arms: &[Vec<UnitSum>; 2]) -> f64 {
    let (mut product, mut square) = (0.0, 0.0);
    for units in arms {
        let mut whole = UnitSum::default();
        units.iter().for_each(|unit| whole.absorb(unit));
        let [result, covariate] = [whole.result, whole.covariate].map(|sum| sum / whole.labelled);
        for unit in units.iter().filter(|unit| unit.labelled > 0.0) {
            let apart = unit.covariate - covariate * unit.labelled;
            product += apart * (unit.result - result * unit.labelled);
            square += apart * apart;
        }
    }
    if square > 0.0 { product / square } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Users with a taste of their own, who send 1 to 30 requests each; those of the candidate are
    /// right more often by `better`. The covariate is what the baseline would have got right.
    fn users(arm: u64, count: u64, better: f64) -> Vec<UnitSum> {
        let draw = |a: u64, b: u64| {
            let mut x = (a * 2 + arm).wrapping_mul(0x9E37_79B9_7F4A_7C15)
                ^ b.wrapping_mul(0xBF58_476D_1CE4_E5B9);
            x = (x ^ (x >> 30)).wrapping_mul(0x94D0_49BB_1331_11EB);
            ((x ^ (x >> 31)) >> 11) as f64 / (1u64 << 53) as f64
        };
        let user = |user: u64| {
            let taste = 0.5 + 0.4 * draw(user, 1);
            let mut unit = UnitSum::default();
            for request in 0..1 + (draw(user, 2) * 30.0) as u64 {
                let luck = draw(user, 10 + request);
                unit.labelled += 1.0;
                unit.result += f64::from(u8::from(luck < taste + better));
                unit.covariate += f64::from(u8::from(luck < taste));
            }
            unit
        };
        (0..count).map(user).collect()
    }

    fn buckets(users: &[UnitSum]) -> Vec<UnitSum> {
        let mut buckets = vec![UnitSum::default(); BUCKETS];
        for (place, user) in users.iter().enumerate() {
            buckets[place % BUCKETS].absorb(user);
        }
        buckets
    }

    #[test]
    fn buckets_tell_what_users_tell() {
        let [a, b] = [users(0, 20_000, 0.0), users(1, 5_000, 0.03)];
        type Compare = fn(&[UnitSum], &[UnitSum]) -> Option<Effect>;
        for (adjusts, compare) in [(false, difference as Compare), (true, adjusted_difference)] {
            let exact = compare(&a, &b).unwrap();
            let mut clusters = Clusters::new(adjusts);
            // In two looks of the same stretch.
            let (early, late) = (a.split_at(7_000), b.split_at(1_000));
            clusters.add(0.2, [&buckets(early.0), &buckets(late.0)]);
            clusters.add(0.2, [&buckets(early.1), &buckets(late.1)]);
            let estimate = clusters.estimate(true).unwrap();
            assert!((estimate.effect - exact.estimate).abs() < 2e-4, "{estimate:?} {exact:?}");
            let ratio = estimate.variance.sqrt() / exact.standard_error;
            // CUPED's arms scatter differently, and the larger variance counts.
            let bound = if adjusts { 0.9..2.5 } else { 0.9..1.1 };
            assert!(bound.contains(&ratio), "{ratio}, CUPED {adjusts}");
        }
    }

    #[test]
    fn a_user_who_comes_back_in_every_stage_is_one_observation() {
        let [a, b] = [users(0, 4_000, 0.0), users(1, 4_000, 0.0)].map(|users| buckets(&users));
        let (mut once, mut often) = (Clusters::new(false), Clusters::new(false));
        once.add(0.5, [&a, &b]);
        for stage in 0..4 {
            often.add(0.5 + 0.01 * f64::from(stage), [&a, &b]);
        }
        let [once, often] = [once, often].map(|clusters| clusters.estimate(true).unwrap());
        assert!((once.effect - often.effect).abs() < 1e-12);
        assert!((once.variance / often.variance - 1.0).abs() < 1e-9, "{once:?} {often:?}");
    }

    #[test]
    fn a_covariate_that_tells_much_narrows_the_interval() {
        let [a, b] = [users(0, 2_000, 0.0), users(1, 2_000, 0.02)];
        let [plain, adjusted] = [difference(&a, &b).unwrap(), adjusted_difference(&a, &b).unwrap()];
        assert!(adjusted.standard_error < 0.3 * plain.standard_error, "{plain:?} {adjusted:?}");
        assert!((adjusted.estimate - 0.02).abs() < 4.0 * adjusted.standard_error);
    }

    #[test]
    fn little_is_no_evidence() {
        let [a, b] = [users(0, 2_000, 0.0), users(1, 20, 0.0)].map(|users| buckets(&users));
        let mut clusters = Clusters::new(false);
        clusters.add(0.01, [&a, &b]);
        assert_eq!(clusters.estimate(true), None, "20 users");
    }

    #[test]
    fn cuped_is_not_sure_of_everything_where_nothing_differs() {
        let [a, twin] = [users(0, 2_000, 0.0), users(1, 2_000, 0.0)].map(|users| buckets(&users));
        let estimate = |adjusts: bool| {
            let mut clusters = Clusters::new(adjusts);
            clusters.add(0.5, [&a, &twin]);
            clusters.estimate(true)
        };
        assert_eq!(estimate(true), estimate(false));
    }
}
