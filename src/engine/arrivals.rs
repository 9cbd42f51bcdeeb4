//! When requests arrive, chunk by chunk: nothing of the stream is kept.

use std::sync::Arc;

use crate::domain::{Arrivals, SimTime, Traffic};

use super::quantile_table::QuantileTable;
use super::random::{Concern, Stream};

/// Steps per period by which a daily wave is followed.
const WAVE_STEPS: u64 = 1_440;
/// Times are summed in 1024ths of a microsecond, so that rounding does not change a rate.
const FINE: u64 = 1_024;

/// A place in the stream of requests; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct ArrivalCursor {
    source: Source,
    end: u64,
    bursts: Arc<[Burst]>,
    /// Number of the next request.
    index: u64,
}

/// A scripted change of the rate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Burst {
    pub from: u64,
    pub until: u64,
    pub factor: f64,
}

#[derive(Clone, Debug)]
enum Source {
    /// A Poisson process whose rate changes at known times.
    Poisson { gaps: Arc<QuantileTable>, stream: Stream, rate: Rate, at: u64, segment: Segment },
    /// Evenly spaced.
    Constant { rate: Rate, at: u64, segment: Segment },
    /// Given times; under a burst each comes more often, or some are left out.
    Given { times: Arc<[SimTime]>, next: usize, repeat: u64, stream: Stream },
}

/// A stretch of constant rate.
#[derive(Clone, Copy, Debug)]
struct Segment {
    /// In fine units.
    end: u64,
    /// Fine units between two requests; infinite where none come.
    gap: f64,
}

#[derive(Clone, Copy, Debug)]
enum Rate {
    Steady(f64),
    Bursts { low: f64, high: f64, every: u64, lasts: u64 },
    Wave { trough: f64, peak: f64, period: u64 },
}

impl Rate {
    /// Requests per second at `micros`, and until when that holds.
    fn at(self, micros: u64) -> (f64, u64) {
        match self {
            Self::Steady(rate) => (rate, u64::MAX),
            Self::Bursts { low, high, every, lasts } => {
                let begun = micros - micros % every;
                if micros - begun < every - lasts {
                    (low, begun + every - lasts)
                } else {
                    (high, begun + every)
                }
            }
            Self::Wave { trough, peak, period } => {
                let step = (period / WAVE_STEPS).max(1);
                let place = micros / step;
                let phase = (place * step + step / 2) as f64 / period as f64;
                let lift = (1.0 - libm::cos(std::f64::consts::TAU * phase)) / 2.0;
                (trough + (peak - trough) * lift, (place + 1) * step)
            }
        }
    }
}

impl ArrivalCursor {
    /// `given` are the recorded or traced times, for the plans that ask for them.
    pub fn new(
        traffic: &Traffic,
        given: Option<Arc<[SimTime]>>,
        bursts: Arc<[Burst]>,
        seed: u64,
    ) -> Self {
        let stream = Stream::new(seed, Concern::Arrivals);
        let poisson = |rate| Source::Poisson {
            gaps: Arc::new(QuantileTable::exponential()),
            stream,
            rate,
            at: 0,
            segment: Segment { end: 0, gap: f64::INFINITY },
        };
        let source = match traffic.arrivals {
            Arrivals::Poisson { per_second } => poisson(Rate::Steady(per_second)),
            Arrivals::Constant { per_second } => Source::Constant {
                rate: Rate::Steady(per_second),
                at: 0,
                segment: Segment { end: 0, gap: f64::INFINITY },
            },
            Arrivals::Bursts { per_second, burst_per_second, every, lasts } => {
                poisson(Rate::Bursts {
                    low: per_second,
                    high: burst_per_second,
                    every: every.micros().max(1),
                    lasts: lasts.micros(),
                })
            }
            Arrivals::DailyWave { trough, peak, period } => {
                poisson(Rate::Wave { trough, peak, period: period.micros().max(1) })
            }
            Arrivals::Recorded { .. } | Arrivals::Trace { .. } => Source::Given {
                times: given.unwrap_or_default(),
                next: 0,
                repeat: 0,
                stream: Stream::new(seed, Concern::Repeats),
            },
        };
        Self { source, end: traffic.duration.micros(), bursts, index: 0 }
    }

    /// The number of the next request.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Writes the arrival times before `until` into `out` as far as it reaches; returns how many.
    /// A full `out` means that there may be more.
    #[inline(always)]
    pub fn fill(&mut self, until: u64, out: &mut [u64]) -> usize {
        let until = until.min(self.end);
        let first = self.index;
        let count = match &mut self.source {
            Source::Poisson { gaps, stream, rate, at, segment } => {
                let mut next =
                    Next { rate: *rate, bursts: &self.bursts, at: *at, segment: *segment };
                let count = next.fill(until, out, |k| f64::from(gaps.at(stream.bits32(first + k))));
                (*at, *segment) = (next.at, next.segment);
                count
            }
            Source::Constant { rate, at, segment } => {
                let mut next =
                    Next { rate: *rate, bursts: &self.bursts, at: *at, segment: *segment };
                let count = next.fill(until, out, |_| 1.0);
                (*at, *segment) = (next.at, next.segment);
                count
            }
            Source::Given { times, next, repeat, stream } => {
                let mut count = 0;
                while let (Some(time), true) = (times.get(*next), count < out.len()) {
                    let time = time.micros();
                    if time >= until {
                        break;
                    }
                    let factor = factor_at(&self.bursts, time);
                    let copies =
                        (factor + f64::from(stream.bits32(*next as u64)) / 4_294_967_296.0) as u64;
                    if *repeat < copies {
                        out[count] = time;
                        count += 1;
                        *repeat += 1;
                    } else {
                        *repeat = 0;
                        *next += 1;
                    }
                }
                count
            }
        };
        self.index += count as u64;
        count
    }
}

fn factor_at(bursts: &[Burst], micros: u64) -> f64 {
    let active = bursts.iter().filter(|burst| burst.from <= micros && micros < burst.until);
    active.map(|burst| burst.factor).product()
}

/// A gap in fine units.
fn step(gap: f64, mean: f64) -> u64 {
    (gap * mean) as i64 as u64
}

/// Mean gaps (18 hours) up to which [`short_step`] is right: no gap is 33 times as long.
const SHORT: f64 = 70_368_744_177_664.0;

/// [`step`] where the product is below 2⁵². Added to 2⁵², a number's whole part is the lowest bits of
/// the sum: much quicker than a conversion, which must mind every odd value.
#[inline(always)]
fn short_step(gap: f64, mean: f64) -> u64 {
    const SHIFT: f64 = 4_503_599_627_370_496.0;
    let product = gap * mean;
    let sum = product + SHIFT;
    // The sum was rounded to the nearest whole number.
    let is_above = sum - SHIFT > product;
    (sum.to_bits() - SHIFT.to_bits()).wrapping_sub(u64::from(is_above))
}

/// Walks through stretches of constant rate.
struct Next<'a> {
    rate: Rate,
    bursts: &'a [Burst],
    at: u64,
    segment: Segment,
}

impl Next<'_> {
    /// `gap(k)` is the k-th gap in units of the mean gap. A gap that crosses into a stretch of
    /// another rate is continued there with what is left of it: exact for Poisson processes.
    #[inline(always)]
    fn fill(&mut self, until: u64, out: &mut [u64], gap: impl Fn(u64) -> f64) -> usize {
        let until = until.saturating_mul(FINE);
        let mut count = 0;
        while count < out.len() {
            count += self.straight(until, &mut out[count..], |k| gap((count as u64) + k));
            let Some(slot) = out.get_mut(count) else { break };
            let Some(at) = self.across(until, gap(count as u64)) else { break };
            *slot = at / FINE;
            count += 1;
        }
        count
    }

    /// As far as the rate stays the same. Gaps are drawn first and added up afterwards, so that
    /// one draw need not wait for the sum before it.
    #[inline(always)]
    fn straight(&mut self, until: u64, out: &mut [u64], gap: impl Fn(u64) -> f64) -> usize {
        let stop = self.segment.end.min(until);
        let mean = self.segment.gap;
        if mean > SHORT || stop <= self.at {
            return 0;
        }
        // No more draws than will probably be used.
        let expected = ((stop - self.at) as f64 / mean) as usize + 8;
        let most = expected.min(out.len());
        let out = &mut out[..most];
        for (slot, k) in out.iter_mut().zip(0..) {
            *slot = short_step(gap(k), mean);
        }
        for (count, slot) in out.iter_mut().enumerate() {
            let next = self.at + *slot;
            if next >= stop {
                return count;
            }
            self.at = next;
            *slot = next / FINE;
        }
        most
    }

    /// One gap, through as many stretches as it takes; `None` (and nothing moved) if it ends at
    /// `until` or later.
    fn across(&mut self, until: u64, mut left: f64) -> Option<u64> {
        let before = (self.at, self.segment);
        loop {
            let next = self.at.saturating_add(step(left, self.segment.gap));
            if next < self.segment.end {
                self.at = next;
                break;
            }
            if self.segment.end >= until {
                (self.at, self.segment) = before;
                return None;
            }
            left -= (self.segment.end - self.at) as f64 / self.segment.gap;
            left = left.max(0.0);
            self.at = self.segment.end;
            self.segment = self.segment_at(self.at);
        }
        if self.at >= until {
            (self.at, self.segment) = before;
            return None;
        }
        Some(self.at)
    }

    fn segment_at(&self, fine: u64) -> Segment {
        let micros = fine / FINE;
        let (rate, mut end) = self.rate.at(micros);
        for burst in self.bursts {
            for edge in [burst.from, burst.until] {
                if edge > micros {
                    end = end.min(edge);
                }
            }
        }
        let rate = rate * factor_at(self.bursts, micros);
        let gap = if rate > 0.0 { 1e6 * FINE as f64 / rate } else { f64::INFINITY };
        Segment { end: end.saturating_mul(FINE), gap }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SimSpan;

    fn times(
        arrivals: Arrivals,
        secs: u64,
        bursts: &[Burst],
        chunk: usize,
        given: &[u64],
    ) -> Vec<u64> {
        let traffic =
            Traffic { arrivals, duration: SimSpan::from_secs(secs), ..Traffic::default() };
        let given: Arc<[SimTime]> = given.iter().map(|t| SimTime::from_micros(*t)).collect();
        let mut cursor = ArrivalCursor::new(&traffic, Some(given), bursts.into(), 9);
        let (mut all, mut buffer) = (Vec::new(), vec![0; chunk]);
        // Odd segment ends, as controllers cause them.
        let mut until = 0;
        while until < secs * 1_000_000 {
            until += 777_777;
            loop {
                let n = cursor.fill(until, &mut buffer);
                all.extend_from_slice(&buffer[..n]);
                if n < chunk {
                    break;
                }
            }
        }
        assert_eq!(cursor.index(), all.len() as u64);
        all
    }

    #[test]
    fn arrivals_do_not_depend_on_how_they_are_drawn() {
        let poisson = Arrivals::Poisson { per_second: 50.0 };
        let a = times(poisson.clone(), 60, &[], 7, &[]);
        assert_eq!(a, times(poisson, 60, &[], 1_024, &[]));
        assert!(a.is_sorted() && a.iter().all(|t| *t < 60_000_000));
    }

    #[test]
    fn rates_are_met() {
        // Poisson counts scatter by their square root.
        let near = |got: usize, want: f64| {
            assert!((got as f64 - want).abs() < 4.0 * want.sqrt(), "{got} for {want}");
        };
        near(times(Arrivals::Poisson { per_second: 200.0 }, 500, &[], 256, &[]).len(), 100_000.0);
        let wave =
            Arrivals::DailyWave { trough: 0.0, peak: 100.0, period: SimSpan::from_secs(100) };
        let wave = times(wave, 1_000, &[], 256, &[]);
        near(wave.len(), 50_000.0);
        near(wave.iter().filter(|t| **t % 100_000_000 < 25_000_000).count(), 50_000.0 * 0.090_845);
        let bursts = Arrivals::Bursts {
            per_second: 10.0,
            burst_per_second: 100.0,
            every: SimSpan::from_secs(10),
            lasts: SimSpan::from_secs(1),
        };
        near(times(bursts, 1_000, &[], 256, &[]).len(), 19_000.0);
        assert_eq!(
            times(Arrivals::Constant { per_second: 3.0 }, 1_000, &[], 256, &[]).len(),
            3_000
        );
    }

    #[test]
    fn a_burst_multiplies_every_kind_of_arrival() {
        let burst = [Burst { from: 10_000_000, until: 20_000_000, factor: 3.0 }];
        let inside = |times: Vec<u64>| {
            times.iter().filter(|t| (10_000_000..20_000_000).contains(*t)).count() as f64
        };
        let poisson = inside(times(Arrivals::Poisson { per_second: 1_000.0 }, 30, &burst, 64, &[]));
        assert!((poisson / 10_000.0 - 3.0).abs() < 0.1, "{poisson}");
        let given: Vec<u64> = (0..300).map(|k| k * 100_000).collect();
        let recorded = Arrivals::Recorded { speed_up: 1.0 };
        assert_eq!(inside(times(recorded.clone(), 30, &burst, 64, &given)), 300.0);
        assert_eq!(times(recorded, 30, &[], 64, &given), given);
    }
}
