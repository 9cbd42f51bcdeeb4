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
}
