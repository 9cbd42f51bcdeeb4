//! The judge against what Kayenta itself printed, and how often it is wrong.

use super::*;

fn judged(control: &[f64], experiment: &[f64], direction: Direction) -> Judged {
    judge(experiment, control, &Rules::new(direction, EffectSize::MeanRatio))
}

fn near(got: f64, want: f64) {
    assert!((got - want).abs() <= 1e-4, "{got} {want}");
}

/// The first two are what the real judge printed (spinnaker#6278), the third is kayenta#426.
#[test]
fn published_judgements_are_met() {
    let ones = [1.0; 10];
    let mixed = |hundreds: usize| {
        let values = (0..10).map(|place| if place < hundreds { 100.0 } else { 1.0 });
        values.collect::<Vec<f64>>()
    };
    let seven = judged(&ones, &mixed(7), Direction::Either);
    assert_eq!(seven.label, Label::Pass);
    let shift = seven.shift.unwrap();
    near(shift.lower, 6.825_022_991_538_788e-5);
    near(shift.upper, 99.0);
    near(shift.estimate, 98.999_929_041_701_93);
    near(shift.bound, 24.749_982_260_425_483);
    near(shift.effect, 70.3);
    let eight = judged(&ones, &mixed(8), Direction::Either);
    assert_eq!(eight.label, Label::High);
    near(eight.shift.unwrap().lower, 98.999_931_647_621_62);
    let zeros = judged(&[0.0; 6], &[0.0, 1.0, 2.0, 1.0, 0.0, 0.0], Direction::Either);
    assert_eq!(zeros.label, Label::Pass);
    let shift = zeros.shift.unwrap();
    near(shift.lower, 0.0);
    near(shift.upper, 2.0);
    near(shift.estimate, 0.812_733_792_2);
    assert!(shift.effect.is_nan(), "a mean of 0 has no ratio");
}

#[test]
fn shifts_of_ten_and_of_five() {
    let to = |n: u32| (1..=n).map(f64::from).collect::<Vec<_>>();
    let eleven: Vec<f64> = to(10).iter().map(|x| x + 10.0).collect();
    let high = judged(&to(10), &eleven, Direction::Either);
    assert_eq!(high.label, Label::High);
    let shift = high.shift.unwrap();
    near(shift.lower, 6.000_006_6);
    near(shift.upper, 13.999_993_4);
    near(shift.estimate, 10.0);
    near(shift.effect, 2.818_18);
    let tens: Vec<f64> = to(10).iter().map(|x| 10.0 * x).collect();
    let more: Vec<f64> = tens.iter().map(|x| x + 5.0).collect();
    let pass = judged(&tens, &more, Direction::Either);
    assert_eq!(pass.label, Label::Pass);
    near(pass.shift.unwrap().lower, -34.999_98);
    near(pass.shift.unwrap().upper, 44.999_98);
}

#[test]
fn one_point_each_throws_and_scores_a_hundred() {
    let metric = judged(&[1.0], &[2.0], Direction::Either);
    assert_eq!(metric.label, Label::Error);
    assert_eq!(score(&[Group { metrics: vec![metric], weight: None }]), 100.0);
}

#[test]
fn outliers_go_only_beyond_the_first_and_last_percent() {
    let values = [21.0, 22.0, 22.0, 23.0, 23.0, 24.0, 25.0, 26.0, 27.0, 500.0];
    let rules =
        Rules { outlier_factor: Some(3.0), ..Rules::new(Direction::Either, EffectSize::MeanRatio) };
    assert_eq!(prepared(&values, &rules), values[..9]);
    let superior =
        effect(&[3.0, 4.0, 5.0, 6.0, 7.0], &[1.0, 2.0, 3.0, 4.0, 5.0], EffectSize::CommonLanguage);
    assert!((superior - 0.82).abs() < 1e-12);
}

#[test]
fn critical_metrics_and_missing_data_make_a_score_of_zero() {
    let of = |label, is_critical| Judged { label, is_critical, is_muted: false, shift: None };
    let group = |metrics: Vec<Judged>, weight| Group { metrics, weight };
    let good = of(Label::Pass, false);
    let split = [group(vec![good], Some(60.0)), group(vec![good, of(Label::High, false)], None)];
    assert_eq!(score(&split), 80.0, "60 and half of the 40 that are left");
    assert_eq!(score(&[group(vec![good, good, of(Label::Low, true)], None)]), 0.0);
    assert_eq!(score(&[group(vec![good, of(Label::Nodata, false)], None)]), 0.0);
    let muted = Judged { is_muted: true, ..of(Label::High, false) };
    assert_eq!(score(&[group(vec![good, muted], None)]), 100.0);
    assert_eq!(outcome(75.0, 95.0, 75.0), Outcome::Marginal);
}

/// Normal numbers around `mean`, spread by a tenth of 100, from a generator of Lehmer's.
fn normals(state: &mut u64, n: usize, mean: f64) -> Vec<f64> {
    let mut unit = || {
        *state = *state * 48_271 % 2_147_483_647;
        (*state as f64 - 0.5) / 2_147_483_646.0
    };
    (0..n).map(|_| mean + 10.0 * normal_quantile(unit())).collect()
}

/// The share of judgements of `n` values each that do not pass, by this direction.
fn flagged(n: usize, mean: f64, direction: Direction) -> f64 {
    const TRIALS: usize = 1_000;
    let mut state = 20_261_125;
    let is_flagged = |_: &usize| {
        let control = normals(&mut state, n, 100.0);
        let experiment = normals(&mut state, n, mean);
        judged(&control, &experiment, direction).label != Label::Pass
    };
    (0..TRIALS).filter(is_flagged).count() as f64 / TRIALS as f64
}

/// The rates that the judge is known to have, within three standard errors of a thousand trials.
#[test]
fn two_values_cry_wolf_eight_do_not_and_twenty_miss_a_tenth() {
    let near = |got: f64, want: f64, by: f64| assert!((got - want).abs() <= by, "{got} {want}");
    near(flagged(2, 100.0, Direction::Either), 0.23, 0.04);
    near(flagged(3, 100.0, Direction::Either), 0.06, 0.025);
    assert!(flagged(8, 100.0, Direction::Either) < 0.01);
    near(flagged(20, 110.0, Direction::Increase), 0.44, 0.06);
    near(flagged(50, 110.0, Direction::Increase), 0.95, 0.03);
}
