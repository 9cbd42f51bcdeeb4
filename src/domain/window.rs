//! A window: a slice of virtual time and what every arm did in it.

use serde::{Deserialize, Serialize};

use super::{ArmId, Histogram, Metric, SimSpan, SimTime};

/// One slice of virtual time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Window {
    pub start: SimTime,
    pub end: SimTime,
    /// The stage at the window's end: its place in [`super::Recording::stages`].
    pub stage: u16,
    pub arms: Vec<ArmWindow>,
}

/// What one arm did in one window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ArmWindow {
    /// Shares at the window's end, 0 to 1: what the plan asked for, and what the fleet could carry.
    pub requested: f64,
    pub feasible: f64,
    /// Live requests that arrived.
    pub arrivals: u64,
    /// Copies of requests that arrived for a shadow.
    pub mirrored: u64,
    /// Copies that were dropped because the shadow was full.
    pub mirror_dropped: u64,
    /// Live answers and copies' answers that left in this window.
    pub answered: u64,
    /// Live requests that failed in this window, by cause.
    pub errors: u64,
    pub timeouts: u64,
    pub rejected: u64,
    /// Copies that failed (nobody noticed).
    pub mirror_failed: u64,
    /// Latency in microseconds of the answers, waiting included.
    pub latency: Histogram,
    pub latency_sum: u64,
    pub longest_queue: u32,
    /// Server-microseconds spent working, and available.
    pub busy: u64,
    pub capacity: u64,
    /// Replica-microseconds paid for, starting ones included.
    pub replica_time: u64,
    pub ready_replicas: u32,
    /// Microseconds in which live traffic had no ready replica here.
    pub downtime: u64,
    /// Distinct units answered by this arm since the start.
    pub units: u64,
    /// Quality per segment (one entry without segments), of the labels that became known.
    pub quality: Vec<Quality>,
    /// Labelled answers per score bin: negative and positive. Empty unless the task is binary.
    pub scores: Vec<[u32; 2]>,
    /// True positives, false positives, false negatives per class. Empty unless there are classes.
    pub classes: Vec<[u32; 3]>,
    /// On copied rows with labels: both right, only A right, only this arm right, both wrong.
    pub paired: [u64; 4],
}

/// Sums over answered rows whose labels are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// Answers, live or copied, with or without a label.
    pub answers: u64,
    /// Answers with a label that became known.
    pub labelled: u64,
    pub correct: u64,
    /// Answers "yes".
    pub positive: u64,
    pub true_positive: u64,
    pub false_positive: u64,
    pub false_negative: u64,
    /// Answers equal to the baseline's.
    pub agree: u64,
    /// Live answers that were wrong where some other arm was right.
    pub harm: u64,
    /// Live answers that were right where the baseline was wrong.
    pub gain: u64,
    pub log_loss: f64,
    /// Squared error: of the probability for classes (Brier), of the number for regression.
    pub squared: f64,
    pub absolute: f64,
    /// Sum and sum of squares of the label, less the dataset's mean, for R².
    pub label_sum: f64,
    pub label_squares: f64,
    /// Sums of the value column and of the cost of mistakes, live only.
    pub value: f64,
    pub cost: f64,
}

impl Quality {
    pub fn absorb(&mut self, other: &Self) {
        self.answers += other.answers;
        self.labelled += other.labelled;
        self.correct += other.correct;
        self.positive += other.positive;
        self.true_positive += other.true_positive;
        self.false_positive += other.false_positive;
        self.false_negative += other.false_negative;
        self.agree += other.agree;
        self.harm += other.harm;
        self.gain += other.gain;
        self.log_loss += other.log_loss;
        self.squared += other.squared;
        self.absolute += other.absolute;
        self.label_sum += other.label_sum;
        self.label_squares += other.label_squares;
        self.value += other.value;
        self.cost += other.cost;
    }

    /// A metric of these rows; `None` where it is undefined, for example precision without an
    /// answer "yes".
    pub fn metric(&self, metric: Metric) -> Option<f64> {
        let n = self.labelled as f64;
        let (tp, fp, fn_) =
            (self.true_positive as f64, self.false_positive as f64, self.false_negative as f64);
        // Only numbers have a spread of labels; only classes have right and wrong.
        let numbers = self.label_squares > 0.0;
        let of_classes = metric.is_share() || matches!(metric, Metric::LogLoss | Metric::Brier);
        let of_numbers = matches!(metric, Metric::Rmse | Metric::Mae | Metric::R2);
        if (of_classes && numbers) || (of_numbers && !numbers) {
            return None;
        }
        match metric {
            Metric::LogLoss | Metric::Brier if self.log_loss == 0.0 && self.squared == 0.0 => None,
            Metric::Accuracy => ratio(self.correct as f64, n),
            Metric::Precision => ratio(tp, tp + fp),
            Metric::Recall => ratio(tp, tp + fn_),
            Metric::F1 => ratio(2.0 * tp, 2.0 * tp + fp + fn_),
            Metric::LogLoss => ratio(self.log_loss, n),
            Metric::Brier => ratio(self.squared, n),
            Metric::Rmse => ratio(self.squared, n).map(f64::sqrt),
            Metric::Mae => ratio(self.absolute, n),
            Metric::R2 => {
                let spread = self.label_squares - self.label_sum * self.label_sum / n;
                (n > 1.0 && spread > 0.0).then(|| 1.0 - self.squared / spread)
            }
            Metric::Agreement => ratio(self.agree as f64, self.answers as f64),
            Metric::PositiveRate => ratio(self.positive as f64, self.answers as f64),
            Metric::Value => (self.answers > 0).then_some(self.value),
            Metric::Cost => (self.labelled > 0).then_some(self.cost),
            _ => None,
        }
    }
}

fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

impl ArmWindow {
    /// Adds another window of the same arm. States (shares, replicas, units) become the other's,
    /// which must be the later one.
    pub fn absorb(&mut self, later: &Self) {
        self.requested = later.requested;
        self.feasible = later.feasible;
        self.ready_replicas = later.ready_replicas;
        self.units = self.units.max(later.units);
        self.longest_queue = self.longest_queue.max(later.longest_queue);
        self.latency.absorb(&later.latency);
        let sums = [
            (&mut self.arrivals, later.arrivals),
            (&mut self.mirrored, later.mirrored),
            (&mut self.mirror_dropped, later.mirror_dropped),
            (&mut self.answered, later.answered),
            (&mut self.errors, later.errors),
            (&mut self.timeouts, later.timeouts),
            (&mut self.rejected, later.rejected),
            (&mut self.mirror_failed, later.mirror_failed),
            (&mut self.latency_sum, later.latency_sum),
            (&mut self.busy, later.busy),
            (&mut self.capacity, later.capacity),
            (&mut self.replica_time, later.replica_time),
            (&mut self.downtime, later.downtime),
        ];
        for (sum, more) in sums {
            *sum += more;
        }
        for (sum, more) in self.paired.iter_mut().zip(later.paired) {
            *sum += more;
        }
        self.quality.resize_with(self.quality.len().max(later.quality.len()), Quality::default);
        for (sum, more) in self.quality.iter_mut().zip(&later.quality) {
            sum.absorb(more);
        }
        add_rows(&mut self.scores, &later.scores);
        add_rows(&mut self.classes, &later.classes);
    }

    /// Quality over all segments.
    pub fn total_quality(&self) -> Quality {
        let mut total = Quality::default();
        for quality in &self.quality {
            total.absorb(quality);
        }
        total
    }

    /// Live requests that failed.
    pub fn failed(&self) -> u64 {
        self.errors + self.timeouts + self.rejected
    }

    /// Live requests that ended in this window, well or badly; for a shadow its copies.
    pub fn finished(&self) -> u64 {
        self.answered + self.failed() + self.mirror_failed
    }

    /// How many observations stand behind `metric`.
    pub fn samples(&self, metric: Metric) -> u64 {
        if metric.needs_labels() {
            self.total_quality().labelled
        } else if matches!(metric, Metric::Agreement | Metric::PositiveRate | Metric::Value) {
            self.total_quality().answers
        } else if metric.is_latency() {
            // Answers of batch jobs have no latency, only an age.
            self.latency.count()
        } else {
            self.finished()
        }
    }

    /// A metric of this arm alone (all but [`Metric::Share`]); `None` where it is undefined.
    pub fn metric(&self, metric: Metric) -> Option<f64> {
        let quantile = |q| Some(self.latency.quantile(q)? as f64 / 1e3);
        let finished = self.finished() as f64;
        match metric {
            Metric::Requests => Some(self.arrivals as f64),
            Metric::Share => None,
            Metric::ErrorRate => ratio((self.failed() + self.mirror_failed) as f64, finished),
            Metric::TimeoutRate => ratio(self.timeouts as f64, finished),
            Metric::LatencyMean => {
                ratio(self.latency_sum as f64 / 1e3, self.latency.count() as f64)
            }
            Metric::LatencyP50 => quantile(0.5),
            Metric::LatencyP90 => quantile(0.9),
            Metric::LatencyP95 => quantile(0.95),
            Metric::LatencyP99 => quantile(0.99),
            Metric::QueueLength => Some(f64::from(self.longest_queue)),
            Metric::Utilisation => ratio(self.busy as f64, self.capacity as f64),
            Metric::RocAuc => roc_auc(&self.scores),
            Metric::PrAuc => average_precision(&self.scores),
            Metric::Precision | Metric::Recall | Metric::F1 if !self.classes.is_empty() => {
                macro_average(&self.classes, metric)
            }
            _ => self.total_quality().metric(metric),
        }
    }

    /// A metric of one segment; latencies and queues are kept for the whole arm only.
    pub fn segment_metric(&self, segment: usize, metric: Metric) -> Option<f64> {
        self.quality.get(segment)?.metric(metric)
    }
}

fn add_rows<const N: usize>(sums: &mut Vec<[u32; N]>, more: &[[u32; N]]) {
    sums.resize_with(sums.len().max(more.len()), || [0; N]);
    for (sum, more) in sums.iter_mut().zip(more) {
        for (cell, count) in sum.iter_mut().zip(more) {
            *cell = cell.saturating_add(*count);
        }
    }
}

/// Area under the ROC curve from score bins in rising order, ties in a bin counted half
/// (Mann-Whitney). `None` with one class only.
fn roc_auc(bins: &[[u32; 2]]) -> Option<f64> {
    let (mut below, mut wins, mut positives) = (0.0, 0.0, 0.0);
    for [negative, positive] in bins {
        let (negative, positive) = (f64::from(*negative), f64::from(*positive));
        wins += positive * (below + negative / 2.0);
        below += negative;
        positives += positive;
    }
    ratio(wins, below * positives)
}

/// Average precision, Σ (Rₙ − Rₙ₋₁) Pₙ over the bins from the highest score down.
fn average_precision(bins: &[[u32; 2]]) -> Option<f64> {
    let (mut seen, mut hits, mut sum) = (0.0, 0.0, 0.0);
    for [negative, positive] in bins.iter().rev() {
        let positive = f64::from(*positive);
        seen += f64::from(*negative) + positive;
        hits += positive;
        if positive > 0.0 {
            sum += positive * hits / seen;
        }
    }
    ratio(sum, hits)
}

/// The mean over classes that occurred; 0/0 counts as 0, as scikit-learn does.
fn macro_average(classes: &[[u32; 3]], metric: Metric) -> Option<f64> {
    let of_class = |[tp, fp, fn_]: &[u32; 3]| {
        let (tp, fp, fn_) = (f64::from(*tp), f64::from(*fp), f64::from(*fn_));
        let (part, whole) = match metric {
            Metric::Precision => (tp, tp + fp),
            Metric::Recall => (tp, tp + fn_),
            _ => (2.0 * tp, 2.0 * tp + fp + fn_),
        };
        ratio(part, whole).unwrap_or(0.0)
    };
    let occurred: Vec<f64> =
        classes.iter().filter(|c| c.iter().any(|n| *n > 0)).map(of_class).collect();
    ratio(occurred.iter().sum(), occurred.len() as f64)
}

impl Window {
    pub fn arm(&self, arm: ArmId) -> Option<&ArmWindow> {
        self.arms.get(arm.index())
    }

    pub fn span(&self) -> SimSpan {
        self.end.since(self.start)
    }

    /// Live requests of all arms.
    pub fn arrivals(&self) -> u64 {
        self.arms.iter().map(|arm| arm.arrivals).sum()
    }

    /// A metric of one arm; `None` where it is undefined.
    pub fn metric(&self, arm: ArmId, metric: Metric) -> Option<f64> {
        let of_arm = self.arm(arm)?;
        match metric {
            Metric::Share => ratio(of_arm.arrivals as f64, self.arrivals() as f64),
            _ => of_arm.metric(metric),
        }
    }

    /// Several windows as one; `None` without any. They must follow one another.
    pub fn merged<'a>(windows: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        let mut windows = windows.into_iter();
        let mut sum = windows.next()?.clone();
        for window in windows {
            sum.absorb(window);
        }
        Some(sum)
    }

    /// Adds a later window.
    pub fn absorb(&mut self, later: &Self) {
        self.end = later.end;
        self.stage = later.stage;
        for (sum, more) in self.arms.iter_mut().zip(&later.arms) {
            sum.absorb(more);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_match_scikit_learn_on_distinct_scores() {
        // y = 0 0 1 1, score = 0.1 0.4 0.35 0.8: roc_auc_score 0.75, average_precision_score 0.8333.
        let bins = [[1, 0], [0, 1], [1, 0], [0, 1]];
        assert_eq!(roc_auc(&bins), Some(0.75));
        let precision = average_precision(&bins).unwrap();
        assert!((precision - 0.833_333_333).abs() < 1e-8, "{precision}");
        assert_eq!(roc_auc(&[[3, 0], [2, 0]]), None, "one class");
    }

    #[test]
    fn undefined_is_none_and_not_zero() {
        let empty = ArmWindow::default();
        for metric in [Metric::Accuracy, Metric::LatencyP95, Metric::ErrorRate, Metric::Utilisation]
        {
            assert_eq!(empty.metric(metric), None, "{metric:?}");
        }
    }

    #[test]
    fn r2_of_a_perfect_and_of_a_mean_model() {
        // Labels -1, 0, 1 around their mean.
        let labels = Quality { labelled: 3, label_squares: 2.0, ..Quality::default() };
        assert_eq!(labels.metric(Metric::R2), Some(1.0));
        assert_eq!(Quality { squared: 2.0, ..labels }.metric(Metric::R2), Some(0.0));
    }
}
