use super::super::bayes::{Beta, chance_second_is_larger};
use super::super::proportion_difference::newcombe;
use super::*;
use crate::domain::histogram::{BINS, bin_of};
use crate::domain::{Quality, SimTime};

/// Baseline and candidate, each with so many errors among its requests, at a share.
fn window(share: f64, [(e0, n0), (e1, n1)]: [(u64, u64); 2]) -> Window {
    let arm = |requested, errors, n| ArmWindow {
        requested,
        errors,
        answered: n - errors,
        quality: vec![Quality::default()],
        ..ArmWindow::default()
    };
    let arms = vec![arm(1.0 - share, e0, n0), arm(share, e1, n1)];
    Window { start: SimTime::START, end: SimTime::from_secs(60), stage: 0, arms }
}

fn weigh(
    method: Method,
    alpha: f64,
    metric: Metric,
    condition: Condition,
    windows: &[Window],
) -> Option<Weighed> {
    let test = Test { method, alpha };
    let mut evidence = Evidence::new(test, metric, Some(condition), ArmId::CANDIDATE);
    evidence.look(windows);
    evidence.weigh(condition)
}

fn errors(method: Method, condition: Condition, windows: &[Window]) -> Option<Weighed> {
    weigh(method, 0.025, Metric::ErrorRate, condition, windows)
}

#[test]
fn steps_are_not_pooled() {
    // Worse in both steps, and yet better in the pooled figures: 1.68 % against 1.22 % if most of
    // the candidate's requests came in the better step.
    let steps = [
        window(0.1, [(18_180, 900_000), (2_300, 100_000)]),
        window(0.9, [(1_000, 100_000), (10_800, 900_000)]),
    ];
    let condition = Condition::AtMostAboveBaseline(0.0);
    let weighed = errors(Method::Sequence, condition, &steps).unwrap();
    let Effect::FromLimit(effect) = weighed.effect else { unreachable!() };
    assert!((effect - 0.0024).abs() < 1e-4, "(0.28 + 0.20)/2 points: {effect}");
    assert_eq!(weighed.n, [1_000_000, 1_000_000]);
    assert_eq!(weighed.holds, Some(false), "{weighed:?}");
}

#[test]
fn no_event_in_an_arm_is_no_certainty() {
    let condition = Condition::AtMostAboveBaseline(0.0);
    let few = [window(0.1, [(9, 900), (0, 100)])];
    assert_eq!(errors(Method::Sequence, condition, &few), None, "one event is expected");
    let more = [window(0.1, [(54, 5_400), (0, 600)])];
    let weighed = errors(Method::Sequence, condition, &more).unwrap();
    assert_eq!(weighed.holds, None, "{weighed:?}");
    assert!(weighed.high > weighed.low, "the variance is pooled: {weighed:?}");
}

#[test]
fn a_fixed_horizon_is_newcombes_interval_less_the_margin() {
    let (baseline, candidate) = (Sample::new(30, 1_000), Sample::new(65, 1_000));
    let condition = Condition::AtMostAboveBaseline(0.01);
    let windows = [window(0.5, [(30, 1_000), (65, 1_000)])];
    let weighed = errors(Method::Fixed, condition, &windows).unwrap();
    let interval = newcombe(candidate, baseline, 0.05).unwrap();
    assert!((weighed.low.unwrap() - (interval.low - 0.01)).abs() < 1e-12);
    assert!((weighed.high.unwrap() - (interval.high - 0.01)).abs() < 1e-12);
    assert_eq!(weighed.holds, Some(false));
    // A later look sees its own window alone.
    let test = Test { method: Method::Fixed, alpha: 0.025 };
    let mut evidence = Evidence::new(test, Metric::ErrorRate, None, ArmId::CANDIDATE);
    evidence.look(&windows);
    evidence.look(&[window(0.5, [(30, 1_000), (30, 1_000)])]);
    assert_eq!(evidence.weigh(condition).unwrap().holds, None);
}

#[test]
fn a_posterior_is_the_chance_that_the_limit_is_broken() {
    let windows = [window(0.5, [(30, 1_000), (45, 1_000)])];
    let condition = Condition::AtMostAboveBaseline(0.0);
    let chance = errors(Method::Bayes, condition, &windows).unwrap().p.unwrap();
    let posterior = |errors| Beta::posterior(errors, 1_000.0, 1.0, 1.0);
    let exact = chance_second_is_larger(posterior(30.0), posterior(45.0));
    assert!((chance - exact).abs() < 1e-4, "{chance} {exact}");
    let absolute = errors(Method::Bayes, Condition::AtMost(0.10), &windows).unwrap();
    assert_eq!(absolute.holds, Some(true), "4.5 % is surely below 10 %");
}

/// Latencies of 1, 2, … `n` milliseconds, × `factor`.
fn latencies(n: u64, factor: f64) -> ArmWindow {
    let mut counts = vec![0; BINS];
    for millis in 1..=n {
        counts[bin_of((millis as f64 * factor * 1e3) as u64)] += 1;
    }
    ArmWindow { latency: Histogram::from_dense(&counts), ..ArmWindow::default() }
}

#[test]
fn quantiles_are_weighed_in_any_number_of_looks() {
    let of = |factor| {
        let arms = vec![latencies(2_000, 1.0), latencies(2_000, factor)];
        let window = Window { arms, ..window(0.5, [(0, 1), (0, 1)]) };
        let condition = Condition::AtLeastTimesBaseline(1.1);
        weigh(Method::Quantile, 0.01, Metric::LatencyP95, condition, &[window]).unwrap()
    };
    assert_eq!(of(1.5).holds, Some(true), "{:?}", of(1.5));
    assert_eq!(of(1.1).holds, None, "at the limit nobody knows");
    assert_eq!(of(0.7).holds, Some(false));
}

#[test]
fn on_rows_that_both_answered_only_those_count_on_which_one_was_wrong() {
    let mut paired = window(0.0, [(0, 1_000), (0, 0)]);
    // Both right 900, only A right 40, only B right 10, both wrong 50.
    paired.arms[1].paired = [900, 40, 10, 50];
    let condition = Condition::AtMostTimesBaseline(1.0);
    let weighed = weigh(Method::Label, 0.01, Metric::Accuracy, condition, &[paired]).unwrap();
    assert_eq!((weighed.effect, weighed.holds), (Effect::Ratio(4.0), Some(true)));
    assert_eq!(weighed.n, [1_000, 1_000]);
}

#[test]
fn looks_judge_metrics_whose_scatter_nobody_counts() {
    // Log loss 0.50 and 0.56, give or take 0.02 from look to look.
    let window = |look: u64| {
        let arm = |mean: f64, shift: f64| ArmWindow {
            quality: vec![Quality {
                labelled: 500,
                log_loss: 500.0 * (mean + 0.02 * ((look as f64 + shift) * 2.4).sin()),
                ..Quality::default()
            }],
            ..ArmWindow::default()
        };
        let arms = vec![arm(0.50, 0.0), arm(0.56, 0.7)];
        Window { start: SimTime::START, end: SimTime::from_secs(60), stage: 0, arms }
    };
    let holds = |condition, looks: u64| {
        let windows: Vec<Window> = (0..looks).map(window).collect();
        weigh(Method::Looks, 0.01, Metric::LogLoss, condition, &windows)?.holds
    };
    let equal = Condition::AtMostAboveBaseline(0.0);
    assert_eq!(holds(equal, 2), None, "too few looks");
    assert_eq!(holds(equal, 20), Some(false));
    assert_eq!(holds(Condition::AtMostTimesBaseline(1.3), 20), Some(true));
    assert_eq!(holds(Condition::AtMostAboveBaseline(0.06), 20), None, "on the limit");
    assert_eq!(holds(Condition::AtMost(0.7), 20), Some(true), "without the baseline");
}
