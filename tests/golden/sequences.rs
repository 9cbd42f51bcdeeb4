//! Looking again and again: confidence sequences, sequential tests, planned looks.

use rehearsal::stats::mixture::{self, BetaBinomial, Tails, best_rho};
use rehearsal::stats::sequential::{self, LabelTest, Msprt};
use rehearsal::stats::{Interval, betting, looks, quantile_sequence};
use serde_json::{Map, Value, json};

use crate::Compute;
use crate::case::{Input, ends, num, nums};

pub const ALL: &[(&str, Compute)] = &[
    ("asymptotic_cs", asymptotic),
    ("betting_cs", bets),
    ("confseq_bernoulli", bernoulli),
    ("confseq_boundaries", boundaries),
    ("group_sequential_power_family", planned),
    ("msprt_normal", msprt),
    ("peeking_type1_error", peeking),
    ("quantile_ab_sequential", quantiles),
    ("srm_sequential", split),
];

/// One object per number of rows seen.
fn at_each(n: usize, mut of: impl FnMut(usize) -> Value) -> Value {
    Value::Object((1..=n).map(|t| (t.to_string(), of(t))).collect::<Map<_, _>>())
}

fn asymptotic(input: &Input) -> Value {
    let (x, t_opt, alpha) = (input.numbers("x"), input.number("t_opt"), input.number("alpha"));
    let at = at_each(x.len(), |t| {
        let n = t as f64;
        let mean = x[..t].iter().sum::<f64>() / n;
        let variance = x[..t].iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
        let (interval, lower) = sequential::asymptotic(n, mean, variance, t_opt, alpha);
        json!({
            "mean": mean, "variance_ddof0": variance, "lower": num(interval.low),
            "upper": num(interval.high), "one_sided_lower": num(lower),
        })
    });
    json!({"at": at})
}

fn bets(input: &Input) -> Value {
    let (x, alpha) = (input.numbers("x"), input.number("alpha"));
    let sequences: [(&str, Vec<Interval>); 4] = [
        ("hedged_grid1000", betting::hedged(&x, alpha, 1_000)),
        ("predmix_hoeffding", betting::hoeffding(&x, alpha)),
        ("predmix_empirical_bernstein", betting::empirical_bernstein(&x, alpha)),
        (
            "conjmix_empirical_bernstein",
            betting::conjugate_bernstein(&x, alpha, input.number("conjmix_v_opt")),
        ),
    ];
    let at = at_each(x.len(), |t| {
        let part = |(name, all): &(&str, Vec<Interval>)| ((*name).to_owned(), ends(all[t - 1]));
        Value::Object(sequences.iter().map(part).collect())
    });
    let means = ["0.1", "0.3", "0.5", "0.55", "0.7", "0.9"].into_iter().map(str::to_owned);
    let capital = |m: String| {
        let all = betting::capital(&x, m.parse().unwrap(), alpha);
        (m, num(all.last().copied()))
    };
    let tenths = (1..100).map(|k| (f64::from(k) / 100.0).to_string());
    json!({"at": at, "capital_at_m": Value::Object(means.chain(tenths).map(capital).collect())})
}

fn bernoulli(input: &Input) -> Value {
    let (hits, n) = (input.count("successes"), input.count("n"));
    let (alpha, t_opt) = (input.number("alpha"), input.number("t_opt"));
    let interval = sequential::bernoulli(hits, n, alpha, t_opt, input.number("alpha_opt"));
    json!({"lower": num(interval.map(|i| i.low)), "upper": num(interval.map(|i| i.high))})
}

fn boundaries(input: &Input) -> Value {
    let (v, v_opt, alpha_opt) =
        (input.number("v"), input.number("v_opt"), input.number("alpha_opt"));
    let (one, two) =
        (best_rho(v_opt, alpha_opt, Tails::One), best_rho(v_opt, alpha_opt, Tails::Two));
    if input.has("s") {
        let s = input.number("s");
        return json!({
            "normal_log_two_sided": num(mixture::normal_log(s, v, two, Tails::Two)),
            "normal_log_one_sided": num(mixture::normal_log(s, v, one, Tails::One)),
        });
    }
    let alpha = input.number("alpha");
    let beta = |tails| {
        let mixture = BetaBinomial::new(v_opt * 0.16, alpha_opt, 0.2, 0.8, tails);
        num(mixture.bound(v * 0.16, alpha))
    };
    let stitched = |c: f64| num(mixture::stitched_bound(v, alpha, 10.0, c, 1.4, 2.0));
    json!({
        "normal_two_sided": num(mixture::normal_bound(v, alpha, two, Tails::Two)),
        "normal_one_sided": num(mixture::normal_bound(v, alpha, one, Tails::One)),
        "gamma_exponential_c1": num(mixture::gamma_exponential_bound(v, alpha, one, 1.0)),
        "gamma_poisson_c1": num(mixture::gamma_poisson_bound(v, alpha, one, 1.0)),
        "poly_stitching_c0": stitched(0.0), "poly_stitching_c1": stitched(1.0),
        "beta_binomial_g.2_h.8_two_sided": beta(Tails::Two),
        "beta_binomial_g.2_h.8_one_sided": beta(Tails::One),
    })
}

fn planned(input: &Input) -> Value {
    let (information, alpha) = (input.numbers("information"), input.number("alpha"));
    let sides = input.count("sides") as u8;
    let looks = looks::spending_bounds(&information, alpha, sides, input.number("rho"));
    let part = |of: fn(&looks::Look) -> f64| nums(&looks.iter().map(of).collect::<Vec<_>>());
    json!({
        "z_bound": part(|look| look.z), "nominal_p_per_look": part(|look| look.nominal_p),
        "alpha_spent": part(|look| look.spent),
    })
}

fn msprt(input: &Input) -> Value {
    let test = Msprt { tau2: input.number("tau2"), null: input.number("theta0") };
    if input.has("x") {
        let (x, y) = (input.numbers("x"), input.numbers("y"));
        let (mut sum, mut least) = (0.0, 1.0_f64);
        let at = at_each(x.len(), |t| {
            sum += y[t - 1] - x[t - 1];
            let n = t as f64;
            least = least.min(test.p(sum / n, input.number("variance_of_one_difference") / n));
            num(least)
        });
        return json!({"p_path_at": at});
    }
    let (diff, variance) = (input.number("diff"), input.number("variance_of_diff"));
    json!({
        "log_likelihood_ratio": num(test.log_ratio(diff, variance)),
        "p": num(test.p(diff, variance)),
        "cs_half_width": num(test.half_width(variance, input.number("alpha"))),
    })
}

fn peeking(input: &Input) -> Value {
    let information = input.numbers("information");
    json!({"type_1_error": num(looks::peeking_error(&information, input.number("alpha")))})
}

fn quantiles(input: &Input) -> Value {
    let (quantile, t_opt) = (input.number("quantile"), input.number("t_opt"));
    if input.has("a") {
        let (a, b) = (input.numbers("a"), input.numbers("b"));
        let alpha_opt = input.number("alpha_opt");
        let p = quantile_sequence::same_quantile_p(
            &quantile_sequence::Counted::from_values(&a),
            &quantile_sequence::Counted::from_values(&b),
            quantile,
            t_opt,
            alpha_opt,
        );
        return json!({"p": num(p)});
    }
    let (t, alpha) = (input.number("t"), input.number("alpha"));
    let band = quantile_sequence::distribution_band(t, alpha, input.number("t_min"), 0.85);
    let shape = [0.5, 1.4, 2.0];
    json!({
        "empirical_process_lil_bound": num(band),
        "double_stitching_bound":
            num(quantile_sequence::quantile_band(quantile, t, alpha, t_opt, shape)),
    })
}

fn split(input: &Input) -> Value {
    let (shares, concentration) =
        (input.numbers("null_probabilities"), input.number("dirichlet_concentration"));
    let mut test = LabelTest::new(&shares, concentration).unwrap();
    let (mut factors, mut p) = (Vec::new(), Vec::new());
    for look in input.rows("counts_per_look") {
        let counts: Vec<u64> = look.into_iter().map(|count| count as u64).collect();
        test.look(&counts);
        factors.push(test.log_evidence().exp());
        p.push(test.p());
    }
    json!({"bayes_factor_per_look": nums(&factors), "p_per_look": nums(&p)})
}
