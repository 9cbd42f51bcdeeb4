//! A bandit at work: rewards in, shares out.

use super::Scene;
use crate::domain::{ArmId, Earned, EventKind, Learned, SimTime, Window};
use crate::engine::strategy::{Decision, Learning};
use crate::stats::bandit::Rewards;

/// What a bandit has learned since its stage came into force.
#[derive(Clone, Debug)]
pub(super) struct Learner {
    rules: Learning,
    since: SimTime,
    /// Windows that began before have been learned from.
    learned: SimTime,
    due: SimTime,
    rewards: Rewards,
}

impl Learner {
    pub fn new(rules: Learning, since: SimTime, arms: usize) -> Self {
        let rewards = Rewards::new(rules.reward, arms);
        Self { rules, since, learned: since, due: since + rules.update, rewards }
    }

    /// When the shares change next, or the bandit ends.
    pub fn next(&self) -> SimTime {
        self.due.min(self.since + self.rules.duration)
    }

    /// Learns what is known by now and moves the shares; in the end, the decision.
    pub fn turn(&mut self, scene: &mut Scene<'_>) -> Option<Decision> {
        let now = scene.plant.now;
        if now < self.next() {
            return None;
        }
        let pulls = self.learn(scene.windows);
        let learned = Learned { reward: self.rules.reward, arms: self.rewards.earned() };
        let sentence = learned.sentence();
        let decision =
            (now >= self.since + self.rules.duration).then(|| self.decide(&learned.arms, sentence));
        scene.plant.tell(EventKind::Learned(learned));
        if decision.is_none() {
            self.due = now + self.rules.update;
            let Learning { policy, epsilon, floor, min_samples, .. } = self.rules;
            let shares = self.rewards.shares(policy, epsilon, floor, min_samples, pulls);
            scene.plant.request(&shares);
            scene.plant.put_in_force(&shares, false);
        }
        decision
    }

    /// Takes the windows that have closed since the last time; how many requests came in them.
    fn learn(&mut self, windows: &[Window]) -> f64 {
        let first = windows.partition_point(|window| window.start < self.learned);
        let Some(period) = windows.get(first..).and_then(Window::merged) else { return 0.0 };
        self.learned = period.end;
        self.rewards.add(&period.arms);
        period.arrivals() as f64
    }

    fn decide(&self, arms: &[Earned], sentence: String) -> Decision {
        let best = arms.iter().enumerate().max_by(|a, b| a.1.chance.total_cmp(&b.1.chance));
        let fewest = arms.iter().map(|arm| arm.n).min().unwrap_or(0);
        match best {
            _ if fewest < self.rules.min_samples => Decision::Keep {
                reason: format!(
                    "an arm has only {fewest} of {} rewards: the bandit cannot tell; {sentence}",
                    self.rules.min_samples
                ),
            },
            Some((arm, earned)) if arm > 0 && earned.chance >= self.rules.ship_when => {
                Decision::Ship { arm: ArmId::new(arm), reason: sentence }
            }
            _ => Decision::Keep {
                reason: format!(
                    "no candidate is the best with a chance of {:.0} %; {sentence}",
                    self.rules.ship_when * 100.0
                ),
            },
        }
    }
}
