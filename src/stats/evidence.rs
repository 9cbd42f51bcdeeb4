//! What the test of a gate has seen since it began, and what that says about a condition.

use super::Interval;
use super::clusters::Clusters;
use super::distribution::beta_sf;
use super::mean::{Moments, welch};
use super::mixture::{Tails, best_rho, normal_bound};
use super::proportion::wilson;
use super::proportion_difference::{Sample, square_and_add};
use super::quantile::one_sided;
use super::quantile_sequence::{Counted, same_quantile_p};
use super::ratio_test::RatioTest;
use super::t_sequence::t_bounds;
use crate::domain::gate_test::{Effect, Method, Test, Weighed};
use crate::domain::{ArmId, ArmWindow, Condition, Histogram, Metric, UnitSum, Window};

/// Rows about which sequential bounds are tightest (GrowthBook's default).
const TUNED_FOR: f64 = 5_000.0;
/// Looks about which the t test over looks is tightest.
const TUNED_FOR_LOOKS: f64 = 20.0;
/// Events and non-events that each arm must expect before a normal bound means anything.
const LEAST_EXPECTED: f64 = 5.0;
/// Values that a mean of other numbers needs.
const LEAST_VALUES: f64 = 30.0;

/// The evidence of one gate on one candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    test: Test,
    metric: Metric,
    arm: ArmId,
    seen: Seen,
}

#[derive(Clone, Debug, PartialEq)]
enum Seen {
    Ratio(RatioTest),
    /// Baseline and candidate, per stretch of constant shares.
    Steps(Vec<(f64, [Moments; 2])>),
    Latencies([Histogram; 2]),
    /// Baseline and candidate, per look, and the observations behind them.
    Looks(Vec<[f64; 2]>, [u64; 2]),
    Users(Box<Clusters>),
}

impl Evidence {
    /// Nothing seen yet. `fail_when` is the limit that a label test is about.
    pub fn new(test: Test, metric: Metric, fail_when: Option<Condition>, arm: ArmId) -> Self {
        let seen = match test.method {
            // A limit on accuracy is one on wrong answers only where it is the baseline's own.
            Method::Label if metric == Metric::Accuracy => Seen::Ratio(RatioTest::new(1.0)),
            Method::Label => Seen::Ratio(RatioTest::new(fail_when.map_or(1.0, Condition::number))),
            Method::Looks => Seen::Looks(Vec::new(), [0; 2]),
            Method::Users => Seen::Users(Box::new(Clusters::new(false))),
            Method::Cuped => Seen::Users(Box::new(Clusters::new(true))),
            Method::Sequence | Method::Fixed | Method::Bayes if quantile_of(metric).is_none() => {
                Seen::Steps(Vec::new())
            }
            _ => Seen::Latencies(Default::default()),
        };
        Self { test, metric, arm, seen }
    }

    /// Adds what was counted since the last look; shares were constant within each window.
    pub fn look(&mut self, windows: &[Window]) {
        if self.test.method == Method::Fixed {
            // What it looks at is these windows, and nothing before them.
            *self = Self::new(self.test, self.metric, None, self.arm);
        }
        for window in windows {
            let (Some(baseline), Some(candidate)) =
                (window.arm(ArmId::BASELINE), window.arm(self.arm))
            else {
                continue;
            };
            match &mut self.seen {
                Seen::Ratio(test) => {
                    let [one, two] = events(baseline, candidate, self.metric);
                    test.look(one, two);
                }
                Seen::Steps(steps) => {
                    let new = [baseline, candidate].map(|arm| moments(arm, self.metric));
                    match steps.last_mut().filter(|(share, _)| *share == candidate.requested) {
                        Some((_, sums)) => {
                            *sums = [sums[0].merged(new[0]), sums[1].merged(new[1])];
                        }
                        None => steps.push((candidate.requested, new)),
                    }
                }
                Seen::Latencies(sums) => {
                    sums[0].absorb(&baseline.latency);
                    sums[1].absorb(&candidate.latency);
                }
                Seen::Looks(looks, n) => {
                    let value = |arm: &ArmWindow| arm.metric(self.metric).filter(|x| x.is_finite());
                    // Where the baseline has no value, only fixed limits can be judged.
                    if let Some(own) = value(candidate) {
                        looks.push([value(baseline).unwrap_or(f64::NAN), own]);
                        let more = [baseline, candidate].map(|arm| arm.samples(self.metric));
                        *n = [n[0] + more[0], n[1] + more[1]];
                    }
                }
                // What they count is no part of a window.
                Seen::Users(_) => {}
            }
        }
    }

    /// Adds what became known of the baseline's and the candidate's buckets of users while the
    /// candidate had a share; for tests with users as units alone.
    pub fn count_users(&mut self, share: f64, arms: [&[UnitSum]; 2]) {
        if let Seen::Users(clusters) = &mut self.seen {
            clusters.add(share, arms);
        }
    }

    /// What is known about the condition; `None` while there is too little to say anything.
    pub fn weigh(&self, condition: Condition) -> Option<Weighed> {
        self.weigh_at(condition, self.test.alpha)
    }

    /// The same at another level than the test's own, as where several tests share one.
    pub fn weigh_at(&self, condition: Condition, alpha: f64) -> Option<Weighed> {
        let limit = Limit::of(condition);
        match &self.seen {
            Seen::Ratio(test) => Some(weigh_ratio(test, alpha)),
            Seen::Latencies(arms) => match self.test.method {
                Method::Quantile => self.weigh_quantiles(arms, limit, alpha),
                _ => self.weigh_order_statistics(arms, limit, alpha),
            },
            Seen::Looks(looks, n) => weigh_looks(looks, *n, limit, alpha),
            Seen::Users(clusters) => self.weigh_users(clusters, limit, alpha),
            Seen::Steps(steps) => match self.test.method {
                Method::Sequence => self.weigh_sequence(steps, limit, alpha),
                Method::Bayes => self.weigh_posterior(steps, limit, alpha),
                _ => self.weigh_fixed(steps, limit, alpha),
            },
        }
    }

    /// Within each step the distance m꜀ − f m_b − c with the variance σ²(1/n꜀ + f²/n_b), σ² pooled
    /// over both arms so that an arm without an event has one too; steps are weighted by
    /// n꜀n_b/(n꜀ + n_b). The bounds are an asymptotic confidence sequence.
    fn weigh_sequence(
        &self,
        steps: &[(f64, [Moments; 2])],
        limit: Limit,
        alpha: f64,
    ) -> Option<Weighed> {
        let (mut weights, mut sum, mut variance) = (0.0, 0.0, 0.0);
        let (mut rows, mut n) = (0.0, [0, 0]);
        for (_, [baseline, candidate]) in steps {
            let alone = !limit.needs_baseline();
            let pooled = if alone { *candidate } else { baseline.merged(*candidate) };
            if candidate.n < 2.0 || (!alone && baseline.n < 2.0) {
                continue;
            }
            let spread = pooled.centred / pooled.n;
            let (weight, of_baseline) = match alone {
                true => (candidate.n, 0.0),
                false => (
                    candidate.n * baseline.n / (candidate.n + baseline.n),
                    limit.factor * limit.factor / baseline.n,
                ),
            };
            weights += weight;
            sum += weight * (candidate.mean - limit.factor * baseline.mean - limit.offset);
            variance += weight * weight * spread * (1.0 / candidate.n + of_baseline);
            rows += if alone { candidate.n } else { candidate.n + baseline.n };
            n = [n[0] + baseline.n as u64, n[1] + candidate.n as u64];
        }
        let (effect, variance) = (sum / weights, variance / (weights * weights));
        if weights <= 0.0 || !self.has_enough(steps, limit) || variance <= 0.0 {
            return None;
        }
        Some(limit.watched(effect, variance, rows, n, alpha))
    }

    /// Requests are the clock of the bounds: with users as units, what is known grows no faster.
    fn weigh_users(&self, clusters: &Clusters, limit: Limit, alpha: f64) -> Option<Weighed> {
        let found = clusters.estimate(is_proportion(self.metric))?;
        let n = found.n.map(|n| n as u64);
        let rows = found.n[0] + found.n[1];
        Some(limit.watched(found.effect - limit.offset, found.variance, rows, n, alpha))
    }

    /// Enough of everything for a normal bound.
    fn has_enough(&self, steps: &[(f64, [Moments; 2])], limit: Limit) -> bool {
        let [baseline, candidate] = all_steps(steps);
        let arms = [(baseline, limit.needs_baseline()), (candidate, true)];
        let pooled = if limit.needs_baseline() { baseline.merged(candidate) } else { candidate };
        arms.into_iter().filter(|(_, counts)| *counts).all(|(arm, _)| {
            if is_proportion(self.metric) {
                let rate = pooled.mean.min(1.0 - pooled.mean);
                arm.n * rate >= LEAST_EXPECTED
            } else {
                arm.n >= LEAST_VALUES
            }
        })
    }

    /// Proportions by Wilson's limits, put together as Newcombe does; other means by Welch.
    fn weigh_fixed(
        &self,
        steps: &[(f64, [Moments; 2])],
        limit: Limit,
        alpha: f64,
    ) -> Option<Weighed> {
        let [baseline, candidate] = all_steps(steps);
        let n = [baseline.n as u64, candidate.n as u64];
        let both = 2.0 * alpha;
        if is_proportion(self.metric) {
            let limits = |arm: Moments| {
                let sample = Sample { hits: arm.mean * arm.n, n: arm.n };
                Some((sample.share()?, wilson(sample.hits, sample.n, both)?))
            };
            return limit.apart(limits(candidate)?, limits(baseline), n);
        }
        let scaled = Moments {
            mean: baseline.mean * limit.factor,
            centred: baseline.centred * limit.factor * limit.factor,
            ..baseline
        };
        // Without a baseline the limit is a number that does not vary: one of very many values.
        let fixed = Moments { n: 1e12, mean: 0.0, centred: 0.0 };
        let other = if limit.needs_baseline() { scaled } else { fixed };
        let welch = welch(candidate, other)?;
        let interval = welch.interval(both)?;
        Some(limit.settled(
            welch.difference - limit.offset,
            interval.low - limit.offset,
            interval.high - limit.offset,
            n,
        ))
    }

    /// Quantiles in milliseconds with their order-statistic limits.
    fn weigh_order_statistics(
        &self,
        [baseline, candidate]: &[Histogram; 2],
        limit: Limit,
        alpha: f64,
    ) -> Option<Weighed> {
        let q = quantile_of(self.metric)?;
        let limits = |latencies: &Histogram| {
            let counted = counted(latencies);
            let (low, high) = one_sided(counted.n(), q, alpha);
            let at = |place: u64| counted.at(place + 1);
            let value = latencies.quantile(q)? as f64 / 1e3;
            Some((value, Interval::new(at(low?)?.min(value), at(high?)?.max(value))))
        };
        let n = [baseline.count(), candidate.count()];
        limit.apart(limits(candidate)?, limits(baseline), n)
    }

    /// "The candidate's quantile is `factor` times the baseline's" against "it is beyond that".
    fn weigh_quantiles(
        &self,
        [baseline, candidate]: &[Histogram; 2],
        limit: Limit,
        alpha: f64,
    ) -> Option<Weighed> {
        let q = quantile_of(self.metric)?;
        let value = |latencies: &Histogram| Some(latencies.quantile(q)? as f64);
        let ratio = value(candidate)? / value(baseline)?;
        let [one, two] = [counted(baseline).scaled(limit.factor), counted(candidate)];
        let p = same_quantile_p(&one, &two, q, TUNED_FOR, alpha)?;
        let is_beyond = (ratio > limit.factor) != limit.is_upper;
        Some(Weighed {
            n: [baseline.count(), candidate.count()],
            effect: Effect::Ratio(ratio),
            low: None,
            high: None,
            p: Some(p),
            holds: (p <= alpha).then_some(is_beyond),
        })
    }

    /// P(p꜀ > f p_b + c) under uniform priors, by the midpoint rule over the baseline's quantiles.
    fn weigh_posterior(
        &self,
        steps: &[(f64, [Moments; 2])],
        limit: Limit,
        alpha: f64,
    ) -> Option<Weighed> {
        const CELLS: u32 = 1_024;
        let [baseline, candidate] = all_steps(steps);
        if candidate.n <= 0.0 || (limit.needs_baseline() && baseline.n <= 0.0) {
            return None;
        }
        let beta = |arm: Moments| super::bayes::Beta::posterior(arm.mean * arm.n, arm.n, 1.0, 1.0);
        let (one, two) = (beta(baseline), beta(candidate));
        let above = |limit: f64| match limit {
            limit if limit <= 0.0 => 1.0,
            limit if limit >= 1.0 => 0.0,
            limit => beta_sf(limit, two.alpha, two.beta),
        };
        let chance = if limit.needs_baseline() {
            let cell = |k: u32| {
                let p = (f64::from(k) + 0.5) / f64::from(CELLS);
                above(limit.factor * one.quantile(p) + limit.offset)
            };
            (0..CELLS).map(cell).sum::<f64>() / f64::from(CELLS)
        } else {
            above(limit.offset)
        };
        // The chance that the limit is exceeded settles the condition at either end.
        let holds = match chance {
            chance if chance >= 1.0 - alpha => Some(!limit.is_upper),
            chance if chance <= alpha => Some(limit.is_upper),
            _ => None,
        };
        let effect = Effect::FromLimit(two.mean() - limit.factor * one.mean() - limit.offset);
        let n = [baseline.n as u64, candidate.n as u64];
        Some(Weighed { n, effect, low: None, high: None, p: Some(chance), holds })
    }
}

/// Events are unwanted ones, so a test that rejects says that the candidate has too many: a lower
/// bound on a rate, or an upper one on accuracy, holds.
fn weigh_ratio(test: &RatioTest, alpha: f64) -> Weighed {
    let p = test.p();
    Weighed {
        n: test.n(),
        effect: Effect::Ratio(test.ratio().unwrap_or(f64::INFINITY)),
        low: None,
        high: None,
        p: Some(p),
        holds: (p <= alpha).then_some(true),
    }
}

/// The mean distance m꜀ − f m_b − c over the looks, with bounds that may be watched.
fn weigh_looks(looks: &[[f64; 2]], n: [u64; 2], limit: Limit, alpha: f64) -> Option<Weighed> {
    let distance = |[baseline, candidate]: &[f64; 2]| match limit.needs_baseline() {
        true => candidate - limit.factor * baseline - limit.offset,
        false => candidate - limit.offset,
    };
    let distances: Vec<f64> = looks.iter().map(distance).filter(|x| x.is_finite()).collect();
    let moments = Moments::of(&distances);
    // One-sided bounds at alpha are two-sided ones at twice that.
    let bounds = t_bounds(moments, 2.0 * alpha, TUNED_FOR_LOOKS)?;
    Some(limit.settled(moments.mean, bounds.low, bounds.high, n))
}

fn all_steps(steps: &[(f64, [Moments; 2])]) -> [Moments; 2] {
    steps
        .iter()
        .fold([Moments::default(); 2], |[a, b], (_, [one, two])| [a.merged(*one), b.merged(*two)])
}

/// A condition as a limit of `factor` × the baseline's value + `offset`.
#[derive(Clone, Copy)]
struct Limit {
    factor: f64,
    offset: f64,
    /// True if values beyond it are the larger ones.
    is_upper: bool,
}

impl Limit {
    fn of(condition: Condition) -> Self {
        let (factor, offset) = match condition {
            Condition::AtMost(x) | Condition::AtLeast(x) => (0.0, x),
            Condition::AtMostTimesBaseline(x) | Condition::AtLeastTimesBaseline(x) => (x, 0.0),
            Condition::AtMostAboveBaseline(x) => (1.0, x),
            Condition::AtMostBelowBaseline(x) => (1.0, -x),
        };
        Self { factor, offset, is_upper: condition.is_upper() }
    }

    fn needs_baseline(self) -> bool {
        self.factor != 0.0
    }

    /// The distance to the limit with the bounds of an asymptotic confidence sequence after `rows`.
    fn watched(self, effect: f64, variance: f64, rows: f64, n: [u64; 2], alpha: f64) -> Weighed {
        let rho = best_rho(TUNED_FOR, alpha, Tails::One);
        let half = (variance * rows).sqrt() * normal_bound(rows, alpha, rho, Tails::One) / rows;
        self.settled(effect, effect - half, effect + half, n)
    }

    /// Bounds of the distance to the limit settle the condition when they lie on one side of 0.
    fn settled(self, effect: f64, low: f64, high: f64, n: [u64; 2]) -> Weighed {
        let holds = match (high <= 0.0, low > 0.0) {
            (true, _) => Some(self.is_upper),
            (_, true) => Some(!self.is_upper),
            _ => None,
        };
        let effect = Effect::FromLimit(effect);
        Weighed { n, effect, low: Some(low), high: Some(high), p: None, holds }
    }

    /// The distance of a candidate's estimate, with its interval, to the limit.
    fn apart(
        self,
        candidate: (f64, Interval),
        baseline: Option<(f64, Interval)>,
        n: [u64; 2],
    ) -> Option<Weighed> {
        let nothing = (0.0, Interval::new(0.0, 0.0));
        let (value, interval) = if self.needs_baseline() { baseline? } else { nothing };
        let other = (value * self.factor, interval.scaled(self.factor));
        let apart = square_and_add(candidate, other);
        let effect = candidate.0 - other.0 - self.offset;
        Some(self.settled(effect, apart.low - self.offset, apart.high - self.offset, n))
    }
}

fn quantile_of(metric: Metric) -> Option<f64> {
    match metric {
        Metric::LatencyP50 => Some(0.5),
        Metric::LatencyP90 => Some(0.9),
        Metric::LatencyP95 => Some(0.95),
        Metric::LatencyP99 => Some(0.99),
        _ => None,
    }
}

fn is_proportion(metric: Metric) -> bool {
    Method::Bayes.fits(metric)
}

/// Latencies in milliseconds, one step per bin.
fn counted(latencies: &Histogram) -> Counted {
    Counted::of(latencies.iter().map(|(micros, count)| (micros as f64 / 1e3, u64::from(count))))
}

/// Hits of a proportion.
fn hits(arm: &ArmWindow, metric: Metric) -> (u64, u64) {
    let quality = arm.total_quality();
    match metric {
        Metric::ErrorRate => (arm.failed() + arm.mirror_failed, arm.finished()),
        Metric::TimeoutRate => (arm.timeouts, arm.finished()),
        Metric::Accuracy => (quality.correct, quality.labelled),
        Metric::PositiveRate => (quality.positive, quality.answers),
        _ => (quality.agree, quality.answers),
    }
}

/// Unwanted events of the baseline and of the candidate; on rows that both answered, those on which
/// only one of them was wrong.
fn events(baseline: &ArmWindow, candidate: &ArmWindow, metric: Metric) -> [Sample; 2] {
    let [_, only_a_right, only_b_right, _] = candidate.paired;
    let paired: u64 = candidate.paired.iter().sum();
    if metric == Metric::Accuracy && paired > 0 {
        return [Sample::new(only_b_right, paired), Sample::new(only_a_right, paired)];
    }
    [baseline, candidate].map(|arm| {
        let (hits, n) = hits(arm, metric);
        Sample::new(if metric == Metric::Accuracy { n - hits } else { hits }, n)
    })
}

/// The observations of a metric that is a share of answers, a mean error or a mean latency.
pub(super) fn moments(arm: &ArmWindow, metric: Metric) -> Moments {
    match metric {
        Metric::Mae => {
            let quality = arm.total_quality();
            Moments::from_sums(quality.labelled as f64, quality.absolute, quality.squared)
        }
        Metric::LatencyMean => {
            let of_bin = |(micros, count): (u64, u32)| Moments {
                n: f64::from(count),
                mean: micros as f64 / 1e3,
                centred: 0.0,
            };
            arm.latency.iter().map(of_bin).fold(Moments::default(), Moments::merged)
        }
        _ => {
            let (hits, n) = hits(arm, metric);
            let (hits, n) = (hits as f64, n as f64);
            Moments::from_sums(n, hits, hits)
        }
    }
}

#[cfg(test)]
#[path = "evidence_tests.rs"]
mod tests;
