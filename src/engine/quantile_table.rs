//! One form for every distribution of durations: a table of quantiles that is drawn from in a few
//! nanoseconds, and to the same bits on every machine.

use crate::domain::{Latency, LatencyProfile, SimSpan};

/// Cells per halving of the upper tail: the table is finer where long durations are rare.
const CELL_BITS: u32 = 6;
/// The tail is followed down to 2⁻³³, the finest that a 32-bit draw can tell.
const OCTAVES: usize = 33;
const CELLS: usize = OCTAVES << CELL_BITS;

/// Places for cells: a power of two, so that a masked index needs no check.
const PLACES: usize = CELLS.next_power_of_two();

/// Quantiles at fixed upper-tail probabilities, linear in between.
#[derive(Clone, Debug)]
pub(super) struct QuantileTable {
    cells: Box<[Cell; PLACES]>,
}

/// The value at a cell's lower edge (in probability), and how much it grows up to the upper one.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    low: f32,
    growth: f32,
}

/// The upper-tail probability of a knot.
fn tail_of(knot: usize) -> f64 {
    let (octave, cell) = (knot >> CELL_BITS, knot & ((1 << CELL_BITS) - 1));
    let low = (-(OCTAVES as f64) + octave as f64).exp2();
    low * (1.0 + cell as f64 / f64::from(1 << CELL_BITS))
}

impl QuantileTable {
    /// From a function that gives the value exceeded with probability `tail` (0 < tail ≤ 1).
    pub fn from_tail(mut value: impl FnMut(f64) -> f64) -> Self {
        Self::from_knots(|knot| value(tail_of(knot)).max(0.0) as f32)
    }

    fn from_knots(mut value: impl FnMut(usize) -> f32) -> Self {
        let mut cells = Box::new([Cell::default(); PLACES]);
        for (cell, knot) in cells.iter_mut().zip(0..=CELLS) {
            cell.low = value(knot);
        }
        for knot in 0..CELLS {
            cells[knot].growth = cells[knot + 1].low - cells[knot].low;
        }
        Self { cells }
    }

    /// Exponential with mean 1: −ln(tail).
    pub fn exponential() -> Self {
        Self::from_tail(|tail| -libm::log(tail))
    }

    /// Evenly spaced sorted quantiles from the minimum to the maximum.
    pub fn from_quantiles(quantiles: &[f64]) -> Self {
        let last = quantiles.len().saturating_sub(1);
        Self::from_tail(|tail| {
            let at = (1.0 - tail) * last as f64;
            let low = (at as usize).min(last);
            let (a, b) = (quantiles[low], quantiles[(low + 1).min(last)]);
            a + (b - a) * (at - low as f64)
        })
    }

    fn scaled(&self, factor: f64, add: f64) -> Self {
        Self::from_knots(|knot| (f64::from(self.cells[knot].low) * factor + add) as f32)
    }

    /// The value for a 32-bit draw.
    #[inline(always)]
    pub fn at(&self, draw: u32) -> f32 {
        // (draw + ½) / 2³² lies in [2⁻³³, 1); exponent and leading mantissa bits name the cell.
        let bits = (f64::from(draw) + 0.5).to_bits();
        let base = (1023 - 1) << CELL_BITS;
        let cell = ((bits >> (52 - CELL_BITS)) as usize).wrapping_sub(base);
        let fraction = ((bits << (12 + CELL_BITS)) >> 40) as i32 as f32 * (1.0 / 16_777_216.0);
        let Cell { low, growth } = self.cells[cell & (PLACES - 1)];
        low + growth * fraction
    }

    /// The mean: exact for the piecewise linear table.
    #[cfg(test)]
    pub fn mean(&self) -> f64 {
        let cells = self.cells[..CELLS].iter().zip(0..);
        let inside: f64 = cells
            .map(|(cell, knot)| {
                let width = tail_of(knot + 1) - tail_of(knot);
                width * (f64::from(cell.low) + f64::from(cell.growth) / 2.0)
            })
            .sum();
        inside + tail_of(0) * f64::from(self.cells[0].low)
    }
}

/// The service times in microseconds that a plan gives an arm; `None` if it asks for measured ones
/// and there are none.
pub(super) fn service_times(
    latency: &Latency,
    profile: &LatencyProfile,
    samples: Option<&[f64]>,
) -> Option<QuantileTable> {
    let micros = |span: SimSpan| span.micros() as f64;
    match latency {
        Latency::Measured { scale, overhead } => profile.is_measured().then(|| {
            QuantileTable::from_quantiles(&profile.single_row).scaled(*scale, micros(*overhead))
        }),
        Latency::Constant(span) => Some(QuantileTable::from_tail(|_| micros(*span))),
        Latency::Exponential { mean } => {
            Some(QuantileTable::exponential().scaled(micros(*mean), 0.0))
        }
        Latency::Lognormal { median, p95 } => {
            let ratio = micros(*p95) / micros(*median).max(1.0);
            let sigma = libm::log(ratio.max(1.0)) / NORMAL_P95;
            let value = |tail| micros(*median) * libm::exp(sigma * normal_exceeded(tail));
            Some(QuantileTable::from_tail(value))
        }
        Latency::File(_) => {
            let mut sorted = samples?.to_vec();
            sorted.sort_by(f64::total_cmp);
            (!sorted.is_empty()).then(|| QuantileTable::from_quantiles(&sorted))
        }
    }
}

/// The 95th percentile of the standard normal distribution.
const NORMAL_P95: f64 = 1.644_853_626_951_472_7;

/// The standard normal value that is exceeded with probability `tail`, by bisection of erfc.
fn normal_exceeded(tail: f64) -> f64 {
    let (mut low, mut high) = (-9.0, 9.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        let exceeded = libm::erfc(middle * std::f64::consts::FRAC_1_SQRT_2) / 2.0;
        if exceeded > tail { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use super::super::random::{Concern, Stream};
    use super::*;

    fn sample_mean(table: &QuantileTable, n: u64) -> f64 {
        let stream = Stream::new(11, Concern::Service);
        (0..n).map(|i| f64::from(table.at(stream.bits32(i)))).sum::<f64>() / n as f64
    }

    #[test]
    fn the_exponential_has_its_moments() {
        let table = QuantileTable::exponential();
        assert!((table.mean() - 1.0).abs() < 3e-5, "{}", table.mean());
        let n = 1_000_000;
        // Standard error 0.001.
        assert!((sample_mean(&table, n) - 1.0).abs() < 0.004);
        let stream = Stream::new(5, Concern::Service);
        let beyond = (0..n).filter(|i| table.at(stream.bits32(*i)) > 5.0).count() as f64;
        // P(X > 5) = e⁻⁵ = 0.006738, standard error 0.00008.
        assert!((beyond / n as f64 - 0.006_738).abs() < 0.000_33, "{beyond}");
    }

    #[test]
    fn the_lognormal_meets_its_median_and_p95() {
        let millis = SimSpan::from_millis;
        let latency = Latency::Lognormal { median: millis(18), p95: millis(40) };
        let table = service_times(&latency, &LatencyProfile::default(), None).unwrap();
        let at = |q: f64| table.at(((1.0 - q) * 4_294_967_296.0) as u32);
        assert!((at(0.5) - 18_000.0).abs() < 2.0, "{}", at(0.5));
        assert!((at(0.95) - 40_000.0).abs() < 20.0, "{}", at(0.95));
    }

    #[test]
    fn measured_times_need_a_measurement() {
        assert!(service_times(&Latency::default(), &LatencyProfile::default(), None).is_none());
        let profile = LatencyProfile { single_row: vec![10.0, 20.0, 40.0], ..Default::default() };
        let latency = Latency::Measured { scale: 2.0, overhead: SimSpan::from_micros(5) };
        let table = service_times(&latency, &profile, None).unwrap();
        assert!((table.mean() - 50.0).abs() < 0.2, "{}", table.mean());
    }

    #[test]
    fn extreme_draws_stay_inside() {
        let table = QuantileTable::from_quantiles(&[1.0, 9.0]);
        assert!((table.at(u32::MAX) - 1.0).abs() < 1e-3);
        assert!((table.at(0) - 9.0).abs() < 1e-3);
    }
}
