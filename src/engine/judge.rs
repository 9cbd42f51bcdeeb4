//! A model's answers counted all at once: its quality on a dataset, without traffic.

use super::cases::Cases;
use super::tally::{LabelTally, Shape};
use crate::domain::{ArmWindow, Labels, Predictions, Quality, Rows, Task};

/// Every row asked once: the same counting as in a replay, so its metrics are comparable.
pub fn judge(rows: &Rows, predictions: &Predictions) -> ArmWindow {
    let one = std::slice::from_ref(predictions);
    let cases = Cases::new(rows, &rows.labels, one);
    let segments = rows.segments.as_ref().map_or(1, |segments| segments.names.len().max(1));
    let has_labels = !matches!(rows.labels, Labels::None);
    let shape = Shape {
        arm: 0,
        segments,
        classes: match &predictions.task {
            Task::Multiclass { classes } => classes.len(),
            Task::Binary | Task::Regression => 0,
        },
        scores: has_labels && matches!(predictions.answers, crate::domain::Answers::Scores { .. }),
        numbers: predictions.task == Task::Regression,
        labels_at_once: true,
        mistakes: [0.0; 2],
        by_users: false,
    };
    let mut tally = LabelTally::new(shape);
    for (row, case) in (0_u32..).zip(cases.arms.first().into_iter().flatten()) {
        tally.count(&cases, case, row, 0);
    }
    let mut window =
        ArmWindow { quality: vec![Quality::default(); segments], ..ArmWindow::default() };
    tally.pour_into(&mut window);
    window
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Answers, LatencyProfile, Metric};

    #[test]
    fn figures_are_scikit_learns() {
        let predictions = Predictions {
            model: "m".to_owned(),
            digest: String::new(),
            task: Task::Binary,
            answers: Answers::Scores { values: vec![0.1, 0.4, 0.35, 0.8, 0.9], threshold: 0.5 },
            latency: LatencyProfile::default(),
        };
        let names = vec!["no".to_owned(), "yes".to_owned()];
        let codes = vec![0, 0, 1, 1, Labels::MISSING];
        let labels = Labels::Classes { names, codes };
        let rows = Rows { count: 5, labels, ..Rows::default() };
        let window = judge(&rows, &predictions);
        let metric = |metric| window.metric(metric);
        assert_eq!(window.total_quality().labelled, 4);
        assert_eq!(metric(Metric::Accuracy), Some(0.75));
        assert_eq!(metric(Metric::Precision), Some(1.0));
        assert_eq!(metric(Metric::Recall), Some(0.5));
        // roc_auc_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).
        assert_eq!(metric(Metric::RocAuc), Some(0.75));
        // log_loss of the same: 0.4722879.
        assert!(metric(Metric::LogLoss).is_some_and(|loss| (loss - 0.472_287_9).abs() < 1e-6));
    }

    /// Half of the pairs within a bin could be on either side: with b bins of equally many rows and a
    /// share π of positives that is at most 1/(8 b π (1 − π)).
    #[test]
    fn areas_from_bins_are_within_their_stated_error() {
        use crate::engine::random::{Concern, Stream};
        let count = 20_000;
        for (seed, share) in [(1, 0.5), (2, 0.1), (3, 0.02)] {
            let stream = Stream::new(seed, Concern::Rows);
            let unit = |index: u64| f64::from(stream.bits32(index)) / 4_294_967_296.0;
            let codes: Vec<u16> = (0..count).map(|row| u16::from(unit(row) < share)).collect();
            let score = |row: u64| {
                let shift = if codes[row as usize] == 1 { 0.25 } else { 0.0 };
                (0.7 * unit(count + row) + shift) as f32
            };
            let values: Vec<f32> = (0..count).map(score).collect();
            let exact: Vec<f64> = values.iter().map(|x| f64::from(*x)).collect();
            let is_positive: Vec<bool> = codes.iter().map(|code| *code == 1).collect();
            let predictions = Predictions {
                model: "m".to_owned(),
                digest: String::new(),
                task: Task::Binary,
                answers: Answers::Scores { values, threshold: 0.5 },
                latency: LatencyProfile::default(),
            };
            let names = vec!["no".to_owned(), "yes".to_owned()];
            let positives = is_positive.iter().filter(|positive| **positive).count() as f64;
            let labels = Labels::Classes { names, codes };
            let rows = Rows { count: count as usize, labels, ..Rows::default() };
            let binned = judge(&rows, &predictions).metric(Metric::RocAuc).unwrap();
            let exact = crate::stats::ranking::roc_auc_unweighted(&exact, &is_positive).unwrap();
            let pi = positives / count as f64;
            let stated = 1.0 / (8.0 * 128.0 * pi * (1.0 - pi));
            assert!((binned - exact).abs() <= stated, "{binned} {exact} ± {stated}");
            assert!((binned - exact).abs() < 0.002, "in practice much nearer: {binned} {exact}");
        }
    }
}
