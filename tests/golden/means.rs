//! Means: tests, lifts, paired comparisons, posteriors, power.

use rehearsal::stats::bayes::{self, Beta};
use rehearsal::stats::lift::{self, Arm, Effect, Posterior, Scale};
use rehearsal::stats::mean::{Moments, welch};
use rehearsal::stats::paired::{self, Zeros};
use rehearsal::stats::power::{self, Sides};
use rehearsal::stats::quantile;
use serde_json::{Value, json};

use crate::Compute;
use crate::case::{Input, ends, num, nums};

pub const ALL: &[(&str, Compute)] = &[
    ("bayes_beta_binomial", beta_binomial),
    ("bayes_normal_effect", normal_effect),
    ("bayes_prob_best", best),
    ("cuped", cuped),
    ("lift_delta_method", lift),
    ("paired_bootstrap", bootstrap),
    ("paired_tests", paired_tests),
    ("power_two_proportions", power_and_size),
    ("ratio_delta_method", ratio),
    ("sequential_growthbook", sequential),
    ("welch_t", welch_t),
];

fn welch_t(input: &Input) -> Value {
    let arm = |arm: &str| {
        if input.has(arm) {
            return Moments::of(&input.numbers(arm));
        }
        let part = |name: &str| input.number(&format!("{name}_{arm}"));
        Moments::from_summary(part("n"), part("mean"), part("sd"))
    };
    let test = welch(arm("a"), arm("b")).unwrap();
    json!({
        "t": num(test.t()), "df": num(test.df), "diff": test.difference,
        "p_two_sided": num(test.p_two_sided()), "p_greater": num(test.p_greater()),
        "p_less": num(test.p_less()), "ci": ends(test.interval(input.number("alpha"))),
    })
}

fn arms(input: &Input) -> (Arm, Arm) {
    let arm = |arm: &str| {
        let part = |name: &str| input.number(&format!("{name}_{arm}"));
        if input.text("type") == "proportion" {
            Arm::proportion(part("sum"), part("n"))
        } else {
            Arm::from_sums(part("n"), part("sum"), part("sum_squares"))
        }
    };
    (arm("a"), arm("b"))
}

fn undefined() -> Value {
    json!({"undefined": true})
}

fn once(effect: Option<Effect>, alpha: f64) -> Value {
    effect.map_or_else(undefined, |effect| {
        json!({
            "estimate": effect.estimate, "stddev": effect.standard_error, "p": num(effect.p()),
            "ci": ends(effect.interval(alpha)),
        })
    })
}

fn watched(effect: Option<Effect>, alpha: f64, tuned_for: f64) -> Value {
    effect.map_or_else(undefined, |effect| {
        json!({
            "estimate": effect.estimate, "stddev": effect.standard_error,
            "p": num(effect.sequential_p(alpha, tuned_for)),
            "ci": ends(effect.sequence(alpha, tuned_for)),
        })
    })
}

fn lift(input: &Input) -> Value {
    let ((a, b), alpha) = (arms(input), input.number("alpha"));
    let part = |scale| once(lift::effect(a, b, scale), alpha);
    json!({"relative": part(Scale::Relative), "absolute": part(Scale::Absolute)})
}

fn sequential(input: &Input) -> Value {
    let ((a, b), alpha) = (arms(input), input.number("alpha"));
    let part = |scale| watched(lift::effect(a, b, scale), alpha, input.number("tuning_n"));
    json!({"relative": part(Scale::Relative), "absolute": part(Scale::Absolute)})
}

fn ratio(input: &Input) -> Value {
    let (alpha, tuned_for) = (input.number("alpha"), input.number("tuning_n"));
    let arm = |arm: &str| {
        let part = |name: &str| input.numbers(&format!("{name}_{arm}"));
        Arm::ratio(&part("num"), &part("den")).unwrap()
    };
    let (a, b) = (arm("a"), arm("b"));
    let effect = |scale| lift::effect(a, b, scale);
    json!({
        "ratio_a": a.mean, "ratio_b": b.mean, "var_a": a.variance, "var_b": b.variance,
        "relative": once(effect(Scale::Relative), alpha),
        "absolute": once(effect(Scale::Absolute), alpha),
        "sequential_relative": watched(effect(Scale::Relative), alpha, tuned_for),
        "sequential_absolute": watched(effect(Scale::Absolute), alpha, tuned_for),
    })
}

fn cuped(input: &Input) -> Value {
    let (alpha, tuned_for) = (input.number("alpha"), input.number("tuning_n"));
    let part = |name: &str| input.numbers(name);
    let (ya, xa, yb, xb) = (part("y_a"), part("x_a"), part("y_b"), part("x_b"));
    let adjusted = lift::cuped((&ya, &xa), (&yb, &xb)).unwrap();
    let effect = lift::effect(adjusted.control, adjusted.treatment, Scale::Absolute);
    json!({
        "theta": adjusted.theta,
        "var_a": adjusted.control.variance, "var_b": adjusted.treatment.variance,
        // The reference reports the adjusted effect under both names.
        "unadjusted": once(effect, alpha), "cuped": once(effect, alpha),
        "cuped_sequential": watched(effect, alpha, tuned_for),
    })
}

fn normal_effect(input: &Input) -> Value {
    let (a, b) = arms(input);
    let part = |scale, tell: fn(Effect) -> Posterior| {
        lift::effect(a, b, scale).map_or_else(undefined, |effect| {
            let posterior = tell(effect);
            json!({
                "chance_to_win": posterior.chance_to_win(), "expected": posterior.mean,
                "stddev": posterior.deviation, "ci": ends(posterior.interval(0.05)),
                "risk_control": posterior.risk_of_control(),
                "risk_treatment": posterior.risk_of_treatment(),
            })
        })
    };
    json!({
        "flat_relative": part(Scale::Relative, Effect::posterior),
        "flat_absolute": part(Scale::Absolute, Effect::posterior),
        "prior_relative_mean0_sd0.3":
            part(Scale::Relative, |effect| effect.posterior().with_prior(0.0, 0.3)),
    })
}

fn beta(input: &Input, arm: &Input, suffix: &str) -> Beta {
    let part = |name: &str| arm.number(&format!("{name}{suffix}"));
    let (alpha, beta) = (input.number("prior_alpha"), input.number("prior_beta"));
    Beta::posterior(part("success"), part("n"), alpha, beta)
}

fn beta_binomial(input: &Input) -> Value {
    let (a, b) = (beta(input, input, "_a"), beta(input, input, "_b"));
    json!({
        "prob_b_beats_a": bayes::chance_second_is_larger(a, b),
        "expected_loss_choose_b": bayes::expected_loss_of_second(a, b),
        "expected_loss_choose_a": bayes::expected_loss_of_second(b, a),
        "mean_a": a.mean(), "mean_b": b.mean(),
        "ci95_a": ends(a.interval(0.05)), "ci95_b": ends(b.interval(0.05)),
    })
}

fn best(input: &Input) -> Value {
    let arms: Vec<Beta> = input.list("arms").iter().map(|arm| beta(input, arm, "")).collect();
    json!({"prob_best": nums(&bayes::chances_to_be_best(&arms))})
}

fn paired_tests(input: &Input) -> Value {
    let (a, b) = (input.numbers("a"), input.numbers("b"));
    let differences: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a - b).collect();
    let test = paired::paired_mean(&differences).unwrap();
    let ranks = |test: Option<paired::SignedRank>| json!({"w": num(test.map(|test| test.w)), "p": num(test.map(|test| test.p))});
    json!({
        "mean_diff": test.difference, "t": num(test.t()), "df": test.df,
        "p": num(test.p_two_sided()), "p_greater": num(test.p_greater()),
        "ci95": ends(test.interval(0.05)),
        "wilcoxon_asymptotic": ranks(paired::signed_rank(&differences, Zeros::LeftOut)),
        "wilcoxon_pratt_asymptotic": ranks(paired::signed_rank(&differences, Zeros::Ranked)),
        "wilcoxon_exact": ranks(paired::signed_rank_exact(&differences)),
    })
}

fn bootstrap(input: &Input) -> Value {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let percentile = |values: &[f64], q: f64| {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        quantile::linear(&sorted, q).unwrap()
    };
    let name = input.text("statistic");
    let statistic = |values: &[f64]| match name {
        "mean" | "accuracy" => mean(values),
        "median" => percentile(values, 0.5),
        "rmse" => mean(&values.iter().map(|x| x * x).collect::<Vec<_>>()).sqrt(),
        _ => match name.strip_prefix('p').and_then(|q| q.parse::<f64>().ok()) {
            Some(q) => percentile(values, q / 100.0),
            None => panic!("the statistic `{name}` is not known"),
        },
    };
    let rows = input.rows("indices");
    let resamples: Vec<Vec<usize>> =
        rows.iter().map(|row| row.iter().map(|place| *place as usize).collect()).collect();
    let (a, b) = (input.numbers("a"), input.numbers("b"));
    let got = paired::bootstrap(&a, &b, &resamples, 0.05, statistic).unwrap();
    json!({
        "estimate": got.estimate, "se": got.standard_error,
        "percentile_ci95": ends(got.percentile), "basic_ci95": ends(got.basic),
    })
}

fn power_and_size(input: &Input) -> Value {
    let (alpha, ratio) = (input.number("alpha"), input.number("ratio"));
    let wanted = input.number("power");
    let alternative = input.text("alternative");
    let sides = if alternative == "two-sided" { Sides::Two } else { Sides::One };
    let sign = if alternative == "smaller" { -1.0 } else { 1.0 };
    if input.has("cohens_d") {
        let d = input.number("cohens_d");
        return json!({
            "nobs1_t": num(power::sample_size_of_means(d, wanted, ratio, alpha, sides)),
            "nobs1_z": num(power::sample_size(d, wanted, ratio, alpha, sides)),
        });
    }
    if input.has("nobs1") {
        let least = power::detectable(input.number("nobs1"), wanted, ratio, alpha, sides);
        return json!({"mde_cohens_h_or_d": num(least.map(|h| h * sign))});
    }
    let (p1, p2) = (input.number("p1"), input.number("p2"));
    let h = power::cohens_h(p1, p2);
    let mut got = json!({
        "cohens_h": h,
        "nobs1_arcsine": num(power::sample_size(h, wanted, ratio, alpha, sides)),
        "nobs1_normal_onetail":
            num(power::sample_size_of_difference(p1, p2, wanted, ratio, alpha, sides)),
    });
    for n in [100.0, 1_000.0, 10_000.0] {
        let along = if sides == Sides::One { h * sign } else { h };
        got[format!("power_arcsine_n{n}")] = num(power::power(along, n, ratio, alpha, sides));
        got[format!("power_normal_n{n}")] =
            num(power::power_of_difference(p1, p2, n, ratio, alpha, sides));
    }
    got
}
