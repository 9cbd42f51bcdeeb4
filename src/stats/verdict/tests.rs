//! Verdicts on recordings made by hand.
use proptest::prelude::*;

use super::*;
use crate::domain::{
    ArmWindow, Event, EventKind, Histogram, Outcome, OutcomeKind, Quality, SimSpan, StrategyKind,
    Window, histogram,
};

/// A window of one minute; arms as `(requested share, requests, correct, failed, latency in µs)`.
fn window(minute: u64, arms: &[(f64, u64, u64, u64, u64)]) -> Window {
    let arms = arms.iter().map(|(share, requests, correct, failed, micros)| {
        let answered = requests - failed;
        let mut dense = vec![0; histogram::BINS];
        for i in 0..answered {
            // Spread by up to a tenth, in an order that does not matter.
            dense[histogram::bin_of(micros + micros * (i % 100) / 1_000)] += 1;
        }
        ArmWindow {
            requested: *share,
            feasible: *share,
            arrivals: *requests,
            answered,
            errors: *failed,
            latency: Histogram::from_dense(&dense),
            // Each request is a unit of its own; units count from the start.
            units: requests * (minute + 1),
            quality: vec![Quality {
                answers: answered,
                labelled: answered,
                correct: *correct,
                ..Quality::default()
            }],
            classes: vec![[*correct as u32, 0, 0]],
            ..ArmWindow::default()
        }
    });
    Window {
        start: SimTime::from_secs(60 * minute),
        end: SimTime::from_secs(60 * (minute + 1)),
        stage: 0,
        arms: arms.collect(),
    }
}

fn recording(windows: Vec<Window>) -> Recording {
    let names = ["A", "B", "C"].map(str::to_owned);
    let arms = windows.first().map_or(0, |window| window.arms.len());
    Recording {
        strategy: StrategyKind::Canary,
        arms: names[..arms].to_vec(),
        gates: vec!["errors".to_owned()],
        segments: Vec::new(),
        stages: vec!["Canary".to_owned()],
        window: SimSpan::from_secs(60),
        windows,
        events: Vec::new(),
        jobs: Vec::new(),
        outcome: Outcome {
            kind: OutcomeKind::Held,
            at: SimTime::START,
            winner: ArmId::BASELINE,
            reason: String::new(),
        },
    }
}

fn row(card: &VerdictCard, metric: Metric) -> &VerdictRow {
    card.rows.iter().find(|row| row.metric == metric).unwrap()
}

#[test]
fn a_more_accurate_but_slower_candidate_is_held() {
    let windows = (0..10).map(|minute| {
        window(minute, &[(0.5, 1_000, 900, 0, 40_000), (0.5, 1_000, 950, 0, 57_000)])
    });
    let recording = recording(windows.collect());
    let card = verdict(&recording, recording.end());
    assert_eq!(card.headline, Headline::Hold, "{card:#?}");
    assert!(
        card.sentence.starts_with("B is more accurate (+5 pts), but its p95 is 1"),
        "{}",
        card.sentence
    );
    assert!(card.sentence.ends_with("ms slower."), "{}", card.sentence);
    assert_eq!(row(&card, Metric::Accuracy).word, Word::Better);
    assert_eq!(row(&card, Metric::LatencyP95).word, Word::Worse);
    assert_eq!(card.split.word, SplitWord::AsPlanned);
}

#[test]
fn microseconds_are_no_reason_to_go_back() {
    let beside = |minute, micros| {
        window(minute, &[(0.5, 1_000, 900, 0, micros), (0.5, 1_000, 900, 0, 2 * micros)])
    };
    let quick = recording((0..10).map(|minute| beside(minute, 40)).collect());
    let card = verdict(&quick, quick.end());
    assert_eq!(row(&card, Metric::LatencyP95).word, Word::Worse);
    assert_eq!(card.headline, Headline::Promote, "{}", card.sentence);
    let slow = recording((0..10).map(|minute| beside(minute, 4_000)).collect());
    let card = verdict(&slow, slow.end());
    assert_eq!(card.headline, Headline::RollBack);
    assert!(card.sentence.starts_with("B's p95 is 4"), "{}", card.sentence);
}

#[test]
fn stages_of_a_ramp_are_not_pooled() {
    // The traffic gets harder as the candidate gets more of it: B is better in both stages.
    let mut windows = Vec::new();
    for minute in 0..10 {
        windows.push(window(minute, &[(0.9, 900, 855, 0, 10_000), (0.1, 100, 97, 0, 10_000)]));
    }
    for minute in 10..20 {
        windows.push(window(minute, &[(0.1, 100, 70, 0, 10_000), (0.9, 900, 700, 0, 10_000)]));
    }
    let card = verdict(&recording(windows), SimTime::from_secs(1_200));
    let row = row(&card, Metric::Accuracy);
    assert!(row.crude_delta.unwrap() < -0.1, "{row:?}");
    // Stage by stage: +2 and +7.78 points with equal weights.
    assert!((row.delta.unwrap() - 0.048_888_9).abs() < 1e-6, "{row:?}");
    assert_eq!(row.word, Word::Better);
    assert!(card.counter_reasons.iter().any(|reason| reason.contains("Simpson")), "{card:#?}");
}

proptest! {
    #[test]
    fn a_verdict_moved_to_and_fro_is_the_one_of_the_moment(
        minutes in prop::collection::vec(0_u64..25, 1..12),
        changes in prop::collection::vec(0_u64..1_200, 0..4),
    ) {
        let share = |minute: u64| [0.1, 0.1, 0.5][minute as usize / 8];
        let windows = (0..20).map(|minute| {
            let share = share(minute);
            let requests = (1_000.0 * share) as u64;
            let right = requests * (80 + minute % 7) / 100;
            window(minute, &[
                (1.0 - share, 1_000 - requests, 850 - right, 3, 10_000),
                (share, requests, right, minute % 3, 12_000),
            ])
        });
        let mut recording = recording(windows.collect());
        let weight = |at| {
            let (arm, share) = (ArmId::CANDIDATE, 0.5);
            Event { at: SimTime::from_secs(at), kind: EventKind::Weight { arm, share } }
        };
        recording.events = changes.into_iter().map(weight).collect();
        let mut strata = Strata::default();
        for minute in minutes {
            let until = SimTime::from_secs(60 * minute);
            strata.follow(&recording, until);
            let moved = verdict_on(&recording, &strata, until);
            prop_assert_eq!(moved, verdict(&recording, until));
        }
    }
}

#[test]
fn only_windows_that_end_in_time_count() {
    let windows =
        (0..10).map(|minute| window(minute, &[(0.5, 60, 50, 0, 10_000), (0.5, 60, 50, 0, 10_000)]));
    let recording = recording(windows.collect());
    let early = verdict(&recording, SimTime::from_secs(100));
    assert_eq!(row(&early, Metric::Accuracy).n, [60, 60]);
    assert_eq!(early.headline, Headline::NotEnoughData);
    assert_eq!(row(&verdict(&recording, SimTime::from_secs(120)), Metric::Accuracy).n, [120, 120]);
}

#[test]
fn the_runs_own_decision_is_the_headline_from_then_on() {
    let windows = (0..10).map(|minute| {
        window(minute, &[(0.5, 1_000, 900, 0, 10_000), (0.5, 1_000, 905, 0, 10_000)])
    });
    let mut recording = recording(windows.collect());
    let reason = "errors was 5 %, above 2 %".to_owned();
    recording
        .events
        .push(Event { at: SimTime::from_secs(300), kind: EventKind::Aborted { reason } });
    assert_ne!(verdict(&recording, SimTime::from_secs(240)).headline, Headline::RollBack);
    let card = verdict(&recording, SimTime::from_secs(300));
    assert_eq!(card.headline, Headline::RollBack);
    assert_eq!(card.sentence, "The traffic went back to A: errors was 5 %, above 2 %.");
    assert_eq!(card.decided_at, Some(SimTime::from_secs(300)));
}

#[test]
fn a_split_that_is_not_as_planned_forbids_a_conclusion() {
    let windows = (0..10)
        .map(|minute| window(minute, &[(0.5, 1_100, 900, 0, 10_000), (0.5, 900, 880, 0, 10_000)]));
    let card = verdict(&recording(windows.collect()), SimTime::from_secs(600));
    assert_eq!(card.split.word, SplitWord::NotAsPlanned);
    assert_eq!(card.headline, Headline::Hold);
    assert!(card.sentence.contains("no comparison can be trusted"), "{}", card.sentence);
}

#[test]
fn a_switch_of_everybody_is_compared_before_and_after_and_says_so() {
    let before = (0..5)
        .map(|minute| window(minute, &[(1.0, 1_000, 900, 0, 10_000), (0.0, 0, 0, 0, 10_000)]));
    let after = (5..10)
        .map(|minute| window(minute, &[(0.0, 0, 0, 0, 10_000), (1.0, 1_000, 700, 0, 10_000)]));
    let card = verdict(&recording(before.chain(after).collect()), SimTime::from_secs(600));
    assert_eq!(row(&card, Metric::Accuracy).design, Design::BeforeAfter);
    assert_eq!(card.headline, Headline::RollBack);
    assert_eq!(card.split.word, SplitWord::NotEnoughData);
    assert!(card.counter_reasons.iter().any(|reason| reason.contains("one after the other")));
}

#[test]
fn copied_rows_are_compared_in_pairs() {
    let mut windows: Vec<Window> = (0..10)
        .map(|minute| window(minute, &[(1.0, 1_000, 900, 0, 10_000), (0.0, 0, 0, 0, 10_000)]))
        .collect();
    for window in &mut windows {
        // 30 more rows right and 10 more wrong of 1,000: +2 points.
        let shadow = &mut window.arms[1];
        shadow.mirrored = 1_000;
        shadow.answered = 1_000;
        shadow.paired = [890, 10, 30, 70];
        shadow.quality = vec![Quality {
            answers: 1_000,
            labelled: 1_000,
            correct: 920,
            agree: 960,
            ..Quality::default()
        }];
    }
    let card = verdict(&recording(windows), SimTime::from_secs(600));
    let accuracy = row(&card, Metric::Accuracy);
    assert_eq!((accuracy.design, accuracy.word), (Design::SameRows, Word::Better));
    assert!((accuracy.delta.unwrap() - 0.02).abs() < 1e-12);
    assert_eq!(row(&card, Metric::Agreement).candidate, Some(0.96));
}

#[test]
fn every_candidate_of_an_ab_test_has_rows_and_shares_the_error_chance() {
    let windows = (0..10).map(|minute| {
        window(
            minute,
            &[
                (0.34, 340, 300, 0, 10_000),
                (0.33, 330, 292, 0, 10_000),
                (0.33, 330, 320, 0, 10_000),
            ],
        )
    });
    let card = verdict(&recording(windows.collect()), SimTime::from_secs(600));
    assert_eq!(card.arm, ArmId::new(2), "C is the better candidate");
    assert_eq!(card.headline, Headline::Promote, "{card:#?}");
    assert_eq!(card.rows_of(ArmId::CANDIDATE).count(), 3);
    assert!((row(&card, Metric::Accuracy).level - 0.975).abs() < 1e-12);
}

/// SplitMix64: enough randomness for a coin.
fn random(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

#[test]
fn equal_arms_are_rarely_told_apart() {
    let mut state = 7;
    let mut draw = |n: u64, p: f64| (0..n).filter(|_| random(&mut state) < p).count() as u64;
    let mut alarms = 0;
    for _ in 0..1_000 {
        // A ramp from 5 % to 50 % over traffic that gets harder.
        let windows =
            [(0.95, 1_900, 100, 0.95), (0.75, 1_500, 500, 0.9), (0.5, 1_000, 1_000, 0.85)];
        let windows = windows.iter().zip(0..).map(|((share, a, b, p), minute)| {
            let (right_a, right_b) = (draw(*a, *p), draw(*b, *p));
            window(
                minute,
                &[(*share, *a, right_a, 0, 10_000), (1.0 - share, *b, right_b, 0, 10_000)],
            )
        });
        let card = verdict(&recording(windows.collect()), SimTime::from_secs(180));
        alarms += u64::from(row(&card, Metric::Accuracy).word == Word::Worse);
    }
    // 2.5 % of the intervals lie below zero, give or take three standard errors.
    assert!((8..=40).contains(&alarms), "{alarms} of 1000");
}

#[test]
fn a_run_of_one_model_is_only_described() {
    let windows = (0..10).map(|minute| window(minute, &[(1.0, 1_000, 900, 10, 40_000)]));
    let card = verdict(&recording(windows.collect()), SimTime::from_secs(600));
    assert!(card.rows.iter().all(|row| row.word == Word::ForInformation && row.baseline.is_some()));
    assert_eq!(card.rows.len(), 3);
}

#[test]
fn an_empty_recording_is_not_enough_data() {
    let card = verdict(&recording(Vec::new()), SimTime::NEVER);
    assert_eq!(card.headline, Headline::Hold, "no arms at all");
    let nothing = window(0, &[(1.0, 0, 0, 0, 1), (0.0, 0, 0, 0, 1)]);
    let card = verdict(&recording(vec![nothing]), SimTime::NEVER);
    assert_eq!(card.headline, Headline::NotEnoughData);
}
