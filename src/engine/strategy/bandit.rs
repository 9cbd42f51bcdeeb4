//! Bandits: the shares follow what the arms earn, and in the end the best arm may take over.

use crate::domain::{Metric, Policy, SimSpan, Strategy};

use super::{Back, Ending, Hold, Script, Share, Stage};
use crate::engine::plant::Size;

pub(super) fn script(strategy: &Strategy, arms: usize) -> Script {
    let Strategy::Bandit {
        policy,
        epsilon,
        reward,
        update,
        floor_percent,
        min_samples,
        duration,
        ship_when,
    } = strategy
    else {
        unreachable!("only called for bandits");
    };
    let learning = Learning {
        policy: *policy,
        epsilon: *epsilon,
        reward: *reward,
        update: *update,
        floor: floor_percent / 100.0,
        min_samples: *min_samples,
        duration: *duration,
        ship_when: *ship_when,
    };
    // Every arm is at full size all the time, so that shares can move at once.
    let start = Stage {
        share: Share::Each(vec![0.0; arms - 1]),
        ..Stage::start("Start candidates", Size::Full)
    };
    let learn = Stage {
        share: Share::Each(vec![1.0 / arms as f64; arms - 1]),
        hold: Hold::Learn(learning),
        number: Some(1),
        ..Stage::start("Learn", Size::Full)
    };
    Script {
        stages: vec![start, learn, Stage::takeover("Ship")],
        takeover: Some(2),
        last: 2,
        ending: Ending::Promoted { baseline_lives: SimSpan::ZERO },
        back: Back::side_by_side(SimSpan::ZERO),
    }
}

/// The rules by which a bandit moves its shares and ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::engine) struct Learning {
    pub policy: Policy,
    pub epsilon: f64,
    pub reward: Metric,
    pub update: SimSpan,
    /// No arm's share is smaller, 0 to 1.
    pub floor: f64,
    /// Rewards per arm before the shares move.
    pub min_samples: u64,
    pub duration: SimSpan,
    /// The chance to be the best with which an arm takes over.
    pub ship_when: f64,
}
