//! What a column looks like: its spread or its commonest values, its gaps, its drift.

use rayon::prelude::*;

use super::drift::Drift;
use crate::domain::table::Blobs;
use crate::domain::{Column, Table, Values};

/// Bars of a histogram.
pub const BARS: usize = 24;
/// Texts that a profile names.
const TOP: usize = 10;

/// A column's profile.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnProfile {
    pub name: String,
    /// Rows without a value.
    pub missing: usize,
    /// Different values.
    pub distinct: usize,
    pub shape: Shape,
    /// How the last tenth of the rows differs from the first; empty for times, for texts that
    /// hardly repeat, and for short tables.
    pub drift: Option<Drift>,
}

/// How the values are spread.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// There is no value.
    Empty,
    Numbers {
        min: f64,
        max: f64,
        mean: f64,
        quantiles: Quantiles,
        /// Counts between `min` and `max`, in [`BARS`] bars of equal width.
        histogram: Vec<u32>,
    },
    Times {
        /// Microseconds since the epoch.
        first: i64,
        last: i64,
        /// True if the rows come in the order of these times.
        in_order: bool,
        /// Counts between `first` and `last`, in [`BARS`] bars of equal width.
        histogram: Vec<u32>,
    },
    Texts {
        /// The commonest texts with their counts, the most frequent first.
        top: Vec<(String, usize)>,
        /// Rows with other texts.
        others: usize,
    },
    /// Raw bytes: how many the smallest and the largest value has, and all together.
    Bytes { smallest: u64, largest: u64, all: u64 },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantiles {
    pub p5: f64,
    pub p25: f64,
    pub p50: f64,
    pub p75: f64,
    pub p95: f64,
}

impl ColumnProfile {
    /// What a person calls the column's type.
    pub fn kind(&self) -> &'static str {
        match self.shape {
            Shape::Empty => "Empty",
            Shape::Numbers { .. } => "Number",
            Shape::Times { .. } => "Time",
            Shape::Texts { .. } => "Text",
            Shape::Bytes { .. } => "Bytes",
        }
    }
}

/// Looks at every column.
pub(super) fn profiles(table: &Table) -> Vec<ColumnProfile> {
    table.columns.par_iter().map(|column| profile(column, table.rows)).collect()
}

fn profile(column: &Column, rows: usize) -> ColumnProfile {
    let (known, distinct, shape) = match &column.values {
        Values::Number(values) => of_numbers(values),
        Values::Time(values) => of_times(values),
        Values::Text { codes, dictionary } => of_texts(codes, dictionary),
        Values::Bytes(blobs) => of_bytes(blobs),
    };
    let shape = if known == 0 { Shape::Empty } else { shape };
    let drift = Drift::of(&column.values, rows);
    ColumnProfile {
        name: column.name.clone(),
        missing: rows - known.min(rows),
        distinct,
        shape,
        drift,
    }
}

fn of_numbers(values: &[f64]) -> (usize, usize, Shape) {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let (Some(&min), Some(&max)) = (sorted.first(), sorted.last()) else {
        return (0, 0, Shape::Empty);
    };
    let shape = Shape::Numbers {
        min,
        max,
        mean: mean(&sorted),
        quantiles: Quantiles {
            p5: quantile(&sorted, 0.05),
            p25: quantile(&sorted, 0.25),
            p50: quantile(&sorted, 0.5),
            p75: quantile(&sorted, 0.75),
            p95: quantile(&sorted, 0.95),
        },
        histogram: histogram(sorted.iter().copied(), min, max),
    };
    let distinct = 1 + sorted.windows(2).filter(|pair| pair[0] < pair[1]).count();
    (sorted.len(), distinct, shape)
}

fn mean(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let sum: f64 = values.iter().sum();
    // Huge values overflow the sum unless they are divided first.
    if sum.is_finite() { sum / count } else { values.iter().map(|x| x / count).sum() }
}

/// Linear between the two nearest values, as numpy does it. `sorted` is not empty.
pub(super) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len().saturating_sub(1)) as f64;
    let at = |index: f64| sorted.get(index as usize).copied().unwrap_or(f64::NAN);
    let (low, high) = (at(place.floor()), at(place.ceil()));
    let weight = place.fract();
    low * (1.0 - weight) + high * weight
}

fn histogram(values: impl Iterator<Item = f64>, min: f64, max: f64) -> Vec<u32> {
    let mut bars = vec![0; BARS];
    // Halved, so that the difference of huge values stays finite.
    let width = max / 2.0 - min / 2.0;
    for value in values {
        let place = if width > 0.0 { (value / 2.0 - min / 2.0) / width } else { 0.0 };
        let bar = ((place * BARS as f64) as usize).min(BARS - 1);
        if let Some(count) = bars.get_mut(bar) {
            *count += 1;
        }
    }
    bars
}

fn of_times(values: &[Option<i64>]) -> (usize, usize, Shape) {
    let mut sorted: Vec<i64> = values.iter().copied().flatten().collect();
    let in_order = sorted.is_sorted();
    sorted.sort_unstable();
    let (Some(&first), Some(&last)) = (sorted.first(), sorted.last()) else {
        return (0, 0, Shape::Empty);
    };
    let bars = histogram(sorted.iter().map(|x| *x as f64), first as f64, last as f64);
    let distinct = 1 + sorted.windows(2).filter(|pair| pair[0] < pair[1]).count();
    (sorted.len(), distinct, Shape::Times { first, last, in_order, histogram: bars })
}

fn of_texts(codes: &[u32], dictionary: &[String]) -> (usize, usize, Shape) {
    let counts = text_counts(codes, dictionary);
    let known = counts.iter().map(|(_, count)| count).sum();
    let top: Vec<(String, usize)> = counts
        .iter()
        .take(TOP)
        .map(|&(code, count)| (dictionary.get(code).cloned().unwrap_or_default(), count))
        .collect();
    let others = known - top.iter().map(|(_, count)| count).sum::<usize>();
    (known, counts.len(), Shape::Texts { top, others })
}

fn of_bytes(blobs: &Blobs) -> (usize, usize, Shape) {
    let known: Vec<&[u8]> =
        (0..blobs.len()).map(|row| blobs.get(row)).filter(|bytes| !bytes.is_empty()).collect();
    let lengths = || known.iter().map(|bytes| bytes.len() as u64);
    let shape = Shape::Bytes {
        smallest: lengths().min().unwrap_or_default(),
        largest: lengths().max().unwrap_or_default(),
        all: lengths().sum(),
    };
    let distinct: std::collections::BTreeSet<[u8; 32]> =
        known.iter().map(|bytes| *blake3::hash(bytes).as_bytes()).collect();
    (known.len(), distinct.len(), shape)
}

/// The places in `dictionary` that `codes` use with their counts: the commonest first, equally
/// common ones by name.
pub(super) fn text_counts(codes: &[u32], dictionary: &[String]) -> Vec<(usize, usize)> {
    let mut counts = vec![0_usize; dictionary.len()];
    for code in codes {
        if let Some(count) = counts.get_mut(*code as usize) {
            *count += 1;
        }
    }
    let mut used: Vec<(usize, usize)> =
        counts.into_iter().enumerate().filter(|(_, count)| *count > 0).collect();
    used.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| dictionary.get(a.0).cmp(&dictionary.get(b.0))));
    used
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: Values, rows: usize) -> ColumnProfile {
        profile(&Column { name: "x".to_owned(), values }, rows)
    }

    #[test]
    fn numbers_are_described_without_their_gaps() {
        let profile = of(Values::Number(vec![4.0, f64::NAN, 1.0, 2.0, 2.0, 3.0]), 6);
        assert_eq!((profile.missing, profile.distinct, profile.kind()), (1, 4, "Number"));
        let Shape::Numbers { min, max, mean, quantiles, histogram } = profile.shape else {
            panic!("no numbers")
        };
        assert_eq!((min, max, mean, quantiles.p50, quantiles.p25), (1.0, 4.0, 2.4, 2.0, 2.0));
        assert_eq!(histogram.iter().sum::<u32>(), 5);
        assert_eq!((histogram[0], histogram[BARS - 1]), (1, 1));
    }

    #[test]
    fn extremes_and_constants_have_a_histogram_too() {
        let Shape::Numbers { mean, histogram, .. } =
            of(Values::Number(vec![-f64::MAX, f64::MAX]), 2).shape
        else {
            panic!("no numbers")
        };
        assert_eq!((mean, histogram[0], histogram[BARS - 1]), (0.0, 1, 1));
        let Shape::Numbers { histogram, .. } = of(Values::Number(vec![7.0; 9]), 9).shape else {
            panic!("no numbers")
        };
        assert_eq!(histogram[0], 9);
    }

    #[test]
    fn texts_are_told_by_frequency_then_name() {
        let dictionary = ["b", "a", "c"].map(str::to_owned).to_vec();
        let codes = vec![2, 0, 1, 2, Values::MISSING];
        let profile = of(Values::Text { codes, dictionary }, 5);
        assert_eq!((profile.missing, profile.distinct), (1, 3));
        let top = [("c", 2), ("a", 1), ("b", 1)].map(|(t, n)| (t.to_owned(), n)).to_vec();
        assert_eq!(profile.shape, Shape::Texts { top, others: 0 });
    }
}
