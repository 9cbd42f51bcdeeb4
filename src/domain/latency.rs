//! How long a model takes: what a plan says, and what was measured.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SimSpan;

/// The service time that a plan gives an arm: the time one request keeps one server busy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Latency {
    /// What was measured when the model scored the dataset, times `scale`, plus `overhead`
    /// (network, serialisation, feature look-up).
    Measured {
        #[serde(default = "one")]
        scale: f64,
        #[serde(default)]
        overhead: SimSpan,
    },
    Constant(SimSpan),
    Exponential {
        mean: SimSpan,
    },
    Lognormal {
        median: SimSpan,
        p95: SimSpan,
    },
    /// A CSV file whose first column holds observed service times in milliseconds.
    File(String),
}

fn one() -> f64 {
    1.0
}

impl Default for Latency {
    fn default() -> Self {
        Self::Measured { scale: 1.0, overhead: SimSpan::ZERO }
    }
}

/// Measured service times of a model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LatencyProfile {
    /// Evenly spaced quantiles of one single-row answer in microseconds, from the minimum to the
    /// maximum (101 values are percentiles 0 to 100; finer ones tell more of the tail). Empty: not
    /// measured.
    pub single_row: Vec<f64>,
    /// Median time of one call per batch size, smallest size first.
    pub batches: Vec<BatchTime>,
    /// What it was measured on, for people.
    pub device: String,
    /// Threads that the model could use.
    pub threads: usize,
}

/// The median time of one call with `rows` rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatchTime {
    pub rows: u32,
    pub micros: f64,
}

impl LatencyProfile {
    pub fn is_measured(&self) -> bool {
        !self.single_row.is_empty()
    }

    /// The measured quantile (`0.0..=1.0`) of a single-row answer in microseconds, by linear
    /// interpolation between the stored quantiles.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let last = self.single_row.len().checked_sub(1)?;
        let at = q.clamp(0.0, 1.0) * last as f64;
        let (low, high) = (at.floor() as usize, at.ceil() as usize);
        let (a, b) = (self.single_row.get(low)?, self.single_row.get(high)?);
        Some(a + (b - a) * (at - low as f64))
    }

    /// The mean time of a single-row answer in microseconds, linear between the stored quantiles.
    pub fn mean(&self) -> Option<f64> {
        let (first, last) = (self.single_row.first()?, self.single_row.last()?);
        let inside: f64 = self.single_row.iter().sum::<f64>() - (first + last) / 2.0;
        let gaps = self.single_row.len() - 1;
        Some(if gaps == 0 { *first } else { inside / gaps as f64 })
    }

    /// The time of one call with `rows` rows in microseconds: linear between the measured sizes,
    /// proportional beyond the largest.
    pub fn batch_micros(&self, rows: u32) -> Option<f64> {
        let (first, last) = (self.batches.first()?, self.batches.last()?);
        if rows <= first.rows {
            return Some(first.micros);
        }
        if rows >= last.rows {
            return Some(last.micros * f64::from(rows) / f64::from(last.rows));
        }
        self.batches.windows(2).find_map(|pair| {
            let [a, b] = pair else { return None };
            (rows <= b.rows).then(|| {
                let share = f64::from(rows - a.rows) / f64::from(b.rows - a.rows);
                a.micros + (b.micros - a.micros) * share
            })
        })
    }

    /// Rows per second in the largest measured batch.
    pub fn rows_per_second(&self) -> Option<f64> {
        let last = self.batches.last()?;
        (last.micros > 0.0).then(|| f64::from(last.rows) * 1e6 / last.micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_and_batches_interpolate() {
        let batch = |rows, micros| BatchTime { rows, micros };
        let profile = LatencyProfile {
            single_row: vec![1.0, 2.0, 4.0],
            batches: vec![batch(1, 10.0), batch(8, 24.0), batch(32, 72.0)],
            ..LatencyProfile::default()
        };
        assert_eq!(profile.quantile(0.75), Some(3.0));
        assert_eq!(profile.mean(), Some(2.25));
        assert_eq!(profile.batch_micros(20), Some(48.0));
        assert_eq!(profile.batch_micros(64), Some(144.0));
        assert_eq!(LatencyProfile::default().quantile(0.5), None);
    }
}
