//! The rows of a verdict: one metric of a candidate beside the baseline's.

use super::{MIN_OBSERVATIONS, VerdictRow, Word};
use crate::domain::metric::Direction;
use crate::domain::{ArmId, ArmWindow, Metric, Recording, StrategyKind, Window};
use crate::stats::Interval;
use crate::stats::auc::{Auc, delong};
use crate::stats::distribution::t_quantile;
use crate::stats::mcnemar::Pairs;
use crate::stats::mean::{Moments, Welch};
use crate::stats::proportion::wilson;
use crate::stats::proportion_difference::{Sample, newcombe, square_and_add};
use crate::stats::quantile::Weighted;
use crate::stats::strata::{Design, Stratum, Weights, clustering, weigh};

/// Bins of the latency histogram are up to 1/64 wide, so smaller relative changes are no finding.
const LATENCY_RESOLUTION: f64 = 0.02;
/// Variances between windows need at least so many of them.
const MIN_WINDOWS: usize = 10;

/// The candidate's rows, in the order in which people read them: quality, errors, latency.
pub(super) fn rows(
    recording: &Recording,
    strata: &[Stratum],
    candidate: ArmId,
    alpha: f64,
) -> Vec<VerdictRow> {
    let compare = Comparison { recording, strata, candidate, alpha };
    let mut rows = Vec::new();
    if is_regression(strata) {
        rows.push(compare.absolute_error());
        rows.push(compare.root_square_error());
    } else if compare.any(|arm| arm.total_quality().labelled > 0) {
        rows.push(compare.accuracy());
        if compare.any(|arm| !arm.scores.is_empty()) {
            rows.push(compare.ranking());
        }
    }
    rows.push(compare.error_rate());
    // A job's answers have an age but no latency.
    if compare.any(|arm| arm.latency.count() > 0) || !compare.any(|arm| arm.finished() > 0) {
        rows.push(compare.latency(Metric::LatencyP95, 0.95));
    }
    let is_copied = compare.any(|arm| arm.paired.iter().any(|n| *n > 0) || arm.mirrored > 0);
    if is_copied || recording.strategy == StrategyKind::Shadow {
        rows.push(compare.agreement());
    }
    rows
}

/// The rows of a run without a candidate: values with their own intervals.
pub(super) fn alone(recording: &Recording, strata: &[Stratum], alpha: f64) -> Vec<VerdictRow> {
    let compare = Comparison { recording, strata, candidate: ArmId::BASELINE, alpha };
    let mut rows = Vec::new();
    let share = |metric, count: fn(&ArmWindow) -> (u64, u64), method| {
        let (hits, n) = compare.total(ArmId::BASELINE, count);
        VerdictRow {
            baseline: Sample::new(hits, n).share(),
            interval: wilson(hits as f64, n as f64, alpha),
            n: [n, 0],
            word: Word::ForInformation,
            ..compare.row(metric, method)
        }
    };
    if compare.any(|arm| arm.total_quality().labelled > 0) && !is_regression(strata) {
        rows.push(share(Metric::Accuracy, correct, "Wilson"));
    }
    rows.push(share(Metric::ErrorRate, failed, "Wilson"));
    let merged = compare.histogram(
        0,
        &Weights {
            design: Design::SideBySide,
            of: [vec![1.0; strata.len()], Vec::new()],
            n: [0, 0],
        },
    );
    let n: u64 =
        strata.iter().filter_map(|s| s.arm(ArmId::BASELINE)).map(|a| a.latency.count()).sum();
    if let Some(estimate) = merged.estimate(0.95, n as f64, alpha) {
        rows.push(VerdictRow {
            baseline: Some(estimate.value),
            interval: estimate.interval,
            n: [n, 0],
            word: Word::ForInformation,
            ..compare.row(Metric::LatencyP95, "order statistics")
        });
    }
    rows
}

fn is_regression(strata: &[Stratum]) -> bool {
    let arms = || strata.iter().flat_map(|stratum| &stratum.merged.arms);
    arms().any(|arm| arm.total_quality().absolute > 0.0)
        && arms().all(|arm| arm.scores.is_empty() && arm.classes.is_empty())
}

fn correct(arm: &ArmWindow) -> (u64, u64) {
    let quality = arm.total_quality();
    (quality.correct, quality.labelled)
}

fn failed(arm: &ArmWindow) -> (u64, u64) {
    (arm.failed() + arm.mirror_failed, arm.finished())
}

fn agreed(arm: &ArmWindow) -> (u64, u64) {
    let quality = arm.total_quality();
    (quality.agree, quality.answers)
}

/// The judgement that an interval of a delta allows.
fn word(metric: Metric, interval: Option<Interval>) -> Word {
    let Some(interval) = interval else { return Word::NotEnoughData };
    let (rises, falls) = (interval.low > 0.0, interval.high < 0.0);
    match metric.direction() {
        Direction::Neither => Word::ForInformation,
        Direction::Higher if rises => Word::Better,
        Direction::Higher if falls => Word::Worse,
        Direction::Lower if rises => Word::Worse,
        Direction::Lower if falls => Word::Better,
        _ => Word::NoClearChange,
    }
}

struct Comparison<'a> {
    recording: &'a Recording,
    strata: &'a [Stratum],
    candidate: ArmId,
    alpha: f64,
}

impl Comparison<'_> {
    fn arms(&self) -> [ArmId; 2] {
        [ArmId::BASELINE, self.candidate]
    }

    fn windows(&self, stratum: &Stratum) -> &[Window] {
        self.recording.windows.get(stratum.windows.clone()).unwrap_or_default()
    }

    fn row(&self, metric: Metric, method: &'static str) -> VerdictRow {
        VerdictRow {
            arm: self.candidate,
            metric,
            baseline: None,
            candidate: None,
            delta: None,
            crude_delta: None,
            interval: None,
            level: 1.0 - self.alpha,
            n: [0, 0],
            word: Word::NotEnoughData,
            design: Design::SideBySide,
            method,
        }
    }

    /// A row with values, its interval and the word that follows from them.
    fn judged(row: &VerdictRow, values: [f64; 2], interval: Option<Interval>) -> VerdictRow {
        let enough = row.n.iter().all(|n| *n >= MIN_OBSERVATIONS);
        VerdictRow {
            baseline: Some(values[0]),
            candidate: Some(values[1]),
            delta: Some(values[1] - values[0]),
            interval,
            word: if enough { word(row.metric, interval) } else { Word::NotEnoughData },
            ..*row
        }
    }

    fn any(&self, has: impl Fn(&ArmWindow) -> bool) -> bool {
        let of = |stratum: &Stratum, id: ArmId| stratum.arm(id).is_some_and(&has);
        self.strata.iter().any(|stratum| self.arms().iter().any(|id| of(stratum, *id)))
    }

    fn total(&self, arm: ArmId, count: fn(&ArmWindow) -> (u64, u64)) -> (u64, u64) {
        let counts = self.strata.iter().filter_map(|stratum| stratum.arm(arm)).map(count);
        counts.fold((0, 0), |sum, more| (sum.0 + more.0, sum.1 + more.1))
    }

    /// Observations per stratum of both arms.
    fn counts(&self, count: impl Fn(&ArmWindow) -> u64) -> Vec<[u64; 2]> {
        let of = |stratum: &Stratum, arm: ArmId| stratum.arm(arm).map_or(0, &count);
        self.strata.iter().map(|stratum| self.arms().map(|arm| of(stratum, arm))).collect()
    }

    fn crude(&self, count: fn(&ArmWindow) -> (u64, u64)) -> Option<f64> {
        let share = |arm| {
            let (hits, n) = self.total(arm, count);
            Sample::new(hits, n).share()
        };
        Some(share(self.candidate)? - share(ArmId::BASELINE)?)
    }

    fn accuracy(&self) -> VerdictRow {
        let mut cells = [0; 4];
        for arm in self.strata.iter().filter_map(|stratum| stratum.arm(self.candidate)) {
            for (sum, more) in cells.iter_mut().zip(arm.paired) {
                *sum += more;
            }
        }
        let pairs = Pairs::new(cells);
        let Some(delta) = pairs.difference() else {
            return self.share(Metric::Accuracy, correct, Scatter::Independent);
        };
        let n = pairs.n();
        let baseline = (pairs.both_right + pairs.only_a_right) as f64 / n as f64;
        let row = VerdictRow {
            n: [n, n],
            design: Design::SameRows,
            crude_delta: self.crude(correct),
            ..self.row(Metric::Accuracy, "paired difference, Bonett-Price")
        };
        Self::judged(&row, [baseline, baseline + delta], pairs.interval(self.alpha))
    }

    fn error_rate(&self) -> VerdictRow {
        self.share(Metric::ErrorRate, failed, Scatter::InBursts)
    }

    fn agreement(&self) -> VerdictRow {
        let (hits, n) = self.total(self.candidate, agreed);
        VerdictRow {
            candidate: Sample::new(hits, n).share(),
            interval: wilson(hits as f64, n as f64, self.alpha),
            n: [n, n],
            word: if n < MIN_OBSERVATIONS { Word::NotEnoughData } else { Word::ForInformation },
            design: Design::SameRows,
            ..self.row(Metric::Agreement, "Wilson")
        }
    }

    /// A share of counts: Mantel-Haenszel over strata; Newcombe's interval with effective samples.
    fn share(
        &self,
        metric: Metric,
        count: fn(&ArmWindow) -> (u64, u64),
        scatter: Scatter,
    ) -> VerdictRow {
        let empty = self.row(metric, "Newcombe, Mantel-Haenszel over stages");
        let Some(weights) = weigh(&self.counts(|arm| count(arm).1), MIN_OBSERVATIONS) else {
            return empty;
        };
        let sample = |side: usize| {
            let arm = self.arms()[side];
            let mean = self.weighted(side, &weights, |arm| count(arm).0 as f64);
            let counts = self.strata.iter().map(|s| s.arm(arm).map_or(0.0, |a| count(a).1 as f64));
            let bursts = match scatter {
                Scatter::Independent => 1.0,
                Scatter::InBursts => self.bursts(side, &weights, &count),
            };
            let n = weights.effective(side, counts) / bursts;
            Sample { hits: mean * n, n }
        };
        let (baseline, candidate) = (sample(0), sample(1));
        let interval = newcombe(candidate, baseline, self.alpha);
        let row = VerdictRow {
            n: weights.n,
            design: weights.design,
            crude_delta: self.crude(count),
            ..empty
        };
        Self::judged(&row, [baseline, candidate].map(|s| s.hits / s.n), interval)
    }

    /// Σ weight × value over the strata of the baseline (0) or candidate (1).
    fn weighted(&self, side: usize, weights: &Weights, value: impl Fn(&ArmWindow) -> f64) -> f64 {
        let arm = self.arms()[side];
        let of = |stratum: &Stratum| stratum.arm(arm).map_or(0.0, &value);
        self.strata
            .iter()
            .zip(&weights.of[side])
            .map(|(stratum, weight)| weight * of(stratum))
            .sum()
    }

    fn bursts(
        &self,
        side: usize,
        weights: &Weights,
        count: &impl Fn(&ArmWindow) -> (u64, u64),
    ) -> f64 {
        let arm = self.arms()[side];
        let (mut windows, mut binomial) = (Vec::new(), 0.0);
        for (stratum, weight) in self.strata.iter().zip(&weights.of[side]) {
            let (hits, n) = stratum.arm(arm).map_or((0, 0), count);
            if n == 0 || *weight == 0.0 {
                continue;
            }
            let share = hits as f64 / n as f64;
            binomial += weight * weight * n as f64 * share * (1.0 - share);
            for window in self.windows(stratum).iter().filter_map(|window| window.arm(arm)) {
                let (hits, n) = count(window);
                windows.push((*weight, hits as f64 - n as f64 * share));
            }
        }
        clustering(&windows, binomial)
    }

    fn histogram(&self, side: usize, weights: &Weights) -> Weighted {
        let arm = self.arms()[side];
        let mut weighted = Weighted::default();
        for (stratum, weight) in self.strata.iter().zip(&weights.of[side]) {
            for (micros, count) in stratum.arm(arm).into_iter().flat_map(|a| a.latency.iter()) {
                weighted.add(micros as f64 / 1e3, weight * f64::from(count));
            }
        }
        weighted.sort();
        weighted
    }

    /// A latency quantile in milliseconds: histograms of the strata weighted to the same mixture,
    /// order-statistic intervals with effective samples, joined by squaring and adding.
    fn latency(&self, metric: Metric, q: f64) -> VerdictRow {
        let empty = self.row(metric, "order statistics, weighted over stages");
        let Some(weights) = weigh(&self.counts(|arm| arm.latency.count()), MIN_OBSERVATIONS) else {
            return empty;
        };
        let estimate = |side: usize| {
            let arm = self.arms()[side];
            let weighted = self.histogram(side, &weights);
            let limit = (weighted.quantile(q)? * 1e3) as u64;
            let above = |arm: &ArmWindow| (arm.latency.count_above(limit), arm.latency.count());
            let counts =
                self.strata.iter().map(|s| s.arm(arm).map_or(0.0, |a| a.latency.count() as f64));
            let bursts = self.bursts(side, &weights, &above);
            weighted.estimate(q, weights.effective(side, counts) / bursts, self.alpha)
        };
        let (Some(baseline), Some(candidate)) = (estimate(0), estimate(1)) else { return empty };
        let interval = candidate
            .interval
            .zip(baseline.interval)
            .map(|(c, b)| square_and_add((candidate.value, c), (baseline.value, b)));
        let crude = |arm: ArmId| {
            let mut merged = crate::domain::Histogram::default();
            for of_arm in self.strata.iter().filter_map(|stratum| stratum.arm(arm)) {
                merged.absorb(&of_arm.latency);
            }
            Some(merged.quantile(q)? as f64 / 1e3)
        };
        let row = VerdictRow {
            n: weights.n,
            design: weights.design,
            crude_delta: crude(self.candidate).zip(crude(ArmId::BASELINE)).map(|(c, b)| c - b),
            ..empty
        };
        let row = Self::judged(&row, [baseline.value, candidate.value], interval);
        let change = (candidate.value - baseline.value).abs();
        let is_small = change <= LATENCY_RESOLUTION * baseline.value;
        let is_found = matches!(row.word, Word::Better | Word::Worse);
        VerdictRow {
            word: if is_found && is_small { Word::NoClearChange } else { row.word },
            ..row
        }
    }

    /// ROC AUC from score bins weighted over strata. The arms count as independent, which is
    /// cautious where they scored the same rows.
    fn ranking(&self) -> VerdictRow {
        let empty = self.row(Metric::RocAuc, "DeLong, arms taken as independent");
        let scored = |arm: &ArmWindow| {
            arm.scores.iter().flatten().map(|count| u64::from(*count)).sum::<u64>()
        };
        let Some(weights) = weigh(&self.counts(scored), MIN_OBSERVATIONS) else { return empty };
        let (Some(baseline), Some(candidate)) = (self.area(0, &weights), self.area(1, &weights))
        else {
            return empty;
        };
        let interval = candidate.interval(self.alpha).zip(baseline.interval(self.alpha));
        let interval =
            interval.map(|(c, b)| square_and_add((candidate.value, c), (baseline.value, b)));
        let row = VerdictRow { n: weights.n, design: weights.design, ..empty };
        Self::judged(&row, [baseline.value, candidate.value], interval)
    }

    fn area(&self, side: usize, weights: &Weights) -> Option<Auc> {
        let arm = self.arms()[side];
        let mut bins: Vec<[f64; 2]> = Vec::new();
        for (stratum, weight) in self.strata.iter().zip(&weights.of[side]) {
            let scores = stratum.arm(arm).map_or(&[][..], |a| &a.scores);
            bins.resize(bins.len().max(scores.len()), [0.0; 2]);
            for (bin, counts) in bins.iter_mut().zip(scores) {
                for (sum, count) in bin.iter_mut().zip(counts) {
                    *sum += weight * f64::from(*count);
                }
            }
        }
        let of_class = |class: usize| {
            let rows = |a: &ArmWindow| a.scores.iter().map(|bin| f64::from(bin[class])).sum();
            weights.effective(side, self.strata.iter().map(|s| s.arm(arm).map_or(0.0, rows)))
        };
        delong(&bins, [of_class(0), of_class(1)])
    }

    /// Mean absolute error: Welch within strata (the spread follows from Σ|e| and Σe²).
    fn absolute_error(&self) -> VerdictRow {
        let empty = self.row(Metric::Mae, "Welch, Mantel-Haenszel over stages");
        let labelled = |arm: &ArmWindow| arm.total_quality().labelled;
        let Some(weights) = weigh(&self.counts(labelled), MIN_OBSERVATIONS) else { return empty };
        let side = |side: usize| {
            let arm = self.arms()[side];
            let mean = self.weighted(side, &weights, |a| a.total_quality().absolute);
            let (mut variance, mut square_over_df) = (0.0, 0.0);
            for (stratum, weight) in self.strata.iter().zip(&weights.of[side]) {
                let Some(quality) = stratum.arm(arm).map(ArmWindow::total_quality) else {
                    continue;
                };
                let n = quality.labelled as f64;
                let moments = Moments::from_sums(n, quality.absolute, quality.squared);
                if let Some(spread) = moments.variance() {
                    let part = weight * weight * n * spread;
                    variance += part;
                    square_over_df += part * part / (n - 1.0);
                }
            }
            (mean, variance, square_over_df)
        };
        let ((a, va, da), (b, vb, db)) = (side(0), side(1));
        let variance = va + vb;
        let welch = Welch {
            difference: b - a,
            standard_error: variance.sqrt(),
            df: variance * variance / (da + db),
        };
        let interval = if variance > 0.0 { welch.interval(self.alpha) } else { None };
        let row = VerdictRow { n: weights.n, design: weights.design, ..empty };
        Self::judged(&row, [a, b], interval)
    }

    /// Root mean square error: the spread of squared errors is not recorded, so it is taken from
    /// the scatter between windows.
    fn root_square_error(&self) -> VerdictRow {
        let empty = self.row(Metric::Rmse, "window means, Mantel-Haenszel over stages");
        let labelled = |arm: &ArmWindow| arm.total_quality().labelled;
        let Some(weights) = weigh(&self.counts(labelled), MIN_OBSERVATIONS) else { return empty };
        let mse = [0, 1].map(|side| self.weighted(side, &weights, |a| a.total_quality().squared));
        // Residuals of both arms in a window are joined, so what moves both cancels out.
        let (mut squares, mut windows) = (0.0, 0_usize);
        for (place, stratum) in self.strata.iter().enumerate() {
            let rest = |side: usize, window: &Window| {
                let arm = self.arms()[side];
                let of =
                    |a: Option<&ArmWindow>| a.map(ArmWindow::total_quality).unwrap_or_default();
                let (all, own) = (of(stratum.arm(arm)), of(window.arm(arm)));
                let weight = weights.of[side].get(place).copied().unwrap_or(0.0);
                let mean = if all.labelled > 0 { all.squared / all.labelled as f64 } else { 0.0 };
                (weight * (own.squared - own.labelled as f64 * mean), own.labelled)
            };
            for window in self.windows(stratum) {
                let ((a, n_a), (b, n_b)) = (rest(0, window), rest(1, window));
                squares += (b - a).powi(2);
                windows += usize::from(n_a + n_b > 0);
            }
        }
        let roots = mse.map(f64::sqrt);
        let interval = (windows >= MIN_WINDOWS && squares > 0.0).then(|| {
            let count = windows as f64;
            let error = (squares * count / (count - 1.0)).sqrt();
            let half = t_quantile(1.0 - self.alpha / 2.0, count - 1.0) * error;
            // √b − √a = (b − a)/(√b + √a).
            let sum = roots[0] + roots[1];
            Interval::new((mse[1] - mse[0] - half) / sum, (mse[1] - mse[0] + half) / sum)
        });
        let row = VerdictRow { n: weights.n, design: weights.design, ..empty };
        Self::judged(&row, roots, interval)
    }
}

/// Whether hits are independent of one another.
#[derive(Clone, Copy)]
enum Scatter {
    Independent,
    InBursts,
}
