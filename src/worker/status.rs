//! What a long task is doing at the moment, for whoever waits for it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::error::Error;
use crate::domain::Progress;

/// Shared between the thread that works and the one that watches.
#[derive(Debug, Default)]
pub struct Status {
    /// How far the current step has come, and the flag that cancels the task.
    pub progress: Progress,
    step: Mutex<Option<Step>>,
    notes: Mutex<Vec<String>>,
}

#[derive(Debug)]
struct Step {
    text: String,
    began: Instant,
}

impl Status {
    /// Begins the next step; its total is not known yet.
    pub fn begin(&self, text: impl Into<String>) {
        self.progress.set_done(0);
        self.progress.set_total(0);
        *locked(&self.step) = Some(Step { text: text.into(), began: Instant::now() });
    }

    /// What is being done, for example `Scoring risk v2`; empty before the first step.
    pub fn step(&self) -> String {
        locked(&self.step).as_ref().map(|step| step.text.clone()).unwrap_or_default()
    }

    /// How long the current step has been going on.
    pub fn elapsed(&self) -> Duration {
        locked(&self.step).as_ref().map_or(Duration::ZERO, |step| step.began.elapsed())
    }

    /// An estimate of the time that the current step still needs; `None` while there is no ground
    /// for one.
    pub fn left(&self) -> Option<Duration> {
        let share = f64::from(self.progress.share()?);
        (share >= 0.01).then(|| self.elapsed().mul_f64((1.0 - share) / share))
    }

    /// Adds a remark on something that did not stop the work but that a person should know.
    pub fn note(&self, text: impl Into<String>) {
        let text = text.into();
        let mut notes = locked(&self.notes);
        if !notes.contains(&text) {
            notes.push(text);
        }
    }

    pub fn notes(&self) -> Vec<String> {
        locked(&self.notes).clone()
    }

    /// Lets work stop between two steps.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if somebody asked for it.
    pub fn check(&self) -> Result<(), Error> {
        if self.progress.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }
}

/// A thread that died while it held the lock leaves a text behind that is still worth showing.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_step_forgets_how_far_the_last_one_was() {
        let status = Status::default();
        status.begin("Reading");
        status.progress.set_total(10);
        status.progress.add(10);
        assert_eq!(status.left(), Some(Duration::ZERO));
        status.begin("Scoring");
        assert_eq!((status.step().as_str(), status.left()), ("Scoring", None));
    }
}
