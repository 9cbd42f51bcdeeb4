//! A mergeable histogram of durations with bounded size and bounded relative error.

use serde::{Deserialize, Serialize};

/// Each power of two is cut into this many equal bins, so a bin is at most 1/64 as wide as its
/// values, and a quantile (the middle of a bin) is off by at most 0.8 %.
const BINS_PER_OCTAVE_BITS: u32 = 6;
const BINS_PER_OCTAVE: u64 = 1 << BINS_PER_OCTAVE_BITS;
/// Larger values (about 50 days) are counted in the last bin.
const LARGEST: u64 = (1 << 42) - 1;

/// Bins that a dense copy needs.
pub const BINS: usize = bin_of(LARGEST) + 1;

/// The bin of a value in microseconds. From one octave on, the exponent and the leading mantissa bits
/// of the value as a number of double precision (exact, it has at most 42 bits) count the bins: that
/// is quicker than counting leading zeros where the processor has no instruction for it.
#[inline(always)]
pub const fn bin_of(micros: u64) -> usize {
    const SHIFT: u32 = f64::MANTISSA_DIGITS - 1 - BINS_PER_OCTAVE_BITS;
    const FIRST: u64 = (BINS_PER_OCTAVE as f64).to_bits() >> SHIFT;
    let value = if micros > LARGEST { LARGEST } else { micros };
    let bin = ((value as i64 as f64).to_bits() >> SHIFT).wrapping_sub(FIRST - BINS_PER_OCTAVE);
    (if value < BINS_PER_OCTAVE { value } else { bin }) as usize
}

/// The middle of a bin in microseconds; bins that a damaged file may name count as the last one.
fn middle(bin: usize) -> u64 {
    let bin = bin.min(BINS - 1) as u64;
    if bin < 2 * BINS_PER_OCTAVE {
        return bin;
    }
    let shift = (bin >> BINS_PER_OCTAVE_BITS) - 1;
    let low = (bin - (shift << BINS_PER_OCTAVE_BITS)) << shift;
    low + (1 << shift) / 2
}

/// Counts per bin, empty bins left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    bins: Vec<(u16, u32)>,
}

impl Histogram {
    /// From counts per bin, as [`bin_of`] numbers them.
    pub fn from_dense(counts: &[u32]) -> Self {
        let bins = counts.iter().zip(0u16..).filter(|(count, _)| **count > 0);
        Self { bins: bins.map(|(count, bin)| (bin, *count)).collect() }
    }

    pub fn count(&self) -> u64 {
        self.bins.iter().map(|(_, count)| u64::from(*count)).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.bins.is_empty()
    }

    /// Adds another histogram's counts.
    pub fn absorb(&mut self, other: &Self) {
        if self.bins.is_empty() {
            self.bins.clone_from(&other.bins);
            return;
        }
        let mut merged = Vec::with_capacity(self.bins.len() + other.bins.len());
        let (mut a, mut b) = (self.bins.iter().peekable(), other.bins.iter().peekable());
        while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
            match x.0.cmp(&y.0) {
                std::cmp::Ordering::Less => merged.extend(a.next()),
                std::cmp::Ordering::Greater => merged.extend(b.next()),
                std::cmp::Ordering::Equal => {
                    merged.push((x.0, x.1.saturating_add(y.1)));
                    a.next();
                    b.next();
                }
            }
        }
        merged.extend(a);
        merged.extend(b);
        self.bins = merged;
    }

    /// The value in microseconds at quantile `q` by nearest rank; `None` without values.
    pub fn quantile(&self, q: f64) -> Option<u64> {
        let rank = ((q.clamp(0.0, 1.0) * self.count() as f64).ceil() as u64).max(1);
        let mut seen = 0;
        self.bins.iter().find_map(|(bin, count)| {
            seen += u64::from(*count);
            (seen >= rank).then(|| middle(usize::from(*bin)))
        })
    }

    /// Values above `micros`, to the width of a bin.
    pub fn count_above(&self, micros: u64) -> u64 {
        let limit = bin_of(micros);
        let above = self.bins.iter().filter(|(bin, _)| usize::from(*bin) > limit);
        above.map(|(_, count)| u64::from(*count)).sum()
    }

    /// `(value in microseconds, count)` of each bin that holds something, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u32)> + '_ {
        self.bins.iter().map(|(bin, count)| (middle(usize::from(*bin)), *count))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values: &[u64]) -> Histogram {
        let mut dense = vec![0; BINS];
        for value in values {
            dense[bin_of(*value)] += 1;
        }
        Histogram::from_dense(&dense)
    }

    proptest! {
        #[test]
        fn a_quantile_is_within_its_stated_error(mut values in prop::collection::vec(0u64..LARGEST, 1..200), q in 0.0..1.0) {
            let got = of(&values).quantile(q).unwrap() as f64;
            values.sort_unstable();
            let rank = ((q * values.len() as f64).ceil() as usize).max(1);
            let want = values[rank - 1] as f64;
            prop_assert!((got - want).abs() <= want / 127.0, "{got} for {want}");
        }

        #[test]
        fn merging_is_counting_together(a in prop::collection::vec(0u64..1_000_000, 0..50), b in prop::collection::vec(0u64..1_000_000, 0..50)) {
            let mut merged = of(&a);
            merged.absorb(&of(&b));
            prop_assert_eq!(merged, of(&[a, b].concat()));
        }
    }

    #[test]
    fn bins_are_contiguous() {
        for value in 1..100_000 {
            let step = bin_of(value) - bin_of(value - 1);
            assert!(step <= 1, "gap at {value}");
        }
        assert_eq!(bin_of(u64::MAX), BINS - 1);
    }
}
