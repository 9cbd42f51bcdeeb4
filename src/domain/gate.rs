//! Gates: the checks that a rollout must pass, with the limits that controllers know.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ArmId, Correction, Judge, Metric, Notation, SimSpan, Test};

/// A metric of the candidate, measured on a schedule and held against a condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Gate {
    pub name: String,
    pub metric: Metric,
    /// The measurement passes when this holds.
    pub pass_when: Option<Condition>,
    /// It fails when this holds. With both, neither holding is inconclusive; with none it passes.
    pub fail_when: Option<Condition>,
    /// Weighs chance: a condition then counts only once it surely holds or surely does not. Empty:
    /// the bare value decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<Test>,
    /// With which other gates it shares the chance of a false alarm.
    #[serde(skip_serializing_if = "Correction::is_none")]
    pub correction: Correction,
    /// Judges several metrics into a score instead of looking at one; `metric` is then `score`, and
    /// there are no conditions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judge: Option<Judge>,
    /// From the end of one measurement to the next.
    pub interval: SimSpan,
    /// The stretch of time that one measurement looks at; empty: the interval. It never reaches
    /// back across a change of weight.
    pub window: Option<SimSpan>,
    /// Stop successfully after so many measurements; empty: measure as long as the stage lasts.
    pub count: Option<u32>,
    pub initial_delay: SimSpan,
    /// So many failures are tolerated; one more fails the gate. Empty: failures never do.
    pub failure_limit: Option<u32>,
    /// So many inconclusive measurements are tolerated.
    pub inconclusive_limit: u32,
    /// So many errors in a row are tolerated.
    pub error_limit: u32,
    /// Pass after so many successes in a row; empty: off.
    pub success_limit: Option<u32>,
    /// Below this many requests (labelled ones for a quality metric) in either arm that takes part,
    /// there is no evidence.
    pub min_samples: u64,
    /// Held for lack of evidence so many times in a row, a measurement becomes inconclusive.
    pub max_hold: u32,
    /// What a measurement without evidence, or without a value (NaN), counts as.
    pub on_no_data: Answer,
    /// What an inconclusive gate does to the rollout.
    pub on_inconclusive: Reaction,
    /// What a failed gate does to the rollout.
    pub on_failure: Reaction,
    /// What a gate that got no answer (`error_limit` passed) does to the rollout.
    pub on_error: Reaction,
    /// The stage (counted from 1) from which it measures.
    pub from_stage: u32,
    /// Measure only within this stage, and let it end only when the gate has concluded.
    pub only_stage: Option<u32>,
    /// Measured and shown, but without effect.
    pub dry_run: bool,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            name: String::new(),
            metric: Metric::ErrorRate,
            pass_when: None,
            fail_when: None,
            test: None,
            correction: Correction::None,
            judge: None,
            interval: SimSpan::from_secs(60),
            window: None,
            count: None,
            initial_delay: SimSpan::ZERO,
            failure_limit: Some(0),
            inconclusive_limit: 0,
            error_limit: 4,
            success_limit: None,
            min_samples: 100,
            max_hold: 10,
            on_no_data: Answer::Hold,
            on_inconclusive: Reaction::Pause,
            on_failure: Reaction::Abort,
            on_error: Reaction::Abort,
            from_stage: 1,
            only_stage: None,
            dry_run: false,
        }
    }
}

impl Gate {
    /// The stretch of time one measurement looks at.
    pub fn span(&self) -> SimSpan {
        self.window.unwrap_or(self.interval)
    }

    /// True if it compares with the baseline, and so is blind without one.
    pub fn needs_baseline(&self) -> bool {
        let conditions = [self.pass_when, self.fail_when];
        self.judge.is_some()
            || self.metric.is_comparison()
            || conditions.iter().flatten().any(|c| c.needs_baseline())
    }

    /// A failed query is asked again after this time, as Argo does.
    pub const ERROR_RETRY: SimSpan = SimSpan::from_secs(10);
}

/// A limit on a metric's value in the candidate arm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    AtMost(f64),
    AtLeast(f64),
    /// At most this many times the baseline's value.
    AtMostTimesBaseline(f64),
    /// At least this many times the baseline's value.
    AtLeastTimesBaseline(f64),
    /// At most this much above the baseline's value.
    AtMostAboveBaseline(f64),
    /// At most this much below the baseline's value.
    AtMostBelowBaseline(f64),
}

impl Condition {
    pub fn needs_baseline(self) -> bool {
        !matches!(self, Self::AtMost(_) | Self::AtLeast(_))
    }

    /// The number a person wrote.
    pub fn number(self) -> f64 {
        match self {
            Self::AtMost(x)
            | Self::AtLeast(x)
            | Self::AtMostTimesBaseline(x)
            | Self::AtLeastTimesBaseline(x)
            | Self::AtMostAboveBaseline(x)
            | Self::AtMostBelowBaseline(x) => x,
        }
    }

    /// True if larger values of the metric are the dangerous ones.
    pub fn is_upper(self) -> bool {
        matches!(
            self,
            Self::AtMost(_) | Self::AtMostTimesBaseline(_) | Self::AtMostAboveBaseline(_)
        )
    }

    /// The limit in the metric's own unit, given the baseline's value where it is needed.
    pub fn limit(self, baseline: Option<f64>) -> Option<f64> {
        match self {
            Self::AtMost(x) | Self::AtLeast(x) => Some(x),
            Self::AtMostTimesBaseline(x) | Self::AtLeastTimesBaseline(x) => Some(x * baseline?),
            Self::AtMostAboveBaseline(x) => Some(baseline? + x),
            Self::AtMostBelowBaseline(x) => Some(baseline? - x),
        }
    }

    /// Whether `value` satisfies the condition; `None` if the baseline's value is needed and missing.
    pub fn holds(self, value: f64, baseline: Option<f64>) -> Option<bool> {
        let limit = self.limit(baseline)?;
        Some(if self.is_upper() { value <= limit } else { value >= limit })
    }

    /// `≤ 2 %`, `≥ 0.98 × baseline`, …
    pub fn sentence(self, metric: Metric, notation: Notation) -> String {
        let number = |x| notation.value(metric, x);
        match self {
            Self::AtMost(x) => format!("≤ {}", number(x)),
            Self::AtLeast(x) => format!("≥ {}", number(x)),
            Self::AtMostTimesBaseline(x) => format!("≤ {x} × baseline"),
            Self::AtLeastTimesBaseline(x) => format!("≥ {x} × baseline"),
            Self::AtMostAboveBaseline(x) => format!("≤ baseline + {}", number(x)),
            Self::AtMostBelowBaseline(x) => format!("≥ baseline − {}", number(x)),
        }
    }
}

/// What a measurement without a usable value counts as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Pass,
    Fail,
    Inconclusive,
    Error,
    /// Wait for more, at most `max_hold` times, then inconclusive.
    #[default]
    Hold,
}

/// What a concluded gate does to the rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    Continue,
    /// Wait where it is for a person.
    Pause,
    /// Traffic back to the baseline now.
    Abort,
}

/// The verdict of one measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Pass,
    /// Too little evidence yet; does not count.
    Hold,
    Inconclusive,
    /// The query got no answer.
    Error,
    Fail,
}

impl Verdict {
    pub fn label(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Hold => "not enough data",
            Self::Inconclusive => "inconclusive",
            Self::Error => "no answer",
            Self::Fail => "fail",
        }
    }
}

/// One measurement of one gate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// The gate's place in the plan.
    pub gate: u16,
    pub arm: ArmId,
    pub value: Option<f64>,
    pub baseline: Option<f64>,
    /// The limit in the metric's unit at this moment.
    pub limit: Option<f64>,
    /// Requests (labelled ones for a quality metric) behind `value`.
    pub samples: u64,
    pub verdict: Verdict,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_hold_at_their_limit() {
        let holds = |condition: Condition, value, baseline| condition.holds(value, baseline);
        assert_eq!(holds(Condition::AtMost(0.02), 0.02, None), Some(true));
        assert_eq!(holds(Condition::AtLeast(0.9), 0.89, None), Some(false));
        assert_eq!(holds(Condition::AtMostTimesBaseline(1.5), 60.0, Some(40.0)), Some(true));
        assert_eq!(holds(Condition::AtMostBelowBaseline(0.01), 0.88, Some(0.9)), Some(false));
        assert_eq!(holds(Condition::AtLeastTimesBaseline(0.9), 1.0, None), None);
    }
}
