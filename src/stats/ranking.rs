//! Metrics of scores that rank rows: the area under the ROC curve and average precision.

use rayon::slice::ParallelSliceMut;

/// A row to rank: its score, whether it is positive, and how many rows it stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    pub score: f64,
    pub is_positive: bool,
    pub weight: f64,
}

/// Weights of `[negatives, positives]` at each distinct score, highest first. `None` with a NaN
/// among the scores.
fn steps(rows: &[Scored]) -> Option<Vec<[f64; 2]>> {
    if rows.iter().any(|row| row.score.is_nan()) {
        return None;
    }
    let mut sorted = rows.to_vec();
    sorted.sort_by(|a, b| b.score.total_cmp(&a.score));
    let step = |ties: &[Scored]| {
        let mut step = [0.0; 2];
        for row in ties {
            step[usize::from(row.is_positive)] += row.weight;
        }
        step
    };
    // -0 and 0 are the same score.
    Some(sorted.chunk_by(|a, b| a.score == b.score).map(step).collect())
}

fn totals(steps: &[[f64; 2]]) -> [f64; 2] {
    steps.iter().fold([0.0; 2], |sum, step| [sum[0] + step[0], sum[1] + step[1]])
}

/// The area under the ROC curve: P(s⁺ > s⁻) + P(s⁺ = s⁻)/2 of a random positive and negative row.
/// `None` unless both classes occur and no score is NaN. O(n log n).
pub fn roc_auc(rows: &[Scored]) -> Option<f64> {
    let steps = steps(rows)?;
    let [negatives, positives] = totals(&steps);
    let (mut above, mut sum) = (0.0, 0.0);
    for [negative, positive] in steps {
        sum += negative * (above + positive / 2.0);
        above += positive;
    }
    (negatives > 0.0 && positives > 0.0).then(|| sum / negatives / positives)
}

/// The area for 0/1 labels without weights, for many rows: ranks by a parallel sort, whose result
/// does not depend on threads. Fails as [`roc_auc`] does.
pub fn roc_auc_unweighted(scores: &[f64], is_positive: &[bool]) -> Option<f64> {
    if scores.len() != is_positive.len() || scores.iter().any(|score| score.is_nan()) {
        return None;
    }
    // One word a row: the score's order in the upper bits would lose digits, so the label takes the
    // lowest place of a key one bit longer.
    let mut keys: Vec<u128> = scores
        .iter()
        .zip(is_positive)
        .map(|(score, label)| (u128::from(super::order::key(*score)) << 1) | u128::from(*label))
        .collect();
    keys.par_sort_unstable();
    let (mut below, mut positives, mut twice): (u64, u64, u128) = (0, 0, 0);
    for ties in keys.chunk_by(|a, b| a >> 1 == b >> 1) {
        let hits = ties.iter().filter(|key| *key & 1 == 1).count() as u64;
        let misses = ties.len() as u64 - hits;
        twice += u128::from(hits) * u128::from(2 * below + misses);
        below += misses;
        positives += hits;
    }
    let pairs = u128::from(positives) * u128::from(below);
    (pairs > 0).then(|| twice as f64 / (2.0 * pairs as f64))
}

/// The area up to the false-positive rate `max_fpr`, standardised after McClish 1989 so that chance
/// is ½ and perfection 1. `None` as [`roc_auc`], or unless 0 < `max_fpr` ≤ 1.
pub fn partial_roc_auc(rows: &[Scored], max_fpr: f64) -> Option<f64> {
    let steps = steps(rows)?;
    let [negatives, positives] = totals(&steps);
    let possible = negatives > 0.0 && positives > 0.0 && max_fpr > 0.0 && max_fpr <= 1.0;
    let (mut x, mut y, mut area) = (0.0, 0.0, 0.0);
    for [negative, positive] in steps {
        let (wide, high) = (negative / negatives, positive / positives);
        let cut = if x + wide > max_fpr { (max_fpr - x) / wide } else { 1.0 };
        area += wide * cut * (y + high * cut / 2.0);
        x += wide;
        y += high;
        if cut < 1.0 {
            break;
        }
    }
    let least = max_fpr * max_fpr / 2.0;
    possible.then(|| 0.5 * (1.0 + (area - least) / (max_fpr - least)))
}

/// How classes are averaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Average {
    /// Each class (or pair) counts the same.
    Macro,
    /// By its rows.
    Weighted,
}

fn rows_of(
    truth: &[usize],
    probabilities: &[Vec<f64>],
    class: usize,
    takes: impl Fn(usize) -> bool,
) -> Vec<Scored> {
    let row = |(truth, row): (&usize, &Vec<f64>)| Scored {
        score: row.get(class).copied().unwrap_or(f64::NAN),
        is_positive: *truth == class,
        weight: 1.0,
    };
    truth.iter().zip(probabilities).filter(|(truth, _)| takes(**truth)).map(row).collect()
}

fn mean(parts: &[(f64, f64)]) -> Option<f64> {
    let whole: f64 = parts.iter().map(|(_, weight)| weight).sum();
    (whole > 0.0).then(|| parts.iter().map(|(value, weight)| value * weight).sum::<f64>() / whole)
}

/// The mean area of each class against the rest. `None` if one of the `classes` lacks rows.
pub fn one_against_rest(
    truth: &[usize],
    probabilities: &[Vec<f64>],
    classes: usize,
    average: Average,
) -> Option<f64> {
    let part = |class: usize| {
        let n = truth.iter().filter(|truth| **truth == class).count() as f64;
        let area = roc_auc(&rows_of(truth, probabilities, class, |_| true))?;
        Some((area, if average == Average::Macro { 1.0 } else { n }))
    };
    mean(&(0..classes).map(part).collect::<Option<Vec<_>>>()?)
}

/// The mean area over all pairs of classes, both ways (Hand & Till 2001). `None` if one of the
/// `classes` lacks rows.
pub fn one_against_one(
    truth: &[usize],
    probabilities: &[Vec<f64>],
    classes: usize,
    average: Average,
) -> Option<f64> {
    let part = |(a, b): (usize, usize)| {
        let of_pair = |truth: usize| truth == a || truth == b;
        let one = roc_auc(&rows_of(truth, probabilities, a, of_pair))?;
        let other = roc_auc(&rows_of(truth, probabilities, b, of_pair))?;
        let n = truth.iter().filter(|truth| of_pair(**truth)).count() as f64;
        Some(((one + other) / 2.0, if average == Average::Macro { 1.0 } else { n }))
    };
    let pairs = (0..classes).flat_map(|a| (a + 1..classes).map(move |b| (a, b)));
    mean(&pairs.map(part).collect::<Option<Vec<_>>>()?)
}

/// Average precision Σ (Rₙ − Rₙ₋₁) Pₙ over distinct scores, without interpolation; 0 without
/// positives. `None` without rows or with a NaN.
pub fn average_precision(rows: &[Scored]) -> Option<f64> {
    let steps = steps(rows)?;
    let [negatives, positives] = totals(&steps);
    let (mut hits, mut taken, mut sum) = (0.0, 0.0, 0.0);
    for [negative, positive] in steps {
        hits += positive;
        taken += positive + negative;
        if positive > 0.0 {
            sum += positive * hits / taken;
        }
    }
    (negatives + positives > 0.0).then(|| if positives > 0.0 { sum / positives } else { 0.0 })
}

/// The area under the precision-recall curve by trapezoids, which is not the average precision: it
/// is too kind where scores are tied. `None` without positives or with a NaN.
pub fn precision_recall_trapezoid(rows: &[Scored]) -> Option<f64> {
    let steps = steps(rows)?;
    let [_, positives] = totals(&steps);
    let (mut hits, mut taken, mut area, mut before) = (0.0, 0.0, 0.0, 1.0);
    for [negative, positive] in steps {
        hits += positive;
        taken += positive + negative;
        let precision = if taken > 0.0 { hits / taken } else { before };
        area += positive / positives * f64::midpoint(precision, before);
        before = precision;
    }
    (positives > 0.0).then_some(area)
}
