//! One order of classes for labels and all arms: each file brings its own.

use crate::domain::{Answers, Labels, Predictions, Task};

/// What the arms answer together, for reading the labels: if any tells several classes apart, all
/// classes in the order of the arms; else the first arm's task.
pub(super) fn common_task(tasks: &[Task]) -> Option<Task> {
    let mut all: Vec<String> = Vec::new();
    for task in tasks {
        let Task::Multiclass { classes } = task else { continue };
        for name in classes {
            if !all.contains(name) {
                all.push(name.clone());
            }
        }
    }
    if all.is_empty() { tasks.first().cloned() } else { Some(Task::Multiclass { classes: all }) }
}

/// The classes that codes stand for: those of the labels, or of the task where nobody knows the
/// truth.
pub(super) fn names(labels: &Labels, task: Option<&Task>) -> Vec<String> {
    match (labels, task) {
        (Labels::Classes { names, .. }, _) => names.clone(),
        (_, Some(Task::Multiclass { classes })) => classes.clone(),
        _ => Vec::new(),
    }
}

/// Turns an arm's class numbers into places in `all`; classes that it does not know get the
/// probability 0.
pub(super) fn rename(predictions: &mut Predictions, all: &[String]) {
    let Task::Multiclass { classes } = &mut predictions.task else { return };
    if classes.as_slice() == all {
        return;
    }
    let places: Vec<usize> =
        classes.iter().filter_map(|name| all.iter().position(|known| known == name)).collect();
    *classes = all.to_vec();
    match &mut predictions.answers {
        Answers::Classes(values) => {
            for class in values {
                *class = places.get(usize::from(*class)).map_or(*class, |place| *place as u16);
            }
        }
        Answers::Probabilities { values, classes } => {
            let mut wide = Vec::with_capacity(values.len() / (*classes).max(1) * all.len());
            for row in values.chunks_exact((*classes).max(1)) {
                let start = wide.len();
                wide.resize(start + all.len(), 0.0);
                for (p, place) in row.iter().zip(&places) {
                    if let Some(cell) = wide.get_mut(start + place) {
                        *cell = *p;
                    }
                }
            }
            (*values, *classes) = (wide, all.len());
        }
        Answers::Scores { .. } | Answers::Numbers(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::LatencyProfile;

    fn arm(classes: &[&str], answers: Answers) -> Predictions {
        Predictions {
            model: "m".to_owned(),
            digest: String::new(),
            task: Task::Multiclass { classes: classes.iter().map(|c| (*c).to_owned()).collect() },
            answers,
            latency: LatencyProfile::default(),
        }
    }

    #[test]
    fn arms_with_other_orders_mean_the_same_classes() {
        let values = vec![0.7, 0.2, 0.1];
        let mut arms = [
            arm(&["cat", "dog", "owl"], Answers::Probabilities { values, classes: 3 }),
            arm(&["fox", "dog"], Answers::Classes(vec![0, 1])),
        ];
        let task = common_task(&[arms[0].task.clone(), arms[1].task.clone()]);
        assert_eq!(names(&Labels::None, task.as_ref()), ["cat", "dog", "owl", "fox"]);
        let all = ["dog", "cat", "owl", "fox", "bee"].map(str::to_owned);
        arms.iter_mut().for_each(|arm| rename(arm, &all));
        let values = vec![0.2, 0.7, 0.1, 0.0, 0.0];
        assert_eq!(arms[0].answers, Answers::Probabilities { values, classes: 5 });
        assert_eq!(arms[1].answers, Answers::Classes(vec![3, 0]));
        assert_eq!(arms[0].task, arms[1].task);
    }
}
