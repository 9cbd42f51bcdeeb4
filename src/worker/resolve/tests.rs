use std::fs;

use tempfile::TempDir;

use super::super::{files, sample};
use super::*;
use crate::domain::{Fault, FaultKind, Metric, PlanDraft, SimTime};
use crate::engine::judge;

/// The samples, and one of their plans.
fn sample_plan(path: &str) -> (TempDir, std::path::PathBuf, PlanDraft) {
    let root = tempfile::tempdir().unwrap();
    let path = sample::unpack(root.path()).unwrap().join(path);
    let draft = files::read_plan(&path).unwrap();
    (root, path.parent().unwrap().to_owned(), draft)
}

fn why(base: &Path, draft: PlanDraft) -> String {
    let plan = draft.validate().unwrap();
    resolve(&plan, base, DeviceChoice::Cpu, None, &Status::default()).unwrap_err().to_string()
}

#[test]
fn answers_are_found_again_to_the_bit() {
    let (root, base, draft) = sample_plan("loans/plans/canary.toml");
    let plan = draft.validate().unwrap();
    let library = Library::open(&root.path().join("library.rehearsal")).unwrap();
    let once =
        resolve(&plan, &base, DeviceChoice::Cpu, Some(&library), &Status::default()).unwrap();
    assert_eq!((once.rows.count, once.predictions.len()), (2_454, 2));
    assert!(once.predictions.iter().all(|arm| arm.latency.is_measured()));
    let again =
        resolve(&plan, &base, DeviceChoice::Cpu, Some(&library), &Status::default()).unwrap();
    // Measured times are never the same twice, so equal ones come from the library.
    assert_eq!(once, again);
    assert_eq!(once.digest(), again.digest());
}

/// What the story's own page says of its models, which torch trained and judged.
#[test]
fn the_models_are_as_good_as_their_page_says() {
    for (plan, accuracies) in [
        ("messages/plans/canary", [0.900, 0.981]),
        ("messages/plans/canary_bad", [0.900, 0.847]),
        ("clothes/plans/canary", [0.776, 0.871]),
        ("clothes/plans/canary_bad", [0.776, 0.749]),
        ("clothes/plans/canary_slow", [0.776, 0.909]),
    ] {
        let (_root, base, draft) = sample_plan(&format!("{plan}.toml"));
        let plan = draft.validate().unwrap();
        let inputs = resolve(&plan, &base, DeviceChoice::Cpu, None, &Status::default()).unwrap();
        for (arm, accuracy) in inputs.predictions.iter().zip(accuracies) {
            let found = judge(&inputs.rows, arm).metric(Metric::Accuracy).unwrap();
            assert!((found - accuracy).abs() < 0.001, "{} {found}", arm.model);
        }
    }
}

#[test]
fn drift_asks_every_model_again() {
    let (_root, base, mut draft) = sample_plan("churn/plans/canary.toml");
    let what = FaultKind::Drift { feature: "total_day_minutes".to_owned(), shift: 2.0 };
    draft.faults = vec![Fault { at: SimTime::START, lasts: None, arm: None, what }];
    let plan = draft.clone().validate().unwrap();
    let inputs = resolve(&plan, &base, DeviceChoice::Cpu, None, &Status::default()).unwrap();
    let drifted = &inputs.drifted[0];
    assert_eq!((drifted.fault, drifted.predictions.len()), (0, 2));
    assert_ne!(drifted.predictions[0].answers, inputs.predictions[0].answers);
    assert_eq!(drifted.predictions[0].latency, inputs.predictions[0].latency);

    let FaultKind::Drift { feature, .. } = &mut draft.faults[0].what else { unreachable!() };
    *feature = "total_day_minute".to_owned();
    let text = why(&base, draft);
    assert!(
        text.contains("faults[0].what.drift.feature") && text.contains("total_day_minutes"),
        "{text}"
    );
}

#[test]
fn what_is_missing_is_told_with_its_arm_and_column() {
    let (_root, base, draft) = sample_plan("loans/plans/canary.toml");
    let mut no_file = draft.clone();
    no_file.data.path = "../lones.csv".to_owned();
    assert!(why(&base, no_file).contains("lones.csv"));

    let mut no_role = draft.clone();
    no_role.data.user = Some("aplicant".to_owned());
    let text = why(&base, no_role);
    assert!(text.contains("`aplicant`") && text.contains("`applicant`"), "{text}");

    let data = base.join("../loans.csv");
    let text = fs::read_to_string(&data).unwrap();
    fs::write(base.join("../renamed.csv"), text.replacen("income", "incomes", 1)).unwrap();
    let mut no_column = draft;
    no_column.data.path = "../renamed.csv".to_owned();
    let text = why(&base, no_column);
    assert!(text.contains("`risk v1`") && text.contains("`income`"), "{text}");
}

#[test]
fn recorded_answers_come_from_a_column_or_a_joined_file() {
    let root = tempfile::tempdir().unwrap();
    let base = root.path();
    fs::write(base.join("rows.csv"), "id,label,old\na,1,0.9\nb,0,0.2\nc,1,0.4\n").unwrap();
    fs::write(base.join("new.csv"), "score,id\n0.8,c\n0.1,b\n0.7,a\n").unwrap();
    let mut draft = super::super::fixture::draft();
    draft.data.label = Some("label".to_owned());
    draft.arms[0].model = crate::domain::ModelSource::Column("old".to_owned());
    draft.arms[1].model = crate::domain::ModelSource::File {
        path: "new.csv".to_owned(),
        key: "id".to_owned(),
        column: "score".to_owned(),
    };
    let plan = draft.clone().validate().unwrap();
    let inputs = resolve(&plan, base, DeviceChoice::Cpu, None, &Status::default()).unwrap();
    let scores = |arm: usize| match &inputs.predictions[arm].answers {
        crate::domain::Answers::Scores { values, .. } => values.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!((scores(0), scores(1)), (vec![0.9, 0.2, 0.4], vec![0.7, 0.1, 0.8]));

    // Recorded answers have no measured times.
    draft.arms[1].latency = crate::domain::Latency::default();
    assert!(why(base, draft).contains("arms[1].latency"));
}

#[test]
fn a_cancelled_task_stops() {
    let (_root, base, draft) = sample_plan("loans/plans/canary.toml");
    let status = Status::default();
    status.progress.cancel();
    let fault =
        resolve(&draft.validate().unwrap(), &base, DeviceChoice::Cpu, None, &status).unwrap_err();
    assert!(fault.is_cancelled(), "{fault}");
}
