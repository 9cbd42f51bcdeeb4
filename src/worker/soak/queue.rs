//! One arm's queue of requests that are due at given times.
//!
//! No thread puts requests in: one is in the queue from the moment at which it is due. So the load
//! generator can never fall behind, and slow answers never thin out the load.

use std::collections::VecDeque;

use crate::domain::{MicroBatching, Serving};
use crate::engine::Due;

/// First in, first out, with the limits of the arm's fleet. Times are microseconds from the start.
pub(super) struct Queue<'a> {
    due: &'a [Due],
    next: usize,
    /// When those who had to wait were taken, or gave up; in rising order.
    leaving: VecDeque<u64>,
    limit: usize,
    timeout: u64,
    batching: MicroBatching,
    pub longest: u64,
    pub rejected: u64,
    /// Callers who gave up before a server was free.
    pub given_up: u64,
}

impl<'a> Queue<'a> {
    pub fn new(due: &'a [Due], serving: &Serving) -> Self {
        let alone = MicroBatching { max_size: 1, max_wait: Default::default() };
        let batching = serving.batching.unwrap_or(alone);
        // A batch that is being collected is not yet a queue.
        let collecting = if serving.batching.is_some() { batching.max_size } else { 0 };
        Self {
            due,
            next: 0,
            leaving: VecDeque::new(),
            limit: serving.queue_limit as usize + collecting as usize,
            timeout: serving.timeout.micros(),
            batching,
            longest: 0,
            rejected: 0,
            given_up: 0,
        }
    }

    /// What a server that is free at `now` does next: the requests go to `batch`, and the answer is
    /// when it can begin. `None` once there are no more.
    pub fn take(&mut self, now: u64, batch: &mut Vec<Due>) -> Option<u64> {
        batch.clear();
        let oldest = self.next_waiting(now)?;
        let most = self.batching.max_size.max(1) as usize;
        let full = self.due.get(self.next + most - 1).map_or(u64::MAX, |last| last.at);
        let begin = full.min(oldest.at.saturating_add(self.batching.max_wait.micros())).max(now);
        let begin = if most == 1 { oldest.at.max(now) } else { begin };
        while batch.len() < most
            && let Some(request) = self.due.get(self.next).filter(|request| request.at <= begin)
        {
            self.next += 1;
            if self.turns_away(request.at, begin) {
                continue;
            }
            batch.push(*request);
            self.wait(request.at, begin);
        }
        Some(begin)
    }

    /// The first request that is neither turned away nor gives up before `now`.
    fn next_waiting(&mut self, now: u64) -> Option<Due> {
        loop {
            let request = *self.due.get(self.next)?;
            let gives_up = request.at + self.timeout;
            if self.turns_away(request.at, now) {
                self.next += 1;
                continue;
            }
            if self.batching.max_size <= 1 && gives_up <= now {
                self.given_up += 1;
                self.wait(request.at, gives_up);
                self.next += 1;
                continue;
            }
            return Some(request);
        }
    }

    /// Whether somebody who comes at `at` and would be served from `begin` on is turned away.
    fn turns_away(&mut self, at: u64, begin: u64) -> bool {
        while self.leaving.front().is_some_and(|leaves| *leaves <= at) {
            self.leaving.pop_front();
        }
        let is_full = at < begin && self.leaving.len() >= self.limit;
        self.rejected += u64::from(is_full);
        is_full
    }

    fn wait(&mut self, at: u64, until: u64) {
        if until > at {
            self.leaving.push_back(until);
            self.longest = self.longest.max(self.leaving.len() as u64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SimSpan;

    fn due(times: &[u64]) -> Vec<Due> {
        times.iter().zip(0..).map(|(at, row)| Due { at: *at, row }).collect()
    }

    fn serving(queue_limit: u32, timeout: u64) -> Serving {
        Serving { queue_limit, timeout: SimSpan::from_micros(timeout), ..Serving::default() }
    }

    /// What one server does whose every call takes `micros`: `(begin, rows)`.
    fn serve(queue: &mut Queue<'_>, micros: u64) -> Vec<(u64, Vec<u32>)> {
        let (mut now, mut batch, mut calls) = (0, Vec::new(), Vec::new());
        while let Some(begin) = queue.take(now, &mut batch) {
            calls.push((begin, batch.iter().map(|request| request.row).collect()));
            now = begin + micros;
        }
        calls
    }

    #[test]
    fn requests_are_taken_in_order_and_never_before_they_are_due() {
        let due = due(&[0, 5, 40]);
        let mut queue = Queue::new(&due, &serving(10, 1_000));
        assert_eq!(serve(&mut queue, 10), [(0, vec![0]), (10, vec![1]), (40, vec![2])]);
        assert_eq!((queue.longest, queue.rejected, queue.given_up), (1, 0, 0));
    }

    #[test]
    fn too_many_are_turned_away_and_the_patient_alone_are_served() {
        let due = due(&[0, 1, 2, 3, 200]);
        let mut queue = Queue::new(&due, &serving(2, 1_000));
        let rows: Vec<u32> = serve(&mut queue, 100).into_iter().flat_map(|call| call.1).collect();
        assert_eq!((rows, queue.rejected, queue.longest), (vec![0, 1, 2, 4], 1, 2));
        let mut queue = Queue::new(&due, &serving(10, 150));
        let calls = serve(&mut queue, 100);
        assert_eq!(calls, [(0, vec![0]), (100, vec![1]), (200, vec![4])]);
        assert_eq!(queue.given_up, 2);
    }

    #[test]
    fn a_batch_leaves_full_or_when_its_oldest_has_waited() {
        let batching = MicroBatching { max_size: 3, max_wait: SimSpan::from_micros(50) };
        let serving = Serving { batching: Some(batching), ..serving(10, 1_000) };
        let due = due(&[0, 5, 10, 20, 100]);
        let mut queue = Queue::new(&due, &serving);
        let calls = serve(&mut queue, 10);
        assert_eq!(calls, [(10, vec![0, 1, 2]), (70, vec![3]), (150, vec![4])]);
    }
}
