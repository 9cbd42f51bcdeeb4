use super::super::{files, sample};
use super::*;

fn ask(plan: &str, span: SimSpan, status: &Status) -> Result<Soaked, Error> {
    let root = tempfile::tempdir().unwrap();
    let path = sample::unpack(root.path()).unwrap().join(plan);
    let plan = files::read_plan(&path).unwrap().validate().unwrap();
    let question = Question { span, utilisation: None };
    soak(&plan, path.parent().unwrap(), DeviceChoice::Cpu, None, &question, status)
}

#[test]
fn every_request_of_both_sides_is_served() {
    let status = Status::default();
    let soaked = ask("loans/plans/canary.toml", SimSpan::from_millis(400), &status).unwrap();
    assert_eq!(soaked.arms.len(), 2);
    for arm in &soaked.arms {
        assert_eq!(arm.served.requests, arm.simulated.requests, "{}", arm.name);
        assert_eq!(arm.served.answered, arm.served.requests, "{}", arm.name);
        assert!(arm.late.is_some() && arm.served.service.is_some());
    }
    assert!(soaked.noise.is_some());
}

#[test]
fn nobody_waits_for_a_cancelled_soak() {
    let status = Status::default();
    status.progress.cancel();
    let fault = ask("loans/plans/canary.toml", SimSpan::from_secs(600), &status).unwrap_err();
    assert!(fault.is_cancelled(), "{fault}");
}
