//! Kayenta's judge as a gate: both arms' metrics as series of values, classified one by one and
//! weighted into a score from 0 to 100.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::metric::Direction;
use super::{ArmId, Metric, SimSpan};

/// What a score is made of, and what it means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Judge {
    /// From this score on a measurement passes.
    pub pass: f64,
    /// From this score on it is inconclusive; below, it fails.
    pub marginal: f64,
    /// One value of each metric per so long, a multiple of the plan's window; empty: the window.
    pub point: Option<SimSpan>,
    /// With fewer values in either arm there is no evidence. Kayenta knows no such limit: 0.
    pub min_points: u32,
    pub groups: Vec<JudgeGroup>,
}

/// Metrics that share a weight.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct JudgeGroup {
    pub name: String,
    /// Percent of the score; groups without one share what is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    pub metrics: Vec<JudgeMetric>,
}

/// How one metric is judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct JudgeMetric {
    pub metric: Metric,
    /// Which change is harmful; empty: what is worse for the metric.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<Harm>,
    pub nan: Nan,
    /// Values so many quartile ranges beyond the quartiles go; empty: all stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outlier_factor: Option<f64>,
    /// Failing it makes the whole score 0.
    pub critical: bool,
    /// Judged and shown, but no part of the score.
    pub muted: bool,
    /// Without values it fails.
    pub must_have_data: bool,
    pub effect: EffectSize,
    /// Effects between these two are small enough to pass; empty: none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_increase: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_decrease: Option<f64>,
    /// From here on a failure of a critical metric is critical; empty: any failure is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub critical_increase: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub critical_decrease: Option<f64>,
}

/// In which direction a change is harmful.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Harm {
    Increase,
    Decrease,
    Either,
}

/// What is done with values that are no numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Nan {
    #[default]
    Remove,
    /// They count as 0.
    Replace,
}

/// How the size of an effect is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EffectSize {
    /// mean(experiment)/mean(control)
    #[default]
    MeanRatio,
    /// The common-language effect size P(experiment > control) + P(equal)/2.
    CommonLanguage,
}

impl Default for Judge {
    fn default() -> Self {
        let metric = |metric| JudgeMetric { metric, ..JudgeMetric::default() };
        let group = |name: &str, metrics: &[Metric]| JudgeGroup {
            name: name.to_owned(),
            weight: None,
            metrics: metrics.iter().copied().map(metric).collect(),
        };
        Self {
            pass: 95.0,
            marginal: 75.0,
            point: None,
            // Below eight the judge cries wolf: in one of a hundred looks with four, in a quarter
            // of them with two.
            min_points: 8,
            groups: vec![
                group("Errors", &[Metric::ErrorRate]),
                group("Latency", &[Metric::LatencyP50, Metric::LatencyP95]),
            ],
        }
    }
}

impl Default for JudgeMetric {
    fn default() -> Self {
        Self {
            metric: Metric::ErrorRate,
            direction: None,
            nan: Nan::default(),
            outlier_factor: None,
            critical: false,
            muted: false,
            must_have_data: false,
            effect: EffectSize::default(),
            allowed_increase: None,
            allowed_decrease: None,
            critical_increase: None,
            critical_decrease: None,
        }
    }
}

impl Judge {
    pub fn metrics(&self) -> impl Iterator<Item = &JudgeMetric> {
        self.groups.iter().flat_map(|group| &group.metrics)
    }
}

impl JudgeMetric {
    /// Which change is harmful.
    pub fn harm(&self) -> Harm {
        self.direction.unwrap_or(match self.metric.direction() {
            Direction::Lower => Harm::Increase,
            Direction::Higher => Harm::Decrease,
            Direction::Neither => Harm::Either,
        })
    }
}

/// A metric's class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    Pass,
    High,
    Low,
    Nodata,
    /// No data where there must be some.
    NodataFail,
    /// The judge's test threw.
    Error,
}

impl Label {
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::High => "high",
            Self::Low => "low",
            Self::Nodata => "no data",
            Self::NodataFail => "no data, fails",
            Self::Error => "could not be judged",
        }
    }
}

/// What stands behind a score; it follows the measurement in the recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scored {
    /// The gate's place in the plan.
    pub gate: u16,
    pub arm: ArmId,
    pub score: f64,
    pub metrics: Vec<ScoredMetric>,
}

/// One metric's part in a score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoredMetric {
    pub metric: Metric,
    pub label: Label,
    /// Values of the baseline and of the candidate.
    pub n: [u32; 2],
    /// The size of the effect, where there is one.
    pub effect: Option<f64>,
    /// The interval of the shift from the baseline to the candidate at 98 %, in the metric's unit.
    pub low: Option<f64>,
    pub high: Option<f64>,
}

impl Scored {
    /// `score 50: Error rate high (2.4 × the baseline's, +0.8 pts to +2.1 pts, n 12 and 12), …`
    pub fn sentence(&self) -> String {
        let parts: Vec<String> = self.metrics.iter().map(ScoredMetric::words).collect();
        format!("score {}: {}", Metric::Score.format(self.score), parts.join(", "))
    }
}

impl ScoredMetric {
    fn words(&self) -> String {
        let name = format!("{} {}", self.metric.label(), self.label.word());
        let [baseline, candidate] = self.n;
        let shift = self.low.zip(self.high).map(|(low, high)| {
            let [low, high] = [low, high].map(|x| self.metric.format_delta(x));
            format!("{low} to {high}, ")
        });
        let effect = self.effect.map(|effect| format!("effect {effect:.2}, "));
        let details = [effect, shift].into_iter().flatten().collect::<String>();
        format!("{name} ({details}n {baseline} and {candidate})")
    }
}
