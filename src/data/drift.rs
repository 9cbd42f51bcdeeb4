//! How far the last rows of a column differ from the first ones.

use std::collections::HashMap;

use super::profile::quantile;
use crate::domain::Values;

/// Shorter tenths say nothing.
const FEWEST: usize = 50;
/// Numbers are compared in tenths of the first rows, texts by their commonest values.
const BINS: usize = 10;

/// The population stability index (PSI) of the last tenth of the rows against the first: the sum
/// over bins of `(q − p) · ln(q / p)`. Numbers fall into the deciles of the first tenth; texts into
/// the nine commonest values and the rest; missing values are a bin of their own. Half a row is
/// added to each bin, so that an empty one does not make it infinite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drift {
    pub psi: f64,
    /// What the index would be on average by chance alone, with so few rows.
    pub by_chance: f64,
}

impl Drift {
    /// What the usual rule of thumb says (0.1 and 0.25), if chance alone hardly explains it.
    pub fn label(&self) -> &'static str {
        if self.psi < 0.1 || self.psi < 2.0 * self.by_chance {
            "stable"
        } else if self.psi < 0.25 {
            "some drift"
        } else {
            "strong drift"
        }
    }

    /// Compares; `None` where that says nothing.
    pub(super) fn of(values: &Values, rows: usize) -> Option<Self> {
        let tenth = rows / 10;
        if tenth < FEWEST {
            return None;
        }
        match values {
            Values::Number(values) => {
                let (first, last) = (values.get(..tenth)?, values.get(rows - tenth..)?);
                if are_names(first, last) {
                    return None;
                }
                let edges = deciles(first)?;
                // NaN lies behind the last edge; it has the bin after that.
                let bin = |x: &f64| {
                    if x.is_nan() {
                        edges.len() + 1
                    } else {
                        edges.partition_point(|edge| edge < x)
                    }
                };
                Some(compare(first.iter().map(bin), last.iter().map(bin), edges.len() + 2))
            }
            Values::Text { codes, .. } => {
                let (first, last) = (codes.get(..tenth)?, codes.get(rows - tenth..)?);
                let places = commonest(first, last)?;
                let bin = |code: &u32| match *code {
                    Values::MISSING => BINS,
                    code => places.get(&code).copied().unwrap_or(BINS - 1),
                };
                Some(compare(first.iter().map(bin), last.iter().map(bin), BINS + 1))
            }
            Values::Time(_) | Values::Bytes(_) => None,
        }
    }
}

/// Whole numbers of which none comes twice name the rows.
fn are_names(first: &[f64], last: &[f64]) -> bool {
    let mut all: Vec<f64> = first.iter().chain(last).copied().collect();
    all.sort_unstable_by(f64::total_cmp);
    all.iter().all(|x| x.fract() == 0.0) && all.is_sorted_by(|a, b| a < b)
}

/// The inner edges of ten parts; fewer where values repeat. `None` if there is no value.
fn deciles(values: &[f64]) -> Option<Vec<f64>> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    if sorted.is_empty() {
        return None;
    }
    let mut edges: Vec<f64> =
        (1..BINS).map(|part| quantile(&sorted, part as f64 / BINS as f64)).collect();
    edges.dedup();
    Some(edges)
}

/// Bins of the commonest texts; `None` if most texts are unique.
fn commonest(first: &[u32], last: &[u32]) -> Option<HashMap<u32, usize>> {
    let mut codes: Vec<u32> =
        first.iter().chain(last).copied().filter(|code| *code != Values::MISSING).collect();
    codes.sort_unstable();
    let mut runs: Vec<(usize, u32)> =
        codes.chunk_by(|a, b| a == b).filter_map(|run| Some((run.len(), *run.first()?))).collect();
    if runs.len() * 2 > codes.len() {
        return None;
    }
    runs.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    Some(runs.into_iter().take(BINS - 1).enumerate().map(|(bin, (_, code))| (code, bin)).collect())
}

fn compare(
    first: impl Iterator<Item = usize>,
    last: impl Iterator<Item = usize>,
    bins: usize,
) -> Drift {
    let (first, last) = (counts(first, bins), counts(last, bins));
    let used: Vec<(f64, f64)> =
        first.into_iter().zip(last).filter(|(a, b)| *a + *b > 0.0).collect();
    let bins = used.len() as f64;
    let (n, m) = used.iter().fold((0.0, 0.0), |(n, m), (a, b)| (n + a, m + b));
    let share = |count: f64, all: f64| (count + 0.5) / (all + 0.5 * bins);
    let psi = used
        .iter()
        .map(|(a, b)| {
            let (p, q) = (share(*a, n), share(*b, m));
            (q - p) * (q / p).ln()
        })
        .sum();
    // The index is about a chi-squared value of bins − 1 degrees of freedom times (1/n + 1/m).
    Drift { psi, by_chance: (bins - 1.0) * (1.0 / n + 1.0 / m) }
}

fn counts(bins: impl Iterator<Item = usize>, len: usize) -> Vec<f64> {
    let mut counts = vec![0.0; len];
    for bin in bins {
        if let Some(count) = counts.get_mut(bin) {
            *count += 1.0;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_late_in_the_rows_is_strong_drift_and_noise_is_none() {
        // A full cycle of 97 steps: every value equally often in every long stretch.
        let wave = |row: usize| (row * 41 % 97) as f64;
        let stable = Values::Number((0..9_700).map(wave).collect());
        assert_eq!(Drift::of(&stable, 9_700).unwrap().label(), "stable");
        let shifted = |row: usize| wave(row) + if row > 8_000 { 50.0 } else { 0.0 };
        let shifted = Values::Number((0..9_700).map(shifted).collect());
        assert_eq!(Drift::of(&shifted, 9_700).unwrap().label(), "strong drift");
    }

    #[test]
    fn values_that_start_to_be_missing_are_drift() {
        let missing = |row: usize| if row > 900 { Values::MISSING } else { (row % 3) as u32 };
        let codes = (0..1_000).map(missing).collect();
        let dictionary = ["a", "b", "c"].map(str::to_owned).to_vec();
        let drift = Drift::of(&Values::Text { codes, dictionary }, 1_000).unwrap();
        assert_eq!(drift.label(), "strong drift");
    }

    #[test]
    fn names_and_short_tables_have_no_drift() {
        let names: Vec<String> = (0..1_000).map(|i| i.to_string()).collect();
        let codes = (0..1_000).collect();
        assert_eq!(Drift::of(&Values::Text { codes, dictionary: names }, 1_000), None);
        assert_eq!(Drift::of(&Values::Number((0..1_000).map(f64::from).collect()), 1_000), None);
        assert_eq!(Drift::of(&Values::Number(vec![1.0; 400]), 400), None);
    }

    #[test]
    fn the_index_agrees_with_a_calculation_by_hand() {
        // Shares 0.5 and 0.5 against 0.8 and 0.2: 0.3 ln 1.6 - 0.3 ln 0.4 = 0.4159.
        let bins = |ones: usize| (0..100_000).map(move |i| usize::from(i < ones));
        let drift = compare(bins(50_000), bins(20_000), 2);
        assert!((drift.psi - 0.415_888).abs() < 1e-4, "{}", drift.psi);
        assert!((drift.by_chance - 2e-5).abs() < 1e-12);
    }
}
