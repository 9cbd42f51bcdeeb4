//! What people do to a rollout.

use super::{Phase, Rollout, Scene};
use crate::domain::{ArmId, EventKind, InterventionKind, OutcomeKind};

impl Rollout {
    /// A person acts.
    pub fn intervene(&mut self, kind: &InterventionKind, scene: &mut Scene<'_>) {
        let now = scene.plant.now;
        let is_open = matches!(self.phase, Phase::Entering | Phase::Holding { .. });
        let can_promote = is_open && self.script.takeover.is_some();
        match kind {
            InterventionKind::Promote if can_promote => {
                self.paused = None;
                self.skips = true;
                scene.checks.restart_ended(now);
            }
            InterventionKind::PromoteFully if can_promote => {
                self.paused = None;
                self.hurries = true;
                scene.checks.stop();
                let takeover = self.script.takeover.unwrap_or(self.at);
                if self.at < takeover {
                    self.enter(takeover, scene);
                }
            }
            InterventionKind::Abort if is_open => self.refuse("by hand".to_owned(), scene),
            InterventionKind::RollBack if is_open || self.is_promoted() => {
                self.refuse("by hand".to_owned(), scene);
            }
            InterventionKind::Pause if is_open && self.paused.is_none() => {
                self.pause("by hand".to_owned(), scene.plant);
            }
            InterventionKind::Resume if self.paused.is_some() => {
                self.paused = None;
                scene.plant.tell(EventKind::Resumed);
                scene.checks.restart_ended(now);
            }
            InterventionKind::Retry if !is_open && self.may_retry() => self.retry(scene),
            InterventionKind::SetLimit { gate, pass_when } => {
                scene.checks.set_limit(*gate, *pass_when);
            }
            _ => {}
        }
    }

    fn is_promoted(&self) -> bool {
        self.outcome.as_ref().is_some_and(|outcome| outcome.kind == OutcomeKind::Promoted)
    }

    fn may_retry(&self) -> bool {
        let kind = self.outcome.as_ref().map(|outcome| outcome.kind);
        kind.is_some_and(|kind| kind.is_refusal() || kind == OutcomeKind::Kept)
    }

    fn retry(&mut self, scene: &mut Scene<'_>) {
        self.outcome = None;
        self.finding = None;
        self.timers.clear();
        self.candidate = ArmId::CANDIDATE.index();
        self.took_over = false;
        scene.checks.stop();
        self.enter(0, scene);
    }
}
