//! What stands behind a gate that compares the arms with one another.

use serde::{Deserialize, Serialize};

use super::{ArmId, Metric, grouped};

/// A distance between two arms, or how probable their split is; it follows the measurement in the
/// recording.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// The gate's place in the plan.
    pub gate: u16,
    pub arm: ArmId,
    pub metric: Metric,
    pub value: f64,
    /// Observations of the baseline and of the candidate.
    pub n: [u64; 2],
    /// How probable so large a distance is by chance alone, where that is a question.
    pub p: Option<f64>,
}

/// A distance that is larger than a gate allows counts only if chance makes it this rare.
pub const BY_CHANCE: f64 = 0.01;

impl Compared {
    /// True if chance alone may explain it.
    pub fn may_be_chance(&self) -> bool {
        self.p.is_some_and(|p| p > BY_CHANCE)
    }

    /// `PSI 0.31 between the arms' answers, p < 0.0001 by chance, n 9,120 and 1,013`
    pub fn sentence(&self) -> String {
        let [baseline, candidate] = self.n.map(grouped);
        let value = format!("{} {}", self.metric.label(), self.metric.format(self.value));
        let what = match self.metric {
            Metric::Split => format!("{value}, chi-square per stage"),
            _ => format!("{value} between the arms' answers"),
        };
        let chance = match self.p {
            Some(p) if p < 0.0001 => ", p < 0.0001 by chance".to_owned(),
            Some(p) => format!(", p {p:.4} by chance"),
            None => String::new(),
        };
        format!("{what}{chance}, n {baseline} and {candidate}")
    }
}
