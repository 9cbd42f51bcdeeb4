//! One arm at work: its fleet, the requests on their way, and what is counted.

use std::sync::Arc;

use crate::domain::{Arm, ArmWindow, LatencyProfile, UnitSum};
use crate::stats::clusters::BUCKETS;

use super::cases::{Case, Cases};
use super::fleet::{End, Fleet, Pending, Served};
use super::late::{LabelTiming, LateLabels};
use super::micro_batch::Batcher;
use super::quantile_table::QuantileTable;
use super::random::Stream;
use super::tally::{Shape, Tally};
use super::units::UnitSource;

/// Requests are worked on in chunks that stay in the processor's nearest cache.
pub(super) const CHUNK: usize = 1_024;

/// What faults do to an arm right now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Condition {
    pub factor: f64,
    pub add: f64,
    /// Failing requests, as a threshold for 32-bit draws.
    pub errors: u64,
}

impl Condition {
    pub const FINE: Self = Self { factor: 1.0, add: 0.0, errors: 0 };
}

/// What the whole world looks like until the controller's next look.
pub(super) struct World<'a> {
    pub cases: &'a Cases,
    pub values: Option<&'a [f32]>,
    pub timing: &'a LabelTiming,
    /// Stretches in which labels that would become known are lost.
    pub outages: &'a [(u64, u64)],
    /// Where a test has users as units.
    pub users: Option<&'a UnitSource>,
    pub until: u64,
}

impl World<'_> {
    /// Labels become known with the answers, and answers have no value of their own.
    fn is_plain(&self) -> bool {
        matches!(self.timing, LabelTiming::AtOnce)
            && self.outages.is_empty()
            && self.values.is_none()
            && self.users.is_none()
    }

    /// The bucket of the user who sent a request; 0 where nobody asks.
    pub fn bucket(&self, index: u64, row: u32) -> usize {
        // The highest bits decide the arm, so the lowest tell nothing of it.
        self.users.map_or(0, |users| users.hash(index, row) as usize % BUCKETS)
    }

    pub fn is_lost(&self, at: u64) -> bool {
        self.outages.iter().any(|(from, until)| (*from..*until).contains(&at))
    }
}

/// The nearest whole number of microseconds, at most 2³² − 1. Added to 2⁵², a number's whole part is
/// the lowest bits of the sum: much quicker than a conversion, which must mind every odd value.
#[inline(always)]
fn rounded(micros: f32) -> u32 {
    const SHIFT: f64 = 4_503_599_627_370_496.0;
    let micros = f64::from(micros);
    let micros = if micros < f64::from(u32::MAX) { micros } else { f64::from(u32::MAX) };
    (micros + SHIFT).to_bits() as u32
}

/// The requests of one chunk that go to one arm. Arrays of a known length, so that a masked index
/// needs no check.
pub(super) struct Lot {
    pub index: Box<[u64; CHUNK]>,
    pub arrival: Box<[u64; CHUNK]>,
    pub row: Box<[u32; CHUNK]>,
    service: Box<[u32; CHUNK]>,
    start: Box<[u64; CHUNK]>,
    done: Box<[u64; CHUNK]>,
    end: Box<[End; CHUNK]>,
    cases: Box<[Case; CHUNK]>,
}

impl Lot {
    pub fn new() -> Self {
        Self {
            index: Box::new([0; CHUNK]),
            arrival: Box::new([0; CHUNK]),
            row: Box::new([0; CHUNK]),
            service: Box::new([0; CHUNK]),
            start: Box::new([0; CHUNK]),
            done: Box::new([0; CHUNK]),
            end: Box::new([End::Answered; CHUNK]),
            cases: Box::new([Case::UNLABELLED; CHUNK]),
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct ArmFlow {
    pub place: usize,
    pub fleet: Fleet,
    pub tally: Tally,
    pub condition: Condition,
    pub late: LateLabels,
    /// What became known since the last look, per bucket of users; empty where no test has users
    /// as units.
    pub units: Vec<UnitSum>,
    service_times: Arc<QuantileTable>,
    service: Stream,
    errors: Stream,
    batcher: Option<Batcher>,
    /// Requests that are not over, in order of arrival.
    pending: Vec<Pending>,
}

/// What an arm needs besides its fleet.
pub(super) struct ArmParts<'a> {
    pub place: usize,
    pub arm: &'a Arm,
    pub profile: &'a LatencyProfile,
    pub service_times: Arc<QuantileTable>,
    pub shape: Shape,
    pub late: LateLabels,
    pub service: Stream,
    pub errors: Stream,
}

impl ArmFlow {
    pub fn new(parts: ArmParts<'_>, replicas: u32) -> Self {
        let serving = &parts.arm.serving;
        let batcher = serving.batching.map(|batching| {
            Batcher::new(batching, serving.queue_limit, serving.timeout.micros(), parts.profile)
        });
        Self {
            place: parts.place,
            fleet: Fleet::new(serving, replicas),
            tally: Tally::new(parts.shape),
            condition: Condition::FINE,
            late: parts.late,
            units: vec![UnitSum::default(); if parts.shape.by_users { BUCKETS } else { 0 }],
            service_times: parts.service_times,
            service: parts.service,
            errors: parts.errors,
            batcher,
            pending: Vec::new(),
        }
    }

    /// Takes the first `count` requests of a lot, all live or all copies (`mirrored` is then
    /// [`super::cases::MIRRORED`]).
    #[inline(always)]
    pub fn take(&mut self, lot: &mut Lot, count: usize, mirrored: u8, world: &World<'_>) {
        if mirrored == 0 {
            self.tally.arrivals += count as u64;
        } else {
            self.tally.mirrored += count as u64;
        }
        self.draw_services(lot, count);
        if self.batcher.is_some() {
            self.collect(lot, count, mirrored);
            return;
        }
        let mut out = Served {
            starts: &mut lot.start[..count],
            dones: &mut lot.done[..count],
            ends: &mut lot.end[..count],
        };
        let served = self.fleet.serve(&lot.arrival[..count], &lot.service[..count], &mut out);
        self.tally.busy += served.busy;
        if self.condition.errors > 0 {
            self.fail_some(lot, count);
        }
        let is_plain = served.all_answered_by.is_some_and(|last| last <= world.until)
            && self.condition.errors == 0
            && world.is_plain();
        self.gather_cases(lot, count, world);
        if is_plain {
            let latencies = lot.done[..count].iter().zip(&lot.arrival[..count]);
            self.tally.answer_all(latencies.map(|(done, arrival)| done - arrival));
            let cases = lot.cases[..count].iter().zip(&lot.row[..count]);
            self.tally.labels.count_all(world.cases, cases, mirrored);
        } else {
            self.count_lot(lot, count, mirrored, world);
        }
    }

    #[inline(always)]
    fn draw_services(&self, lot: &mut Lot, count: usize) {
        let Condition { factor, add, .. } = self.condition;
        let (factor, add) = (factor as f32, add as f32);
        for (service, index) in lot.service[..count].iter_mut().zip(&lot.index[..count]) {
            let micros = self.service_times.at(self.service.bits32(*index)) * factor + add;
            *service = rounded(micros);
        }
    }

    fn fail_some(&self, lot: &mut Lot, count: usize) {
        for (end, index) in lot.end[..count].iter_mut().zip(&lot.index[..count]) {
            if *end == End::Answered
                && u64::from(self.errors.bits32(*index)) < self.condition.errors
            {
                *end = End::Failed;
            }
        }
    }

    fn collect(&mut self, lot: &Lot, count: usize, mirrored: u8) {
        let Some(batcher) = &mut self.batcher else { return };
        let before = self.pending.len();
        for k in 0..count {
            let request = Pending {
                index: lot.index[k],
                arrival: lot.arrival[k],
                start: 0,
                done: 0,
                service: lot.service[k],
                row: lot.row[k],
                end: End::Answered,
                mirrored,
            };
            self.tally.busy += batcher.offer(request, self.fleet.free_mut(), &mut self.pending);
        }
        self.fail_pending(before);
    }

    fn fail_pending(&mut self, from: usize) {
        if self.condition.errors == 0 {
            return;
        }
        for request in &mut self.pending[from..] {
            let draw = u64::from(self.errors.bits32(request.index));
            if request.end == End::Answered && draw < self.condition.errors {
                request.end = End::Failed;
            }
        }
    }

    /// A loop that only gathers lets the processor overlap its cache misses.
    #[inline(always)]
    fn gather_cases(&self, lot: &mut Lot, count: usize, world: &World<'_>) {
        let cases = &world.cases.arms[self.place];
        for (case, row) in lot.cases[..count].iter_mut().zip(&lot.row[..count]) {
            *case = cases[*row as usize];
        }
    }

    /// Counts what is over by the next look, and keeps the rest.
    fn count_lot(&mut self, lot: &Lot, count: usize, mirrored: u8, world: &World<'_>) {
        let simple = world.is_plain();
        for k in 0..count {
            let (done, end) = (lot.done[k], lot.end[k]);
            if simple && end == End::Answered && done <= world.until {
                self.tally.answer(done - lot.arrival[k]);
                self.tally.labels.count(world.cases, &lot.cases[k], lot.row[k], mirrored);
                continue;
            }
            let request = Pending {
                index: lot.index[k],
                arrival: lot.arrival[k],
                start: lot.start[k],
                done,
                service: lot.service[k],
                row: lot.row[k],
                end,
                mirrored,
            };
            if done <= world.until {
                self.finish(&request, world);
            } else {
                self.pending.push(request);
            }
        }
    }

    /// Counts a request that is over.
    fn finish(&mut self, request: &Pending, world: &World<'_>) {
        let live = request.mirrored == 0;
        match (request.end, live) {
            (End::Answered, _) => self.finish_answer(request, world),
            (End::Rejected, true) => self.tally.rejected += 1,
            (End::Rejected, false) => self.tally.mirror_dropped += 1,
            (End::TimedOut, true) => self.tally.timeouts += 1,
            (End::Failed, true) => self.tally.errors += 1,
            (End::TimedOut | End::Failed, false) => self.tally.mirror_failed += 1,
        }
    }

    fn finish_answer(&mut self, request: &Pending, world: &World<'_>) {
        let case = world.cases.arms[self.place][request.row as usize];
        self.tally.answer(request.done - request.arrival);
        if let (Some(values), 0) = (world.values, request.mirrored) {
            let value = values[request.row as usize];
            if !value.is_nan() {
                self.tally.add_value(case.segment, value);
            }
        }
        let known = request.done + world.timing.delay(request.index);
        let bucket = world.bucket(request.index, request.row);
        let Pending { row, mirrored, .. } = *request;
        match world.timing {
            LabelTiming::AtOnce if !world.is_lost(known) => {
                self.tally.labels.count_of(bucket, world.cases, &case, row, mirrored);
            }
            LabelTiming::AtOnce => {
                self.tally.labels.count_unlabelled(&case, mirrored);
            }
            _ => {
                self.tally.count_answer(&case, mirrored);
                let late = Some(&mut self.late).filter(|_| !world.is_lost(known));
                if let Some(tally) = late.and_then(|late| late.tally_at(known)) {
                    tally.count_of(bucket, world.cases, &case, row, mirrored);
                }
            }
        }
    }

    /// Ends what ends by `world.until`; call it once all requests before that are taken.
    pub fn settle(&mut self, world: &World<'_>) {
        if let Some(batcher) = &mut self.batcher {
            let before = self.pending.len();
            self.tally.busy +=
                batcher.leave_by(world.until, self.fleet.free_mut(), &mut self.pending);
            self.fail_pending(before);
        }
        if self.pending.is_empty() {
            return;
        }
        let mut pending = std::mem::take(&mut self.pending);
        pending.retain(|request| {
            let over = request.done <= world.until;
            if over {
                self.finish(request, world);
            }
            !over
        });
        self.pending = pending;
    }

    /// Asks for a size. A fleet that shrinks to nothing works off its queue first.
    pub fn scale(&mut self, replicas: u32, now: u64) {
        if let (Some(batcher), 0) = (&mut self.batcher, replicas) {
            let before = self.pending.len();
            self.tally.busy += batcher.leave_now(now, self.fleet.free_mut(), &mut self.pending);
            self.fail_pending(before);
        }
        if self.fleet.scale(replicas, now) && replicas > 0 {
            self.requeue(now);
        }
        // Without a cold start they are there at once.
        self.wake(now);
    }

    /// Lets replicas whose start-up is over join.
    pub fn wake(&mut self, now: u64) {
        if self.fleet.wake(now) {
            self.requeue(now);
        }
    }

    /// The fleet changed: those who wait queue again.
    fn requeue(&mut self, now: u64) {
        if self.batcher.is_none() {
            let busy = self.fleet.requeue(&mut self.pending, now);
            self.tally.busy = self.tally.busy.saturating_add_signed(busy);
        }
    }

    /// Replicas die with what they work on. Returns how many requests that cost.
    pub fn kill(&mut self, replicas: u32, now: u64) -> u64 {
        let killed = self.fleet.kill(replicas);
        let mut cut = 0;
        let mut lost: Vec<u64> = killed.into_iter().filter(|until| *until > now).collect();
        for request in &mut self.pending {
            let until = request.start.saturating_add(u64::from(request.service));
            let place = lost.iter().position(|end| *end == until);
            if let (true, Some(place)) = (request.start <= now, place) {
                lost.swap_remove(place);
                (request.done, request.end) = (now, End::Failed);
                cut += 1;
            }
        }
        if let (Some(batcher), 0) = (&mut self.batcher, self.fleet.ready()) {
            let open = batcher.take_open();
            cut += open.len() as u64;
            self.pending.extend(open.into_iter().map(|r| Pending {
                done: now,
                end: End::Failed,
                ..r
            }));
        }
        self.requeue(now);
        cut
    }

    /// Ends everything that is still on its way, however long it takes.
    pub fn drain(&mut self, world: &World<'_>) {
        self.settle(world);
        if let Some(batcher) = &mut self.batcher {
            // No server ever came for them.
            let stranded = batcher.take_open().into_iter();
            self.pending.extend(stranded.map(|r| Pending { end: End::TimedOut, ..r }));
            self.settle(world);
        }
    }

    /// What was counted since the last look.
    pub fn slice(&mut self) -> ArmWindow {
        self.tally.longest_queue = self.fleet.take_longest_queue();
        self.tally.labels.pour_units(&mut self.units);
        self.tally.take()
    }

    /// Whether the model fails on a request.
    pub fn fails(&self, index: u64) -> bool {
        u64::from(self.errors.bits32(index)) < self.condition.errors
    }
}
