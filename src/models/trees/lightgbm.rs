//! LightGBM's text files, by the rules of its predictor: 64-bit numbers, `x <= threshold` goes
//! left, and each node says what counts as missing.

use std::collections::HashMap;
use std::str::FromStr;

use super::{Forest, Grown, Link, MOST_WIDE, Test, Told, TreeModel};
use crate::models::card::{Input, TaskKind};

/// The bits of a node's `decision_type`.
const CATEGORICAL: u8 = 1;
const DEFAULT_LEFT: u8 = 2;
/// What counts as missing: nothing, zeros (and NaN), or NaN.
const MISSING_NONE: u8 = 0;
const MISSING_ZERO: u8 = 1;

/// `key=value` lines up to an empty one.
type Block<'t> = HashMap<&'t str, &'t str>;

/// Reads a model and what it tells about itself.
///
/// # Errors
/// If the text is damaged, or has linear models in its leaves.
pub(in crate::models) fn read(bytes: &[u8]) -> Result<(TreeModel<f64>, Told), String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "It is not text".to_owned())?;
    if text.lines().next().map(str::trim) != Some("tree") {
        return Err(
            "It is no model of LightGBM: its first line is not `tree`; save the model with \
                    `booster.save_model(\"model.txt\")`"
                .to_owned(),
        );
    }
    let Some((body, tail)) = text.split_once("end of trees") else {
        return Err("It was cut short: there is no line `end of trees`".to_owned());
    };
    let mut parts = body.split("\nTree=");
    let head: Block = block(parts.next().unwrap_or_default());
    let features = one::<usize>(&head, "max_feature_idx")?.saturating_add(1);
    let outputs = one::<usize>(&head, "num_tree_per_iteration")?.max(1);
    if features > MOST_WIDE || outputs > MOST_WIDE {
        return Err(format!("It claims {features} features and {outputs} outputs"));
    }
    let mut forest = Forest::new(features, outputs);
    let mut trees = 0;
    for part in parts {
        add(&mut forest, &block(part), (trees % outputs) as u32)
            .map_err(|problem| format!("Tree {trees}: {problem}"))?;
        trees += 1;
    }
    let (link, task) = meaning(head.get("objective").copied().unwrap_or_default())?;
    let averages = body.lines().any(|line| line.trim() == "average_output");
    let iterations = (trees / outputs).max(1);
    let scale = if averages { 1.0 / iterations as f64 } else { 1.0 };
    let told = Told::new(inputs(&head, features, tail), task, outputs);
    Ok((TreeModel { forest, start: vec![0.0; outputs], scale, link }, told))
}

fn block(text: &str) -> Block<'_> {
    text.lines().filter_map(|line| line.trim_end().split_once('=')).collect()
}

fn one<T: FromStr>(block: &Block, key: &str) -> Result<T, String> {
    let text = block.get(key).ok_or_else(|| format!("`{key}` is missing"))?;
    text.trim().parse().map_err(|_| format!("`{key}` is `{text}`"))
}

/// A list of numbers; empty if the key is missing.
fn list<T: FromStr>(block: &Block, key: &str) -> Result<Vec<T>, String> {
    let text = block.get(key).copied().unwrap_or_default();
    let number = |word: &str| word.parse().map_err(|_| format!("`{key}` holds `{word}`"));
    text.split_ascii_whitespace().map(number).collect()
}

/// One tree's arrays, an entry for each split or leaf.
struct Tree {
    feature: Vec<usize>,
    threshold: Vec<f64>,
    decision: Vec<u8>,
    /// A split's place, or of a leaf the place's complement.
    left: Vec<i64>,
    right: Vec<i64>,
    leaf: Vec<f64>,
    cat_boundaries: Vec<usize>,
    /// Categories as bits, 32 in each word.
    cat_words: Vec<u32>,
}

fn add(forest: &mut Forest<f64>, block: &Block, output: u32) -> Result<(), String> {
    if block.get("is_linear").is_some_and(|flag| flag.trim() != "0") {
        return Err("its leaves hold linear models, which are not read; train it with \
                    `linear_tree=false`, or rehearse its recorded answers"
            .to_owned());
    }
    let tree = Tree {
        feature: list(block, "split_feature")?,
        threshold: list(block, "threshold")?,
        decision: list(block, "decision_type")?,
        left: list(block, "left_child")?,
        right: list(block, "right_child")?,
        leaf: list(block, "leaf_value")?,
        cat_boundaries: list(block, "cat_boundaries")?,
        cat_words: list(block, "cat_threshold")?,
    };
    let splits = tree.left.len();
    // Splits come first, leaves after them; a tree without a split is one leaf.
    let place = |child: i64| {
        usize::try_from(child).unwrap_or_else(|_| splits.saturating_add(!child as usize))
    };
    forest.grow(0, splits + tree.leaf.len(), |forest, node| {
        if let Some(leaf) = node.checked_sub(splits) {
            let vote = tree.leaf.get(leaf).ok_or_else(|| format!("there is no leaf {leaf}"))?;
            return Ok(Grown::Leaf(vec![(output, *vote)]));
        }
        tree.split(forest, node, place)
            .ok_or_else(|| format!("its arrays do not describe node {node}"))
    })
}

impl Tree {
    fn split(
        &self,
        forest: &mut Forest<f64>,
        node: usize,
        place: impl Fn(i64) -> usize,
    ) -> Option<Grown<f64>> {
        let decision = *self.decision.get(node)?;
        let threshold = *self.threshold.get(node)?;
        let missing = decision >> 2 & 3;
        let (test, missing_yes) = if decision & CATEGORICAL != 0 {
            (forest.add_set(self.members(threshold)?), false)
        } else {
            match missing {
                // A missing number counts as 0.
                MISSING_NONE => (Test::AtMost, 0.0 <= threshold),
                MISSING_ZERO => (Test::AtMostZeroIsMissing, decision & DEFAULT_LEFT != 0),
                _ => (Test::AtMost, decision & DEFAULT_LEFT != 0),
            }
        };
        Some(Grown::Split {
            feature: *self.feature.get(node)?,
            test,
            threshold,
            yes: place(*self.left.get(node)?),
            no: place(*self.right.get(node)?),
            missing_yes,
        })
    }

    /// The set of categories of this number.
    fn members(&self, number: f64) -> Option<Vec<u64>> {
        let number = number as usize;
        let range = *self.cat_boundaries.get(number)?..*self.cat_boundaries.get(number + 1)?;
        let words = self.cat_words.get(range)?;
        let pair = |pair: &[u32]| {
            let word = |at: usize| u64::from(pair.get(at).copied().unwrap_or(0));
            word(0) | word(1) << 32
        };
        Some(words.chunks(2).map(pair).collect())
    }
}

/// What an objective, with its settings, makes of the sums; and which question it answers.
fn meaning(objective: &str) -> Result<(Link, TaskKind), String> {
    let mut words = objective.split_ascii_whitespace();
    let name = words.next().unwrap_or_default();
    let settings: Vec<&str> = words.collect();
    let slope = || {
        let slope = settings.iter().find_map(|word| word.strip_prefix("sigmoid:"));
        slope.and_then(|slope| slope.parse().ok()).unwrap_or(1.0)
    };
    Ok(match name {
        "binary" => (Link::Sigmoid { slope: slope() }, TaskKind::Binary),
        "multiclass" => (Link::Softmax, TaskKind::Multiclass),
        "multiclassova" => (Link::Sigmoid { slope: slope() }, TaskKind::Multiclass),
        "cross_entropy" => (Link::Sigmoid { slope: 1.0 }, TaskKind::Regression),
        "cross_entropy_lambda" => (Link::Softplus, TaskKind::Regression),
        "poisson" | "gamma" | "tweedie" => (Link::Exp, TaskKind::Regression),
        _ if settings.contains(&"sqrt") => (Link::SignedSquare, TaskKind::Regression),
        "" | "custom" | "regression" | "regression_l1" | "huber" | "fair" | "quantile" | "mape"
        | "lambdarank" | "rank_xendcg" => (Link::None, TaskKind::Regression),
        other => return Err(format!("its objective `{other}` is not known")),
    })
}

/// The columns by the names that the file has. Columns of categories have a list of codes among
/// `feature_infos`, and their values follow in order in `pandas_categorical`.
fn inputs(head: &Block, features: usize, tail: &str) -> Vec<Input> {
    let words = |key: &str| -> Vec<&str> {
        head.get(key).copied().unwrap_or_default().split_ascii_whitespace().collect()
    };
    let (names, infos) = (words("feature_names"), words("feature_infos"));
    let line = tail.lines().find_map(|line| line.strip_prefix("pandas_categorical:"));
    let values: Vec<Vec<serde_json::Value>> =
        line.and_then(|line| serde_json::from_str(line).ok()).unwrap_or_default();
    let mut dictionaries = values.into_iter();
    let mut of_feature = |index: usize| {
        let column = names
            .get(index)
            .map_or_else(|| format!("column_{}", index + 1), |&name| name.to_owned());
        let is_categorical =
            infos.get(index).is_some_and(|info| !info.starts_with('[') && info.contains(':'));
        match is_categorical.then(|| dictionaries.next()).flatten() {
            Some(values) => {
                let text = |value: serde_json::Value| match value {
                    serde_json::Value::String(text) => text,
                    other => other.to_string(),
                };
                Input::Code { column, categories: values.into_iter().map(text).collect() }
            }
            // Without a dictionary the column holds the codes themselves.
            None => Input::plain(column),
        }
    };
    (0..features).map(&mut of_feature).collect()
}
