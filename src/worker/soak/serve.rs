//! Real servers on a real clock: a thread for each, which takes requests from its arm's queue.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::super::error::Error;
use super::queue::Queue;
use super::steady;
use crate::domain::{Arm, Progress, SimSpan};
use crate::engine::Due;
use crate::models::{Asker, wait_until};
use crate::stats::soak::{Load, Quantiles};

/// Until the first request is due: time for all threads to start.
const GET_READY: Duration = Duration::from_millis(200);
/// Whoever waits looks so often whether the soak was cancelled.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// An arm, its model, and what it has to answer.
pub(super) struct Service<'a> {
    pub arm: &'a Arm,
    pub asker: &'a Asker<'a>,
    pub due: &'a [Due],
}

/// One call to a model, in microseconds from the start of the traffic.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Call {
    /// When it could have begun, and when it did.
    from: f64,
    began: f64,
    ended: f64,
}

/// What became of one arm's requests.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Served {
    requests: u64,
    calls: Vec<Call>,
    /// Of those who got an answer in time.
    latencies: Vec<f64>,
    timed_out: u64,
    rejected: u64,
    longest_queue: u64,
}

impl Served {
    pub fn load(&self, servers: u64, span: SimSpan) -> Load {
        let times: Vec<f64> = self.calls.iter().map(|call| call.ended - call.began).collect();
        let available = servers as f64 * span.micros() as f64;
        Load {
            requests: self.requests,
            answered: self.latencies.len() as u64,
            timed_out: self.timed_out,
            rejected: self.rejected,
            latency: Quantiles::of(self.latencies.clone()),
            utilisation: times.iter().sum::<f64>() / available.max(1.0),
            service: Quantiles::of(times),
            longest_queue: self.longest_queue,
            per_second: self.latencies.len() as f64 / span.as_secs_f64(),
        }
    }

    pub fn late(&self) -> Option<Quantiles> {
        Quantiles::of(self.calls.iter().map(|call| call.began - call.from).collect())
    }

    fn count(&mut self, call: Call, batch: &[Due], timeout: SimSpan) {
        self.calls.push(call);
        for request in batch {
            let latency = call.ended - request.at as f64;
            if latency <= timeout.micros() as f64 {
                self.latencies.push(latency);
            } else {
                self.timed_out += 1;
            }
        }
    }

    fn absorb(&mut self, other: Self) {
        self.calls.extend(other.calls);
        self.latencies.extend(other.latencies);
        self.timed_out += other.timed_out;
    }
}

/// Serves all requests of all arms when they are due; one entry per arm. Progress counts requests.
///
/// # Errors
/// The first that a model reports; if there are no more threads, or somebody cancels.
pub(super) fn serve(services: &[Service<'_>], progress: &Progress) -> Result<Vec<Served>, Error> {
    progress.set_total(services.iter().map(|service| service.due.len() as u64).sum());
    let queues: Vec<Mutex<Queue<'_>>> = services
        .iter()
        .map(|service| Mutex::new(Queue::new(service.due, &service.arm.serving)))
        .collect();
    let clock = Clock {
        start: Instant::now() + GET_READY,
        progress,
        failed: AtomicBool::new(false),
        one_by_one: Mutex::new(()),
    };
    let clock = &clock;
    let mut all = thread::scope(|scope| {
        let mut servers = Vec::new();
        for (arm, (service, queue)) in services.iter().zip(&queues).enumerate() {
            for _ in 0..steady::servers(&service.arm.serving) {
                let work = move || service.asker.on_one_thread(|| clock.work(service, queue));
                let spawned = thread::Builder::new()
                    .name(format!("serve {}", service.arm.name))
                    .spawn_scoped(scope, work);
                match spawned {
                    Ok(server) => servers.push((arm, server)),
                    Err(fault) => {
                        clock.failed.store(true, Ordering::Relaxed);
                        return Err(Error::Thread(fault));
                    }
                }
            }
        }
        let mut all: Vec<Served> = services.iter().map(|_| Served::default()).collect();
        for (arm, server) in servers {
            let ended = server.join();
            let ended =
                ended.map_err(|_| Error::Thread(io::Error::other("a server broke down")))?;
            if let Some(served) = all.get_mut(arm) {
                served.absorb(ended?);
            }
        }
        Ok(all)
    })?;
    for ((served, queue), service) in all.iter_mut().zip(queues).zip(services) {
        let queue = queue.into_inner().unwrap_or_else(PoisonError::into_inner);
        served.requests = service.due.len() as u64;
        served.rejected = queue.rejected;
        served.timed_out += queue.given_up;
        served.longest_queue = queue.longest;
    }
    Ok(all)
}

/// What all servers share.
struct Clock<'a> {
    start: Instant,
    progress: &'a Progress,
    /// Some server could not go on.
    failed: AtomicBool,
    /// Held during calls to models that no two threads may ask at once.
    one_by_one: Mutex<()>,
}

impl Clock<'_> {
    /// One server, until its queue has no more requests.
    fn work(&self, service: &Service<'_>, queue: &Mutex<Queue<'_>>) -> Result<Served, Error> {
        let worked = self.work_off(service, queue);
        if worked.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        worked
    }

    fn work_off(&self, service: &Service<'_>, queue: &Mutex<Queue<'_>>) -> Result<Served, Error> {
        let mut served = Served::default();
        let mut batch = Vec::new();
        loop {
            let begin = {
                let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
                let now = self.now();
                queue.take(now as u64, &mut batch).map(|begin| now.max(begin as f64))
            };
            let (Some(from), Some(first)) = (begin, batch.first()) else { return Ok(served) };
            self.wait_until(from)?;
            let alone = (!service.asker.is_shared())
                .then(|| self.one_by_one.lock().unwrap_or_else(PoisonError::into_inner));
            let began = self.now();
            // Rows that follow the first stand for the others of its batch: it is their number that
            // takes time.
            let answers = service.asker.ask(first.row as usize, batch.len());
            let ended = self.now();
            drop(alone);
            let fault = |fault| Error::Arm { arm: service.arm.name.clone(), fault };
            std::hint::black_box(answers.map_err(fault)?);
            served.count(Call { from, began, ended }, &batch, service.arm.serving.timeout);
            self.progress.add(batch.len() as u64);
        }
    }

    /// Microseconds since the start of the traffic; 0 before.
    fn now(&self) -> f64 {
        Instant::now().saturating_duration_since(self.start).as_secs_f64() * 1e6
    }

    fn wait_until(&self, micros: f64) -> Result<(), Error> {
        let until = self.start + Duration::from_secs_f64(micros / 1e6);
        loop {
            if self.failed.load(Ordering::Relaxed) || self.progress.is_cancelled() {
                return Err(Error::Cancelled);
            }
            if until <= Instant::now() {
                return Ok(());
            }
            wait_until(until, LOOK_EVERY);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_counts_and_late_answers_are_no_answers() {
        let mut served = Served::default();
        let due = |at| Due { at, row: 0 };
        let call = |from, ended| Call { from, began: from + 1.0, ended };
        let timeout = SimSpan::from_micros(50);
        served.count(call(10.0, 30.0), &[due(0), due(10)], timeout);
        served.count(call(40.0, 80.0), &[due(20)], timeout);
        let load = served.load(2, SimSpan::from_micros(100));
        assert_eq!((load.answered, load.timed_out), (2, 1));
        assert_eq!(load.latency.unwrap().all(), [20.0, 30.0, 30.0]);
        assert_eq!(load.service.unwrap().p50, 19.0);
        assert!((load.utilisation - (19.0 + 39.0) / 200.0).abs() < 1e-12);
        assert_eq!(served.late().unwrap().all(), [1.0; 3]);
    }
}
