//! The engine as a whole: what must hold for every rehearsal, and the controllers' timelines.

use proptest::prelude::*;

use super::fixture::{self, gate, secs};
use super::{simulate, simulate_watched};
use crate::domain::gate::Reaction;
use crate::domain::{
    Answer, ArmId, Arrivals, BatchServing, Condition, EventKind, Fault, FaultKind, Gate, Inputs,
    Intervention, InterventionKind, LabelDelay, Latency, Metric, MicroBatching, OutcomeKind, Plan,
    PlanDraft, Progress, Ramp, Recording, ShadowEnd, SimSpan, SimTime, SplitBy, Step, Strategy,
    StrategyKind, Verdict,
};

fn run(draft: PlanDraft, wrong: &[f64]) -> Recording {
    simulate(&fixture::plan(draft), &fixture::inputs(wrong), &[])
}

fn canary(weights: &[f64], hold: u64) -> Strategy {
    let steps = weights.iter().map(|weight| Step { weight: *weight, hold: Some(secs(hold)) });
    Strategy::Canary {
        ramp: Ramp::Steps(steps.collect()),
        by: SplitBy::Users,
        dynamic_stable_scale: false,
        scale_down_delay: secs(30),
        abort_scale_down_delay: secs(30),
    }
}

fn quality_gate() -> Gate {
    gate("accuracy", Metric::Accuracy, Condition::AtLeast(0.85))
}

fn error_fault(at: u64, percent: f64) -> Fault {
    Fault {
        at: SimTime::from_secs(at),
        lasts: None,
        arm: None,
        what: FaultKind::Errors { percent },
    }
}

/// `(second, what)` of each change of the candidate's requested share.
fn weights(recording: &Recording) -> Vec<(f64, f64)> {
    let of_candidate = |event: &crate::domain::Event| match event.kind {
        EventKind::Feasible { arm: ArmId::CANDIDATE, share } => {
            Some((event.at.as_secs_f64(), (share * 1e6).round() / 1e6))
        }
        _ => None,
    };
    recording.events.iter().filter_map(of_candidate).collect()
}

fn at(recording: &Recording) -> f64 {
    recording.outcome.at.as_secs_f64()
}

mod strategies {
    use super::*;

    #[test]
    fn every_strategy_promotes_a_good_candidate_and_none_that_can_see_keeps_a_bad_one() {
        for kind in StrategyKind::ALL {
            let mut draft = fixture::draft(kind);
            draft.traffic.duration = secs(2_400);
            draft.gates.push(quality_gate());
            let good = run(draft.clone(), &[0.1, 0.05]);
            let wanted = match kind {
                StrategyKind::Single => OutcomeKind::Observed,
                _ => OutcomeKind::Promoted,
            };
            assert_eq!(good.outcome.kind, wanted, "{kind:?}: {}", good.outcome.reason);
            let bad = run(draft, &[0.1, 0.3]);
            let wanted = match kind {
                StrategyKind::Single => OutcomeKind::Observed,
                StrategyKind::Direct => OutcomeKind::RolledBack,
                _ => OutcomeKind::Aborted,
            };
            assert_eq!(bad.outcome.kind, wanted, "{kind:?}: {}", bad.outcome.reason);
        }
    }

    #[test]
    fn a_canary_waits_for_its_replica_and_holds_each_weight() {
        let mut draft = fixture::draft(StrategyKind::Canary);
        draft.strategy = canary(&[10.0, 50.0], 60);
        let recording = run(draft, &[0.1, 0.1]);
        // Cold start 20 s: one replica for 10 %, one more for 50 %, two more for everything.
        let want = [(20.0, 0.1), (100.0, 0.5), (180.0, 1.0)];
        assert_eq!(weights(&recording), want);
        assert_eq!(at(&recording), 180.0);
        let last = recording.windows.last().unwrap();
        assert_eq!(last.arms[0].ready_replicas, 0, "the old fleet goes half a minute later");
        assert_eq!(last.arms[1].ready_replicas, 4);
    }

    #[test]
    fn an_aborted_canary_sends_everybody_back_at_once() {
        let mut draft = fixture::draft(StrategyKind::Canary);
        draft.strategy = canary(&[10.0, 50.0], 120);
        draft.gates.push(gate("errors", Metric::ErrorRate, Condition::AtMost(0.05)));
        draft.faults.push(error_fault(200, 50.0));
        let recording = run(draft, &[0.1, 0.1]);
        assert_eq!(recording.outcome.kind, OutcomeKind::Aborted);
        // In force at 20; measured each 30 s; at 200 the fault, seen at 230 (15 s before, 15 s of it).
        assert_eq!(at(&recording), 230.0);
        assert_eq!(weights(&recording).last(), Some(&(230.0, 0.0)));
        let after = recording.windows.iter().filter(|w| w.start >= SimTime::from_secs(230));
        assert_eq!(after.map(|window| window.arms[1].arrivals).sum::<u64>(), 0);
    }

    #[test]
    fn blue_green_has_an_instant_way_back_and_direct_has_none() {
        let back = |kind| {
            let mut draft = fixture::draft(kind);
            draft.gates.push(gate("errors", Metric::ErrorRate, Condition::AtMost(0.05)));
            draft.faults.push(error_fault(200, 100.0));
            let recording = run(draft, &[0.1, 0.1]);
            assert_eq!(recording.outcome.kind, OutcomeKind::RolledBack, "{kind:?}");
            let decided = recording.outcome.at;
            let safe = weights(&recording).last().copied().unwrap();
            assert_eq!(safe.1, 0.0);
            safe.0 - decided.as_secs_f64()
        };
        assert_eq!(back(StrategyKind::BlueGreen), 0.0);
        assert_eq!(back(StrategyKind::Direct), 20.0, "the old fleet must start again");
    }

    #[test]
    fn replacing_in_place_means_downtime() {
        let mut draft = fixture::draft(StrategyKind::Direct);
        draft.strategy =
            Strategy::Direct { in_place: true, bake: secs(60), termination_wait: SimSpan::ZERO };
        let recording = run(draft, &[0.1, 0.1]);
        let down: u64 = recording.windows.iter().map(|window| window.arms[1].downtime).sum();
        assert_eq!(down, 20_000_000);
        let rejected: u64 = recording.windows.iter().map(|w| w.arms[1].rejected).sum();
        assert!((3_700..4_300).contains(&rejected), "{rejected} of about 4000");
        assert_eq!(recording.outcome.kind, OutcomeKind::Promoted);
    }

    #[test]
    fn rolling_moves_the_share_replica_by_replica_within_its_limits() {
        let mut draft = fixture::draft(StrategyKind::Rolling);
        draft.strategy = Strategy::Rolling {
            max_surge_percent: 25.0,
            max_unavailable_percent: 0.0,
            min_ready: SimSpan::ZERO,
            bake: secs(60),
        };
        let recording = run(draft, &[0.1, 0.1]);
        let shares: Vec<f64> = weights(&recording).into_iter().map(|(_, share)| share).collect();
        // One surges, one goes: 1/5, 1/4, 2/5, 2/4, 3/5, 3/4, 4/5, 4/4.
        assert_eq!(shares, [0.2, 0.25, 0.4, 0.5, 0.6, 0.75, 0.8, 1.0]);
        let ready =
            |w: &crate::domain::Window| w.arms.iter().map(|a| a.ready_replicas).sum::<u32>();
        assert!(recording.windows.iter().all(|w| (4..=5).contains(&ready(w))));
    }

    #[test]
    fn a_shadow_changes_no_answer() {
        let answers = |kind| {
            let mut draft = fixture::draft(kind);
            if kind == StrategyKind::Shadow {
                draft.strategy = Strategy::Shadow {
                    mirror_percent: 100.0,
                    observe: secs(1_000),
                    then: ShadowEnd::Remove,
                };
            }
            let recording = run(draft, &[0.1, 0.4]);
            recording
                .windows
                .into_iter()
                .map(|mut window| (window.arms.remove(0).latency, window.arms.len()))
                .map(|(latency, _)| latency)
                .collect::<Vec<_>>()
        };
        assert_eq!(answers(StrategyKind::Single), answers(StrategyKind::Shadow));
    }

    #[test]
    fn a_shadow_is_judged_on_the_same_rows() {
        let mut draft = fixture::draft(StrategyKind::Shadow);
        draft.strategy =
            Strategy::Shadow { mirror_percent: 50.0, observe: secs(300), then: ShadowEnd::Retain };
        let recording = run(draft, &[0.1, 0.3]);
        assert_eq!(recording.outcome.kind, OutcomeKind::Observed);
        let whole = recording.until(recording.end()).unwrap();
        let [both, only_a, only_b, neither] = whole.arms[1].paired;
        // Wrong rows are nested: B errs wherever A does.
        let all = (both + only_a + only_b + neither) as f64;
        assert_eq!(only_b, 0);
        assert!((only_a as f64 / all - 0.2).abs() < 0.01, "{only_a} of {all}");
        assert!((neither as f64 / all - 0.1).abs() < 0.01, "{neither} of {all}");
    }

    #[test]
    fn servers_split_the_traffic_in_steps_of_a_replica() {
        let mut draft = fixture::draft(StrategyKind::Canary);
        draft.strategy = Strategy::Canary {
            ramp: Ramp::Steps(vec![Step { weight: 10.0, hold: Some(secs(60)) }]),
            by: SplitBy::Servers,
            dynamic_stable_scale: false,
            scale_down_delay: SimSpan::ZERO,
            abort_scale_down_delay: SimSpan::ZERO,
        };
        let recording = run(draft, &[0.1, 0.1]);
        // Four replicas at 10 %: one candidate beside four.
        assert_eq!(weights(&recording).first(), Some(&(20.0, 0.2)));
        assert_eq!(recording.outcome.kind, OutcomeKind::Promoted, "{}", recording.outcome.reason);
    }

    #[test]
    fn a_candidate_that_never_gets_ready_meets_the_deadline() {
        let mut draft = fixture::draft(StrategyKind::Canary);
        draft.deadline = secs(100);
        draft.arms[1].serving.cold_start = secs(10_000);
        let recording = run(draft, &[0.1, 0.1]);
        assert_eq!(recording.outcome.kind, OutcomeKind::Aborted);
        assert_eq!(at(&recording), 100.0);
        assert!(recording.outcome.reason.contains("no progress"), "{}", recording.outcome.reason);
    }
}

mod controllers {
    use super::*;

    /// A canary of Flagger: a check a minute, the weight rises with each pass.
    fn flagger(failing_from: Option<u64>) -> Recording {
        let mut draft = fixture::draft(StrategyKind::Canary);
        for arm in &mut draft.arms {
            arm.serving.cold_start = SimSpan::ZERO;
        }
        draft.strategy = canary(&[20.0, 40.0, 60.0], 60);
        draft.gates.push(Gate {
            interval: secs(60),
            failure_limit: Some(1),
            ..gate("errors", Metric::ErrorRate, Condition::AtMost(0.05))
        });
        if let Some(from) = failing_from {
            draft.faults.push(error_fault(from, 100.0));
        }
        run(draft, &[0.1, 0.1])
    }

    #[test]
    fn a_passing_canary_walks_flaggers_weights_tick_by_tick() {
        assert_eq!(weights(&flagger(None)), [(0.0, 0.2), (60.0, 0.4), (120.0, 0.6), (180.0, 1.0)]);
    }

    #[test]
    fn two_failed_checks_roll_a_flagger_canary_back() {
        // Threshold 2: the checks at the first and second tick fail.
        let recording = flagger(Some(0));
        assert_eq!((recording.outcome.kind, at(&recording)), (OutcomeKind::Aborted, 120.0));
    }

    #[test]
    fn an_outage_of_the_metrics_aborts_forty_seconds_after_the_first_error() {
        let mut draft = fixture::draft(StrategyKind::Canary);
        draft.strategy = canary(&[10.0], 300);
        draft.gates.push(Gate {
            interval: secs(60),
            ..gate("errors", Metric::ErrorRate, Condition::AtMost(0.05))
        });
        draft.faults.push(Fault {
            at: SimTime::from_secs(70),
            lasts: None,
            arm: None,
            what: FaultKind::MetricOutage,
        });
        let recording = run(draft, &[0.1, 0.1]);
        // In force at 20, asked at 80 for the first time, then every ten seconds; the fifth error.
        assert_eq!((recording.outcome.kind, at(&recording)), (OutcomeKind::Aborted, 120.0));
    }

    /// What becomes of a rollout whose gate never sees enough.
    fn without_data(answer: Answer) -> Recording {
        let mut draft = fixture::draft(StrategyKind::Canary);
        draft.strategy = canary(&[10.0], 120);
        draft.gates.push(Gate {
            min_samples: 1_000_000,
            on_no_data: answer,
            max_hold: 3,
            ..gate("errors", Metric::ErrorRate, Condition::AtMost(0.05))
        });
        run(draft, &[0.1, 0.1])
    }

    #[test]
    fn the_answers_to_no_data_lead_to_different_ends() {
        let end = |answer| {
            let recording = without_data(answer);
            (recording.outcome.kind, at(&recording))
        };
        assert_eq!(end(Answer::Pass), (OutcomeKind::Promoted, 160.0));
        assert_eq!(end(Answer::Fail), (OutcomeKind::Aborted, 50.0));
        assert_eq!(end(Answer::Error), (OutcomeKind::Aborted, 90.0));
        assert_eq!(end(Answer::Inconclusive).0, OutcomeKind::Held);
        let held = without_data(Answer::Hold);
        assert_eq!(held.outcome.kind, OutcomeKind::Held, "never promoted unseen");
        let paused = held.events.iter().find(|e| matches!(e.kind, EventKind::Paused(_))).unwrap();
        // Held at 50, 80 and 110, inconclusive at 140.
        assert_eq!(paused.at, SimTime::from_secs(140));
    }

    #[test]
    fn a_gate_of_one_stage_keeps_it_until_it_has_concluded() {
        let mut draft = fixture::draft(StrategyKind::Canary);
        draft.strategy = canary(&[10.0, 50.0], 30);
        draft.gates.push(Gate {
            count: Some(4),
            only_stage: Some(1),
            ..gate("errors", Metric::ErrorRate, Condition::AtMost(0.05))
        });
        let recording = run(draft, &[0.1, 0.1]);
        // In force at 20; four looks, 30 s apart, end at 140; the next replica is ready at 160.
        assert_eq!(weights(&recording)[1], (160.0, 0.5));
    }

    #[test]
    fn a_dry_run_is_measured_and_has_no_effect() {
        let mut draft = fixture::draft(StrategyKind::Canary);
        draft.gates.push(Gate { dry_run: true, ..quality_gate() });
        let recording = run(draft, &[0.1, 0.5]);
        assert_eq!(recording.outcome.kind, OutcomeKind::Promoted);
        let failed =
            |kind: &EventKind| matches!(kind, EventKind::Measured(m) if m.verdict == Verdict::Fail);
        assert!(recording.events.iter().any(|event| failed(&event.kind)));
    }
}

mod people {
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
}

mod invariants {
    use super::*;

    type Shape = (StrategyKind, f64, u64, u8, bool, bool);

    fn shapes() -> impl proptest::strategy::Strategy<Value = Shape> {
        let kind = prop::sample::select(StrategyKind::ALL.to_vec());
        (kind, 20.0..400.0_f64, any::<u64>(), 0..4_u8, any::<bool>(), any::<bool>())
    }

    fn any_plan((kind, rate, seed, fault, batches, delays): Shape) -> PlanDraft {
        let mut draft = fixture::draft(kind);
        draft.seed = seed;
        draft.traffic.arrivals = Arrivals::Poisson { per_second: rate };
        draft.gates.push(quality_gate());
        let what = match fault {
            0 => FaultKind::Crash,
            1 => FaultKind::ReplicaLoss { replicas: 2 },
            2 => FaultKind::Latency { factor: 8.0, add: SimSpan::ZERO },
            _ => FaultKind::Errors { percent: 20.0 },
        };
        draft.faults.push(Fault {
            at: SimTime::from_secs(111),
            lasts: Some(secs(95)),
            arm: Some(draft.arms[usize::from(fault % 2)].name.clone()),
            what,
        });
        if batches {
            for arm in &mut draft.arms {
                arm.serving.batching =
                    Some(MicroBatching { max_size: 8, max_wait: SimSpan::from_millis(20) });
            }
        }
        if delays {
            draft.traffic.label_delay = LabelDelay::Exponential { mean: secs(40) };
        }
        draft
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn every_request_is_answered_by_exactly_one_arm(shape in shapes(), wrong in 0.0..0.5) {
            let draft = any_plan(shape);
            let expected = shape.1 * 600.0;
            let recording = run(draft, &[0.1, wrong]);
            let whole = recording.until(recording.end()).unwrap();
            let (mut arrivals, mut ended) = (0, 0);
            for arm in &whole.arms {
                arrivals += arm.arrivals;
                let copies = arm.mirrored - arm.mirror_dropped - arm.mirror_failed;
                prop_assert!(arm.answered >= copies);
                let live = arm.answered - copies;
                prop_assert_eq!(live + arm.failed(), arm.arrivals);
                prop_assert_eq!(arm.latency.count(), arm.answered);
                ended += live + arm.failed();
            }
            prop_assert_eq!(arrivals, ended);
            prop_assert!((arrivals as f64 - expected).abs() < 5.0 * expected.sqrt());
        }

        #[test]
        fn shares_are_shares_and_time_has_no_gaps(shape in shapes()) {
            let recording = run(any_plan(shape), &[0.1, 0.15]);
            let mut at = SimTime::START;
            for window in &recording.windows {
                prop_assert_eq!(window.start, at);
                at = window.end;
                type Get = fn(&crate::domain::ArmWindow) -> f64;
                let gets: [Get; 2] = [|arm| arm.requested, |arm| arm.feasible];
                for get in gets {
                    let sum: f64 = window.arms.iter().map(get).sum();
                    prop_assert!((sum - 1.0).abs() < 1e-9, "{}", sum);
                    prop_assert!(window.arms.iter().map(get).all(|s| (0.0..=1.0).contains(&s)));
                }
                for arm in &window.arms {
                    prop_assert!(u64::from(arm.ready_replicas) <= 8);
                    let labelled: u64 = arm.quality.iter().map(|q| q.labelled).sum();
                    let correct: u64 = arm.quality.iter().map(|q| q.correct).sum();
                    prop_assert!(correct <= labelled);
                }
            }
            prop_assert_eq!(at, SimTime::from_secs(600));
            prop_assert!(recording.events.is_sorted_by_key(|event| event.at));
        }
    }

    #[test]
    fn equal_inputs_give_equal_digests_on_one_thread_and_on_two() {
        let plans: Vec<Plan> = StrategyKind::ALL
            .into_iter()
            .map(|kind| {
                let mut draft = fixture::draft(kind);
                draft.gates.push(quality_gate());
                fixture::plan(draft)
            })
            .collect();
        let inputs: Inputs = fixture::inputs(&[0.1, 0.2]);
        let digest = |plan: &Plan| simulate(plan, &inputs, &[]).digest();
        let alone: Vec<String> = plans.iter().map(digest).collect();
        let together = std::thread::scope(|scope| {
            let (first, second) = plans.split_at(plans.len() / 2);
            let work = |plans: &[Plan]| plans.iter().map(digest).collect::<Vec<_>>();
            let other = scope.spawn(move || work(second));
            [work(first), other.join().unwrap()].concat()
        });
        assert_eq!(alone, together);
    }

    #[test]
    fn watching_shows_growing_beginnings_of_the_same_recording() {
        let plan = fixture::plan(fixture::draft(StrategyKind::Canary));
        let inputs = fixture::inputs(&[0.1, 0.1]);
        let mut lengths = Vec::new();
        let progress = Progress::default();
        let watched = simulate_watched(&plan, &inputs, &[], &progress, |recording| {
            lengths.push(recording.windows.len());
        });
        assert_eq!(lengths, (1..=60).collect::<Vec<_>>());
        assert_eq!(watched.unwrap(), simulate(&plan, &inputs, &[]));
        progress.cancel();
        assert!(simulate_watched(&plan, &inputs, &[], &progress, |_| {}).is_none());
    }
}

mod batch {
    use super::*;

    fn nightly(share: f64) -> PlanDraft {
        let mut draft = fixture::draft(StrategyKind::Canary);
        draft.strategy = canary(&[20.0, 50.0], 120);
        draft.traffic.arrivals = Arrivals::Constant { per_second: 100.0 };
        draft.batch = Some(BatchServing {
            share,
            every: secs(60),
            first: SimTime::from_secs(60),
            overhead: secs(5),
            rows_per_second: Some(1_000.0),
            replicas: 1,
            deadline: Some(secs(64)),
        });
        draft
    }

    #[test]
    fn a_job_scores_what_has_come_since_the_last_one() {
        let recording = run(nightly(100.0), &[0.1, 0.1]);
        let first = recording.jobs.iter().find(|job| job.arm == ArmId::BASELINE).unwrap();
        // 60 s of 100 a second, 80 % of them for the baseline: 5 s and 4.8 s.
        assert!((4_600..5_000).contains(&first.rows), "{}", first.rows);
        assert_eq!(first.start, SimTime::from_secs(60));
        let duration = first.duration().as_secs_f64();
        assert!((duration - 5.0 - first.rows as f64 / 1_000.0).abs() < 1e-3, "{duration}");
        let oldest = first.staleness(1.0).unwrap() as f64 / 1e6;
        assert!((oldest - 60.0 - duration).abs() < 1.0, "{oldest}");
        // Rows that waited more than 64 s − duration: about the first 5.8 s of the minute.
        let late = first.deadline_misses as f64 / first.rows as f64;
        assert!((late - (duration - 4.0) / 60.0).abs() < 0.02, "{late}");
        assert_eq!(recording.outcome.kind, OutcomeKind::Promoted);
        let whole = recording.until(recording.end()).unwrap();
        assert!(whole.arms.iter().all(|arm| arm.latency.is_empty() && arm.replica_time == 0));
    }

    #[test]
    fn rows_of_jobs_roll_over_in_parts_and_come_back() {
        let mut draft = nightly(100.0);
        draft.strategy = Strategy::Rolling {
            max_surge_percent: 25.0,
            max_unavailable_percent: 0.0,
            min_ready: secs(100),
            bake: secs(100),
        };
        let parts = [(0.0, 0.25), (100.0, 0.5), (200.0, 0.75), (300.0, 1.0)];
        assert_eq!(weights(&run(draft.clone(), &[0.1, 0.1])), parts);
        draft.gates = vec![quality_gate()];
        let refused = run(draft, &[0.1, 0.4]);
        assert_eq!(refused.outcome.kind, OutcomeKind::Aborted);
        let back = weights(&refused).last().copied();
        assert_eq!(back, Some((at(&refused), 0.0)), "{:?}", weights(&refused));
    }

    #[test]
    fn both_kinds_of_serving_share_one_rollout() {
        let recording = run(nightly(75.0), &[0.1, 0.1]);
        let whole = recording.until(recording.end()).unwrap();
        let at_once: u64 = whole.arms.iter().map(|arm| arm.latency.count()).sum();
        let arrivals = whole.arrivals() as f64;
        assert!((at_once as f64 / arrivals - 0.25).abs() < 0.01);
        let scored: u64 = recording.jobs.iter().map(|job| job.rows).sum();
        let answered: u64 = whole.arms.iter().map(|arm| arm.answered).sum();
        assert_eq!(answered, at_once + scored);
    }
}

mod queues {
    use super::*;

    /// The mean wait in a queue with Poisson arrivals, exponential service and `c` servers, in
    /// units of the mean service time (Erlang 1917).
    fn erlang_wait(c: u32, utilisation: f64) -> f64 {
        let load = f64::from(c) * utilisation;
        let mut blocked = 1.0;
        for k in 1..=c {
            blocked = load * blocked / (f64::from(k) + load * blocked);
        }
        let waits = blocked / (1.0 - utilisation * (1.0 - blocked));
        waits / (f64::from(c) * (1.0 - utilisation))
    }

    #[test]
    fn waiting_times_are_erlangs() {
        for c in [1, 2, 4, 16] {
            for utilisation in [0.3, 0.8, 0.95] {
                let mut draft = fixture::draft(StrategyKind::Single);
                let mean = 0.01;
                let rate = f64::from(c) * utilisation / mean;
                draft.traffic.arrivals = Arrivals::Poisson { per_second: rate };
                draft.traffic.duration = SimSpan::from_secs_f64(2_000_000.0 / rate);
                draft.window = None;
                for arm in &mut draft.arms {
                    arm.latency = Latency::Exponential { mean: SimSpan::from_secs_f64(mean) };
                    arm.serving.replicas = c;
                    arm.serving.queue_limit = 1_000_000;
                    arm.serving.timeout = secs(1_000);
                }
                let recording = run(draft, &[0.1, 0.1]);
                let whole = recording.until(recording.end()).unwrap();
                let arm = &whole.arms[0];
                let latency = arm.latency_sum as f64 / 1e6 / arm.answered as f64;
                let service = arm.busy as f64 / 1e6 / arm.answered as f64;
                let wait = latency - service;
                // The load that this stream really was, which takes out most of its luck.
                let span = recording.end().as_secs_f64();
                let load = arm.arrivals as f64 / span * service / f64::from(c);
                let want = erlang_wait(c, load) * service;
                // Two million requests: the busiest queue's mean still scatters by some percent.
                let allowed = if utilisation > 0.9 { 0.06 } else { 0.03 };
                let slack = allowed * want + 2e-6;
                assert!((wait - want).abs() < slack, "c {c}, ρ {utilisation}: {wait} for {want}");
            }
        }
    }

    #[test]
    fn a_slow_candidate_shows_in_its_own_latency_only() {
        let mut draft = fixture::draft(StrategyKind::Canary);
        draft.strategy = canary(&[25.0], 300);
        draft.arms[1].latency = Latency::Exponential { mean: SimSpan::from_millis(30) };
        draft.gates.push(gate("p95", Metric::LatencyP95, Condition::AtMostTimesBaseline(1.5)));
        let recording = run(draft, &[0.1, 0.1]);
        assert_eq!(recording.outcome.kind, OutcomeKind::Aborted, "{}", recording.outcome.reason);
        assert!(recording.outcome.reason.contains("p95"), "{}", recording.outcome.reason);
    }
}

mod faults {
    use super::*;

    #[test]
    fn a_crash_cuts_what_is_in_flight_and_moves_the_rest_to_the_baseline() {
        let mut draft = fixture::draft(StrategyKind::Canary);
        draft.strategy = canary(&[50.0], 400);
        draft.arms[1].latency = Latency::Constant(SimSpan::from_millis(50));
        draft.arms[1].serving.concurrency = 4;
        draft.faults.push(Fault {
            at: SimTime::from_secs(100),
            lasts: Some(secs(30)),
            arm: None,
            what: FaultKind::Crash,
        });
        let recording = run(draft, &[0.1, 0.1]);
        let cut = recording.events.iter().any(|e| matches!(e.kind, EventKind::Cut { .. }));
        assert!(cut, "100 a second at 50 ms: five are in flight at any time");
        // Back after the fault and another cold start.
        assert_eq!(weights(&recording)[1..3], [(100.0, 0.0), (150.0, 0.5)]);
    }

    #[test]
    fn labels_lost_in_an_outage_stay_unknown() {
        let labelled = |fault: Option<FaultKind>| {
            let mut draft = fixture::draft(StrategyKind::Single);
            draft.traffic.label_delay = LabelDelay::Constant(secs(30));
            draft.faults.extend(fault.map(|what| Fault {
                at: SimTime::from_secs(100),
                lasts: Some(secs(100)),
                arm: None,
                what,
            }));
            let recording = run(draft, &[0.1, 0.1]);
            recording.until(recording.end()).unwrap().arms[0].total_quality().labelled as f64
        };
        let (all, lost) = (labelled(None), labelled(Some(FaultKind::LabelOutage)));
        // Of 570 s whose labels become known in time, 100 s are lost.
        assert!((lost / all - 470.0 / 570.0).abs() < 0.01, "{lost} of {all}");
    }

    #[test]
    fn flipped_labels_are_seen_while_they_last() {
        let mut draft = fixture::draft(StrategyKind::Single);
        draft.faults.push(Fault {
            at: SimTime::from_secs(200),
            lasts: Some(secs(100)),
            arm: None,
            what: FaultKind::FlippedLabels { percent: 50.0, segment: None },
        });
        let recording = run(draft, &[0.1, 0.1]);
        let accuracy = |second| {
            let window = recording.window_at(SimTime::from_secs(second)).unwrap();
            window.metric(ArmId::BASELINE, Metric::Accuracy).unwrap()
        };
        assert!((accuracy(100) - 0.9).abs() < 0.03);
        assert!((accuracy(250) - 0.5).abs() < 0.04);
        assert!((accuracy(400) - 0.9).abs() < 0.03);
    }

    #[test]
    fn a_pause_by_an_inconclusive_gate_waits_for_a_person() {
        let mut draft = fixture::draft(StrategyKind::Canary);
        draft.strategy = canary(&[25.0], 200);
        draft.gates.push(Gate {
            fail_when: Some(Condition::AtMost(0.5)),
            on_inconclusive: Reaction::Pause,
            ..gate("accuracy", Metric::Accuracy, Condition::AtLeast(0.95))
        });
        let recording = run(draft, &[0.1, 0.1]);
        assert_eq!(recording.outcome.kind, OutcomeKind::Held);
        assert!(recording.outcome.reason.contains("inconclusive"), "{}", recording.outcome.reason);
    }
}
