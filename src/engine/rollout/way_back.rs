//! The way back to the baseline.

use super::{Phase, Rollout, Scene};
use crate::domain::{ArmId, EventKind, Outcome, OutcomeKind};
use crate::engine::plant::{Plant, Size};
use crate::engine::strategy::Entry;

impl Rollout {
    /// Back to the baseline because something is wrong.
    pub(super) fn refuse(&mut self, reason: String, scene: &mut Scene<'_>) {
        let kind = if self.took_over { OutcomeKind::RolledBack } else { OutcomeKind::Aborted };
        self.go_back(kind, reason, scene);
    }

    pub(super) fn go_back(&mut self, kind: OutcomeKind, reason: String, scene: &mut Scene<'_>) {
        let plant = &mut *scene.plant;
        match kind {
            OutcomeKind::Aborted => plant.tell(EventKind::Aborted { reason: reason.clone() }),
            OutcomeKind::RolledBack => plant.tell(EventKind::RolledBack { reason: reason.clone() }),
            _ => {}
        }
        plant.tell(EventKind::Stage(self.script.stages.len() as u16 + 1));
        scene.checks.stop();
        self.timers.clear();
        self.paused = None;
        self.stuck_since = None;
        self.hurries = false;
        self.skips = false;
        self.phase = Phase::Returning;
        plant.mirror(0.0);
        let mut shares = vec![0.0; plant.flows.len()];
        shares[0] = 1.0;
        plant.request(&shares);
        self.end(Outcome { kind, at: plant.now, winner: ArmId::BASELINE, reason }, plant);
        if !matches!(self.stage_now().entry, Entry::ByReplicas(_)) {
            if self.script.back.in_place {
                plant.resize(self.candidate, Size::None);
                plant.put_in_force(&shares, false);
            }
            plant.resize(0, Size::Full);
        }
        self.try_returning(plant);
    }

    /// True once the baseline has everything again.
    pub(super) fn try_returning(&mut self, plant: &mut Plant) -> bool {
        let is_back = match &self.stage_now().entry {
            Entry::ByReplicas(replacing) => {
                let settled = plant.now >= self.ready_since + replacing.min_ready;
                let mut shares = vec![0.0; plant.flows.len()];
                shares[0] = 1.0;
                // Replicas carry the split; where there are none, the baseline has all at once.
                plant.put_in_force(&shares, true);
                replacing.reversed(plant.full(0)).step(plant, self.candidate, settled)
            }
            _ => {
                let carried = plant.capacity_share(0).max(plant.wanted(0)).min(1.0);
                let mut shares = vec![0.0; plant.flows.len()];
                // As long as it cannot carry everything, the candidate keeps the rest.
                shares[self.candidate] = 1.0 - carried;
                shares[0] = carried;
                plant.put_in_force(&shares, false);
                carried >= 1.0
            }
        };
        if is_back {
            self.phase = Phase::Over;
            let lives = self.script.back.candidate_lives;
            let candidates = 1..plant.flows.len();
            self.timers.extend(candidates.map(|arm| (plant.now + lives, arm, Size::None)));
            self.fire_timers(plant);
        }
        is_back
    }
}
