//! What people do at a moment, and the runs that fork from it.

use super::*;

fn act(at: u64, kind: InterventionKind) -> Intervention {
    Intervention { at: SimTime::from_secs(at), kind }
}

fn waiting() -> Plan {
    let mut draft = fixture::draft(StrategyKind::Canary);
    draft.strategy = Strategy::Canary {
        ramp: Ramp::Steps(vec![
            Step { weight: 10.0, hold: None },
            Step { weight: 50.0, hold: Some(secs(60)) },
        ]),
        by: SplitBy::Users,
        dynamic_stable_scale: false,
        scale_down_delay: secs(30),
        abort_scale_down_delay: secs(30),
    };
    fixture::plan(draft)
}

fn end(plan: &Plan, acts: &[Intervention]) -> (OutcomeKind, f64) {
    let recording = simulate(plan, &fixture::inputs(&[0.1, 0.1]), acts);
    (recording.outcome.kind, at(&recording))
}

#[test]
fn a_step_without_a_hold_waits_for_a_person() {
    use InterventionKind::*;
    let plan = waiting();
    assert_eq!(end(&plan, &[]).0, OutcomeKind::Held);
    // Promoted at 100, 50 % at 120 for a minute, everything at 200.
    assert_eq!(end(&plan, &[act(100, Promote)]), (OutcomeKind::Promoted, 200.0));
    assert_eq!(end(&plan, &[act(100, PromoteFully)]), (OutcomeKind::Promoted, 120.0));
    assert_eq!(end(&plan, &[act(100, Abort)]), (OutcomeKind::Aborted, 100.0));
    let back = [act(100, PromoteFully), act(300, RollBack)];
    assert_eq!(end(&plan, &back), (OutcomeKind::RolledBack, 300.0));
    let again = [act(100, Abort), act(200, Retry), act(300, Promote)];
    assert_eq!(end(&plan, &again), (OutcomeKind::Promoted, 400.0));
    let held = [act(100, Promote), act(130, Pause), act(500, Resume)];
    assert_eq!(end(&plan, &held), (OutcomeKind::Promoted, 520.0));
}

#[test]
fn a_fork_equals_its_parent_before_its_time() {
    let plan = waiting();
    let inputs = fixture::inputs(&[0.1, 0.2]);
    let parent = simulate(&plan, &inputs, &[act(100, InterventionKind::Promote)]);
    let fault = Fault {
        at: SimTime::START,
        lasts: None,
        arm: None,
        what: FaultKind::Burst { factor: 3.0 },
    };
    let forks = [
        InterventionKind::Abort,
        InterventionKind::Inject(error_fault(0, 30.0)),
        InterventionKind::Inject(fault),
        InterventionKind::SetLimit { gate: 0, pass_when: Condition::AtMost(0.5) },
    ];
    for kind in forks {
        // Between two borders of windows.
        let fork = Intervention { at: SimTime::from_micros(213_700_001), kind };
        let acts = [act(100, InterventionKind::Promote), fork];
        let child = simulate(&plan, &inputs, &acts);
        let before = parent.windows.iter().take_while(|w| w.end <= acts[1].at);
        for (a, b) in before.zip(&child.windows) {
            assert_eq!(a, b);
        }
        let first = |recording: &Recording| -> Vec<_> {
            recording.events.iter().filter(|e| e.at < acts[1].at).cloned().collect()
        };
        assert_eq!(first(&parent), first(&child));
        assert_ne!(parent.digest(), child.digest());
    }
}
