//! Samples: quantiles, two-sample tests, drift, Kayenta's judge, histograms.

use rehearsal::stats::drift::{self, Weighted};
use rehearsal::stats::kayenta::{self, Direction, EffectSize, Label, Rules};
use rehearsal::stats::latency::Latencies;
use rehearsal::stats::mann_whitney::{self, RankP};
use rehearsal::stats::quantile::{self, Method};
use rehearsal::stats::{Interval, ks};
use serde_json::{Value, json};

use crate::Compute;
use crate::case::{Input, num, nums};

pub const ALL: &[(&str, Compute)] = &[
    ("hdr_histogram", histogram),
    ("js_hellinger_tvd", distances),
    ("kayenta_judge", judge),
    ("ks_2samp", smirnov),
    ("mann_whitney", rank_sum),
    ("psi", psi),
    ("quantile_ci", quantile_interval),
    ("quantiles", quantiles),
    ("wasserstein", wasserstein),
];

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

fn quantiles(input: &Input) -> Value {
    let values = sorted(input.numbers("values"));
    let clean: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
    let all = |method, values: &[f64]| -> Vec<Value> {
        let at = |q: &f64| num(quantile::by(method, values, *q));
        input.numbers("q").iter().map(at).collect()
    };
    json!({
        "linear": all(Method::Linear, &values), "lower": all(Method::Lower, &values),
        "higher": all(Method::Higher, &values), "nearest": all(Method::Nearest, &values),
        "midpoint": all(Method::Midpoint, &values), "hazen": all(Method::Hazen, &values),
        "inverted_cdf": all(Method::InvertedCdf, &values),
        "weibull": all(Method::Weibull, &values),
        "median_unbiased": all(Method::MedianUnbiased, &values),
        "nan_dropped_linear": all(Method::Linear, &clean),
    })
}

fn quantile_interval(input: &Input) -> Value {
    let values = sorted(input.numbers("values"));
    let (n, p, alpha) = (values.len() as u64, input.number("p"), input.number("alpha"));
    let at = |place: Option<u64>| num(place.map(|place| values[place as usize]));
    let (low, high) = quantile::order_statistics(n, p, alpha);
    let (least, most) = quantile::one_sided(n, p, alpha);
    json!({
        "ci": [at(low), at(high)],
        "upper_bound_one_sided": at(most), "lower_bound_one_sided": at(least),
    })
}

fn smirnov(input: &Input) -> Value {
    let test = ks::smirnov(&input.numbers("a"), &input.numbers("b")).unwrap();
    json!({
        "d": test.d, "location": test.location,
        "sign": if test.is_first_above { 1 } else { -1 },
        "p_exact": test.exact_p(), "p_greater_exact": test.exact_p_greater(),
        "p_asymp": num(test.p()), "p_greater_asymp": num(test.p_greater()),
    })
}

fn rank_sum(input: &Input) -> Value {
    let (a, b) = (input.numbers("a"), input.numbers("b"));
    let test = mann_whitney::rank_sum(&a, &b).unwrap();
    let part = |p: Option<RankP>| {
        let (two, greater) = (p.map(|p| p.two_sided), p.map(|p| p.greater));
        json!({"u1": test.u, "p": num(two), "p_greater": num(greater)})
    };
    let (w, p) = mann_whitney::brunner_munzel(&a, &b).unzip();
    json!({
        "asymptotic_cc": part(Some(test.asymptotic(0.5))),
        "asymptotic": part(Some(test.asymptotic(0.0))),
        "exact": part(test.exact()),
        "prob_superiority": test.superiority(),
        "brunner_munzel_t": {"w": num(w), "p": num(p)},
    })
}

fn distances(input: &Input) -> Value {
    let (r, c) = (input.numbers("reference_counts"), input.numbers("current_counts"));
    let divergence = drift::jensen_shannon(&r, &c);
    json!({
        "js_distance_base2": num(drift::jensen_shannon_distance(&r, &c)),
        "js_distance_nat": num(divergence.sqrt()),
        "js_divergence_base2": num(divergence / std::f64::consts::LN_2),
        "hellinger": num(drift::hellinger(&r, &c)), "tvd": num(drift::total_variation(&r, &c)),
        "kl_nat_ref_to_cur": num(drift::kullback_leibler(&r, &c)),
    })
}

fn psi(input: &Input) -> Value {
    if input.text("kind") == "counts" {
        let (r, c) = (input.numbers("reference_counts"), input.numbers("current_counts"));
        return json!({"psi": num(drift::psi(&r, &c))});
    }
    let (reference, current) = (input.numbers("reference"), input.numbers("current"));
    let (edges, inner) = if input.text("kind") == "sturges_combined" {
        let edges = drift::sturges_edges(&reference, &current).unwrap();
        let inner = edges[1..edges.len() - 1].to_vec();
        (edges, inner)
    } else {
        let bins = input.count("n_bins") as usize;
        (Vec::new(), drift::quantile_edges(&reference, bins).unwrap())
    };
    let (r, c) =
        (drift::counts_between(&reference, &inner), drift::counts_between(&current, &inner));
    json!({
        "psi": num(drift::psi(&r, &c)), "edges": nums(&edges), "inner_edges": nums(&inner),
        "reference_counts": nums(&r), "current_counts": nums(&c),
    })
}

fn wasserstein(input: &Input) -> Value {
    let side = |name: &str| -> Vec<Weighted> {
        let values = input.numbers(name);
        let weights = input.weights(&format!("{name}_weights"), values.len());
        values.into_iter().zip(weights).collect()
    };
    let (reference, current) = (side("reference"), side("current"));
    let distance = drift::wasserstein(&reference, &current);
    let values = input.numbers("reference");
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let spread = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / values.len() as f64;
    json!({
        "wasserstein": num(distance), "energy": num(drift::energy(&reference, &current)),
        "normed_by_reference_std": num(distance / spread.sqrt().max(0.001)),
    })
}

fn judge(input: &Input) -> Value {
    let direction = match input.text("direction") {
        "increase" => Direction::Increase,
        "decrease" => Direction::Decrease,
        _ => Direction::Either,
    };
    let mut rules = Rules::new(direction, EffectSize::MeanRatio);
    rules.allowed_increase = input.number("allowed_increase");
    rules.allowed_decrease = input.number("allowed_decrease");
    let (experiment, control) = (input.numbers("experiment"), input.numbers("control"));
    let judged = kayenta::judge(&experiment, &control, &rules);
    let label = match judged.label {
        Label::Pass => "Pass",
        Label::High => "High",
        Label::Low => "Low",
        Label::Nodata => "Nodata",
        Label::NodataFail => "NodataFailMetric",
        Label::Error => "Error",
    };
    let shift = judged.shift;
    let interval = shift.map(|shift| Interval::new(shift.lower, shift.upper));
    json!({
        "label": label,
        "lower": num(interval.map(|of| of.low)), "upper": num(interval.map(|of| of.high)),
        "estimate": num(shift.map(|of| of.estimate)), "bound": num(shift.map(|of| of.bound)),
        "mean_ratio": num(shift.map(|of| of.effect)),
    })
}

fn histogram(input: &Input) -> Value {
    let digits = input.count("sigfig") as u8;
    let made = Latencies::new(input.count("lowest"), input.count("highest"), digits);
    let mut histogram = made.unwrap();
    let values = input.counts("values");
    let counts = input.weights("counts", values.len());
    for (value, count) in values.into_iter().zip(counts) {
        if input.has("expected_interval") {
            histogram.add_corrected(value, count as u64, input.count("expected_interval"));
        } else {
            histogram.add(value, count as u64);
        }
    }
    let at = |percentile: &f64| histogram.percentile(*percentile);
    json!({
        "total": histogram.total(), "min": histogram.min(), "max": histogram.max(),
        "mean": histogram.mean(), "stdev": histogram.deviation(),
        "value_at_percentile": input.numbers("percentiles").iter().map(at).collect::<Vec<_>>(),
    })
}
