//! Numbers in order.

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
