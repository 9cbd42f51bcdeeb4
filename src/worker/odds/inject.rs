//! A what-if as a plan and inputs of its own.

use crate::domain::{
    Answers, Drifted, Fault, FaultKind, Inputs, Labels, Plan, PlanDraft, PlanProblem, Predictions,
    Regression, Rows, SimSpan, SimTime,
};

/// The plan in which the candidates are what the regression says. It goes with [`inputs`] of the same
/// regression.
pub(super) fn plan(plan: &Plan, regression: &Regression) -> Result<Plan, Vec<PlanProblem>> {
    if *regression == Regression::AsPlanned {
        return Ok(plan.clone());
    }
    let mut draft = PlanDraft::from(plan.clone());
    // What is scripted to happen to the real candidate says nothing about another one.
    draft.faults = of_everybody(plan).map(|(_, fault)| fault.clone()).collect();
    let latency = draft.arms.first().map(|arm| arm.latency.clone());
    for arm in draft.arms.iter_mut().skip(1) {
        if let Some(latency) = &latency {
            arm.latency.clone_from(latency);
        }
        draft.faults.extend(fault(regression, &arm.name));
    }
    draft.validate()
}

/// The inputs in which the candidates answer as the regression says.
///
/// # Errors
/// If the data cannot carry it: no labels, no such segment, accuracy of numbers.
pub(super) fn inputs(
    plan: &Plan,
    inputs: &Inputs,
    regression: &Regression,
) -> Result<Inputs, Vec<PlanProblem>> {
    if *regression == Regression::AsPlanned {
        return Ok(inputs.clone());
    }
    let drifted = (0..).zip(of_everybody(plan)).filter_map(|(fault, (place, _))| {
        let answers = inputs.drifted.iter().find(|drifted| drifted.fault == place)?;
        Some(Drifted { fault, ..answers.clone() })
    });
    let mut inputs = Inputs { drifted: drifted.collect(), ..inputs.clone() };
    candidates_become(&mut inputs.predictions, &inputs.rows, regression)?;
    for drifted in &mut inputs.drifted {
        candidates_become(&mut drifted.predictions, &inputs.rows, regression)?;
    }
    if let Some(first) = inputs.service_samples.first().cloned() {
        inputs.service_samples.fill(first);
    }
    Ok(inputs)
}

/// True if the candidates answer as the baseline does, so that such what-ifs can share their inputs.
pub(super) fn answers_alike(regression: &Regression) -> bool {
    matches!(regression, Regression::None | Regression::Latency { .. } | Regression::Errors { .. })
}

/// The faults that hit no candidate alone, with their places in the plan.
fn of_everybody(plan: &Plan) -> impl Iterator<Item = (usize, &Fault)> {
    let is_of_candidate = |fault: &Fault| fault.what.is_of_arm() && plan.arm_of(fault).index() > 0;
    plan.faults.iter().enumerate().filter(move |(_, fault)| !is_of_candidate(fault))
}

/// Latency and errors are faults that last from the start to the end.
fn fault(regression: &Regression, arm: &str) -> Option<Fault> {
    let what = match regression {
        Regression::Latency { factor } => {
            FaultKind::Latency { factor: *factor, add: SimSpan::ZERO }
        }
        Regression::Errors { percent } => FaultKind::Errors { percent: *percent },
        _ => return None,
    };
    Some(Fault { at: SimTime::START, lasts: None, arm: Some(arm.to_owned()), what })
}

fn candidates_become(
    predictions: &mut [Predictions],
    rows: &Rows,
    regression: &Regression,
) -> Result<(), Vec<PlanProblem>> {
    let Some((baseline, candidates)) = predictions.split_first_mut() else { return Ok(()) };
    let answers = match regression {
        Regression::Accuracy { points, segment } => {
            let wrong = spoilt_rows(&baseline.answers, rows, *points, segment.as_deref())?;
            let mut answers = baseline.answers.clone();
            wrong.into_iter().for_each(|row| spoil(&mut answers, row));
            answers
        }
        Regression::ErrorSize { factor } => larger_errors(&baseline.answers, rows, *factor)?,
        _ => baseline.answers.clone(),
    };
    for candidate in candidates {
        *candidate = Predictions { answers: answers.clone(), ..baseline.clone() };
    }
    Ok(())
}

/// The rows to be answered wrongly: of those answered rightly so many that accuracy falls by
/// `points`. Milder regressions spoil a part of the rows that severe ones spoil.
fn spoilt_rows(
    answers: &Answers,
    rows: &Rows,
    points: f64,
    segment: Option<&str>,
) -> Result<Vec<usize>, Vec<PlanProblem>> {
    let Labels::Classes { codes, .. } = &rows.labels else {
        return Err(problem("Accuracy needs labels that are classes; this dataset has none."));
    };
    let code = segment.map(|name| segment_code(rows, name)).transpose()?;
    let is_wanted = |row: &usize| match (code, &rows.segments) {
        (Some(code), Some(segments)) => segments.codes.get(*row) == Some(&code),
        _ => true,
    };
    let labelled = |row: &usize| codes.get(*row).is_some_and(|code| *code != Labels::MISSING);
    let all: Vec<usize> = (0..rows.count).filter(is_wanted).filter(labelled).collect();
    let mut right: Vec<usize> =
        all.iter().copied().filter(|row| answers.class(*row) == codes.get(*row).copied()).collect();
    right.sort_by_key(|row| scattered(*row as u64));
    let wanted = (all.len() as f64 * points / 100.0).round() as usize;
    if wanted > right.len() {
        let share = 100.0 * right.len() as f64 / all.len().max(1) as f64;
        return Err(problem(&format!(
            "The baseline is right on {share:.1} % of these rows, so it cannot lose {points} points."
        )));
    }
    right.truncate(wanted);
    Ok(right)
}

fn segment_code(rows: &Rows, name: &str) -> Result<u8, Vec<PlanProblem>> {
    let names = rows.segments.as_ref().map_or(&[][..], |segments| &segments.names);
    match names.iter().position(|other| other == name) {
        Some(place) => Ok(place as u8),
        None if names.is_empty() => {
            Err(problem(&format!("`{name}`: the plan names no segment column (data.segment).")))
        }
        None => Err(problem(&format!(
            "`{name}` is no segment of the data; there are {}.",
            names.join(", ")
        ))),
    }
}

fn problem(message: &str) -> Vec<PlanProblem> {
    vec![PlanProblem { field: "regression".to_owned(), message: message.to_owned() }]
}

/// An order of the rows that has nothing to do with theirs: a bijection on 64 bits (the finaliser of
/// MurmurHash3, Appleby 2011).
fn scattered(mut x: u64) -> u64 {
    x = (x ^ (x >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    x = (x ^ (x >> 33)).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    x ^ (x >> 33)
}

/// Makes a right answer wrong, as sure of itself as it was where that is possible.
fn spoil(answers: &mut Answers, row: usize) {
    let of_row = answers.class(row);
    match answers {
        Answers::Scores { values, threshold } => {
            if let Some(score) = values.get_mut(row) {
                let other = 1.0 - *score;
                *score = if *score >= *threshold {
                    other.min(threshold.next_down())
                } else {
                    other.max(*threshold)
                };
            }
        }
        Answers::Classes(values) => {
            if let Some(class) = values.get_mut(row) {
                // Whatever the classes are called, 0 and 1 are two of them.
                *class = u16::from(*class == 0);
            }
        }
        Answers::Probabilities { values, classes } => {
            let (Some(best), many) = (of_row.map(usize::from), *classes) else { return };
            let first = row * many;
            if many > 1 && first + many <= values.len() {
                values.swap(first + best, first + (best + 1) % many);
            }
        }
        Answers::Numbers(_) => {}
    }
}

/// Every answer moved away from its label.
fn larger_errors(answers: &Answers, rows: &Rows, factor: f64) -> Result<Answers, Vec<PlanProblem>> {
    match (answers, &rows.labels) {
        (Answers::Numbers(values), Labels::Numbers(labels)) => {
            let moved = values.iter().zip(labels).map(|(answer, label)| {
                let moved = f64::from(*label) + f64::from(answer - label) * factor;
                if label.is_nan() { *answer } else { moved as f32 }
            });
            Ok(Answers::Numbers(moved.collect()))
        }
        _ => Err(problem("The size of errors can grow only where models answer with numbers.")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;
    use crate::domain::{Metric, Segments};
    use crate::engine::judge;

    fn inject(
        of: &Plan,
        from: &Inputs,
        regression: &Regression,
    ) -> Result<(Plan, Inputs), Vec<PlanProblem>> {
        Ok((plan(of, regression)?, inputs(of, from, regression)?))
    }

    fn accuracy(inputs: &Inputs) -> f64 {
        judge(&inputs.rows, &inputs.predictions[1]).metric(Metric::Accuracy).unwrap()
    }

    #[test]
    fn the_candidate_loses_as_many_points_as_asked() {
        let (plan, inputs) = (fixture::plan(), fixture::inputs());
        // The baseline is right on 30 of 40 rows.
        for (points, left) in [(0.0, 0.75), (10.0, 0.65), (50.0, 0.25)] {
            let regression = Regression::Accuracy { points, segment: None };
            let (_, worse) = inject(&plan, &inputs, &regression).unwrap();
            assert!((accuracy(&worse) - left).abs() < 1e-9, "{points}");
        }
        let too_much = Regression::Accuracy { points: 80.0, segment: None };
        let told = inject(&plan, &inputs, &too_much).unwrap_err();
        assert!(told[0].message.contains("right on 75.0 %"), "{told:?}");
    }

    #[test]
    fn milder_regressions_spoil_a_part_of_what_severe_ones_do() {
        let inputs = fixture::inputs();
        let answers = &inputs.predictions[0].answers;
        let mild = spoilt_rows(answers, &inputs.rows, 5.0, None).unwrap();
        let severe = spoilt_rows(answers, &inputs.rows, 25.0, None).unwrap();
        assert_eq!((mild.len(), severe.len()), (2, 10));
        assert!(mild.iter().all(|row| severe.contains(row)));
    }

    #[test]
    fn a_segment_alone_gets_worse() {
        let (plan, mut inputs) = (fixture::plan(), fixture::inputs());
        let names = ["north", "south"].map(str::to_owned).to_vec();
        let codes = (0..40).map(|row| u8::from(row >= 20)).collect();
        inputs.rows.segments = Some(Segments { names, codes });
        let of = |name: &str| Regression::Accuracy { points: 20.0, segment: Some(name.to_owned()) };
        let (_, worse) = inject(&plan, &inputs, &of("south")).unwrap();
        let window = judge(&worse.rows, &worse.predictions[1]);
        assert_eq!(window.segment_metric(0, Metric::Accuracy), Some(0.75));
        assert_eq!(window.segment_metric(1, Metric::Accuracy), Some(0.55));
        let told = inject(&plan, &inputs, &of("east")).unwrap_err();
        assert!(told[0].message.contains("north, south"), "{told:?}");
    }

    #[test]
    fn scores_and_probabilities_turn_with_their_confidence() {
        let mut scores = Answers::Scores { values: vec![0.9, 0.3, 0.6], threshold: 0.7 };
        (0..3).for_each(|row| spoil(&mut scores, row));
        let Answers::Scores { values, .. } = &scores else { unreachable!() };
        assert_eq!(values[..2], [1.0 - 0.9, 0.7]);
        assert_eq!(scores.class(2), Some(1), "0.6 below 0.7 was a no");
        let mut chances = Answers::Probabilities { values: vec![0.1, 0.2, 0.7], classes: 3 };
        spoil(&mut chances, 0);
        assert_eq!(chances.class(0), Some(0));
    }

    #[test]
    fn latency_and_errors_last_from_start_to_end_and_scripted_faults_of_the_candidate_go() {
        let mut draft = fixture::draft();
        let fault = |what| Fault { at: SimTime::START, lasts: None, arm: None, what };
        draft.faults = vec![fault(FaultKind::Crash), fault(FaultKind::Burst { factor: 2.0 })];
        let plan = draft.validate().unwrap();
        let slow = Regression::Latency { factor: 2.0 };
        let (worse, inputs) = inject(&plan, &fixture::inputs(), &slow).unwrap();
        let sentences: Vec<_> = worse.faults.iter().map(|f| f.what.sentence()).collect();
        assert_eq!(sentences, ["traffic × 2", "latency × 2"]);
        assert_eq!(inputs.predictions[0], inputs.predictions[1]);
    }
}
