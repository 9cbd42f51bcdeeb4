//! Batch inference: what waits for a scheduled job is counted when it arrives, so that memory does
//! not grow with the rows, and published when the job is done.
//!
//! A job starts on schedule, or when the one before has ended. Which of the two it is, is known as
//! soon as rows begin to collect for it, so each row's wait is known at its arrival.

use crate::domain::{ArmId, ArmWindow, BatchJob, BatchServing, Inputs, Plan, SimTime};

use super::cases::MIRRORED;
use super::flow::{ArmFlow, World};
use super::late::LabelTiming;
use super::router::{Batch, Router};
use super::tally::{LabelTally, Shape, Tally};

pub(super) struct Jobs {
    plan: BatchServing,
    /// Microseconds per row and arm on an unharmed machine.
    row_micros: Vec<f64>,
    shape: Shape,
    /// One per arm, and one for the copies that the first candidate scores.
    parts: Vec<Part>,
    scheduled: u64,
    /// When the job that rows collect for will start.
    start: u64,
    running: Vec<Running>,
}

/// Rows that collect for one arm's next job.
struct Part {
    arm: usize,
    mirrored: u8,
    tally: Tally,
    /// Labels that become known after the answers.
    later: LabelTally,
    rows: u64,
    failed: u64,
}

struct Running {
    job: BatchJob,
    part: Part,
}

/// What jobs have left in an arm's window.
pub(super) struct Published {
    pub arm: usize,
    pub window: ArmWindow,
    pub job: BatchJob,
}

impl Part {
    fn new(arm: usize, mirrored: u8, shape: Shape) -> Self {
        let shape = Shape { arm, ..shape };
        let (tally, later) = (Tally::new(shape), LabelTally::new(shape));
        Self { arm, mirrored, tally, later, rows: 0, failed: 0 }
    }

    fn collect(&mut self, batch: &Batch, start: u64, flow: &ArmFlow, world: &World<'_>) {
        let cases = &world.cases.arms[self.arm];
        let lot = &batch.lot;
        let requests =
            lot.index.iter().zip(lot.arrival.iter()).zip(lot.row.iter()).take(batch.count);
        for ((index, arrival), row) in requests {
            self.rows += 1;
            if flow.fails(*index) {
                self.failed += 1;
                continue;
            }
            let case = cases[*row as usize];
            self.tally.answer(start.saturating_sub(*arrival));
            if let (Some(values), 0) = (world.values, self.mirrored) {
                let value = values[*row as usize];
                if !value.is_nan() {
                    self.tally.add_value(case.segment, value);
                }
            }
            let bucket = world.bucket(*index, *row);
            let labels = match world.timing {
                LabelTiming::AtOnce => &mut self.tally.labels,
                _ => {
                    self.tally.count_answer(&case, self.mirrored);
                    &mut self.later
                }
            };
            labels.count_of(bucket, world.cases, &case, *row, self.mirrored);
        }
    }
}

impl Jobs {
    pub fn new(plan: &Plan, inputs: &Inputs, shape: Shape) -> Option<Self> {
        let batch = plan.batch.clone()?;
        let row_micros = inputs.predictions.iter().map(|arm| {
            let rate = batch.rows_per_second.or_else(|| arm.latency.rows_per_second());
            1e6 / (rate.unwrap_or(1.0) * f64::from(batch.replicas))
        });
        let first = batch.first.micros();
        Some(Self {
            row_micros: row_micros.collect(),
            shape,
            parts: parts(plan.arms.len(), shape),
            scheduled: first,
            start: first,
            running: Vec::new(),
            plan: batch,
        })
    }

    /// When the next job starts or ends.
    pub fn next(&self) -> SimTime {
        let ends = self.running.iter().map(|running| running.job.end);
        ends.fold(SimTime::from_micros(self.start), SimTime::min)
    }

    /// Takes the requests of a chunk that wait for the job.
    pub fn collect(&mut self, router: &Router, flows: &mut [ArmFlow], world: &World<'_>) {
        let copies = (&router.job_copies, self.parts.len() - 1);
        let live = router.jobs.iter().zip(0..);
        for (batch, place) in live.chain([copies]).filter(|(batch, _)| batch.count > 0) {
            let part = &mut self.parts[place];
            let flow = &mut flows[part.arm];
            if part.mirrored == 0 {
                flow.tally.arrivals += batch.count as u64;
            } else {
                flow.tally.mirrored += batch.count as u64;
            }
            part.collect(batch, self.start, flow, world);
        }
    }

    /// Publishes the jobs that end by `now`, and starts those that are due.
    pub fn turn(
        &mut self,
        now: SimTime,
        flows: &mut [ArmFlow],
        world: &World<'_>,
    ) -> Vec<Published> {
        let (ended, running): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.running).into_iter().partition(|r| r.job.end <= now);
        self.running = running;
        let published = ended.into_iter().map(|running| publish(running, flows, world)).collect();
        if self.start <= now.micros() {
            self.begin(flows);
        }
        published
    }

    fn begin(&mut self, flows: &[ArmFlow]) {
        let start = SimTime::from_micros(self.start);
        let fresh = parts(flows.len(), self.shape);
        for part in std::mem::replace(&mut self.parts, fresh) {
            if part.rows > 0 {
                let running = self.job(part, start, flows);
                self.running.push(running);
            }
        }
        self.scheduled += self.plan.every.micros();
        let free = self.running.iter().map(|running| running.job.end.micros()).max();
        self.start = self.scheduled.max(free.unwrap_or(0));
    }

    fn job(&self, part: Part, start: SimTime, flows: &[ArmFlow]) -> Running {
        let condition = flows[part.arm].condition;
        let micros = self.row_micros[part.arm] * condition.factor + condition.add;
        let duration = self.plan.overhead.micros() + (micros * part.rows as f64) as u64;
        let waits = part.tally.latencies();
        let deadline_misses = self.plan.deadline.map_or(0, |deadline| {
            match deadline.micros().checked_sub(duration) {
                Some(longest) => waits.count_above(longest),
                None => waits.count(),
            }
        });
        let job = BatchJob {
            arm: ArmId::new(part.arm),
            scheduled: SimTime::from_micros(self.scheduled),
            start,
            end: SimTime::from_micros(start.micros() + duration),
            rows: part.rows,
            mirrored: part.mirrored != 0,
            deadline_misses,
            waits,
        };
        Running { job, part }
    }
}

fn parts(arms: usize, shape: Shape) -> Vec<Part> {
    let copies = Part::new(1.min(arms - 1), MIRRORED, shape);
    (0..arms).map(|arm| Part::new(arm, 0, shape)).chain([copies]).collect()
}

/// The answers of a job become visible; their labels at once, or later, or never.
fn publish(running: Running, flows: &mut [ArmFlow], world: &World<'_>) -> Published {
    let Running { job, mut part } = running;
    let end = job.end.micros();
    match world.timing {
        LabelTiming::AtOnce if world.is_lost(end) => part.tally.labels.forget_labels(),
        LabelTiming::AtOnce => {}
        timing => {
            let known = end + timing.typical();
            if !world.is_lost(known) {
                flows[part.arm].late.absorb(known, &part.later);
            }
        }
    }
    part.tally.labels.pour_units(&mut flows[part.arm].units);
    let failed = part.failed;
    let mut window = ArmWindow {
        // An age is no latency.
        latency: Default::default(),
        latency_sum: 0,
        ..part.tally.take()
    };
    if part.mirrored == 0 {
        window.errors += failed;
    } else {
        window.mirror_failed += failed;
    }
    Published { arm: part.arm, window, job }
}
