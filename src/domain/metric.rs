//! The metrics of a window: names, units, and which direction is good.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Notation;

/// A number that can be read off any window of any arm.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    Requests,
    /// Share of the live requests that this arm got.
    Share,
    /// Failed requests (errors, time-outs, turned away) over all.
    ErrorRate,
    TimeoutRate,
    LatencyMean,
    LatencyP50,
    LatencyP90,
    LatencyP95,
    LatencyP99,
    QueueLength,
    Utilisation,
    Accuracy,
    Precision,
    Recall,
    F1,
    RocAuc,
    PrAuc,
    LogLoss,
    Brier,
    Rmse,
    Mae,
    R2,
    /// Share of the answers that equal the baseline's on the same row.
    Agreement,
    /// Sum of the value column over answered requests.
    Value,
    /// Cost of wrong answers and failed requests.
    Cost,
    /// Mean of the candidate's answers "yes".
    PositiveRate,
    /// What a judge makes of several metrics, 0 to 100; only gates with a judge have it.
    Score,
    /// How probable the split of the requests is if the arms get what they should (a p-value). This
    /// and what follows are for gates alone: they are about both arms.
    Split,
    /// Distances of the distribution of the candidate's answers from that of the baseline's: the
    /// population stability index,
    Psi,
    /// Jensen and Shannon's divergence in nats,
    JensenShannon,
    /// the largest difference of the distribution functions (Kolmogorov, Smirnov),
    Ks,
    /// and the area between them, in units of the score (Wasserstein).
    Wasserstein,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Higher,
    Lower,
    Neither,
}

impl Metric {
    /// Those that can be read off a window.
    pub const ALL: [Self; 26] = [
        Self::Requests,
        Self::Share,
        Self::ErrorRate,
        Self::TimeoutRate,
        Self::LatencyMean,
        Self::LatencyP50,
        Self::LatencyP90,
        Self::LatencyP95,
        Self::LatencyP99,
        Self::QueueLength,
        Self::Utilisation,
        Self::Accuracy,
        Self::Precision,
        Self::Recall,
        Self::F1,
        Self::RocAuc,
        Self::PrAuc,
        Self::LogLoss,
        Self::Brier,
        Self::Rmse,
        Self::Mae,
        Self::R2,
        Self::Agreement,
        Self::Value,
        Self::Cost,
        Self::PositiveRate,
    ];

    /// Those that compare the arms with one another, which only gates do.
    pub const COMPARISONS: [Self; 5] =
        [Self::Split, Self::Psi, Self::JensenShannon, Self::Ks, Self::Wasserstein];

    /// What an answer can earn in a bandit: shares of answers, and means whose scatter is counted.
    pub const REWARDS: [Self; 6] = [
        Self::Accuracy,
        Self::PositiveRate,
        Self::ErrorRate,
        Self::TimeoutRate,
        Self::Mae,
        Self::LatencyMean,
    ];

    /// True if it has no value in one arm alone.
    pub fn is_comparison(self) -> bool {
        Self::COMPARISONS.contains(&self)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Requests => "Requests",
            Self::Share => "Traffic share",
            Self::ErrorRate => "Error rate",
            Self::TimeoutRate => "Timeout rate",
            Self::LatencyMean => "Mean latency",
            Self::LatencyP50 => "p50 latency",
            Self::LatencyP90 => "p90 latency",
            Self::LatencyP95 => "p95 latency",
            Self::LatencyP99 => "p99 latency",
            Self::QueueLength => "Longest queue",
            Self::Utilisation => "Utilisation",
            Self::Accuracy => "Accuracy",
            Self::Precision => "Precision",
            Self::Recall => "Recall",
            Self::F1 => "F1",
            Self::RocAuc => "ROC AUC",
            Self::PrAuc => "PR AUC",
            Self::LogLoss => "Log loss",
            Self::Brier => "Brier score",
            Self::Rmse => "RMSE",
            Self::Mae => "MAE",
            Self::R2 => "R²",
            Self::Agreement => "Agreement with A",
            Self::Value => "Value",
            Self::Cost => "Cost of mistakes",
            Self::PositiveRate => "Positive rate",
            Self::Score => "Score",
            Self::Split => "Split as planned (p)",
            Self::Psi => "PSI",
            Self::JensenShannon => "Jensen–Shannon",
            Self::Ks => "Kolmogorov–Smirnov",
            Self::Wasserstein => "Wasserstein",
        }
    }

    pub fn direction(self) -> Direction {
        match self {
            Self::Accuracy
            | Self::Precision
            | Self::Recall
            | Self::F1
            | Self::RocAuc
            | Self::PrAuc
            | Self::R2
            | Self::Value
            | Self::Score
            | Self::Split => Direction::Higher,
            Self::Requests
            | Self::Share
            | Self::Agreement
            | Self::Utilisation
            | Self::PositiveRate => Direction::Neither,
            _ => Direction::Lower,
        }
    }

    /// True for shares that people read in percent.
    pub fn is_share(self) -> bool {
        matches!(
            self,
            Self::Share
                | Self::ErrorRate
                | Self::TimeoutRate
                | Self::Utilisation
                | Self::Accuracy
                | Self::Precision
                | Self::Recall
                | Self::F1
                | Self::Agreement
                | Self::PositiveRate
        )
    }

    /// True for times, which are kept in milliseconds.
    pub fn is_latency(self) -> bool {
        matches!(
            self,
            Self::LatencyMean
                | Self::LatencyP50
                | Self::LatencyP90
                | Self::LatencyP95
                | Self::LatencyP99
        )
    }

    /// True if it can only be known once labels are.
    pub fn needs_labels(self) -> bool {
        matches!(
            self,
            Self::Accuracy
                | Self::Precision
                | Self::Recall
                | Self::F1
                | Self::RocAuc
                | Self::PrAuc
                | Self::LogLoss
                | Self::Brier
                | Self::Rmse
                | Self::Mae
                | Self::R2
                | Self::Cost
        )
    }

    /// A value with its unit as reports write it: `1.8 %`, `41 ms`, `0.91`.
    pub fn format(self, value: f64) -> String {
        Notation::default().value(self, value)
    }

    /// A signed difference with its unit as reports write it: `+1.8 pts`, `−17 ms`.
    pub fn format_delta(self, delta: f64) -> String {
        Notation::default().delta(self, delta)
    }
}
