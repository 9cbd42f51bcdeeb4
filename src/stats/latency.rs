//! Latencies in a histogram of a stated precision (HdrHistogram's rules).

use hdrhistogram::Histogram;

/// Counts of whole numbers (microseconds, mostly) to so many significant digits. It answers as
/// HdrHistogram does: percentiles are the highest value of the bucket with the ⌈p/100 · total⌉-th
/// row.
#[derive(Clone, Debug)]
pub struct Latencies(Histogram<u64>);

impl Latencies {
    /// For values from `lowest` (at least 1) to `highest` (at least twice that) with 0 to 5 digits;
    /// `None` otherwise. Memory grows with the digits and the range's logarithm only.
    pub fn new(lowest: u64, highest: u64, digits: u8) -> Option<Self> {
        Histogram::new_with_bounds(lowest, highest, digits).ok().map(Self)
    }

    /// Adds `count` times `value`; those above the range count as its highest.
    pub fn add(&mut self, value: u64, count: u64) {
        self.0.saturating_record_n(value, count);
    }

    /// As [`Latencies::add`], with the values that requests due every `interval` would have seen
    /// during a longer one. Only for load generators that waited for answers: a replay knows when
    /// its requests were due.
    pub fn add_corrected(&mut self, value: u64, count: u64, interval: u64) {
        self.add(value, count);
        let mut missing = value.saturating_sub(interval);
        while interval > 0 && missing >= interval {
            self.add(missing, count);
            missing -= interval;
        }
    }

    pub fn total(&self) -> u64 {
        self.0.len()
    }

    /// The lowest value of the smallest bucket in use, 0 without values.
    pub fn min(&self) -> u64 {
        self.0.min()
    }

    /// The highest value of the largest bucket in use.
    pub fn max(&self) -> u64 {
        self.0.max()
    }

    /// Of the buckets' middles.
    pub fn mean(&self) -> f64 {
        self.0.mean()
    }

    /// Standard deviation of the buckets' middles, divisor n.
    pub fn deviation(&self) -> f64 {
        self.0.stdev()
    }

    /// The value at a percentile from 0 to 100.
    pub fn percentile(&self, percentile: f64) -> u64 {
        self.0.value_at_percentile(percentile)
    }
}
