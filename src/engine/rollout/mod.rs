//! The controller: walks through a strategy's stages, and back if it must.

mod learning;
mod people;
mod way_back;

use crate::domain::gate::Reaction;
use crate::domain::{
    ArmId, Dialect, EventKind, Outcome, OutcomeKind, Plan, SimSpan, SimTime, UnitSum, Window,
};

use super::checks::{Checks, StageEnd};
use super::plant::{Plant, Size};
use super::strategy::{Decision, Ending, Entry, Hold, Script, Stage};
use learning::Learner;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    /// The stage waits for its fleets.
    Entering,
    Holding {
        since: SimTime,
    },
    /// On the way back to the baseline.
    Returning,
    Over,
}

pub(super) struct Rollout {
    script: Script,
    at: usize,
    /// When this stage was asked for.
    entered: SimTime,
    phase: Phase,
    /// Why nothing goes on until a person acts.
    paused: Option<String>,
    /// A person wants everything as soon as there are fleets: no holds, no gates.
    hurries: bool,
    /// A person wants this stage to be over.
    skips: bool,
    /// The arm that is rolled out.
    candidate: usize,
    /// It had all the traffic at some time.
    took_over: bool,
    /// Fleets that change their size later.
    timers: Vec<(SimTime, usize, Size)>,
    /// Since when there is no progress though there should be.
    stuck_since: Option<SimTime>,
    /// Ready replicas of all arms when last looked at, and when they last changed.
    ready: Vec<u32>,
    ready_since: SimTime,
    deadline: SimSpan,
    /// Argo Rollouts marks a late rollout and waits on.
    is_only_marked: bool,
    is_marked: bool,
    outcome: Option<Outcome>,
    /// What an A/B test found, until its winner has everything.
    finding: Option<String>,
    /// What a bandit knows while it learns.
    learner: Option<Learner>,
    /// Per arm and bucket of users, since an A/B test with users as units began.
    units: Vec<Vec<UnitSum>>,
}

/// Everything that a step acts on and looks at.
pub(super) struct Scene<'a> {
    pub plant: &'a mut Plant,
    pub checks: &'a mut dyn Checks,
    /// Closed windows.
    pub windows: &'a [Window],
}

impl Rollout {
    pub fn new(plan: &Plan, script: Script) -> Self {
        Self {
            script,
            at: 0,
            entered: SimTime::START,
            phase: Phase::Entering,
            paused: None,
            hurries: false,
            skips: false,
            candidate: ArmId::CANDIDATE.index().min(plan.arms.len() - 1),
            took_over: false,
            timers: Vec::new(),
            stuck_since: None,
            ready: Vec::new(),
            ready_since: SimTime::START,
            deadline: plan.deadline,
            is_only_marked: plan.dialect == Dialect::Argo,
            is_marked: false,
            outcome: None,
            finding: None,
            learner: None,
            units: Vec::new(),
        }
    }

    pub fn stage_names(&self) -> Vec<String> {
        self.script.names()
    }

    /// The place of the current stage among [`Self::stage_names`].
    pub fn stage(&self) -> u16 {
        let over = self.script.stages.len();
        let place = match (self.phase, &self.outcome) {
            (Phase::Entering | Phase::Holding { .. }, _) => self.at,
            (Phase::Returning, _) => over + 1,
            (Phase::Over, Some(outcome)) if outcome.kind.is_refusal() => over + 1,
            (Phase::Over, Some(outcome)) if outcome.kind == OutcomeKind::Kept => over + 1,
            (Phase::Over, _) => over,
        };
        place as u16
    }

    pub fn has_ended(&self) -> bool {
        self.outcome.is_some()
    }

    /// How it ended, or stands at the end of time.
    pub fn outcome(&self, now: SimTime) -> Outcome {
        self.outcome.clone().unwrap_or_else(|| {
            let is_single = self.script.takeover.is_none();
            let stage = &self.script.stages[self.at].name;
            let reason = match &self.paused {
                _ if is_single => "nothing was to be decided".to_owned(),
                Some(why) => format!("on hold at {stage}: {why}"),
                None => format!("the time ended in the stage {stage}"),
            };
            let kind = if is_single { OutcomeKind::Observed } else { OutcomeKind::Held };
            Outcome { kind, at: now, winner: ArmId::BASELINE, reason }
        })
    }

    pub fn start(&mut self, scene: &mut Scene<'_>) {
        self.enter(0, scene);
    }

    /// Takes what became known since the last look, per arm and bucket of users.
    pub fn count_users(&mut self, units: &[Vec<UnitSum>]) {
        if self.units.is_empty() {
            self.units = units.to_vec();
            return;
        }
        for (sum, unit) in self.units.iter_mut().flatten().zip(units.iter().flatten()) {
            sum.absorb(unit);
        }
    }

    /// The next moment after `now` at which time alone changes something.
    pub fn next_after(&self, now: SimTime) -> SimTime {
        let timers = self.timers.iter().map(|(at, ..)| *at);
        let stage = self.stage_now();
        let hold = match (self.phase, &stage.hold) {
            (Phase::Holding { since }, Hold::For(span)) => Some(since + *span),
            (Phase::Holding { since }, Hold::Until(test)) => Some(since + test.min_duration),
            (Phase::Holding { .. }, Hold::Tick { every, .. }) => Some(now.next_multiple(*every)),
            (Phase::Holding { .. }, Hold::Learn(_)) => self.learner.as_ref().map(Learner::next),
            _ => None,
        };
        let settled = match &stage.entry {
            Entry::ByReplicas(replacing) => Some(self.ready_since + replacing.min_ready),
            _ => None,
        };
        let stuck = self.stuck_since.map(|since| since + self.deadline);
        let moments = timers.chain(hold).chain(settled).chain(stuck);
        moments.filter(|at| *at > now).min().unwrap_or(SimTime::NEVER)
    }

    /// Does all that can be done now.
    pub fn step(&mut self, scene: &mut Scene<'_>) {
        self.fire_timers(scene.plant);
        self.note_readiness(scene.plant);
        self.react(scene);
        // Stages without a hold are passed at once; none is met twice.
        for _ in 0..self.script.stages.len() + 2 {
            let goes_on = match self.phase {
                Phase::Entering => self.try_entering(scene),
                Phase::Holding { since } => self.try_leaving(since, scene),
                Phase::Returning => self.try_returning(scene.plant),
                Phase::Over => false,
            };
            if !goes_on {
                break;
            }
        }
        self.fire_timers(scene.plant);
    }

    fn fire_timers(&mut self, plant: &mut Plant) {
        let now = plant.now;
        let (due, later) = self.timers.iter().copied().partition(|(at, ..)| *at <= now);
        self.timers = later;
        let due: Vec<(SimTime, usize, Size)> = due;
        for (_, arm, size) in due {
            plant.resize(arm, size);
        }
    }

    fn note_readiness(&mut self, plant: &Plant) {
        let ready: Vec<u32> = (0..plant.flows.len()).map(|arm| plant.ready(arm)).collect();
        if ready != self.ready {
            self.ready = ready;
            self.ready_since = plant.now;
            // That is progress.
            self.stuck_since = self.stuck_since.map(|_| plant.now);
        }
    }

    /// Does what ended gates and the deadline ask for.
    fn react(&mut self, scene: &mut Scene<'_>) {
        if !matches!(self.phase, Phase::Entering | Phase::Holding { .. }) {
            return;
        }
        match scene.checks.reaction() {
            Some((Reaction::Abort, reason)) => return self.refuse(reason, scene),
            Some((Reaction::Pause, reason)) if self.paused.is_none() => {
                self.pause(reason, scene.plant);
            }
            _ => {}
        }
        let is_late = |since: SimTime| scene.plant.now >= since + self.deadline;
        if self.paused.is_none() && self.stuck_since.is_some_and(is_late) {
            let stage = &self.script.stages[self.at].name;
            let reason = format!("no progress in {} for {}", stage, self.deadline.words());
            if !self.is_only_marked {
                self.refuse(reason, scene);
            } else if !self.is_marked {
                self.is_marked = true;
                scene.plant.tell(EventKind::Degraded(reason));
            }
        }
    }

    fn pause(&mut self, reason: String, plant: &mut Plant) {
        plant.tell(EventKind::Paused(reason.clone()));
        self.paused = Some(reason);
        self.stuck_since = None;
    }

    fn stage_now(&self) -> &Stage {
        &self.script.stages[self.at]
    }

    fn enter(&mut self, stage: usize, scene: &mut Scene<'_>) {
        let plant = &mut *scene.plant;
        self.at = stage;
        self.entered = plant.now;
        self.phase = Phase::Entering;
        self.stuck_since = None;
        self.is_marked = false;
        plant.tell(EventKind::Stage(stage as u16));
        let stage = self.script.stages[stage].clone();
        scene.checks.enter_stage(stage.number, plant.now);
        let shares = stage.shares(plant.flows.len(), self.candidate);
        plant.request(&shares);
        if stage.mirror == 0.0 {
            plant.mirror(0.0);
        }
        match stage.entry {
            Entry::ByReplicas(_) => {
                plant.put_in_force(&shares, true);
                // In force from the first replica on, so gates look from the beginning.
                if let Some(number) = stage.number {
                    scene.checks.begin_stage(number, plant.now);
                }
            }
            Entry::WhenReady | Entry::AtOnce => {
                // Fleets grow first; they shrink once the traffic has left them.
                for arm in 0..plant.flows.len() {
                    let size = stage.size(arm, self.candidate);
                    let grows = plant.size_of(arm, size) >= plant.target(arm);
                    if grows || stage.entry == Entry::AtOnce {
                        plant.resize(arm, size);
                    }
                }
            }
        }
    }

    /// True if the stage has come into force.
    fn try_entering(&mut self, scene: &mut Scene<'_>) -> bool {
        let stage = self.stage_now().clone();
        let shares = stage.shares(scene.plant.flows.len(), self.candidate);
        let is_ready = match &stage.entry {
            Entry::AtOnce => true,
            Entry::WhenReady => {
                let carries = |arm: usize| {
                    scene.plant.can_carry(arm, shares[arm])
                        && (arm == 0 || scene.plant.is_ready(arm))
                };
                (0..shares.len()).all(carries)
            }
            Entry::ByReplicas(replacing) => {
                let settled = scene.plant.now >= self.ready_since + replacing.min_ready;
                replacing.step(scene.plant, self.candidate, settled)
            }
        };
        if !is_ready {
            self.wait(scene.plant);
            return false;
        }
        self.put_in_force(&stage, &shares, scene);
        true
    }

    fn wait(&mut self, plant: &Plant) {
        if self.paused.is_none() {
            self.stuck_since.get_or_insert(plant.now);
        }
    }

    fn put_in_force(&mut self, stage: &Stage, shares: &[f64], scene: &mut Scene<'_>) {
        let plant = &mut *scene.plant;
        let by_replicas = matches!(stage.entry, Entry::ByReplicas(_));
        if !by_replicas {
            plant.put_in_force(shares, false);
            for arm in 0..shares.len() {
                plant.resize(arm, stage.size(arm, self.candidate));
            }
        }
        plant.mirror(stage.mirror);
        if let Some(lives) = stage.baseline_lives {
            self.timers.push((plant.now + lives, 0, Size::None));
        }
        self.took_over |= shares[self.candidate] >= 1.0;
        self.stuck_since = None;
        self.phase = Phase::Holding { since: plant.now };
        self.units.clear();
        self.learner = match stage.hold {
            Hold::Learn(rules) => Some(Learner::new(rules, plant.now, shares.len())),
            _ => None,
        };
        if let (Some(number), false) = (stage.number, by_replicas) {
            scene.checks.begin_stage(number, plant.now);
        }
        if stage.hold.waits_for_person() && !self.hurries && !self.skips {
            self.pause("waits for a person to promote".to_owned(), scene.plant);
        }
    }

    /// True if the stage is over.
    fn try_leaving(&mut self, since: SimTime, scene: &mut Scene<'_>) -> bool {
        if self.paused.is_some() {
            return false;
        }
        let (hold, number) = (self.stage_now().hold.clone(), self.stage_now().number);
        let now = scene.plant.now;
        if let Hold::Tick { every, .. } = hold
            && (now <= self.entered || !now.is_multiple_of(every))
        {
            return false;
        }
        if !self.hurries && !self.skips {
            let is_over = match hold {
                Hold::For(span) => now >= since + span,
                Hold::Tick { .. } => true,
                // Only a person ends it, and that clears the pause.
                Hold::UntilPromoted => true,
                Hold::Forever => false,
                Hold::Until(test) => {
                    let first = scene.windows.partition_point(|window| window.start < since);
                    let windows = &scene.windows[first..];
                    if let Some(decision) = test.decide(since, now, windows, &self.units) {
                        return self.follow(decision, scene);
                    }
                    false
                }
                Hold::Learn(_) => {
                    let learner = self.learner.as_mut();
                    if let Some(decision) = learner.and_then(|learner| learner.turn(scene)) {
                        return self.follow(decision, scene);
                    }
                    false
                }
            };
            let baseline_takes_part = scene.plant.applied(0) > 0.0;
            let is_last = self.script.is_last_measured(self.at);
            let end = number.map(|number| StageEnd { number, now, is_last, baseline_takes_part });
            if !is_over || end.is_some_and(|end| !scene.checks.allow_end(end)) {
                self.stuck_since = None;
                return false;
            }
        }
        if !scene.plant.is_ready(self.candidate) {
            self.wait(scene.plant);
            return false;
        }
        self.next_stage(scene)
    }

    /// Does what a test or a bandit has decided.
    fn follow(&mut self, decision: Decision, scene: &mut Scene<'_>) -> bool {
        match decision {
            Decision::Keep { reason } => {
                self.go_back(OutcomeKind::Kept, reason, scene);
                true
            }
            Decision::Ship { arm, reason } => {
                self.candidate = arm.index();
                self.finding = Some(reason);
                self.next_stage(scene)
            }
        }
    }

    fn next_stage(&mut self, scene: &mut Scene<'_>) -> bool {
        self.skips = false;
        let last = if self.hurries { self.script.takeover } else { Some(self.script.last) };
        if last.is_some_and(|last| self.at >= last) {
            self.finish(scene);
        } else {
            self.enter(self.at + 1, scene);
        }
        true
    }

    fn finish(&mut self, scene: &mut Scene<'_>) {
        let plant = &mut *scene.plant;
        self.phase = Phase::Over;
        self.stuck_since = None;
        let passed = match (self.hurries, scene.checks.is_empty()) {
            (true, _) => "by hand",
            (false, true) => "all stages are over; no gate was asked",
            (false, false) => "all stages are over and no gate objected",
        };
        let reason = self.finding.take().unwrap_or_else(|| passed.to_owned());
        scene.checks.stop();
        plant.tell(EventKind::Stage(self.script.stages.len() as u16));
        let winner = ArmId::new(self.candidate);
        let ending = if self.hurries && !matches!(self.script.ending, Ending::Promoted { .. }) {
            Ending::Promoted { baseline_lives: SimSpan::ZERO }
        } else {
            self.script.ending
        };
        let (kind, winner, reason) = match ending {
            Ending::Promoted { baseline_lives } => {
                plant.tell(EventKind::Promoted { arm: winner, reason: reason.clone() });
                self.timers.push((plant.now + baseline_lives, 0, Size::None));
                for arm in (1..plant.flows.len()).filter(|arm| *arm != self.candidate) {
                    plant.resize(arm, Size::None);
                }
                (OutcomeKind::Promoted, winner, reason)
            }
            Ending::Retained => {
                (OutcomeKind::Observed, ArmId::BASELINE, "the shadow goes on".to_owned())
            }
            Ending::Removed => {
                plant.mirror(0.0);
                plant.resize(self.candidate, Size::None);
                (OutcomeKind::Observed, ArmId::BASELINE, "the shadow was taken down".to_owned())
            }
        };
        self.end(Outcome { kind, at: plant.now, winner, reason }, plant);
        self.fire_timers(plant);
    }

    fn end(&mut self, outcome: Outcome, plant: &mut Plant) {
        plant.tell(EventKind::Ended(outcome.kind));
        self.outcome = Some(outcome);
    }
}
