//! How numbers are written for a person: in which units.

use serde::{Deserialize, Serialize};

use super::{Metric, SimTime};

/// The units that a person reads numbers in. Reports and the command line keep to the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Notation {
    pub latency: LatencyUnit,
    pub rate: RateUnit,
    pub time: TimeUnit,
}

/// Of latencies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LatencyUnit {
    #[default]
    Millis,
    Secs,
}

/// Of metrics that are shares, such as accuracy and the error rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateUnit {
    #[default]
    Percent,
    /// 0 to 1.
    Fraction,
}

/// Of moments of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    /// As a clock shows them.
    #[default]
    Clock,
    Secs,
}

/// One choice of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Latency(LatencyUnit),
    Rate(RateUnit),
    Time(TimeUnit),
}

impl Unit {
    pub const ALL: [Self; 6] = [
        Self::Latency(LatencyUnit::Millis),
        Self::Latency(LatencyUnit::Secs),
        Self::Rate(RateUnit::Percent),
        Self::Rate(RateUnit::Fraction),
        Self::Time(TimeUnit::Clock),
        Self::Time(TimeUnit::Secs),
    ];

    /// What is written in it, and an example.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Latency(LatencyUnit::Millis) => ("Latencies", "41 ms"),
            Self::Latency(LatencyUnit::Secs) => ("Latencies", "0.041 s"),
            Self::Rate(RateUnit::Percent) => ("Rates", "91.2 %"),
            Self::Rate(RateUnit::Fraction) => ("Rates", "0.912"),
            Self::Time(TimeUnit::Clock) => ("Times", "02:18"),
            Self::Time(TimeUnit::Secs) => ("Times", "138 s"),
        }
    }

    /// Whether `notation` writes in it.
    pub fn is_in(self, notation: Notation) -> bool {
        notation.with(self) == notation
    }
}

impl Notation {
    /// The same with another unit.
    pub fn with(self, unit: Unit) -> Self {
        match unit {
            Unit::Latency(latency) => Self { latency, ..self },
            Unit::Rate(rate) => Self { rate, ..self },
            Unit::Time(time) => Self { time, ..self },
        }
    }

    /// What a value of `metric` is multiplied by to be read in its [`Self::unit`].
    pub fn factor(self, metric: Metric) -> f64 {
        if metric.is_share() && self.rate == RateUnit::Percent {
            100.0
        } else if metric.is_latency() && self.latency == LatencyUnit::Secs {
            1e-3
        } else {
            1.0
        }
    }

    /// The sign behind a value of `metric`; empty where it has none.
    pub fn unit(self, metric: Metric) -> &'static str {
        match (self.rate, self.latency) {
            (RateUnit::Percent, _) if metric.is_share() => "%",
            (_, LatencyUnit::Millis) if metric.is_latency() => "ms",
            (_, LatencyUnit::Secs) if metric.is_latency() => "s",
            _ => "",
        }
    }

    /// A value with its unit: `1.8 %`, `41 ms`, `0.91`.
    pub fn value(self, metric: Metric, value: f64) -> String {
        let read = value * self.factor(metric);
        let places = match self.unit(metric) {
            "%" => 2,
            "ms" if read.abs() >= 10.0 => 1,
            "ms" if read.abs() >= 0.1 => 2,
            "ms" => 3,
            "s" if read.abs() >= 1e-3 => 3,
            "s" => 6,
            _ if metric.is_share() => 4,
            _ if matches!(metric, Metric::Requests | Metric::QueueLength) => 0,
            _ if metric == Metric::Score => 2,
            _ if metric.is_comparison() => 4,
            _ => 3,
        };
        with_unit(&trim_zeros(read, places), self.unit(metric))
    }

    /// A signed difference with its unit: `+1.8 pts`, `−17 ms`.
    pub fn delta(self, metric: Metric, delta: f64) -> String {
        let sign = if delta < 0.0 { "−" } else { "+" };
        let size = self.value(metric, delta.abs());
        // A difference of percentages is no percentage.
        format!("{sign}{}", size.replace('%', "pts"))
    }

    /// A moment of a run: `02:18`, or `138 s`.
    pub fn time(self, at: SimTime) -> String {
        match self.time {
            TimeUnit::Clock => at.clock(),
            TimeUnit::Secs => format!("{} s", at.micros() / 1_000_000),
        }
    }
}

fn with_unit(number: &str, unit: &str) -> String {
    if unit.is_empty() { number.to_owned() } else { format!("{number} {unit}") }
}

/// `value` with at most `places` decimals and no zeros at the end.
fn trim_zeros(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_carry_their_unit() {
        let usual = Notation::default();
        assert_eq!(usual.value(Metric::ErrorRate, 0.018), "1.8 %");
        assert_eq!(usual.value(Metric::LatencyP95, 41.04), "41 ms");
        assert_eq!(usual.value(Metric::LatencyP95, 0.031), "0.031 ms");
        assert_eq!(usual.delta(Metric::Accuracy, -0.0125), "−1.25 pts");
        assert_eq!(usual.value(Metric::RocAuc, 0.91), "0.91");
        assert_eq!(usual.value(Metric::Requests, 1200.0), "1200");
        assert_eq!(usual.time(SimTime::from_secs(138)), "02:18");
    }

    #[test]
    fn other_units_are_other_texts_of_the_same_numbers() {
        let other =
            Notation { latency: LatencyUnit::Secs, rate: RateUnit::Fraction, time: TimeUnit::Secs };
        assert_eq!(other.value(Metric::ErrorRate, 0.018), "0.018");
        assert_eq!(other.value(Metric::LatencyP95, 41.04), "0.041 s");
        assert_eq!(other.value(Metric::LatencyP95, 0.031), "0.000031 s");
        assert_eq!(other.delta(Metric::LatencyP95, -1240.0), "−1.24 s");
        assert_eq!(other.delta(Metric::Accuracy, 0.0125), "+0.0125");
        assert_eq!(other.time(SimTime::from_secs(138)), "138 s");
    }
}
