//! Distances between two distributions: of counts per category or bin, and of numbers.

use super::order::sorted;
use super::quantile;

fn shares(counts: &[f64]) -> Vec<f64> {
    let whole: f64 = counts.iter().sum();
    counts.iter().map(|count| count / whole).collect()
}

fn sum(p: &[f64], q: &[f64], of: impl Fn(f64, f64) -> f64) -> f64 {
    p.iter().zip(q).map(|(p, q)| of(*p, *q)).sum()
}

/// p ln(p/q), nothing for p = 0.
fn relative_entropy(p: f64, q: f64) -> f64 {
    if p > 0.0 { p * (p / q).ln() } else { 0.0 }
}

/// Jensen and Shannon's divergence in nats, from 0 to ln 2; empty bins need no filling. Divide by
/// ln 2 for bits. NaN where a side has no counts, as all of these.
pub fn jensen_shannon(reference: &[f64], current: &[f64]) -> f64 {
    let (p, q) = (shares(reference), shares(current));
    let half = sum(&p, &q, |p, q| {
        let middle = f64::midpoint(p, q);
        relative_entropy(p, middle) + relative_entropy(q, middle)
    });
    (half / 2.0).max(0.0)
}

/// Its square root, a metric; in bits, so that it runs from 0 to 1.
pub fn jensen_shannon_distance(reference: &[f64], current: &[f64]) -> f64 {
    (jensen_shannon(reference, current) / std::f64::consts::LN_2).sqrt()
}

/// Kullback and Leibler's divergence Σ p ln(p/q) in nats; infinite where the current side lacks what
/// the reference has.
pub fn kullback_leibler(reference: &[f64], current: &[f64]) -> f64 {
    sum(&shares(reference), &shares(current), relative_entropy)
}

/// Hellinger's distance √(Σ(√p − √q)²/2), from 0 to 1.
pub fn hellinger(reference: &[f64], current: &[f64]) -> f64 {
    let squares = sum(&shares(reference), &shares(current), |p, q| (p.sqrt() - q.sqrt()).powi(2));
    (squares / 2.0).sqrt()
}

/// Total variation Σ|p − q|/2, from 0 to 1: the share that would have to move.
pub fn total_variation(reference: &[f64], current: &[f64]) -> f64 {
    sum(&shares(reference), &shares(current), |p, q| (p - q).abs()) / 2.0
}

/// What an empty bin's share is set to.
const EMPTY: f64 = 1e-4;

/// The population stability index Σ (p − q) ln(p/q). An empty share counts as 10⁻⁴, or as a
/// millionth of that side's smallest share where this is no larger; shares are not scaled again.
///
/// Without drift it is about (1/n + 1/m) χ² with bins − 1 degrees of freedom: 0.1 is nothing unusual
/// for 200 rows.
pub fn psi(reference: &[f64], current: &[f64]) -> f64 {
    let filled = |counts: &[f64]| -> Vec<f64> {
        let shares = shares(counts);
        let least = shares.iter().copied().filter(|p| *p > 0.0).fold(f64::INFINITY, f64::min);
        let fill = if least <= EMPTY { least / 1e6 } else { EMPTY };
        shares.into_iter().map(|p| if p == 0.0 { fill } else { p }).collect()
    };
    sum(&filled(reference), &filled(current), |p, q| (p - q) * (p / q).ln())
}

/// Counts of values in bins [a, b) between sorted inner `edges`, the outer ones open; NaN left out.
pub fn counts_between(values: &[f64], edges: &[f64]) -> Vec<f64> {
    let mut counts = vec![0u64; edges.len() + 1];
    for value in values.iter().filter(|value| !value.is_nan()) {
        counts[edges.partition_point(|edge| edge <= value)] += 1;
    }
    counts.into_iter().map(|count| count as f64).collect()
}

/// Inner edges of `bins` bins that hold equally many of the reference's values; equal edges are one.
/// `None` without values, with a NaN or without bins.
pub fn quantile_edges(reference: &[f64], bins: usize) -> Option<Vec<f64>> {
    let sorted = sorted(reference);
    let edge = |k: usize| quantile::linear(&sorted, k as f64 / bins as f64);
    let mut edges = (1..bins).map(edge).collect::<Option<Vec<f64>>>()?;
    edges.dedup();
    (bins > 0).then_some(edges)
}

/// Outer and inner edges of bins of equal width over both samples, as many as Sturges' rule says:
/// ⌈log₂ n⌉ + 1. `None` without values or with a NaN or infinity.
pub fn sturges_edges(first: &[f64], second: &[f64]) -> Option<Vec<f64>> {
    let all = || first.iter().chain(second).copied();
    let n = first.len() + second.len();
    if n == 0 || !all().all(f64::is_finite) {
        return None;
    }
    let (low, high) =
        (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    let (low, high, bins) = if low < high {
        (low, high, ((n as f64).log2() + 1.0).ceil())
    } else {
        (low - 0.5, high + 0.5, 1.0)
    };
    let step = (high - low) / bins;
    let mut edges: Vec<f64> = (0..bins as usize).map(|k| low + k as f64 * step).collect();
    edges.push(high);
    Some(edges)
}

/// A value and how many rows have it.
pub type Weighted = (f64, f64);

/// Walks over both samples in order: `visit`(gap to the next value, F₁, F₂).
fn walk(first: &[Weighted], second: &[Weighted], mut visit: impl FnMut(f64, f64, f64)) {
    let whole = |side: &[Weighted]| side.iter().map(|(_, weight)| weight).sum::<f64>();
    let totals = [whole(first), whole(second)];
    let sides = first.iter().map(|point| (point, 0)).chain(second.iter().map(|point| (point, 1)));
    let mut points: Vec<(Weighted, usize)> = sides.map(|(point, side)| (*point, side)).collect();
    points.sort_by(|a, b| a.0.0.total_cmp(&b.0.0));
    let mut seen = [0.0; 2];
    for pair in points.windows(2) {
        let [((here, weight), side), ((next, _), _)] = pair else { continue };
        seen[*side] += weight;
        visit(next - here, seen[0] / totals[0], seen[1] / totals[1]);
    }
}

/// Wasserstein's distance of first order: the area between the distribution functions, in the
/// values' unit. NaN for an empty side.
pub fn wasserstein(reference: &[Weighted], current: &[Weighted]) -> f64 {
    if reference.is_empty() || current.is_empty() {
        return f64::NAN;
    }
    let mut area = 0.0;
    walk(reference, current, |gap, p, q| area += gap * (p - q).abs());
    area
}

/// The energy distance √(2∫(F₁ − F₂)²) (Székely & Rizzo 2013). NaN for an empty side.
pub fn energy(reference: &[Weighted], current: &[Weighted]) -> f64 {
    if reference.is_empty() || current.is_empty() {
        return f64::NAN;
    }
    let mut area = 0.0;
    walk(reference, current, |gap, p, q| area += gap * (p - q).powi(2));
    (2.0 * area).sqrt()
}
