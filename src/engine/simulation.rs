//! The loop: traffic flows to the next moment at which anything may change, then it changes.

use std::sync::Arc;

use crate::domain::{
    ArmId, ArmWindow, Event, EventKind, FaultKind, Inputs, Intervention, Plan, Progress, Recording,
    SimTime, StrategyKind, UnitSum, Window,
};

use super::arrivals::ArrivalCursor;
use super::cases::MIRRORED;
use super::checks::{Checks, checks};
use super::faults::{Change, Faults};
use super::flow::{ArmFlow, ArmParts};
use super::jobs::Jobs;
use super::late::LateLabels;
use super::plant::Plant;
use super::prepared::Prepared;
use super::random::{Concern, Stream};
use super::recorder::{Recorder, Sight};
use super::rollout::{Rollout, Scene};
use super::router::Router;
use super::strategy::Script;
use super::surroundings::{Surroundings, shape};
use super::tally::Shape;

/// A crash takes all replicas, however many there are.
const ALL_REPLICAS: u32 = 1_000_000;
/// A controller that acts more often at one moment turns in circles; none does.
const MOST_TURNS: usize = 100;

pub(super) struct Simulation<'a> {
    interventions: Vec<&'a Intervention>,
    /// Scheduled sizes of fleets, in order of time.
    capacity: Vec<(SimTime, usize, u32)>,
    cursor: ArrivalCursor,
    router: Router,
    surroundings: Surroundings<'a>,
    faults: Faults,
    plant: Plant,
    jobs: Option<Jobs>,
    checks: Box<dyn Checks>,
    rollout: Rollout,
    recorder: Recorder,
    /// What jobs have published since the last look, per arm.
    published: Vec<ArmWindow>,
    last_look: SimTime,
    end: SimTime,
    window: u64,
    /// Without requests on arrival there are no fleets.
    has_fleets: bool,
}

impl<'a> Simulation<'a> {
    /// The inputs have been found to fit the plan.
    pub fn new(
        plan: &'a Plan,
        prepared: &'a Prepared<'_>,
        interventions: &'a [Intervention],
    ) -> Self {
        let inputs = prepared.inputs;
        let mut by_time: Vec<&Intervention> = interventions.iter().collect();
        by_time.sort_by_key(|intervention| intervention.at);
        let faults = Faults::new(plan, interventions);
        let router = Router::new(plan, &inputs.rows, &prepared.by_time);
        let shape = shape(plan, inputs);
        let window = plan.window_span().micros();
        let end = end_of(plan, inputs, window);
        let has_fleets = !router.is_batch_only();
        let full: Vec<u32> =
            plan.arms.iter().map(|arm| if has_fleets { arm.serving.replicas } else { 0 }).collect();
        let flows = full.iter().enumerate().map(|(place, replicas)| {
            let shape = Shape { arm: place, ..shape };
            let late = LateLabels::new(shape, window, end.micros());
            let parts = arm_parts(plan, prepared, place, shape, late);
            ArmFlow::new(parts, if place == 0 { *replicas } else { 0 })
        });
        let plant = Plant::new(flows.collect(), &full);
        let is_single = plan.strategy.kind() == StrategyKind::Single;
        let measured: Vec<ArmId> = if is_single {
            vec![ArmId::BASELINE]
        } else {
            (1..plan.arms.len()).map(ArmId::new).collect()
        };
        let checks = checks(plan, &measured);
        let users = shape.by_users.then(|| router.unit_source());
        let rollout = Rollout::new(plan, Script::new(plan, &plant));
        let segments = inputs.rows.segments.as_ref().map_or(Vec::new(), |s| s.names.clone());
        let recorder = Recorder::new(plan, segments, rollout.stage_names(), checks.longest_span());
        let given = inputs.arrivals.as_ref().map(|times| Arc::from(times.as_slice()));
        Self {
            interventions: by_time,
            capacity: if has_fleets { capacity_changes(plan) } else { Vec::new() },
            cursor: ArrivalCursor::new(&plan.traffic, given, faults.bursts(), plan.seed),
            router,
            surroundings: Surroundings::new(plan, inputs, Arc::clone(&prepared.cases), &faults)
                .with_users(users),
            faults,
            jobs: Jobs::new(plan, inputs, shape),
            checks,
            rollout,
            recorder,
            published: vec![ArmWindow::default(); plan.arms.len()],
            last_look: SimTime::START,
            end,
            window,
            has_fleets,
            plant,
        }
    }

    /// `None` if it was cancelled.
    pub fn run(
        mut self,
        progress: &Progress,
        mut watch: impl FnMut(&Recording),
    ) -> Option<Recording> {
        progress.set_total(self.end.micros());
        self.change();
        let mut scene = scene(&mut self.plant, &mut *self.checks, &self.recorder);
        self.rollout.start(&mut scene);
        self.control();
        while self.plant.now < self.end {
            let next = self.next_look();
            self.flow_until(next, progress)?;
            self.plant.now = next;
            self.turn_jobs();
            self.look();
            let is_border = next == self.end || next.micros().is_multiple_of(self.window);
            if is_border {
                self.recorder.close();
            }
            self.change();
            self.control();
            if is_border {
                watch(&self.recorder.recording);
            }
            progress.set_done(next.micros());
        }
        Some(self.finish())
    }

    /// The next moment at which anything but requests may happen.
    fn next_look(&self) -> SimTime {
        let now = self.plant.now;
        let border = SimTime::from_micros((now.micros() / self.window + 1) * self.window);
        let moments = [
            border,
            self.faults.next(),
            self.plant.next_ready(),
            self.checks.next(),
            self.rollout.next_after(now),
            self.jobs.as_ref().map_or(SimTime::NEVER, Jobs::next),
            self.interventions.first().map_or(SimTime::NEVER, |intervention| intervention.at),
            self.capacity.first().map_or(SimTime::NEVER, |(at, ..)| *at),
        ];
        let later = moments.into_iter().filter(|at| *at > now);
        later.min().unwrap_or(self.end).min(self.end)
    }

    fn flow_until(&mut self, next: SimTime, progress: &Progress) -> Option<()> {
        pulp::Arch::new().dispatch(Flow { simulation: self, next, progress })?;
        let is_end = next == self.end;
        let world = self.surroundings.world(if is_end { u64::MAX } else { next.micros() });
        for flow in &mut self.plant.flows {
            if is_end { flow.drain(&world) } else { flow.settle(&world) }
        }
        Some(())
    }

    #[inline(always)]
    fn flow_chunks(&mut self, next: SimTime, progress: &Progress) -> Option<()> {
        let world = self.surroundings.world(next.micros());
        while self.router.next_chunk(&mut self.cursor, next.micros(), self.plant.routes()) {
            let copies = (&mut self.router.copies, 1, MIRRORED);
            let live = self.router.live.iter_mut().zip(0..).map(|(batch, arm)| (batch, arm, 0));
            for (batch, arm, mirrored) in live.chain([copies]).filter(|(batch, ..)| batch.count > 0)
            {
                self.plant.flows[arm].take(&mut batch.lot, batch.count, mirrored, &world);
            }
            if let Some(jobs) = &mut self.jobs {
                jobs.collect(&self.router, &mut self.plant.flows, &world);
            }
            if progress.is_cancelled() {
                return None;
            }
        }
        Some(())
    }

    /// Counts what has happened since the last look.
    fn look(&mut self) {
        let now = self.plant.now;
        let span = now.since(self.last_look).micros();
        let mut arms = Vec::with_capacity(self.plant.flows.len());
        for arm in 0..self.plant.flows.len() {
            let flow = &mut self.plant.flows[arm];
            let mut counted = flow.slice();
            flow.late.pour_until(now.micros(), now == self.end, &mut counted, &mut flow.units);
            counted.units = self.router.units_of(ArmId::new(arm));
            self.plant.describe(arm, span, self.has_fleets, &mut counted);
            let mut whole = std::mem::take(&mut self.published[arm]);
            whole.absorb(&counted);
            arms.push(whole);
        }
        self.count_users(&arms);
        let stage = self.rollout.stage();
        self.recorder.add(Window { start: self.last_look, end: now, stage, arms });
        self.last_look = now;
    }

    /// Tests with users as units learn what became known since the last look.
    fn count_users(&mut self, arms: &[ArmWindow]) {
        if self.plant.flows.iter().all(|flow| flow.units.is_empty()) {
            return;
        }
        let flows = self.plant.flows.iter_mut();
        let units: Vec<Vec<UnitSum>> = flows
            .map(|flow| {
                let none = vec![UnitSum::default(); flow.units.len()];
                std::mem::replace(&mut flow.units, none)
            })
            .collect();
        let shares: Vec<f64> = arms.iter().map(|arm| arm.requested).collect();
        self.checks.count_users(&shares, &units);
        self.rollout.count_users(&units);
    }

    /// Jobs that end by now have left their answers, and those that are due begin.
    fn turn_jobs(&mut self) {
        let Some(jobs) = &mut self.jobs else { return };
        let now = self.plant.now;
        let world = self.surroundings.world(now.micros());
        for published in jobs.turn(now, &mut self.plant.flows, &world) {
            let job = published.job;
            self.plant.tell(EventKind::JobEnded { arm: job.arm, rows: job.rows });
            self.recorder.recording.jobs.push(job);
            self.published[published.arm].absorb(&published.window);
        }
    }

    /// Everything that changes by itself or by a person's hand.
    fn change(&mut self) {
        let now = self.plant.now;
        self.turn_faults();
        while let Some((at, arm, replicas)) = self.capacity.first().copied() {
            if at > now {
                break;
            }
            self.capacity.remove(0);
            self.plant.set_full(arm, replicas);
        }
        self.plant.wake();
        while let Some(intervention) = self.interventions.first().copied() {
            if intervention.at > now {
                break;
            }
            self.interventions.remove(0);
            self.plant.tell(EventKind::Intervened(intervention.kind.clone()));
            let mut scene = scene(&mut self.plant, &mut *self.checks, &self.recorder);
            self.rollout.intervene(&intervention.kind, &mut scene);
        }
    }

    fn turn_faults(&mut self) {
        let mut judges_again = false;
        for change in self.faults.turn(self.plant.now) {
            let (Change::Began(index) | Change::Ended(index)) = change;
            let began = matches!(change, Change::Began(_));
            let scheduled = self.faults.all[index].clone();
            let what = scheduled.fault.what.sentence();
            self.plant.tell(if began {
                EventKind::FaultBegan(what)
            } else {
                EventKind::FaultEnded(what)
            });
            let lost = match scheduled.fault.what {
                FaultKind::Crash => Some(ALL_REPLICAS),
                FaultKind::ReplicaLoss { replicas } => Some(replicas),
                FaultKind::Drift { .. } | FaultKind::FlippedLabels { .. } => {
                    judges_again = true;
                    None
                }
                _ => None,
            };
            match lost.filter(|_| self.has_fleets) {
                Some(replicas) if began => self.plant.lose(scheduled.arm, replicas),
                Some(replicas) => self.plant.restore(scheduled.arm, replicas),
                None => {}
            }
        }
        for arm in 0..self.plant.flows.len() {
            self.plant.flows[arm].condition = self.faults.condition(arm);
        }
        if judges_again {
            self.surroundings.judge_again(&self.faults);
        }
    }

    /// Gates measure, and the controller acts; what starts to measure at once does so now.
    fn control(&mut self) {
        let now = self.plant.now;
        for _ in 0..MOST_TURNS {
            self.measure();
            let mut scene = scene(&mut self.plant, &mut *self.checks, &self.recorder);
            self.rollout.step(&mut scene);
            if self.checks.next() > now {
                break;
            }
        }
        self.recorder.tell(&mut self.plant.events);
    }

    fn measure(&mut self) {
        let now = self.plant.now;
        let (recorder, since) = (&self.recorder, self.plant.steady_since);
        let is_blind = self.faults.blinds_gates();
        let sight = (!is_blind).then_some(Sight { recorder, now, since });
        let measured = self.checks.measure(now, sight.as_ref());
        self.plant.events.extend(measured.into_iter().map(|kind| Event { at: now, kind }));
    }

    fn finish(mut self) -> Recording {
        let outcome = self.rollout.outcome(self.end);
        if !self.rollout.has_ended() {
            self.plant.tell(EventKind::Ended(outcome.kind));
        }
        self.recorder.tell(&mut self.plant.events);
        self.recorder.recording.outcome = outcome;
        self.recorder.recording
    }
}

/// The loops over requests, compiled for several kinds of processors, of which the machine at hand takes
/// the best that it has: quicker, and the same bits. That holds for what is inlined, hence the functions
/// that say so.
struct Flow<'s, 'a> {
    simulation: &'s mut Simulation<'a>,
    next: SimTime,
    progress: &'s Progress,
}

impl pulp::WithSimd for Flow<'_, '_> {
    type Output = Option<()>;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> Option<()> {
        self.simulation.flow_chunks(self.next, self.progress)
    }
}

/// What the controller sees and acts on.
fn scene<'s>(
    plant: &'s mut Plant,
    checks: &'s mut dyn Checks,
    recorder: &'s Recorder,
) -> Scene<'s> {
    Scene { plant, checks, windows: &recorder.recording.windows }
}

/// The end of the traffic: given arrivals may end before the plan does, and then the rehearsal ends
/// with the window of the last one.
fn end_of(plan: &Plan, inputs: &Inputs, window: u64) -> SimTime {
    let planned = plan.traffic.duration.micros();
    let is_given = plan.traffic.arrivals.mean_rate().is_none();
    let last = inputs.arrivals.as_ref().and_then(|times| times.last()).filter(|_| is_given);
    let given = last.map_or(planned, |last| (last.micros() / window + 1) * window);
    SimTime::from_micros(planned.min(given))
}

fn arm_parts<'p>(
    plan: &'p Plan,
    prepared: &'p Prepared<'_>,
    place: usize,
    shape: Shape,
    late: LateLabels,
) -> ArmParts<'p> {
    ArmParts {
        place,
        arm: &plan.arms[place],
        profile: &prepared.inputs.predictions[place].latency,
        service_times: Arc::clone(&prepared.service_times[place]),
        shape,
        late,
        // All arms draw the same numbers, so that they differ in nothing but themselves.
        service: Stream::new(plan.seed, Concern::Service),
        errors: Stream::new(plan.seed, Concern::Errors),
    }
}

fn capacity_changes(plan: &Plan) -> Vec<(SimTime, usize, u32)> {
    let of_arm = |(arm, changes): (usize, &crate::domain::Arm)| {
        let changes = changes.serving.capacity_changes.clone();
        changes.into_iter().map(move |change| (change.at, arm, change.replicas))
    };
    let mut all: Vec<_> = plan.arms.iter().enumerate().flat_map(of_arm).collect();
    all.sort_by_key(|(at, arm, _)| (*at, *arm));
    all
}
