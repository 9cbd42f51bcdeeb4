//! Strategies as scripts: each is a list of stages that the same machinery walks through.

mod ab;
mod bandit;
mod blue_green;
mod canary;
mod direct;
mod flagger;
mod rolling;
mod sagemaker;
mod shadow;
mod single;

pub(super) use ab::{Decision, Test};
pub(super) use bandit::Learning;

use crate::domain::{Dialect, Plan, SimSpan, Strategy};

use super::plant::{Plant, Size};
use super::replacing::Replacing;

/// A strategy with its parameters, ready to be walked through.
#[derive(Clone, Debug)]
pub(super) struct Script {
    pub stages: Vec<Stage>,
    /// The stage in which the candidate takes everything, where there is one.
    pub takeover: Option<usize>,
    /// The stage after which nothing is left to do by itself.
    pub last: usize,
    pub ending: Ending,
    /// What the way back looks like.
    pub back: Back,
}

/// What it means that the last stage is over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Ending {
    /// The candidate serves everybody, and the baseline's fleet goes after a while.
    Promoted { baseline_lives: SimSpan },
    /// The shadow goes on.
    Retained,
    /// The shadow is taken down.
    Removed,
}

/// How the traffic returns to the baseline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Back {
    /// The candidate's fleet lives so long after it.
    pub candidate_lives: SimSpan,
    /// There is room for one fleet only: the candidate stops before the baseline starts.
    pub in_place: bool,
}

impl Back {
    /// There is room for both fleets.
    pub const fn side_by_side(candidate_lives: SimSpan) -> Self {
        Self { candidate_lives, in_place: false }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Stage {
    pub name: String,
    pub share: Share,
    pub baseline: Size,
    pub candidate: Size,
    pub entry: Entry,
    /// Share of the baseline's requests that is copied to the candidate.
    pub mirror: f64,
    pub hold: Hold,
    /// What gates call it, counted from 1; none while there is nothing to measure.
    pub number: Option<u32>,
    /// The baseline's fleet goes so long after the stage has come into force.
    pub baseline_lives: Option<SimSpan>,
}

/// What the candidates get.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Share {
    /// This share for the candidate that is rolled out, nothing for others.
    Candidate(f64),
    /// A share for each candidate.
    Each(Vec<f64>),
}

/// When a stage comes into force.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Entry {
    /// Once the fleets can carry their shares.
    WhenReady,
    AtOnce,
    /// Replica by replica; in force from the first on, complete with the last.
    ByReplicas(Replacing),
}

/// How long a stage lasts once it is in force.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Hold {
    For(SimSpan),
    UntilPromoted,
    /// To a later tick at which the checks pass, and where `confirm` is set a person has agreed.
    Tick {
        every: SimSpan,
        confirm: bool,
    },
    Forever,
    /// Until a statistical test decides.
    Until(Test),
    /// As long as a bandit learns, which moves the shares meanwhile.
    Learn(Learning),
}

impl Hold {
    /// True if nothing goes on until a person says so.
    pub fn waits_for_person(&self) -> bool {
        matches!(self, Self::UntilPromoted | Self::Tick { confirm: true, .. })
    }
}

impl Stage {
    /// A stage in which nothing is measured and the candidate has no traffic, only a fleet.
    fn start(name: &str, candidate: Size) -> Self {
        Self {
            name: name.to_owned(),
            share: Share::Candidate(0.0),
            baseline: Size::Full,
            candidate,
            entry: Entry::WhenReady,
            mirror: 0.0,
            hold: Hold::For(SimSpan::ZERO),
            number: None,
            baseline_lives: None,
        }
    }

    /// The candidate gets everything.
    fn takeover(name: &str) -> Self {
        Self { share: Share::Candidate(1.0), ..Self::start(name, Size::Full) }
    }

    /// The shares of all arms while `candidate` is rolled out.
    pub fn shares(&self, arms: usize, candidate: usize) -> Vec<f64> {
        let mut shares = vec![0.0; arms];
        match &self.share {
            Share::Candidate(share) => {
                if let Some(place) = shares.get_mut(candidate) {
                    *place = *share;
                }
            }
            Share::Each(each) => {
                for (place, share) in shares.iter_mut().skip(1).zip(each) {
                    *place = *share;
                }
            }
        }
        shares[0] = 1.0 - shares.iter().sum::<f64>();
        shares
    }

    /// The size of an arm's fleet in this stage while `candidate` is rolled out.
    pub fn size(&self, arm: usize, candidate: usize) -> Size {
        match (arm, &self.share) {
            (0, _) => self.baseline,
            (_, Share::Each(_)) => self.candidate,
            _ if arm == candidate => self.candidate,
            _ => Size::None,
        }
    }
}

/// `5 %`, `12.5 %`
fn percent(share: f64) -> String {
    format!("{} %", (share * 100.0).round() / 100.0)
}

impl Script {
    pub fn new(plan: &Plan, plant: &Plant) -> Self {
        match plan.dialect {
            Dialect::Rehearsal | Dialect::Argo => Self::of_strategy(plan, plant),
            Dialect::Flagger => flagger::script(plan, plant),
            Dialect::Sagemaker => sagemaker::script(plan, plant),
        }
    }

    fn of_strategy(plan: &Plan, plant: &Plant) -> Self {
        match &plan.strategy {
            Strategy::Single => single::script(),
            Strategy::Direct { in_place, bake, termination_wait } => {
                direct::script(*in_place, *bake, *termination_wait)
            }
            Strategy::Rolling { max_surge_percent, max_unavailable_percent, min_ready, bake } => {
                let limits = [*max_surge_percent, *max_unavailable_percent];
                if plant.has_fleets() {
                    rolling::script(plant, limits, *min_ready, *bake)
                } else {
                    let machines = plan.arms.iter().take(2).map(|arm| arm.serving.replicas);
                    let machines = machines.max().unwrap_or(1);
                    rolling::script_of_jobs(machines, limits, *min_ready, *bake)
                }
            }
            Strategy::Shadow { mirror_percent, observe, then } => {
                shadow::script(*mirror_percent / 100.0, *observe, *then)
            }
            Strategy::BlueGreen { .. } => blue_green::script(plan),
            Strategy::Canary { .. } => canary::script(plan, plant),
            Strategy::Ab { .. } => ab::script(&plan.strategy, plan.arms.len()),
            Strategy::Bandit { .. } => bandit::script(&plan.strategy, plan.arms.len()),
        }
    }

    /// The stages' names, with those of the two ways in which a rollout can end.
    pub fn names(&self) -> Vec<String> {
        let stages = self.stages.iter().map(|stage| stage.name.clone());
        let done = match self.ending {
            Ending::Promoted { .. } => "Promoted",
            Ending::Retained | Ending::Removed => "Observed",
        };
        stages.chain([done.to_owned(), "Back to the baseline".to_owned()]).collect()
    }

    /// True if no later stage measures anything.
    pub fn is_last_measured(&self, stage: usize) -> bool {
        let later = self.stages.iter().take(self.last + 1).skip(stage + 1);
        !later.into_iter().any(|stage| stage.number.is_some())
    }
}
