//! Real-time micro-batching: requests wait for company, but not too long.

use crate::domain::{LatencyProfile, MicroBatching};

use super::fleet::{End, Pending};

/// The batch that is being collected, and the servers that will take it.
#[derive(Clone, Debug)]
pub(super) struct Batcher {
    max_size: usize,
    max_wait: u64,
    queue_limit: usize,
    timeout: u64,
    /// Time of one call by batch size, relative to one row; all 1 where it was not measured.
    factors: Vec<f64>,
    open: Vec<Pending>,
    /// Starts of batches that left but have not begun, with their sizes.
    waiting: std::collections::VecDeque<(u64, usize)>,
}

impl Batcher {
    pub fn new(
        batching: MicroBatching,
        queue_limit: u32,
        timeout: u64,
        profile: &LatencyProfile,
    ) -> Self {
        let one = profile.batch_micros(1).filter(|micros| *micros > 0.0);
        let factor = |size| match (one, profile.batch_micros(size)) {
            (Some(one), Some(micros)) => (micros / one).max(1.0),
            _ => 1.0,
        };
        Self {
            max_size: batching.max_size as usize,
            max_wait: batching.max_wait.micros(),
            queue_limit: queue_limit as usize,
            timeout,
            factors: (0..=batching.max_size).map(|size| factor(size.max(1))).collect(),
            open: Vec::new(),
            waiting: std::collections::VecDeque::new(),
        }
    }

    /// One request arrives. What has left by then goes to `out`.
    pub fn offer(&mut self, request: Pending, free: &mut [u64], out: &mut Vec<Pending>) -> u64 {
        let busy = self.leave_by(request.arrival, free, out);
        while self.waiting.front().is_some_and(|(start, _)| *start <= request.arrival) {
            self.waiting.pop_front();
        }
        let queued: usize = self.waiting.iter().map(|(_, size)| size).sum();
        if free.is_empty() || queued + self.open.len() >= self.queue_limit + self.max_size {
            out.push(Pending {
                end: End::Rejected,
                done: request.arrival,
                start: u64::MAX,
                ..request
            });
            return busy;
        }
        self.open.push(request);
        if self.open.len() < self.max_size {
            return busy;
        }
        busy + self.leave(request.arrival, free, out)
    }

    /// Lets the open batch go if its time comes by `now`.
    pub fn leave_by(&mut self, now: u64, free: &mut [u64], out: &mut Vec<Pending>) -> u64 {
        let (Some(oldest), Some(server)) = (self.open.first(), free.first()) else { return 0 };
        let due = (oldest.arrival + self.max_wait).max(*server);
        if due > now { 0 } else { self.leave(due, free, out) }
    }

    /// Lets the open batch go at once.
    pub fn leave_now(&mut self, now: u64, free: &mut [u64], out: &mut Vec<Pending>) -> u64 {
        if free.is_empty() { 0 } else { self.leave(now, free, out) }
    }

    fn leave(&mut self, due: u64, free: &mut [u64], out: &mut Vec<Pending>) -> u64 {
        let Some(oldest) = self.open.first() else { return 0 };
        let start = due.max(free[0]);
        let factor = self.factors.get(self.open.len()).copied().unwrap_or(1.0);
        let service = (f64::from(oldest.service) * factor) as u64;
        let until = start + service;
        let place = free.partition_point(|time| *time < until).max(1);
        free.copy_within(1..place, 0);
        free[place - 1] = until;
        if start > due {
            self.waiting.push_back((start, self.open.len()));
        }
        for request in self.open.drain(..) {
            let limit = request.arrival + self.timeout;
            let (done, end) =
                if until <= limit { (until, End::Answered) } else { (limit, End::TimedOut) };
            out.push(Pending { start, done, end, ..request });
        }
        service
    }

    /// Everybody in the open batch, for when the fleet is cut.
    pub fn take_open(&mut self) -> Vec<Pending> {
        std::mem::take(&mut self.open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SimSpan;

    fn request(arrival: u64) -> Pending {
        Pending {
            index: 0,
            arrival,
            start: 0,
            done: 0,
            service: 10,
            row: 0,
            end: End::Answered,
            mirrored: 0,
        }
    }

    #[test]
    fn a_batch_leaves_full_or_when_its_oldest_has_waited() {
        let batching = MicroBatching { max_size: 3, max_wait: SimSpan::from_micros(50) };
        let mut batcher = Batcher::new(batching, 10, 1_000, &LatencyProfile::default());
        let (mut free, mut out) = (vec![0], Vec::new());
        for arrival in [0, 5, 10, 20, 100] {
            batcher.offer(request(arrival), &mut free, &mut out);
        }
        let done: Vec<u64> = out.iter().map(|r| r.done).collect();
        // Full at 10, done at 20; the fourth waits from 20 to 70 alone.
        assert_eq!(done, [20, 20, 20, 80]);
        batcher.leave_by(150, &mut free, &mut out);
        assert_eq!(out[4].done, 160);
    }
}
