//! The stream of requests: when they come, which rows they carry, who sends them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SimSpan;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Traffic {
    pub arrivals: Arrivals,
    /// How long the stream lasts. Recorded arrivals may end it earlier.
    pub duration: SimSpan,
    pub rows: RowOrder,
    pub units: Units,
    pub label_delay: LabelDelay,
}

impl Default for Traffic {
    fn default() -> Self {
        Self {
            arrivals: Arrivals::default(),
            duration: SimSpan::from_secs(600),
            rows: RowOrder::default(),
            units: Units::default(),
            label_delay: LabelDelay::default(),
        }
    }
}

/// When requests arrive. The loop is open: nobody waits for an answer before the next request comes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Arrivals {
    /// The dataset's time column, `speed_up` times faster.
    Recorded {
        #[serde(default = "one")]
        speed_up: f64,
    },
    /// A file (CSV or Parquet) with one arrival a row.
    Trace {
        path: String,
        column: String,
        /// What one unit of the column is: `1s`, `1ms`, …; time columns need none.
        #[serde(default = "one_milli")]
        unit: SimSpan,
        #[serde(default = "one")]
        speed_up: f64,
    },
    Poisson {
        per_second: f64,
    },
    Constant {
        per_second: f64,
    },
    /// Poisson arrivals at `per_second`, and at `burst_per_second` for `lasts` in every `every`.
    Bursts {
        per_second: f64,
        burst_per_second: f64,
        every: SimSpan,
        lasts: SimSpan,
    },
    /// Poisson arrivals whose rate swings like a sine between `trough` and `peak` once a `period`,
    /// starting at the trough.
    DailyWave {
        trough: f64,
        peak: f64,
        period: SimSpan,
    },
}

fn one() -> f64 {
    1.0
}

fn one_milli() -> SimSpan {
    SimSpan::from_millis(1)
}

impl Default for Arrivals {
    fn default() -> Self {
        Self::Poisson { per_second: 40.0 }
    }
}

impl Arrivals {
    /// The mean rate per second over one period, where it is known without the data.
    pub fn mean_rate(&self) -> Option<f64> {
        match self {
            Self::Recorded { .. } | Self::Trace { .. } => None,
            Self::Poisson { per_second } | Self::Constant { per_second } => Some(*per_second),
            Self::Bursts { per_second, burst_per_second, every, lasts } => {
                let share = lasts.as_secs_f64() / every.as_secs_f64();
                Some(per_second * (1.0 - share) + burst_per_second * share)
            }
            Self::DailyWave { trough, peak, .. } => Some((trough + peak) / 2.0),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowOrder {
    /// By the time column where there is one, else as in the file; from the start again at the end.
    #[default]
    InOrder,
    /// A new permutation on each pass through the dataset.
    Shuffled,
    /// Each request draws its row, with replacement.
    Sampled,
}

/// Who sends a request. A unit always meets the same arm while the weights stand still.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Units {
    /// The dataset's user column; without one each row is a unit of its own.
    #[default]
    Column,
    /// Each request is a unit of its own: nothing is sticky.
    Request,
    /// So many made-up users, each request from one of them at random.
    Synthetic(u32),
}

/// How long after the answer the true label becomes known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LabelDelay {
    #[default]
    None,
    Constant(SimSpan),
    Exponential {
        mean: SimSpan,
    },
}
