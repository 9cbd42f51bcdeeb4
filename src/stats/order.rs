//! Numbers in order.

use rayon::slice::ParallelSliceMut;

/// A whole number that orders as the float does; -0 counts as 0, NaN comes last.
pub(super) fn key(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if value.is_nan() {
        u64::MAX
    } else if bits >> 63 == 1 {
        !bits
    } else {
        bits | (1 << 63)
    }
}

/// A value, as its [`key`], and how often each of two samples holds it.
pub(super) struct Tie {
    pub key: u64,
    pub counts: [usize; 2],
}

/// The distinct values of two samples together, in rising order; `None` if one is empty or holds a
/// NaN. O(n log n); the sort is parallel, its result is not.
pub(super) fn ties(first: &[f64], second: &[f64]) -> Option<impl Iterator<Item = Tie>> {
    let keys = |values: &[f64]| -> Option<Vec<u64>> {
        let mut keys: Vec<u64> = values.iter().map(|value| key(*value)).collect();
        keys.par_sort_unstable();
        (!values.is_empty() && !values.iter().any(|value| value.is_nan())).then_some(keys)
    };
    let (first, second) = (keys(first)?, keys(second)?);
    let mut at = [0, 0];
    Some(std::iter::from_fn(move || {
        let rest = [first.get(at[0]..)?, second.get(at[1]..)?];
        let key = *rest.iter().filter_map(|keys| keys.first()).min()?;
        let counts = rest.map(|keys| keys.iter().take_while(|other| **other == key).count());
        at = [at[0] + counts[0], at[1] + counts[1]];
        Some(Tie { key, counts })
    }))
}

/// A sorted copy.
pub(super) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// Ranks from 1, equal values sharing the middle of theirs, and the sizes of the groups of ties.
pub(super) fn mid_ranks(values: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let mut places: Vec<usize> = (0..values.len()).collect();
    places.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let (mut before, mut groups) = (0, Vec::new());
    for ties in places.chunk_by(|a, b| values[*a] == values[*b]) {
        let rank = before as f64 + (ties.len() as f64 + 1.0) / 2.0;
        for place in ties {
            ranks[*place] = rank;
        }
        before += ties.len();
        groups.push(ties.len() as f64);
    }
    (ranks, groups)
}
