//! Rollout strategies and their parameters. Defaults follow the rollout controllers that people know.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Metric, SimSpan};

/// How the candidate gets its traffic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Strategy {
    /// The baseline alone: what is normal, and how much it scatters.
    Single,
    /// Big bang: everything at once.
    Direct {
        /// Replace the fleet in place: cheap, but nobody answers while the new one starts.
        #[serde(default)]
        in_place: bool,
        /// How long gates watch after the switch.
        #[serde(default = "five_minutes")]
        bake: SimSpan,
        /// The old fleet lives on so long after the switch: until then the way back is instant.
        #[serde(default)]
        termination_wait: SimSpan,
    },
    /// Replica by replica; the traffic share is the share of ready replicas.
    Rolling {
        #[serde(default = "quarter")]
        max_surge_percent: f64,
        #[serde(default = "quarter")]
        max_unavailable_percent: f64,
        /// A new replica must be ready so long before the next batch starts.
        #[serde(default)]
        min_ready: SimSpan,
        #[serde(default = "five_minutes")]
        bake: SimSpan,
    },
    /// Copies of requests go to the candidate, whose answers are never used.
    Shadow {
        /// Share of the requests that are copied.
        #[serde(default = "hundred")]
        mirror_percent: f64,
        #[serde(default = "ten_minutes")]
        observe: SimSpan,
        #[serde(default)]
        then: ShadowEnd,
    },
    /// Two fleets and one switch.
    BlueGreen {
        /// How long green is checked before the switch, once it is ready.
        #[serde(default = "two_minutes")]
        preview: SimSpan,
        /// Share of the live requests copied to green during the preview; 0 checks readiness only.
        #[serde(default = "hundred")]
        preview_mirror_percent: f64,
        /// Replicas of green during the preview; empty: the full fleet.
        #[serde(default)]
        preview_replicas: Option<u32>,
        /// Switch without waiting for a person.
        #[serde(default = "yes")]
        auto_promote: bool,
        /// How long gates watch after the switch.
        #[serde(default = "five_minutes")]
        bake: SimSpan,
        /// Blue lives on so long after the bake.
        #[serde(default = "thirty_seconds")]
        scale_down_delay: SimSpan,
    },
    /// Step by step, by weight.
    Canary {
        ramp: Ramp,
        #[serde(default)]
        by: SplitBy,
        /// Shrink the baseline as the candidate grows, instead of keeping it at full size.
        #[serde(default)]
        dynamic_stable_scale: bool,
        #[serde(default = "thirty_seconds")]
        scale_down_delay: SimSpan,
        #[serde(default = "thirty_seconds")]
        abort_scale_down_delay: SimSpan,
    },
    /// Units split between arms until a test decides.
    Ab {
        /// Percent per candidate, in the order of the arms; empty: all arms get the same.
        #[serde(default)]
        candidate_percent: Vec<f64>,
        /// What decides.
        #[serde(default = "accuracy")]
        metric: Metric,
        /// What counts as one observation.
        #[serde(default, skip_serializing_if = "AbMethod::is_requests")]
        method: AbMethod,
        #[serde(default = "ten_minutes")]
        min_duration: SimSpan,
        #[serde(default = "thirty_minutes")]
        max_duration: SimSpan,
        /// Answers per arm before anything is decided.
        #[serde(default = "thousand")]
        min_samples: u64,
        /// Significance level of the test, two-sided; looking once, at the end.
        #[serde(default = "five_percent")]
        alpha: f64,
    },
    /// Shares that follow what the arms earn: the better arm gets more while the test still runs.
    Bandit {
        #[serde(default)]
        policy: Policy,
        /// Share of the traffic that tries the arms that do not look best, 0 to 1; for
        /// `epsilon_greedy` alone.
        #[serde(default = "tenth")]
        epsilon: f64,
        /// What an answer earns: one of [`Metric::REWARDS`].
        #[serde(default = "accuracy")]
        reward: Metric,
        /// The shares change this often, by the rewards that are known by then.
        #[serde(default = "one_minute")]
        update: SimSpan,
        /// No arm gets less than this.
        #[serde(default = "five")]
        floor_percent: f64,
        /// Rewards per arm before the shares move.
        #[serde(default = "hundred_samples")]
        min_samples: u64,
        #[serde(default = "thirty_minutes")]
        duration: SimSpan,
        /// An arm takes over in the end if its chance to be the best is at least this, 0 to 1.
        #[serde(default = "ninety_five_percent")]
        ship_when: f64,
    },
}

/// What an A/B test takes for one observation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AbMethod {
    /// Each request: right where users send one each, and too sure where they send many.
    #[default]
    Requests,
    /// Each user, by the delta method.
    Users,
    /// Each user, less what the baseline would have answered to the same requests (CUPED).
    Cuped,
}

impl AbMethod {
    pub const ALL: [Self; 3] = [Self::Requests, Self::Users, Self::Cuped];

    pub fn label(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Users => "users",
            Self::Cuped => "users, with CUPED",
        }
    }

    pub fn is_by_users(self) -> bool {
        !self.is_requests()
    }

    fn is_requests(&self) -> bool {
        *self == Self::Requests
    }
}

/// How a bandit sets its shares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Each arm gets its chance to be the best.
    #[default]
    Thompson,
    /// The arm that has earned most gets everything but `epsilon`, which the others share.
    EpsilonGreedy,
    /// The arm that could still be best, given how little is known of it.
    Ucb1,
}

impl Policy {
    pub const ALL: [Self; 3] = [Self::Thompson, Self::EpsilonGreedy, Self::Ucb1];

    pub fn label(self) -> &'static str {
        match self {
            Self::Thompson => "Thompson sampling",
            Self::EpsilonGreedy => "ε-greedy",
            Self::Ucb1 => "UCB1",
        }
    }
}

/// What becomes of a shadow that nobody stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShadowEnd {
    /// The candidate takes over.
    #[default]
    Promote,
    /// It stays a shadow.
    Retain,
    /// It is taken down.
    Remove,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SplitBy {
    /// Units hash to nested buckets: raising the weight never moves a unit back.
    #[default]
    Users,
    /// The share is that of ready replicas, so it moves in steps of a replica.
    Servers,
}

/// A canary's stages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Ramp {
    Steps(Vec<Step>),
    /// `step`, 2 × `step`, … up to `max` percent, each held for `hold`; then everything.
    Linear {
        step: f64,
        max: f64,
        hold: SimSpan,
    },
    /// `first`, `first` × `factor`, … up to `max` percent, each held for `hold`; then everything.
    Exponential {
        first: f64,
        factor: f64,
        max: f64,
        hold: SimSpan,
    },
}

/// One stage of a canary.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The candidate's share in percent.
    pub weight: f64,
    /// Minimum time at this share; empty: until a person promotes.
    #[serde(default)]
    pub hold: Option<SimSpan>,
}

/// No ramp has more stages: a plan that asks for more is refused.
pub const MAX_STEPS: usize = 100;

impl Ramp {
    /// The stages one by one. Generated ramps are cut at [`MAX_STEPS`].
    pub fn steps(&self) -> Vec<Step> {
        let generated = |weights: &mut dyn Iterator<Item = f64>, max: f64, hold: SimSpan| {
            let mut steps: Vec<Step> = Vec::new();
            for weight in weights.take(MAX_STEPS) {
                let weight = weight.min(max);
                steps.push(Step { weight, hold: Some(hold) });
                if weight >= max {
                    break;
                }
            }
            steps
        };
        match self {
            Self::Steps(steps) => steps.clone(),
            Self::Linear { step, max, hold } => {
                generated(&mut (1..).map(|k: u32| step * f64::from(k)), *max, *hold)
            }
            Self::Exponential { first, factor, max, hold } => generated(
                &mut std::iter::successors(Some(*first), |weight| Some(weight * factor)),
                *max,
                *hold,
            ),
        }
    }
}

impl Default for Ramp {
    fn default() -> Self {
        let step = |weight| Step { weight, hold: Some(SimSpan::from_secs(60)) };
        Self::Steps([5.0, 25.0, 50.0].map(step).to_vec())
    }
}

/// A strategy's name without its parameters.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum StrategyKind {
    Single,
    Direct,
    Rolling,
    Shadow,
    BlueGreen,
    Canary,
    Ab,
    Bandit,
}

impl StrategyKind {
    pub const ALL: [Self; 8] = [
        Self::Single,
        Self::Direct,
        Self::Rolling,
        Self::Shadow,
        Self::BlueGreen,
        Self::Canary,
        Self::Ab,
        Self::Bandit,
    ];

    pub fn label(self) -> &'static str {
        match self {
            Self::Single => "Single",
            Self::Direct => "Direct",
            Self::Rolling => "Rolling",
            Self::Shadow => "Shadow",
            Self::BlueGreen => "Blue-green",
            Self::Canary => "Canary",
            Self::Ab => "A/B",
            Self::Bandit => "Bandit",
        }
    }

    /// True if several candidates can take part at once.
    pub fn takes_many(self) -> bool {
        matches!(self, Self::Ab | Self::Bandit)
    }

    /// One sentence for a person who meets the word for the first time.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Single => "The baseline alone: shows what is normal and how much it scatters.",
            Self::Direct => {
                "Everybody gets the candidate at once; simple, and everybody meets its faults."
            }
            Self::Rolling => "Replicas are replaced a few at a time, and traffic follows them.",
            Self::Shadow => "The candidate answers copies of the traffic; nobody sees its answers.",
            Self::BlueGreen => {
                "A second full fleet is checked, then one switch moves everybody; the way back is instant."
            }
            Self::Canary => {
                "A small share goes to the candidate first and grows while the gates pass."
            }
            Self::Ab => "Users are split between the arms until a test can tell them apart.",
            Self::Bandit => {
                "The split follows what the arms earn: a worse arm soon gets little traffic."
            }
        }
    }

    /// The strategy with default parameters.
    pub fn default_strategy(self) -> Strategy {
        match self {
            Self::Single => Strategy::Single,
            Self::Direct => Strategy::Direct {
                in_place: false,
                bake: five_minutes(),
                termination_wait: SimSpan::ZERO,
            },
            Self::Rolling => Strategy::Rolling {
                max_surge_percent: 25.0,
                max_unavailable_percent: 25.0,
                min_ready: SimSpan::ZERO,
                bake: five_minutes(),
            },
            Self::Shadow => Strategy::Shadow {
                mirror_percent: 100.0,
                observe: ten_minutes(),
                then: ShadowEnd::Promote,
            },
            Self::BlueGreen => Strategy::BlueGreen {
                preview: two_minutes(),
                preview_mirror_percent: 100.0,
                preview_replicas: None,
                auto_promote: true,
                bake: five_minutes(),
                scale_down_delay: thirty_seconds(),
            },
            Self::Canary => Strategy::Canary {
                ramp: Ramp::default(),
                by: SplitBy::Users,
                dynamic_stable_scale: false,
                scale_down_delay: thirty_seconds(),
                abort_scale_down_delay: thirty_seconds(),
            },
            Self::Ab => Strategy::Ab {
                candidate_percent: Vec::new(),
                metric: Metric::Accuracy,
                method: AbMethod::Requests,
                min_duration: ten_minutes(),
                max_duration: thirty_minutes(),
                min_samples: 1_000,
                alpha: 0.05,
            },
            Self::Bandit => Strategy::Bandit {
                policy: Policy::Thompson,
                epsilon: tenth(),
                reward: Metric::Accuracy,
                update: one_minute(),
                floor_percent: five(),
                min_samples: hundred_samples(),
                duration: thirty_minutes(),
                ship_when: ninety_five_percent(),
            },
        }
    }
}

impl Strategy {
    pub fn kind(&self) -> StrategyKind {
        match self {
            Self::Single => StrategyKind::Single,
            Self::Direct { .. } => StrategyKind::Direct,
            Self::Rolling { .. } => StrategyKind::Rolling,
            Self::Shadow { .. } => StrategyKind::Shadow,
            Self::BlueGreen { .. } => StrategyKind::BlueGreen,
            Self::Canary { .. } => StrategyKind::Canary,
            Self::Ab { .. } => StrategyKind::Ab,
            Self::Bandit { .. } => StrategyKind::Bandit,
        }
    }
}

impl Default for Strategy {
    fn default() -> Self {
        StrategyKind::Canary.default_strategy()
    }
}

fn yes() -> bool {
    true
}
fn quarter() -> f64 {
    25.0
}
fn hundred() -> f64 {
    100.0
}
fn thirty_seconds() -> SimSpan {
    SimSpan::from_secs(30)
}
fn one_minute() -> SimSpan {
    SimSpan::from_secs(60)
}
fn two_minutes() -> SimSpan {
    SimSpan::from_secs(120)
}
fn five_minutes() -> SimSpan {
    SimSpan::from_secs(300)
}
fn ten_minutes() -> SimSpan {
    SimSpan::from_secs(600)
}
fn thirty_minutes() -> SimSpan {
    SimSpan::from_secs(1_800)
}
fn thousand() -> u64 {
    1_000
}
fn five_percent() -> f64 {
    0.05
}
fn tenth() -> f64 {
    0.1
}
fn five() -> f64 {
    5.0
}
fn hundred_samples() -> u64 {
    100
}
fn ninety_five_percent() -> f64 {
    0.95
}
fn accuracy() -> Metric {
    Metric::Accuracy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ramps_stop_at_their_maximum() {
        let weights = |ramp: Ramp| ramp.steps().iter().map(|s| s.weight).collect::<Vec<_>>();
        let hold = SimSpan::from_secs(60);
        let linear = Ramp::Linear { step: 20.0, max: 50.0, hold };
        assert_eq!(weights(linear), [20.0, 40.0, 50.0]);
        let exponential = Ramp::Exponential { first: 1.0, factor: 4.0, max: 50.0, hold };
        assert_eq!(weights(exponential), [1.0, 4.0, 16.0, 50.0]);
        let stuck = Ramp::Linear { step: 0.0, max: 50.0, hold };
        assert_eq!(weights(stuck).len(), MAX_STEPS);
    }
}
