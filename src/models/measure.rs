//! How long a model takes: real calls, timed on this machine. The only place that reads a clock.

use std::time::{Duration, Instant};

use super::backend::Bound;
use super::error::Error;
use super::model::Model;
use crate::domain::{BatchTime, LatencyProfile, Progress, Table};

/// Rows in one call, smallest first.
const BATCHES: [u32; 5] = [1, 8, 32, 128, 512];
/// The quantiles that are kept: percentiles 0 to 100.
const QUANTILES: usize = 101;

/// How much effort each part of a measurement may take.
struct Effort {
    at_most: Duration,
    calls: usize,
    /// Even slow models are called so often.
    at_least: usize,
}

const WARM_UP: Effort = Effort { at_most: Duration::from_millis(100), calls: 200, at_least: 2 };
const SINGLE: Effort = Effort { at_most: Duration::from_millis(600), calls: 4000, at_least: 3 };
const BATCH: Effort = Effort { at_most: Duration::from_millis(150), calls: 100, at_least: 2 };
/// A batch size that would take longer than this is not measured.
const LONGEST_CALL: Duration = Duration::from_millis(400);

/// The rows whose answers' beginnings are timed.
const BEGINNINGS: usize = 9;

/// How long a language model takes for a row, in microseconds: medians over some rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FirstToken {
    /// From the prompt to the first token.
    pub first: f64,
    /// The whole answer.
    pub whole: f64,
    pub rows: usize,
}

impl Model {
    /// Times the first token and the whole answer of some rows; nothing for models that write no
    /// tokens.
    ///
    /// # Errors
    /// As [`Model::measure`].
    pub fn first_token(&self, table: &Table) -> Result<Option<FirstToken>, Error> {
        let bound = self.bind(table)?;
        let (mut first, mut whole) = (Vec::new(), Vec::new());
        // The first row is a warm-up.
        for row in 0..=BEGINNINGS.min(table.rows.saturating_sub(1)) {
            let began = Instant::now();
            let Some(begun) = bound.begin(row) else { return Ok(None) };
            begun.map_err(|fault| self.fault(fault))?;
            let to_first = began.elapsed().as_secs_f64() * 1e6;
            let began = Instant::now();
            self.ask(&*bound, row, 1)?;
            if row > 0 || table.rows == 1 {
                first.push(to_first);
                whole.push(began.elapsed().as_secs_f64() * 1e6);
            }
        }
        first.sort_by(f64::total_cmp);
        whole.sort_by(f64::total_cmp);
        let (rows, median) = (first.len(), |times: &[f64]| quantile(times, 0.5));
        Ok(Some(FirstToken { first: median(&first), whole: median(&whole), rows }))
    }

    /// Measures one answer and batches of several sizes, on one thread and after a warm-up; about
    /// a second in all. Features are computed within the measured time, as in a real service.
    ///
    /// # Errors
    /// If the table does not fit or is empty, the device fails, or somebody cancels.
    pub fn measure(&self, table: &Table, progress: &Progress) -> Result<LatencyProfile, Error> {
        let bound = self.bind(table)?;
        if table.rows == 0 {
            return Err(Error::NoRows { model: self.card().name.clone() });
        }
        let measurement = Measurement { model: self, bound, rows: table.rows, progress };
        if !self.backend.is_shared() {
            return measurement.run();
        }
        // A pool of one thread: whatever candle hands to rayon stays on it, so the figures do not
        // depend on what else the machine does with its other cores.
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .thread_name(|_| "measure model".to_owned())
            .build();
        match pool {
            Ok(pool) => pool.install(|| measurement.run()),
            Err(_) => measurement.run(),
        }
    }
}

struct Measurement<'a> {
    model: &'a Model,
    bound: Box<dyn Bound + 'a>,
    rows: usize,
    progress: &'a Progress,
}

impl Measurement<'_> {
    fn run(&self) -> Result<LatencyProfile, Error> {
        self.progress.set_total(2 + BATCHES.len() as u64);
        self.progress.set_done(0);
        self.times(1, &WARM_UP)?;
        self.progress.add(1);
        let single = self.times(1, &SINGLE)?;
        self.progress.add(1);
        let single_row: Vec<f64> =
            (0..QUANTILES).map(|i| quantile(&single, i as f64 / (QUANTILES - 1) as f64)).collect();
        let mut batches = vec![BatchTime { rows: 1, micros: quantile(&single, 0.5) }];
        for rows in BATCHES.into_iter().skip(1) {
            let expected = batches
                .last()
                .map_or(0.0, |last| last.micros / f64::from(last.rows) * f64::from(rows));
            if expected <= LONGEST_CALL.as_secs_f64() * 1e6 {
                let times = self.times(rows as usize, &BATCH)?;
                batches.push(BatchTime { rows, micros: quantile(&times, 0.5) });
            }
            self.progress.add(1);
        }
        let device = self.model.device().to_owned();
        self.progress.set_done(2 + BATCHES.len() as u64);
        Ok(LatencyProfile { single_row, batches, device, threads: 1 })
    }

    /// The durations of calls with `rows` rows in microseconds, sorted. Each call takes other rows.
    fn times(&self, rows: usize, effort: &Effort) -> Result<Vec<f64>, Error> {
        let mut times = Vec::new();
        let mut first = 0;
        let start = Instant::now();
        while times.len() < effort.calls {
            if self.progress.is_cancelled() {
                return Err(Error::Cancelled);
            }
            if times.len() >= effort.at_least && start.elapsed() >= effort.at_most {
                break;
            }
            let began = Instant::now();
            let answers = self.model.head.apply(self.model.ask(&*self.bound, first, rows)?);
            times.push(began.elapsed().as_secs_f64() * 1e6);
            // Answers that are no numbers are the business of scoring; they take as long.
            std::hint::black_box(&answers).as_ref().ok();
            first = (first + rows) % self.rows;
        }
        times.sort_by(f64::total_cmp);
        Ok(times)
    }
}

/// By linear interpolation between the sorted values.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let at = q * last as f64;
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    match (sorted.get(low), sorted.get(high)) {
        (Some(a), Some(b)) => a + (b - a) * (at - low as f64),
        _ => 0.0,
    }
}
