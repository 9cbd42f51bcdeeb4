//! A curve over time, thinned for the screen without losing its extremes.
//!
//! A pyramid of buckets: each level sums four buckets of the one below by their lowest and highest
//! point. Drawing the finest level with at most two points a pixel never hides that a limit was
//! crossed, which averaging would.

use crate::stats::Interval;

/// One point of a curve; a value of NaN is a gap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Seconds since the start.
    pub at: f64,
    pub value: f64,
    /// How sure the value is; empty where nothing is known about that.
    pub band: Option<Interval>,
}

impl Sample {
    pub fn gap(at: f64) -> Self {
        Self { at, value: f64::NAN, band: None }
    }
}

/// Neighbouring samples by their extremes.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bucket {
    start: f64,
    /// `(time, value)` of the lowest and of the highest sample.
    lowest: (f64, f64),
    highest: (f64, f64),
    band: Option<Interval>,
}

impl Bucket {
    fn of(sample: &Sample) -> Self {
        let point = (sample.at, sample.value);
        Self { start: sample.at, lowest: point, highest: point, band: sample.band }
    }

    fn is_gap(&self) -> bool {
        self.lowest.1.is_nan()
    }

    fn merged(buckets: &[Self]) -> Option<Self> {
        let start = buckets.first()?.start;
        let mut sum = *buckets.iter().find(|bucket| !bucket.is_gap()).unwrap_or(buckets.first()?);
        for bucket in buckets.iter().filter(|bucket| !bucket.is_gap()) {
            if bucket.lowest.1 < sum.lowest.1 {
                sum.lowest = bucket.lowest;
            }
            if bucket.highest.1 > sum.highest.1 {
                sum.highest = bucket.highest;
            }
            sum.band = match (sum.band, bucket.band) {
                (Some(a), Some(b)) => Some(Interval::new(a.low.min(b.low), a.high.max(b.high))),
                (a, b) => a.or(b),
            };
        }
        Some(Self { start, ..sum })
    }
}

/// A curve at every level of detail.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pyramid {
    samples: Vec<Sample>,
    /// The samples themselves, then coarser and coarser.
    levels: Vec<Vec<Bucket>>,
}

/// An unbroken piece of a curve.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Piece {
    pub line: Vec<[f64; 2]>,
    pub times: Vec<f64>,
    pub lows: Vec<f64>,
    pub highs: Vec<f64>,
}

const FAN: usize = 4;

impl Pyramid {
    /// `samples` in the order of time.
    pub fn new(samples: Vec<Sample>) -> Self {
        let mut levels = vec![samples.iter().map(Bucket::of).collect::<Vec<_>>()];
        while let Some(finest) = levels.last().filter(|level| level.len() > FAN) {
            levels.push(finest.chunks(FAN).filter_map(Bucket::merged).collect());
        }
        Self { samples, levels }
    }

    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// The last sample by `until` (in seconds), if that is no gap.
    pub fn value_at(&self, until: f64) -> Option<&Sample> {
        let count = self.samples.partition_point(|sample| sample.at <= until);
        self.samples.get(count.checked_sub(1)?).filter(|sample| !sample.value.is_nan())
    }

    /// When the curve begins.
    pub fn begins(&self) -> Option<f64> {
        self.samples.iter().find(|sample| !sample.value.is_nan()).map(|sample| sample.at)
    }

    /// What to draw from `from` until `until` (seconds) with at most two points for each of
    /// `pixels`, in pieces between gaps.
    pub fn pieces(&self, pixels: usize, from: f64, until: f64) -> Vec<Piece> {
        let most = pixels.max(1) * 2;
        let fits = |(level, buckets): &(usize, &Vec<Bucket>)| {
            within(buckets, from, until).len() * if *level == 0 { 1 } else { 2 } <= most
        };
        let found = self.levels.iter().enumerate().find(fits);
        let Some((level, buckets)) = found.or(self.levels.iter().enumerate().next_back()) else {
            return Vec::new();
        };
        let mut pieces = vec![Piece::default()];
        for bucket in within(buckets, from, until) {
            match pieces.last_mut() {
                Some(piece) if !bucket.is_gap() => piece.add(bucket, level > 0),
                _ => pieces.push(Piece::default()),
            }
        }
        pieces.retain(|piece| !piece.line.is_empty());
        pieces
    }
}

/// The buckets that begin in a stretch of time.
fn within(buckets: &[Bucket], from: f64, until: f64) -> &[Bucket] {
    let first = buckets.partition_point(|bucket| bucket.start < from);
    let end = buckets.partition_point(|bucket| bucket.start <= until);
    buckets.get(first..end).unwrap_or_default()
}

impl Piece {
    fn add(&mut self, bucket: &Bucket, has_two_points: bool) {
        let (mut first, mut second) = (bucket.lowest, bucket.highest);
        if first.0 > second.0 {
            std::mem::swap(&mut first, &mut second);
        }
        self.line.push([first.0, first.1]);
        if has_two_points && second != first {
            self.line.push([second.0, second.1]);
        }
        if let Some(band) = bucket.band {
            self.times.push(first.0);
            self.lows.push(band.low);
            self.highs.push(band.high);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(count: usize) -> Pyramid {
        let sample = |k: usize| Sample {
            at: k as f64,
            value: if k == 7_777 { 50.0 } else { (k as f64 / 100.0).sin() },
            band: Some(Interval::new(-2.0, 2.0)),
        };
        Pyramid::new((0..count).map(sample).collect())
    }

    #[test]
    fn never_more_than_two_points_a_pixel_and_no_extreme_lost() {
        let pyramid = sine(20_000);
        for pixels in [3, 100, 400, 20_000] {
            let pieces = pyramid.pieces(pixels, 0.0, f64::INFINITY);
            let points: Vec<f64> = pieces.iter().flat_map(|p| &p.line).map(|xy| xy[1]).collect();
            assert!(points.len() <= (pixels * 2).max(8), "{} at {pixels}", points.len());
            assert!(points.contains(&50.0), "the spike is gone at {pixels} pixels");
        }
    }

    #[test]
    fn a_closer_look_shows_more_of_less() {
        let pyramid = sine(20_000);
        let count = |from: f64, until: f64| {
            let pieces = pyramid.pieces(100, from, until);
            pieces.iter().map(|piece| piece.line.len()).sum::<usize>()
        };
        assert!(count(0.0, 20_000.0) <= 200);
        assert_eq!(count(5_000.0, 5_099.0), 100, "every sample of a hundred");
    }

    #[test]
    fn times_run_forwards_and_stop_at_the_cursor() {
        let pieces = sine(5_000).pieces(200, 0.0, 2_500.0);
        let times: Vec<f64> = pieces.iter().flat_map(|p| &p.line).map(|xy| xy[0]).collect();
        assert!(times.is_sorted());
        assert!(times.last().is_some_and(|last| (2_400.0..2_600.0).contains(last)));
    }

    #[test]
    fn a_gap_breaks_the_line() {
        let value = |at, value| Sample { at, value, band: None };
        let samples = vec![Sample::gap(0.0), value(1.0, 1.0), Sample::gap(2.0), value(3.0, 2.0)];
        let pyramid = Pyramid::new(samples);
        let lines: Vec<_> =
            pyramid.pieces(100, 0.0, 9.0).into_iter().map(|piece| piece.line).collect();
        assert_eq!(lines, [vec![[1.0, 1.0]], vec![[3.0, 2.0]]]);
        assert_eq!(pyramid.begins(), Some(1.0));
        assert_eq!(pyramid.value_at(2.5), None);
        assert_eq!(pyramid.value_at(4.0).map(|sample| sample.value), Some(2.0));
        assert!(Pyramid::new(Vec::new()).pieces(10, 0.0, 9.0).is_empty());
    }
}
