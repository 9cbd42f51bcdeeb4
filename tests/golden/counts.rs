//! Counts: proportions, tables, rates, splits, and the distributions beneath them.

use rehearsal::stats::contingency::{self, binomial_two_sided};
use rehearsal::stats::margin::Restricted;
use rehearsal::stats::mcnemar::Pairs;
use rehearsal::stats::multiple::{Correction, adjust};
use rehearsal::stats::poisson::{self, Rate, RateTest};
use rehearsal::stats::proportion_difference::{self as difference, Sample, ZTest};
use rehearsal::stats::stratified::{self, Weighting};
use rehearsal::stats::{distribution, margin, proportion, srm};
use serde_json::{Map, Value, json};

use crate::Compute;
use crate::case::{Input, ends, num, nums};

pub const ALL: &[(&str, Compute)] = &[
    ("chi2_contingency", independence),
    ("distributions", distributions),
    ("fisher_exact", fisher),
    ("mcnemar", mcnemar),
    ("multiple_tests", multiple),
    ("noninferiority_proportions", noninferiority),
    ("poisson_rates", rates),
    ("proportion_ci", one_proportion),
    ("proportion_diff_ci", two_proportions),
    ("srm_chi2", split),
    ("stratified_2x2", tables),
    ("stratified_diff", steps),
    ("two_proportions_test", z_tests),
];

fn samples(input: &Input) -> (Sample, Sample) {
    let sample = |arm: &str| {
        Sample::new(input.count(&format!("count{arm}")), input.count(&format!("nobs{arm}")))
    };
    (sample("1"), sample("2"))
}

fn independence(input: &Input) -> Value {
    let Some(test) = contingency::independence(&input.rows("table")) else { return json!({}) };
    let mut got = json!({
        "chi2": test.chi2, "df": test.df, "p": test.p,
        "cramers_v": test.cramers_v, "g": test.g, "g_p": test.g_p,
    });
    if let Some((chi2, p)) = test.yates {
        got["chi2_yates"] = num(chi2);
        got["p_yates"] = num(p);
    }
    got
}

fn fisher(input: &Input) -> Value {
    let rows = input.rows("table");
    let cell = |i: usize, j: usize| rows[i][j] as u64;
    let test = contingency::fisher([[cell(0, 0), cell(0, 1)], [cell(1, 0), cell(1, 1)]]);
    json!({
        "p_two-sided": test.p_two_sided, "p_greater": test.p_greater, "p_less": test.p_less,
        "odds_ratio": num(test.odds_ratio),
    })
}

fn distributions(input: &Input) -> Value {
    let at = |key: &str| input.number(key);
    let both = |cdf: f64, sf: f64| json!({"cdf": num(cdf), "sf": num(sf)});
    let quantile = |x: f64| json!({"ppf": num(x)});
    match input.text("dist") {
        "normal" => {
            let x = at("x");
            let (cdf, sf) = (distribution::normal_cdf(x), distribution::normal_sf(x));
            json!({"cdf": num(cdf), "sf": num(sf), "logsf": num(distribution::normal_ln_sf(x))})
        }
        "normal_ppf" => quantile(distribution::normal_quantile(at("q"))),
        "t" => {
            let (x, df) = (at("x"), at("df"));
            both(distribution::t_cdf(x, df), distribution::t_sf(x, df))
        }
        "t_ppf" => quantile(distribution::t_quantile(at("q"), at("df"))),
        "chi2" => {
            let (x, df) = (at("x"), at("df"));
            both(distribution::chi2_cdf(x, df), distribution::chi2_sf(x, df))
        }
        "beta" => {
            let (x, a, b) = (at("x"), at("a"), at("b"));
            both(distribution::beta_cdf(x, a, b), distribution::beta_sf(x, a, b))
        }
        "beta_ppf" => quantile(distribution::beta_quantile(at("q"), at("a"), at("b"))),
        "binom" | "binomial" => {
            let (k, n, p) = (input.count("k"), input.count("n"), at("p"));
            let mut got =
                both(distribution::binomial_cdf(k, n, p), distribution::binomial_sf(k, n, p));
            got["pmf"] = num(distribution::binomial_pmf(k, n, p));
            got
        }
        other => panic!("the distribution `{other}` is not known"),
    }
}

fn mcnemar(input: &Input) -> Value {
    let key = ["both_right", "only_a_right", "only_b_right", "both_wrong"];
    let pairs = Pairs::new(key.map(|key| input.count(key)));
    let (chi2, corrected) = (pairs.chi2(0.0), pairs.chi2(1.0));
    // Theirs is A − B, ours B − A.
    let wald = pairs.wald(0.05).map(|ours| proportion::Interval::new(-ours.high, -ours.low));
    json!({
        "exact_p": pairs.exact_p(), "midp": pairs.mid_p(),
        "chi2": num(chi2.map(|of| of.0)), "chi2_p": num(chi2.map(|of| of.1)),
        "chi2_cc": num(corrected.map(|of| of.0)), "chi2_cc_p": num(corrected.map(|of| of.1)),
        "diff": num(pairs.difference().map(|d| -d)), "wald_ci95": ends(wald),
    })
}

fn multiple(input: &Input) -> Value {
    let (p, alpha) = (input.numbers("p"), input.number("alpha"));
    let part = |correction| {
        let adjusted = adjust(&p, correction);
        let reject: Vec<bool> = adjusted.iter().map(|p| *p <= alpha).collect();
        json!({"adjusted": nums(&adjusted), "reject": reject})
    };
    json!({
        "bonferroni": part(Correction::Bonferroni), "holm": part(Correction::Holm),
        "simes_hochberg": part(Correction::Hochberg),
        "fdr_bh": part(Correction::BenjaminiHochberg),
        "fdr_by": part(Correction::BenjaminiYekutieli),
    })
}

fn noninferiority(input: &Input) -> Value {
    let ((first, second), limit) = (samples(input), input.number("margin"));
    let test = |test: Option<margin::MarginTest>| json!({"z": num(test.map(|of| of.z)), "p": num(test.map(|of| of.p))});
    json!({
        "noninferior_wald": test(margin::wald(first, second, limit)),
        "noninferior_score": test(margin::score(first, second, limit, Restricted::Statsmodels)),
        "tost_wald_p": num(margin::equivalence_p(first, second, limit)),
    })
}

fn rates(input: &Input) -> Value {
    let rate = |arm: &str| Rate {
        events: input.count(&format!("count{arm}")),
        exposure: input.number(&format!("exposure{arm}")),
    };
    let (first, second) = (rate("1"), rate("2"));
    let mut got = Map::new();
    let tests: [(&str, Option<RateTest>); 6] = [
        ("score", Some(poisson::score(first, second))),
        ("wald", Some(poisson::wald(first, second))),
        ("sqrt", Some(poisson::square_root(first, second))),
        ("exact_cond", Some(poisson::exact(first, second))),
        ("cond_midp", Some(poisson::mid_p(first, second))),
        ("wald_log", poisson::log(first, second)),
    ];
    for (name, test) in tests {
        got.insert(format!("{name}_two_sided_p"), num(test.map(|test| test.two_sided)));
        got.insert(format!("{name}_larger_p"), num(test.map(|test| test.larger)));
    }
    got.insert("ratio_ci95_score".into(), ends(poisson::ratio_score(first, second, 0.05)));
    got.insert("ratio_ci95_log".into(), ends(poisson::ratio_log(first, second, 0.05)));
    Value::Object(got)
}

fn one_proportion(input: &Input) -> Value {
    let (hits, n, alpha) = (input.count("count"), input.count("nobs"), input.number("alpha"));
    let (x, m) = (hits as f64, n as f64);
    json!({
        "wald": ends(proportion::wald(x, m, alpha)),
        "wilson": ends(proportion::wilson(x, m, alpha)),
        "agresti_coull": ends(proportion::agresti_coull(x, m, alpha)),
        "clopper_pearson": ends(proportion::clopper_pearson(hits, n, alpha)),
        "jeffreys": ends(proportion::jeffreys(hits, n, alpha)),
    })
}

fn two_proportions(input: &Input) -> Value {
    let ((first, second), alpha) = (samples(input), input.number("alpha"));
    json!({
        "diff_wald": ends(difference::wald_difference(first, second, alpha)),
        "diff_newcombe": ends(difference::newcombe(first, second, alpha)),
        "diff_agresti_caffo": ends(difference::agresti_caffo(first, second, alpha)),
        "diff_score": ends(margin::score_interval(first, second, alpha, Restricted::Statsmodels)),
        "ratio_log": ends(difference::ratio_log(first, second, alpha)),
    })
}

fn z_tests(input: &Input) -> Value {
    let (first, second) = samples(input);
    let side = |test: Option<ZTest>, p: fn(ZTest) -> f64| json!({"z": num(test.map(|test| test.z)), "p": num(test.map(p))});
    let mut got = json!({"diff": num(first.share().zip(second.share()).map(|(p, q)| p - q))});
    let tests = [
        ("pooled", difference::pooled_z(first, second)),
        ("unpooled", difference::unpooled_z(first, second)),
    ];
    for (name, test) in tests {
        got[format!("{name}_two-sided")] = side(test, |test| test.p);
        got[format!("{name}_larger")] = side(test, ZTest::p_larger);
        got[format!("{name}_smaller")] = side(test, ZTest::p_smaller);
    }
    got["agresti_caffo"] = side(difference::agresti_caffo_z(first, second), |test| test.p);
    got
}

fn split(input: &Input) -> Value {
    let (observed, weights) = (input.counts("observed"), input.numbers("weights"));
    let expected = srm::expected(&observed, &weights);
    let mut got = json!({
        "expected_counts": nums(&expected),
        "min_expected": num(expected.iter().copied().reduce(f64::min)),
    });
    if let Some((chi2, df, p)) = srm::chi_square(&observed, &weights) {
        got["chi2"] = num(chi2);
        got["df"] = json!(df);
        got["p"] = num(p);
    }
    if let [first, second] = observed[..] {
        let share = weights[0] / (weights[0] + weights[1]);
        got["exact_binomial_p"] = num(binomial_two_sided(first, first + second, share));
    }
    got
}

fn tables(input: &Input) -> Value {
    let table = |value: &Value| -> stratified::Table {
        let cell = |i: usize, j: usize| value[i][j].as_f64().unwrap();
        [[cell(0, 0), cell(0, 1)], [cell(1, 0), cell(1, 1)]]
    };
    let tables: Vec<_> = input.value("tables").as_array().unwrap().iter().map(table).collect();
    let pooled = stratified::pool(&tables);
    let (plain, corrected) = (pooled.test(0.0), pooled.test(0.5));
    json!({
        "or_pooled": num(pooled.odds_ratio), "rr_pooled": num(pooled.risk_ratio),
        "cmh": num(plain.0), "cmh_p": num(plain.1),
        "cmh_cc": num(corrected.0), "cmh_cc_p": num(corrected.1),
        "or_ci95": ends(pooled.interval(0.05)), "or_crude": num(pooled.crude_odds_ratio),
    })
}

fn steps(input: &Input) -> Value {
    let arm = |step: &Input, arm: &str| Sample {
        hits: step.number(&format!("sum_{arm}")),
        n: step.number(&format!("n_{arm}")),
    };
    let steps: Vec<[Sample; 2]> =
        input.list("steps").iter().map(|step| [arm(step, "a"), arm(step, "b")]).collect();
    let total = |arm: usize| Sample {
        hits: steps.iter().map(|step| step[arm].hits).sum(),
        n: steps.iter().map(|step| step[arm].n).sum(),
    };
    let diff = |a: Sample, b: Sample| b.share().zip(a.share()).map(|(q, p)| q - p);
    let each: Vec<Value> = steps.iter().map(|[a, b]| num(diff(*a, *b))).collect();
    let weighted = stratified::difference(&steps, Weighting::MantelHaenszel);
    let post = stratified::difference(&steps, Weighting::PostStratified);
    json!({
        "crude_diff": num(diff(total(0), total(1))), "step_diffs": each,
        "mh_weighted_diff": num(weighted.map(|of| of.value)),
        "mh_weighted_se": num(weighted.map(|of| of.standard_error)),
        "post_stratified_diff": num(post.map(|of| of.value)),
        "post_stratified_se": num(post.map(|of| of.standard_error)),
    })
}
