//! The servers of one arm behind one first-in-first-out queue.
//!
//! Between two changes of the fleet a FIFO queue needs no event calendar: keeping the times at
//! which the servers become free, in order, gives every request's start (Kiefer & Wolfowitz 1955).

use std::collections::VecDeque;
use std::ops::Range;

use crate::domain::{Serving, SimTime};

/// How a request ended, or is known to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum End {
    Answered,
    TimedOut,
    Rejected,
    Failed,
}

/// A request that is not over yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    pub index: u64,
    pub arrival: u64,
    /// When a server takes it; `u64::MAX` if its caller gives up before.
    pub start: u64,
    /// When its caller learns how it ended.
    pub done: u64,
    pub service: u32,
    pub row: u32,
    pub end: End,
    pub mirrored: u8,
}

#[derive(Clone, Debug)]
pub(super) struct Fleet {
    /// When each ready server is free, in rising order.
    free: Vec<u64>,
    concurrency: usize,
    queue_limit: usize,
    timeout: u64,
    cold_start: u64,
    /// When replicas that were asked for will be ready, in rising order.
    starting: VecDeque<u64>,
    ready: u32,
    /// Leaving times of those who wait, in rising order.
    waiting: VecDeque<u64>,
    /// The longest queue since it was last asked for.
    longest: usize,
}

impl Fleet {
    /// With `replicas` ready from the start.
    pub fn new(serving: &Serving, replicas: u32) -> Self {
        let mut fleet = Self {
            free: Vec::new(),
            concurrency: serving.concurrency as usize,
            queue_limit: serving.queue_limit as usize,
            timeout: serving.timeout.micros(),
            cold_start: serving.cold_start.micros(),
            starting: VecDeque::new(),
            ready: 0,
            waiting: VecDeque::new(),
            longest: 0,
        };
        fleet.add_ready(replicas, 0);
        fleet
    }

    pub fn ready(&self) -> u32 {
        self.ready
    }

    pub fn starting(&self) -> u32 {
        self.starting.len() as u32
    }

    /// Ready and starting replicas: what is paid for.
    pub fn replicas(&self) -> u32 {
        self.ready + self.starting()
    }

    pub fn servers(&self) -> usize {
        self.free.len()
    }

    /// When the next replica will be ready.
    pub fn next_ready(&self) -> SimTime {
        self.starting.front().map_or(SimTime::NEVER, |at| SimTime::from_micros(*at))
    }

    fn add_ready(&mut self, replicas: u32, now: u64) {
        self.ready += replicas;
        let servers = replicas as usize * self.concurrency;
        self.free.extend(std::iter::repeat_n(now, servers));
        self.free.sort_unstable();
    }

    /// Asks for a size. New replicas start cold; too many go, starting ones first, then those with
    /// the least work, which they finish. True if ready servers went or came.
    pub fn scale(&mut self, replicas: u32, now: u64) -> bool {
        while self.replicas() < replicas {
            self.starting.push_back(now + self.cold_start);
        }
        while self.replicas() > replicas && self.starting.pop_back().is_some() {}
        if self.ready <= replicas {
            return false;
        }
        let going = (self.ready - replicas) as usize * self.concurrency;
        self.ready = replicas;
        self.free.drain(..going.min(self.free.len()));
        true
    }

    /// Lets replicas whose start-up is over join. True if any did.
    pub fn wake(&mut self, now: u64) -> bool {
        let mut woken = 0;
        while self.starting.front().is_some_and(|at| *at <= now) {
            self.starting.pop_front();
            woken += 1;
        }
        self.add_ready(woken, now);
        woken > 0
    }

    /// `replicas` die at once with what they work on: the busiest ones, to be on the safe side.
    /// Returns from which time on their servers would have been free (the cut ones' ends).
    pub fn kill(&mut self, replicas: u32) -> Vec<u64> {
        let replicas = replicas.min(self.ready);
        self.ready -= replicas;
        let left = self.free.len() - replicas as usize * self.concurrency;
        self.free.split_off(left)
    }

    /// When each server is free, in rising order.
    pub fn free_mut(&mut self) -> &mut [u64] {
        &mut self.free
    }

    /// Takes requests in order of arrival; writes when each is done and how it ends. `starts` gets
    /// the moment at which a server takes it, `u64::MAX` if none does.
    #[inline(always)]
    pub fn serve(&mut self, arrivals: &[u64], services: &[u32], out: &mut Served<'_>) -> Work {
        let plain = match self.free.len() {
            1 => self.serve_plainly::<1>(arrivals, services, out),
            2 => self.serve_plainly::<2>(arrivals, services, out),
            3 => self.serve_plainly::<3>(arrivals, services, out),
            4 => self.serve_plainly::<4>(arrivals, services, out),
            5 => self.serve_plainly::<5>(arrivals, services, out),
            6 => self.serve_plainly::<6>(arrivals, services, out),
            8 => self.serve_plainly::<8>(arrivals, services, out),
            12 => self.serve_plainly::<12>(arrivals, services, out),
            16 => self.serve_plainly::<16>(arrivals, services, out),
            _ => None,
        };
        plain.unwrap_or_else(|| {
            let busy = self.serve_any(arrivals, services, out);
            Work { busy, all_answered_by: None }
        })
    }

    /// As if nobody ever gave up or was turned away; `None`, and nothing done, if somebody does.
    /// The number of servers is known to the compiler, so their times stay in registers, and no
    /// branch depends on whether a request waits.
    #[inline(always)]
    fn serve_plainly<const C: usize>(
        &mut self,
        arrivals: &[u64],
        services: &[u32],
        out: &mut Served<'_>,
    ) -> Option<Work> {
        let mut free = [0; C];
        free.copy_from_slice(&self.free);
        let mut longest = 0;
        let times = out.starts.iter_mut().zip(out.dones.iter_mut());
        for ((arrival, service), (start_out, done_out)) in arrivals.iter().zip(services).zip(times)
        {
            let start = free[0].max(*arrival);
            let until = start + u64::from(*service);
            for k in 0..C - 1 {
                free[k] =
                    if k == 0 { until.min(free[1]) } else { free[k].max(until.min(free[k + 1])) };
            }
            free[C - 1] = if C == 1 { until } else { free[C - 1].max(until) };
            (*start_out, *done_out) = (start, until);
            longest = longest.max(until - arrival);
        }
        let queue = self.longest_queue(arrivals, out.starts)?;
        if longest > self.timeout {
            return None;
        }
        out.ends.fill(End::Answered);
        self.free.copy_from_slice(&free);
        self.longest = queue;
        let now = arrivals.last().copied().unwrap_or(0);
        self.waiting.retain(|leaves| *leaves > now);
        let still = out.starts.partition_point(|start| *start <= now);
        self.waiting.extend(&out.starts[still..]);
        let busy = services.iter().map(|service| u64::from(*service)).sum();
        Some(Work { busy, all_answered_by: Some(free[C - 1]) })
    }

    /// The longest queue so far, once requests with these starts (in rising order, as in any first-
    /// in-first-out queue) have come; `None` if it is longer than the limit.
    fn longest_queue(&mut self, arrivals: &[u64], starts: &[u64]) -> Option<usize> {
        let before = self.waiting.make_contiguous();
        let start_of = |place: usize| match place.checked_sub(before.len()) {
            Some(place) => starts[place],
            None => before[place],
        };
        // It is longer than the longest if the one so many places ahead still waits.
        let grow = |mut longest: usize, range: Range<usize>| {
            for (arrival, place) in arrivals[range.clone()].iter().zip(before.len() + range.start..)
            {
                while place >= longest && start_of(place - longest) > *arrival {
                    longest += 1;
                }
            }
            longest
        };
        let first = self.longest.min(arrivals.len());
        let mut longest = grow(self.longest, 0..first);
        // Those ahead of the others are among the given ones: a question without branches, and
        // mostly the answer is no.
        let pairs = starts.iter().zip(&arrivals[first..]);
        if pairs.fold(false, |any, (start, arrival)| any | (start > arrival)) {
            longest = grow(longest, first..arrivals.len());
        }
        (longest <= self.queue_limit).then_some(longest)
    }

    fn serve_any(&mut self, arrivals: &[u64], services: &[u32], out: &mut Served<'_>) -> u64 {
        let mut busy = 0;
        let each = arrivals.iter().zip(services).zip(out.iter_mut());
        for ((arrival, service), (start_out, done_out, end_out)) in each {
            let Some(first) = self.free.first().copied() else {
                // Nobody is there to answer.
                (*start_out, *done_out, *end_out) = (u64::MAX, *arrival, End::Rejected);
                continue;
            };
            let (start, done, end) = self.admit(*arrival, first, u64::from(*service));
            if start != u64::MAX {
                let until = start + u64::from(*service);
                busy += u64::from(*service);
                let place = self.free.partition_point(|time| *time < until).max(1);
                self.free.copy_within(1..place, 0);
                self.free[place - 1] = until;
            }
            (*start_out, *done_out, *end_out) = (start, done, end);
        }
        busy
    }

    /// What becomes of a request when the first server is free at `free`.
    #[inline(always)]
    fn admit(&mut self, arrival: u64, free: u64, service: u64) -> (u64, u64, End) {
        let limit = arrival + self.timeout;
        if free <= arrival {
            let done = arrival + service;
            return if done <= limit {
                (arrival, done, End::Answered)
            } else {
                (arrival, limit, End::TimedOut)
            };
        }
        self.admit_waiting(arrival, free, service, limit)
    }

    fn admit_waiting(
        &mut self,
        arrival: u64,
        free: u64,
        service: u64,
        limit: u64,
    ) -> (u64, u64, End) {
        while self.waiting.front().is_some_and(|leaves| *leaves <= arrival) {
            self.waiting.pop_front();
        }
        if self.waiting.len() >= self.queue_limit {
            return (u64::MAX, arrival, End::Rejected);
        }
        self.waiting.push_back(free.min(limit));
        self.longest = self.longest.max(self.waiting.len());
        if free >= limit {
            return (u64::MAX, limit, End::TimedOut);
        }
        let done = free + service;
        if done <= limit { (free, done, End::Answered) } else { (free, limit, End::TimedOut) }
    }

    /// The longest queue since the last call.
    pub fn take_longest_queue(&mut self) -> u32 {
        std::mem::take(&mut self.longest) as u32
    }

    /// Takes the waiting requests out of the queue and lets them queue again behind the fleet as
    /// it is now. `pending` holds all requests that are not over, in order of arrival.
    pub fn requeue(&mut self, pending: &mut [Pending], now: u64) -> i64 {
        self.waiting.clear();
        let mut taken: Vec<u64> = Vec::new();
        // Those who were cut are over now, and their servers are gone.
        for request in pending.iter().filter(|r| r.start <= now && r.done > now) {
            taken.push(request.start + u64::from(request.service));
        }
        // Servers that are busy stay so; each takes one of the running requests.
        taken.sort_unstable();
        let servers = self.free.len();
        let running = taken.split_off(taken.len().saturating_sub(servers));
        self.free = running;
        self.free.resize(servers, now);
        self.free.sort_unstable();
        let mut busy = 0i64;
        for request in pending.iter_mut().filter(|request| request.start > now) {
            let was_taken = request.start != u64::MAX;
            let (mut start, mut done, mut end) = ([0], [0], [End::Answered]);
            let mut out = Served { starts: &mut start, dones: &mut done, ends: &mut end };
            let begun = self.serve_waiting(request, now, &mut out);
            busy += begun as i64 - if was_taken { i64::from(request.service) } else { 0 };
            (request.start, request.done) = (start[0], done[0].max(now));
            // A model that fails on a request fails on it wherever it is served.
            if !(request.end == End::Failed && end[0] == End::Answered) {
                request.end = end[0];
            }
        }
        busy
    }

    /// A request that arrived earlier and queues again now: it keeps its deadline.
    fn serve_waiting(&mut self, request: &Pending, now: u64, out: &mut Served<'_>) -> u64 {
        let Some(free) = self.free.first().copied() else {
            // It waits for a server that may come, as long as its caller does.
            let limit = request.arrival + self.timeout;
            self.waiting.push_back(limit);
            (out.starts[0], out.dones[0], out.ends[0]) = (u64::MAX, limit, End::TimedOut);
            return 0;
        };
        let service = u64::from(request.service);
        let limit = request.arrival + self.timeout;
        let start = free.max(now);
        if start >= limit {
            self.waiting.push_back(limit);
            (out.starts[0], out.dones[0], out.ends[0]) = (u64::MAX, limit, End::TimedOut);
            return 0;
        }
        if start > now {
            self.waiting.push_back(start);
        }
        let until = start + service;
        let place = self.free.partition_point(|time| *time < until).max(1);
        self.free.copy_within(1..place, 0);
        self.free[place - 1] = until;
        let (done, end) =
            if until <= limit { (until, End::Answered) } else { (limit, End::TimedOut) };
        (out.starts[0], out.dones[0], out.ends[0]) = (start, done, end);
        service
    }
}

/// What serving some requests came to.
pub(super) struct Work {
    /// Busy time begun, in microseconds.
    pub busy: u64,
    /// A time by which they are done, if all were answered.
    pub all_answered_by: Option<u64>,
}

/// Where [`Fleet::serve`] writes, one place per request.
pub(super) struct Served<'a> {
    pub starts: &'a mut [u64],
    pub dones: &'a mut [u64],
    pub ends: &'a mut [End],
}

impl Served<'_> {
    #[inline]
    fn iter_mut(&mut self) -> impl Iterator<Item = (&mut u64, &mut u64, &mut End)> {
        let pairs = self.starts.iter_mut().zip(self.dones.iter_mut());
        pairs.zip(self.ends.iter_mut()).map(|((start, done), end)| (start, done, end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SimSpan;

    fn serve(serving: &Serving, requests: &[(u64, u32)]) -> Vec<(u64, End)> {
        let mut fleet = Fleet::new(serving, serving.replicas);
        let (arrivals, services): (Vec<_>, Vec<_>) = requests.iter().copied().unzip();
        let n = requests.len();
        let (mut starts, mut dones, mut ends) = (vec![0; n], vec![0; n], vec![End::Answered; n]);
        let mut out = Served { starts: &mut starts, dones: &mut dones, ends: &mut ends };
        fleet.serve(&arrivals, &services, &mut out);
        dones.into_iter().zip(ends).collect()
    }

    fn serving(replicas: u32) -> Serving {
        Serving {
            replicas,
            timeout: SimSpan::from_micros(100),
            queue_limit: 2,
            ..Serving::default()
        }
    }

    #[test]
    fn two_servers_by_hand() {
        let got = serve(&serving(2), &[(0, 10), (1, 20), (2, 5), (3, 5), (40, 1)]);
        let want = [10, 21, 15, 20, 41].map(|done| (done, End::Answered));
        assert_eq!(got, want);
    }

    #[test]
    fn the_queue_turns_away_and_callers_give_up() {
        let got = serve(&serving(1), &[(0, 95), (1, 50), (2, 1), (3, 1)]);
        assert_eq!(
            got,
            [
                (95, End::Answered),
                // Begun at 95, done at 145, but its caller left at 101.
                (101, End::TimedOut),
                // The server is free at 145 only.
                (102, End::TimedOut),
                // Two wait already.
                (3, End::Rejected),
            ]
        );
    }

    #[test]
    fn every_number_of_servers_gives_what_the_general_way_gives() {
        let requests: Vec<(u64, u32)> =
            (0..500u64).map(|k| (k * 7, ((k * 7_919) % 61) as u32)).collect();
        for replicas in [1, 2, 3, 4, 5, 6, 8, 12, 16] {
            let fixed = serve(&serving(replicas), &requests);
            let mut fleet = Fleet::new(&serving(replicas), replicas);
            let (arrivals, services): (Vec<_>, Vec<_>) = requests.iter().copied().unzip();
            let (mut starts, mut dones, mut ends) =
                (vec![0; 500], vec![0; 500], vec![End::Answered; 500]);
            let mut out = Served { starts: &mut starts, dones: &mut dones, ends: &mut ends };
            fleet.serve_any(&arrivals, &services, &mut out);
            assert_eq!(fixed, dones.into_iter().zip(ends).collect::<Vec<_>>(), "{replicas}");
        }
    }

    #[test]
    fn no_server_answers_nobody() {
        let mut one = serving(1);
        one.replicas = 0;
        assert_eq!(serve(&one, &[(5, 1)]), [(5, End::Rejected)]);
    }

    #[test]
    fn replicas_start_cold_and_leave_in_order() {
        let mut fleet = Fleet::new(&serving(2), 2);
        fleet.scale(4, 1_000);
        assert_eq!((fleet.ready(), fleet.replicas()), (2, 4));
        assert_eq!(fleet.next_ready(), SimTime::from_micros(20_001_000));
        assert!(fleet.wake(20_001_000));
        assert_eq!(fleet.servers(), 4);
        assert!(fleet.scale(1, 20_001_000));
        assert_eq!((fleet.ready(), fleet.servers()), (1, 1));
    }
}
