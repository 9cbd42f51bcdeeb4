//! What gates count, and when they end.

use super::*;
use crate::domain::SimSpan;
use crate::domain::gate_test::{Method, Test};

/// A window in which the candidate answered 1000 requests, `errors` of which failed.
fn window(errors: u64) -> Window {
    let arm = |errors| ArmWindow { answered: 1_000 - errors, errors, ..ArmWindow::default() };
    Window {
        start: SimTime::START,
        end: SimTime::from_secs(60),
        stage: 0,
        arms: vec![arm(10), arm(errors)],
    }
}

fn gate() -> Gate {
    Gate { name: "errors".to_owned(), pass_when: Some(Condition::AtMost(0.02)), ..Gate::default() }
}

/// The verdicts of the measurements, and of the gate after the last.
fn run(gate: &Gate, evidence: &[Option<Window>]) -> (Vec<Verdict>, Option<Verdict>, SimTime) {
    let mut run = GateRun::new(gate, 0, ArmId::CANDIDATE, SimTime::START);
    let mut verdicts = Vec::new();
    let mut now = SimTime::START;
    for window in evidence {
        now = run.due();
        let look = window
            .clone()
            .map_or(Look::Unavailable, |span| Look::Counted { new: vec![span.clone()], span });
        verdicts.push(run.measure(gate, now, look).0.verdict);
        if run.ended().is_some() {
            break;
        }
    }
    (verdicts, run.ended(), now)
}

#[test]
fn a_limit_of_three_tolerates_three_failures_and_fails_on_the_fourth() {
    let gate = Gate { failure_limit: Some(3), ..gate() };
    let bad = || Some(window(50));
    assert_eq!(run(&gate, &[bad(), bad(), bad()]).1, None);
    assert_eq!(run(&gate, &[bad(), bad(), bad(), bad()]).1, Some(Verdict::Fail));
    // A pass between them does not forgive.
    let mixed = [bad(), Some(window(5)), bad(), bad(), bad()];
    assert_eq!(run(&gate, &mixed).1, Some(Verdict::Fail));
}

#[test]
fn an_outage_of_the_metrics_ends_the_gate_forty_seconds_after_its_first_error() {
    let outage: Vec<_> = (0..9).map(|_| None).collect();
    let (verdicts, ended, at) = run(&gate(), &outage);
    assert_eq!(verdicts, [Verdict::Error; 5]);
    assert_eq!(ended, Some(Verdict::Error));
    assert_eq!(at, SimTime::from_secs(60 + 40));
}

#[test]
fn no_data_is_answered_as_the_gate_says() {
    for (answer, verdict) in [
        (Answer::Pass, Verdict::Pass),
        (Answer::Fail, Verdict::Fail),
        (Answer::Inconclusive, Verdict::Inconclusive),
        (Answer::Error, Verdict::Error),
        (Answer::Hold, Verdict::Hold),
    ] {
        let gate = Gate { on_no_data: answer, min_samples: 2_000, ..gate() };
        assert_eq!(run(&gate, &[Some(window(0))]).0, [verdict]);
    }
}

#[test]
fn holding_too_long_is_inconclusive() {
    let gate = Gate { min_samples: 2_000, max_hold: 2, ..gate() };
    let empty: Vec<_> = (0..5).map(|_| Some(window(0))).collect();
    let (verdicts, ended, _) = run(&gate, &empty);
    assert_eq!(verdicts, [Verdict::Hold, Verdict::Hold, Verdict::Inconclusive]);
    assert_eq!(ended, Some(Verdict::Inconclusive));
}

#[test]
fn between_pass_and_fail_nothing_is_concluded() {
    let gate = Gate { fail_when: Some(Condition::AtLeast(0.05)), inconclusive_limit: 1, ..gate() };
    let between = || Some(window(30));
    assert_eq!(run(&gate, &[between()]).1, None);
    assert_eq!(run(&gate, &[between(), between()]).1, Some(Verdict::Inconclusive));
    assert_eq!(run(&gate, &[Some(window(60))]).1, Some(Verdict::Fail));
}

#[test]
fn enough_looks_or_successes_in_a_row_pass() {
    let good = || Some(window(5));
    let counted = Gate { count: Some(3), ..gate() };
    assert_eq!(run(&counted, &[good(), good(), good()]).1, Some(Verdict::Pass));
    let in_a_row = Gate { success_limit: Some(2), failure_limit: None, ..gate() };
    let mixed = [good(), Some(window(50)), good(), good()];
    assert_eq!(run(&in_a_row, &mixed).1, Some(Verdict::Pass));
    let never = Gate { count: Some(3), success_limit: Some(3), failure_limit: Some(1), ..gate() };
    let mixed = [good(), Some(window(50)), good()];
    assert_eq!(run(&never, &mixed).1, Some(Verdict::Inconclusive));
}

#[test]
fn a_relative_gate_needs_both_arms() {
    let relative = Some(Condition::AtMostTimesBaseline(1.5));
    let gate = Gate { pass_when: relative, ..gate() };
    assert_eq!(run(&gate, &[Some(window(15))]).0, [Verdict::Pass]);
    assert_eq!(run(&gate, &[Some(window(16))]).0, [Verdict::Fail]);
    let mut alone = window(5);
    alone.arms[0] = ArmWindow::default();
    assert_eq!(run(&gate, &[Some(alone)]).0, [Verdict::Hold]);
}

#[test]
fn a_gate_that_weighs_chance_waits_until_it_is_sure() {
    let test = Some(Test::new(Method::Sequence));
    // 3 % against a limit of 2 % is no proof after 1,000 requests, nor is 1 %.
    let sure = Gate { test, max_hold: 100, ..gate() };
    assert_eq!(run(&sure, &[Some(window(30))]).0, [Verdict::Hold]);
    assert_eq!(run(&sure, &[Some(window(10))]).0, [Verdict::Hold]);
    let many = |errors| (0..20).map(|_| Some(window(errors))).collect::<Vec<_>>();
    assert_eq!(run(&sure, &many(30)).1, Some(Verdict::Fail));
    let once = Gate { success_limit: Some(1), ..sure.clone() };
    assert_eq!(run(&once, &many(10)).1, Some(Verdict::Pass));
    // The bare value decides at once.
    assert_eq!(run(&gate(), &many(30)).0, [Verdict::Fail]);
}

#[test]
fn a_label_test_sees_harm_and_says_what_stands_behind_it() {
    let more = Some(Condition::AtLeastTimesBaseline(1.0));
    let gate =
        Gate { test: Some(Test::new(Method::Label)), pass_when: None, fail_when: more, ..gate() };
    assert_eq!(run(&gate, &[Some(window(12))]).0, [Verdict::Pass], "no harm seen");
    let mut run = GateRun::new(&gate, 0, ArmId::CANDIDATE, SimTime::START);
    let bad = window(60);
    let look = Look::Counted { span: bad.clone(), new: vec![bad] };
    let (measurement, tested) = run.measure(&gate, SimTime::from_secs(60), look);
    assert_eq!(measurement.verdict, Verdict::Fail);
    let text = tested.unwrap().evidence().unwrap().1;
    assert_eq!(text, "label test: 6.00 × the baseline's, p < 0.0001, n 1,000 and 1,000");
}

#[test]
fn an_end_asks_for_what_the_gate_says_unless_it_is_a_dry_run() {
    let mut run = GateRun::new(&gate(), 0, ArmId::CANDIDATE, SimTime::START);
    let bad = window(50);
    run.measure(&gate(), SimTime::from_secs(60), Look::Counted { span: bad, new: vec![] });
    assert_eq!(run.reaction(&gate()), Reaction::Abort);
    assert_eq!(run.reaction(&Gate { dry_run: true, ..gate() }), Reaction::Continue);
    assert_eq!(run.due(), SimTime::NEVER);
    run.reset(&gate(), SimTime::from_secs(60));
    assert_eq!(run.due(), SimTime::from_secs(120));
    assert_eq!(gate().interval, SimSpan::from_secs(60));
}
