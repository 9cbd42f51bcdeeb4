//! Gates that weigh chance: instead of a bare value, evidence is held against the condition.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ArmId, Metric};

/// How a gate tells a difference from chance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Test {
    pub method: Method,
    /// The chance of a false alarm that is accepted: over the whole run for methods that may be
    /// watched, at each look for the others.
    #[serde(default = "Test::usual_alpha")]
    pub alpha: f64,
}

impl Test {
    fn usual_alpha() -> f64 {
        0.01
    }

    pub fn new(method: Method) -> Self {
        Self { method, alpha: Self::usual_alpha() }
    }
}

/// The statistic behind a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Exact and always valid, for rare events: do failures (or wrong answers) fall on the arms as
    /// their traffic does? On rows that both arms answered: on which of the two do they fall?
    Label,
    /// An always-valid confidence sequence of the distance to the limit, estimated within each
    /// stage and weighted over stages.
    Sequence,
    /// An ordinary interval of the measurement's own window: valid for one look.
    Fixed,
    /// An always-valid test of two latency quantiles.
    Quantile,
    /// The posterior chance that the condition holds; it does not control false alarms when watched.
    Bayes,
    /// An always-valid t test over the gate's own looks, each one value: for every metric of an arm,
    /// how it scatters from look to look taken from the run itself. It needs some ten looks.
    Looks,
    /// An always-valid confidence sequence of the distance to the baseline with users as units, whose
    /// variance the delta method gives: one user who sends many requests is one observation.
    Users,
    /// The same by CUPED: what the baseline would have answered to the same requests, which no
    /// assignment changes, is taken out.
    Cuped,
}

impl Method {
    pub const ALL: [Self; 8] = [
        Self::Label,
        Self::Sequence,
        Self::Users,
        Self::Cuped,
        Self::Looks,
        Self::Fixed,
        Self::Quantile,
        Self::Bayes,
    ];

    pub fn label(self) -> &'static str {
        match self {
            Self::Label => "label test",
            Self::Sequence => "confidence sequence",
            Self::Fixed => "fixed-horizon interval",
            Self::Quantile => "quantile test",
            Self::Bayes => "Bayesian",
            Self::Looks => "t test over looks",
            Self::Users => "users as units",
            Self::Cuped => "users as units, CUPED",
        }
    }

    /// True if it may be looked at as often as one likes.
    pub fn is_always_valid(self) -> bool {
        !matches!(self, Self::Fixed | Self::Bayes)
    }

    /// True if a user is one observation, not each request.
    pub fn is_by_users(self) -> bool {
        matches!(self, Self::Users | Self::Cuped)
    }

    /// True if it can judge this metric: what it needs is counted.
    pub fn fits(self, metric: Metric) -> bool {
        use Metric::{
            Accuracy, Agreement, ErrorRate, LatencyMean, LatencyP50, LatencyP90, LatencyP95,
            LatencyP99, Mae, PositiveRate, TimeoutRate,
        };
        let is_quantile = matches!(metric, LatencyP50 | LatencyP90 | LatencyP95 | LatencyP99);
        let is_proportion =
            matches!(metric, ErrorRate | TimeoutRate | Accuracy | PositiveRate | Agreement);
        match self {
            Self::Label => matches!(metric, ErrorRate | TimeoutRate | Accuracy),
            Self::Sequence => is_proportion || matches!(metric, Mae | LatencyMean),
            Self::Fixed => is_proportion || is_quantile || matches!(metric, Mae | LatencyMean),
            Self::Quantile => is_quantile,
            Self::Bayes => is_proportion,
            Self::Users | Self::Cuped => matches!(metric, Accuracy | Mae),
            // Sums grow with the traffic, so they do not compare arms.
            Self::Looks => {
                Metric::ALL.contains(&metric)
                    && !matches!(
                        metric,
                        Metric::Requests | Metric::Share | Metric::Value | Metric::Cost
                    )
            }
        }
    }
}

/// How gates share the chance of a false alarm: those with the same correction are one family, on all
/// candidates. Each can be held against its condition in both directions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Correction {
    /// Each gate for itself.
    #[default]
    None,
    /// The chance of any false finding in the family is at most alpha (Holm 1979).
    Holm,
    /// The share of false ones among the findings is at most alpha on average (Benjamini & Hochberg
    /// 1995): for tables that are explored, not for guardrails.
    BenjaminiHochberg,
}

impl Correction {
    pub const ALL: [Self; 3] = [Self::None, Self::Holm, Self::BenjaminiHochberg];

    pub fn is_none(&self) -> bool {
        *self == Self::None
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Holm => "Holm",
            Self::BenjaminiHochberg => "Benjamini–Hochberg",
        }
    }

    /// The part of its own alpha at which each of `members` tests is judged. `found` says how many
    /// of them settle their condition at a given part; it never falls as the part grows.
    ///
    /// Holm steps down, from 1/m to 1/(m − found) while that finds more; Benjamini and Hochberg step
    /// up to the largest k/m at which k are found.
    pub fn part(self, members: usize, found: impl Fn(f64) -> usize) -> f64 {
        let all = members.max(1) as f64;
        match self {
            Self::None => 1.0,
            Self::Holm => {
                let (mut before, mut part) = (0, 1.0 / all);
                for _ in 0..members {
                    let now = found(part).min(members.saturating_sub(1));
                    if now <= before {
                        break;
                    }
                    (before, part) = (now, 1.0 / (all - now as f64));
                }
                part
            }
            Self::BenjaminiHochberg => {
                let largest = (1..=members).rev().find(|k| found(*k as f64 / all) >= *k);
                largest.unwrap_or(1) as f64 / all
            }
        }
    }
}

/// What a test said at one measurement; it stands right behind the measurement in the recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tested {
    /// The gate's place in the plan.
    pub gate: u16,
    pub arm: ArmId,
    pub metric: Metric,
    pub test: Test,
    pub weighed: Weighed,
}

/// The evidence on one condition.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weighed {
    /// Observations of the baseline and of the candidate.
    pub n: [u64; 2],
    pub effect: Effect,
    /// One-sided bounds of the effect at the test's alpha, where the method gives any.
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// The p-value against "the limit is kept", or the posterior chance that it is broken.
    pub p: Option<f64>,
    /// Whether the condition surely holds, surely does not, or is still open.
    pub holds: Option<bool>,
}

/// What was estimated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The candidate's value less the limit, in the metric's unit.
    FromLimit(f64),
    /// The candidate's rate or quantile over the baseline's.
    Ratio(f64),
}

impl Tested {
    /// `label test: 3.1 × the baseline's, p 0.0004, n 9,120 and 1,013`.
    pub fn sentence(&self) -> String {
        let Weighed { n, effect, low, high, p, .. } = self.weighed;
        let grouped = super::grouped;
        let signed = |x: f64| {
            let sign = if x < 0.0 { "−" } else { "+" };
            format!("{sign}{}", self.metric.format(x.abs()))
        };
        let mut text = match effect {
            Effect::FromLimit(x) => {
                format!("{}: {} from the limit", self.test.method.label(), signed(x))
            }
            Effect::Ratio(x) => format!("{}: {x:.2} × the baseline's", self.test.method.label()),
        };
        if let (Some(low), Some(high)) = (low, high) {
            text.push_str(&format!(" ({} to {})", signed(low), signed(high)));
        }
        if let Some(p) = p {
            let name = if self.test.method == Method::Bayes { "chance" } else { "p" };
            text.push_str(&match p {
                p if p < 0.0001 => format!(", {name} < 0.0001"),
                p => format!(", {name} {p:.4}"),
            });
        }
        format!("{text}, n {} and {}", grouped(n[0]), grouped(n[1]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of these p-values are found at level 5 %, as statsmodels' `multipletests` says.
    fn found(correction: Correction, p: &[f64]) -> usize {
        let at = |part: f64| p.iter().filter(|p| **p <= 0.05 * part).count();
        at(correction.part(p.len(), at))
    }

    #[test]
    fn corrections_find_what_the_adjusted_p_values_find() {
        // Holm: 0.04, 0.045, 0.045, 0.045 adjusted; one raw value at 0.02 breaks the chain.
        assert_eq!(found(Correction::Holm, &[0.01, 0.015, 0.02, 0.03]), 4);
        assert_eq!(found(Correction::Holm, &[0.01, 0.02, 0.02, 0.03]), 1);
        assert_eq!(found(Correction::Holm, &[0.013, 0.013, 0.013, 0.013]), 0);
        assert_eq!(found(Correction::BenjaminiHochberg, &[0.01, 0.02, 0.03, 0.06]), 3);
        assert_eq!(found(Correction::BenjaminiHochberg, &[0.03, 0.04, 0.045, 0.05]), 4);
        assert_eq!(found(Correction::BenjaminiHochberg, &[0.03, 0.04, 0.045, 0.06]), 0);
        assert_eq!(found(Correction::None, &[0.03, 0.04, 0.2]), 2);
    }
}
