//! The threads of the program and the jobs on them.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::desk::{Desk, Wake};
use super::error::Error;
use super::report::{News, Report};
use super::status::Status;
use super::task::{Lane, Task};
use crate::models::DeviceChoice;

/// Tasks that may wait in one lane. No person asks for so many at once.
const MOST_WAITING: usize = 64;
/// Reports that may wait to be read. A full channel makes recordings grow in larger pieces.
const MOST_REPORTS: usize = 64;

/// A job's number; none is given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(u64);

/// A job that waits or runs.
#[derive(Clone, Debug)]
pub struct RunningJob {
    pub id: JobId,
    pub title: String,
    pub status: Arc<Status>,
    pub started: Instant,
}

/// A task on its way to its thread.
pub(super) struct Job {
    pub id: JobId,
    pub task: Task,
    pub status: Arc<Status>,
    /// Where models run.
    pub device: DeviceChoice,
}

/// Background work for the window. Nothing here blocks: tasks wait for their thread, and reports
/// wait until [`Workers::try_next`] takes them. Dropping it cancels what runs.
pub struct Workers {
    lanes: Vec<(Lane, Sender<Job>)>,
    reports: Receiver<Report>,
    /// Reports on tasks that were never sent.
    refused: VecDeque<Report>,
    running: Vec<RunningJob>,
    last: u64,
    device: DeviceChoice,
}

impl Workers {
    /// Starts the threads. The library at `library` is opened by the first task that needs it;
    /// samples are unpacked beside it. `wake` is called after each report, on any thread.
    ///
    /// # Errors
    /// If the system gives no threads.
    pub fn new(library: &Path, wake: impl Fn() + Send + Sync + 'static) -> Result<Self, Error> {
        let (report, reports) = bounded(MOST_REPORTS);
        let wake: Wake = Arc::new(wake);
        let lanes = Lane::ALL
            .into_iter()
            .map(|lane| {
                let desk = Desk::new(library.to_owned(), report.clone(), Arc::clone(&wake));
                Ok((lane, start_thread(lane, desk)?))
            })
            .collect::<Result<_, Error>>()?;
        Ok(Self {
            lanes,
            reports,
            refused: VecDeque::new(),
            running: Vec::new(),
            last: 0,
            device: DeviceChoice::default(),
        })
    }

    /// Where models of later tasks run.
    pub fn set_device(&mut self, device: DeviceChoice) {
        self.device = device;
    }

    /// Hands a task to its thread.
    pub fn start(&mut self, task: Task) -> JobId {
        self.last += 1;
        let id = JobId(self.last);
        let status = Arc::new(Status::default());
        self.running.push(RunningJob {
            id,
            title: task.title(),
            status: Arc::clone(&status),
            started: Instant::now(),
        });
        let lane = task.lane();
        let queue = self.lanes.iter().find(|(other, _)| *other == lane).map(|(_, queue)| queue);
        let job = Job { id, task, status, device: self.device };
        let is_sent = queue.is_some_and(|queue| queue.try_send(job).is_ok());
        if !is_sent {
            let text = "Too much is waiting to be done: try again when some of it has ended.";
            let news = News::Failed(text.to_owned());
            self.refused.push_back(Report { job: id, news, notes: Vec::new() });
        }
        id
    }

    /// What waits or runs, oldest first.
    pub fn jobs(&self) -> &[RunningJob] {
        &self.running
    }

    /// Asks a job to end; it reports [`News::Cancelled`] when it has.
    pub fn cancel(&self, id: JobId) {
        if let Some(job) = self.running.iter().find(|job| job.id == id) {
            job.status.progress.cancel();
        }
    }

    /// The next report, if there is one.
    pub fn try_next(&mut self) -> Option<Report> {
        let report = self.refused.pop_front().or_else(|| self.reports.try_recv().ok())?;
        if report.news.is_last() {
            self.running.retain(|job| job.id != report.job);
        }
        Some(report)
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for job in &self.running {
            job.status.progress.cancel();
        }
    }
}

/// The thread ends when the sender is dropped.
fn start_thread(lane: Lane, mut desk: Desk) -> Result<Sender<Job>, Error> {
    let (queue, jobs) = bounded::<Job>(MOST_WAITING);
    thread::Builder::new()
        .name(lane.thread_name().to_owned())
        .spawn(move || {
            for job in jobs {
                desk.work(job);
            }
        })
        .map_err(Error::Thread)?;
    Ok(queue)
}

#[cfg(test)]
#[path = "jobs_tests.rs"]
mod tests;
