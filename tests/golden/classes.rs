//! Metrics of models: classes, scores, probabilities, numbers.

use rehearsal::stats::classification::{Confusion, Scores};
use rehearsal::stats::delong::Paired;
use rehearsal::stats::probabilistic::{self, top_label};
use rehearsal::stats::ranking::{self, Average, Scored};
use rehearsal::stats::regression::{self, Predicted};
use serde_json::{Map, Value, json};

use crate::Compute;
use crate::case::{Input, ends, num, nums};

pub const ALL: &[(&str, Compute)] = &[
    ("average_precision", average_precision),
    ("brier", brier),
    ("classification", classification),
    ("delong", delong),
    ("ece", ece),
    ("log_loss", log_loss),
    ("regression", errors),
    ("roc_auc", roc_auc),
];

fn truth(input: &Input) -> Vec<bool> {
    input.numbers("y_true").into_iter().map(|y| y == 1.0).collect()
}

fn classes(input: &Input, key: &str) -> Vec<usize> {
    input.numbers(key).into_iter().map(|y| y as usize).collect()
}

fn scored(input: &Input) -> Vec<Scored> {
    let scores = input.numbers("y_score");
    let weights = input.weights("weights", scores.len());
    let row = |((score, is_positive), weight)| Scored { score, is_positive, weight };
    scores.into_iter().zip(truth(input)).zip(weights).map(row).collect()
}

fn average_precision(input: &Input) -> Value {
    let rows = scored(input);
    json!({
        "average_precision": num(ranking::average_precision(&rows)),
        "pr_auc_trapezoid": num(ranking::precision_recall_trapezoid(&rows)),
    })
}

fn roc_auc(input: &Input) -> Value {
    if input.has("y_prob") {
        let (truth, rows) = (classes(input, "y_true"), input.rows("y_prob"));
        let count = rows.first().map_or(0, Vec::len);
        let rest = |average| num(ranking::one_against_rest(&truth, &rows, count, average));
        let one = |average| num(ranking::one_against_one(&truth, &rows, count, average));
        return json!({
            "ovr_macro": rest(Average::Macro), "ovr_weighted": rest(Average::Weighted),
            "ovo_macro": one(Average::Macro), "ovo_weighted": one(Average::Weighted),
        });
    }
    let rows = scored(input);
    if input.has("max_fpr") {
        return json!({"roc_auc": num(ranking::partial_roc_auc(&rows, input.number("max_fpr")))});
    }
    let area = ranking::roc_auc(&rows);
    if !input.has("weights") {
        let quick = ranking::roc_auc_unweighted(&input.numbers("y_score"), &truth(input));
        assert_eq!(area.is_some(), quick.is_some());
        assert!((area.unwrap_or(0.0) - quick.unwrap_or(0.0)).abs() < 1e-12);
    }
    json!({"roc_auc": num(area)})
}

fn brier(input: &Input) -> Value {
    if !input.rows("y_prob").iter().all(Vec::is_empty) {
        let sum = probabilistic::brier_multiclass(&input.rows("y_prob"), &classes(input, "y_true"));
        return json!({"brier_sum": num(sum), "brier_half": num(sum.map(|sum| sum / 2.0))});
    }
    let (p, y) = (input.numbers("y_prob"), truth(input));
    let weights = input.weights("weights", y.len());
    json!({
        "brier": num(probabilistic::brier(&p, &y, &weights)),
        "brier_skill": num(probabilistic::brier_skill(&p, &y, &weights)),
    })
}

fn log_loss(input: &Input) -> Value {
    let rows = input.rows("y_prob");
    let of_truth: Vec<f64> = if rows.iter().all(Vec::is_empty) {
        let pairs = input.numbers("y_prob").into_iter().zip(truth(input));
        pairs.map(|(p, y)| if y { p } else { 1.0 - p }).collect()
    } else {
        // Labels name the columns.
        let labels = classes(input, "labels");
        let column = |y: &usize| labels.iter().position(|label| label == y).unwrap_or(*y);
        classes(input, "y_true").iter().zip(&rows).map(|(y, row)| row[column(y)]).collect()
    };
    let weights = input.weights("weights", of_truth.len());
    json!({"log_loss": num(probabilistic::log_loss(&of_truth, &weights))})
}

fn ece(input: &Input) -> Value {
    let (p, y): (Vec<f64>, Vec<bool>) = if input.text("kind") == "top_label" {
        let top = |(row, y): (&Vec<f64>, usize)| {
            let (label, p) = top_label(row).unwrap();
            (p, label == y)
        };
        input.rows("y_prob").iter().zip(classes(input, "y_true")).map(top).unzip()
    } else {
        (input.numbers("y_prob"), truth(input))
    };
    let bins = probabilistic::calibration(&p, &y, input.count("n_bins") as usize).unwrap();
    let counts: Vec<f64> = bins.bins.iter().map(|bin| bin.count).collect();
    let filled: Vec<_> = bins.filled().collect();
    json!({
        "ece": num(bins.expected_error()),
        "mce": num(bins.largest_error()),
        "rmsce": num(bins.root_mean_square_error()),
        "bin_count": nums(&counts),
        "bin_mean_prob": filled.iter().map(|bin| bin.mean_probability).collect::<Vec<_>>(),
        "bin_frac_pos": filled.iter().map(|bin| bin.rate).collect::<Vec<_>>(),
    })
}

fn scores(scores: Scores) -> Value {
    json!({"precision": scores.precision, "recall": scores.recall, "f1": scores.f1})
}

fn classification(input: &Input) -> Value {
    let labels = classes(input, "labels");
    let places = |key: &str| -> Vec<usize> {
        let place = |y: usize| labels.iter().position(|label| *label == y).unwrap_or(usize::MAX);
        classes(input, key).into_iter().map(place).collect()
    };
    let table = if input.has("confusion") {
        Confusion::new(input.rows("confusion"))
    } else {
        Confusion::of(&places("y_true"), &places("y_pred"), labels.len())
    };
    let table = table.unwrap();
    let each = table.per_class();
    let accuracy = table.accuracy();
    let mut got = json!({
        "accuracy": num(accuracy),
        "balanced_accuracy": num(table.balanced_accuracy()),
        "mcc": num(table.mcc()),
        "cohen_kappa": num(table.kappa()),
        "macro": scores(table.macro_average()),
        "weighted": scores(table.weighted_average()),
        // Over all classes each wrong row is a miss of one and a false alarm of another.
        "micro": {"precision": num(accuracy), "recall": num(accuracy), "f1": num(accuracy)},
        "per_class": {
            "precision": each.iter().map(|of| of.precision).collect::<Vec<_>>(),
            "recall": each.iter().map(|of| of.recall).collect::<Vec<_>>(),
            "f1": each.iter().map(|of| of.f1).collect::<Vec<_>>(),
            "support": table.support(),
        },
        "confusion_matrix": table.counts(),
    });
    if let Some(positive) = each.get(1).filter(|_| each.len() == 2) {
        let mut binary = scores(*positive);
        binary["specificity"] = num(table.specificity());
        binary["f2"] = num(table.f_beta(1, 2.0));
        got["binary"] = binary;
    }
    got
}

fn errors(input: &Input) -> Value {
    let truth = input.numbers("y_true");
    let weights = input.weights("weights", truth.len());
    let row = |((truth, prediction), weight)| Predicted { truth, prediction, weight };
    let rows: Vec<Predicted> =
        truth.into_iter().zip(input.numbers("y_pred")).zip(weights).map(row).collect();
    let mut got = Map::new();
    type Metric = fn(&[Predicted]) -> Option<f64>;
    let metrics: [(&str, Metric); 8] = [
        ("mse", regression::mse),
        ("rmse", regression::rmse),
        ("mae", regression::mae),
        ("mape", regression::mape),
        ("r2", regression::r2),
        ("medae", regression::median_absolute_error),
        ("max_error", regression::max_error),
        ("explained_variance", regression::explained_variance),
    ];
    got.extend(metrics.iter().map(|(name, metric)| ((*name).to_owned(), num(metric(&rows)))));
    for q in [0.1, 0.5, 0.9] {
        got.insert(format!("pinball_{q}"), num(regression::pinball(&rows, q)));
    }
    Value::Object(got)
}

fn delong(input: &Input) -> Value {
    let (a, b) = (input.numbers("score_a"), input.numbers("score_b"));
    let paired = Paired::new(&a, &b, &truth(input)).unwrap();
    let [area_a, area_b] = paired.areas;
    let mut got = json!({
        "auc_a": area_a, "auc_b": area_b, "var_a": num(paired.variances[0]),
        "var_b": num(paired.variances[1]), "cov_ab": num(paired.covariance),
        "diff": area_a - area_b, "ci95_a": ends(paired.interval_of(0, 0.05)),
    });
    if let Some(z) = paired.z() {
        got["z"] = num(z);
        got["p"] = num(paired.p_two_sided());
        got["ci95_diff"] = ends(paired.interval(0.05));
    }
    got
}
