//! XGBoost's models, JSON and UBJSON, by the rules of its predictor: 32-bit numbers, `x < split`
//! goes left, categories of the set go right, and the intercept is given as the objective's answer.

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

use super::ubjson::Ubjson;
use super::{Forest, Grown, Link, MOST_WIDE, Real as _, Test, Told, TreeModel};
use crate::models::card::{Input, TaskKind};

#[derive(Deserialize)]
struct File {
    learner: Learner,
}

#[derive(Deserialize)]
struct Learner {
    #[serde(default)]
    attributes: Attributes,
    #[serde(default)]
    feature_names: Vec<String>,
    #[serde(default)]
    feature_types: Vec<String>,
    gradient_booster: Booster,
    learner_model_param: LearnerParam,
    objective: Objective,
}

/// What the library's interfaces note beside the model.
#[derive(Default, Deserialize)]
struct Attributes {
    /// The best round of those that early stopping watched, from 0.
    #[serde(default)]
    best_iteration: Option<String>,
    /// Only there if the model was saved by an estimator of the scikit-learn interface.
    #[serde(default)]
    scikit_learn: Option<String>,
}

#[derive(Deserialize)]
struct LearnerParam {
    base_score: String,
    num_class: String,
    num_feature: String,
    #[serde(default)]
    num_target: String,
}

#[derive(Deserialize)]
struct Objective {
    name: String,
}

#[derive(Deserialize)]
struct Booster {
    name: String,
    #[serde(default)]
    model: Trees,
    /// The trees of `dart`, each with its weight.
    #[serde(default)]
    gbtree: Option<Box<Booster>>,
    #[serde(default)]
    weight_drop: Vec<f32>,
}

#[derive(Default, Deserialize)]
struct Trees {
    #[serde(default)]
    gbtree_model_param: TreesParam,
    /// The first tree of each round (from 2.0 on).
    #[serde(default)]
    iteration_indptr: Vec<usize>,
    #[serde(default)]
    trees: Vec<Tree>,
    /// The output that each tree votes for.
    #[serde(default)]
    tree_info: Vec<u32>,
    /// The categories that the columns had in training (from 3.1 on).
    #[serde(default)]
    cats: Option<Categories>,
}

#[derive(Default, Deserialize)]
struct TreesParam {
    #[serde(default)]
    num_parallel_tree: String,
}

#[derive(Deserialize)]
struct Categories {
    enc: Vec<Dictionary>,
}

#[derive(Deserialize)]
struct Dictionary {
    /// Where each text begins among the bytes of `values`; empty for numbers.
    #[serde(default)]
    offsets: Vec<usize>,
    #[serde(default)]
    values: Vec<serde_json::Number>,
}

#[derive(Deserialize)]
struct Tree {
    left_children: Vec<i64>,
    right_children: Vec<i64>,
    split_indices: Vec<usize>,
    /// The threshold of a split, the vote of a leaf.
    split_conditions: Vec<f32>,
    default_left: Vec<Flag>,
    #[serde(default)]
    split_type: Vec<Flag>,
    #[serde(default)]
    categories: Vec<i64>,
    #[serde(default)]
    categories_nodes: Vec<usize>,
    #[serde(default)]
    categories_segments: Vec<usize>,
    #[serde(default)]
    categories_sizes: Vec<usize>,
}

/// True or false, or 1 or 0: versions differ.
struct Flag(bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Seen;
        impl Visitor<'_> for Seen {
            type Value = Flag;

            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("0, 1, true or false")
            }

            fn visit_bool<E>(self, flag: bool) -> Result<Flag, E> {
                Ok(Flag(flag))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Flag, E> {
                Ok(Flag(number != 0))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Flag, E> {
                Ok(Flag(number != 0))
            }
        }
        from.deserialize_any(Seen)
    }
}

/// Reads a model and what it tells about itself.
///
/// # Errors
/// If the text is damaged, or holds something else than trees with one number in each leaf.
pub(in crate::models) fn read(bytes: &[u8]) -> Result<(TreeModel<f32>, Told), String> {
    let Learner {
        attributes,
        feature_names,
        feature_types,
        gradient_booster: booster,
        learner_model_param: param,
        objective,
    } = parse(bytes)?.learner;
    let features = number(&param.num_feature, "num_feature")?;
    let classes = number(&param.num_class, "num_class")?;
    let targets = number(&param.num_target, "num_target")?;
    let outputs = classes.max(1).saturating_mul(targets.max(1));
    if features > MOST_WIDE || outputs > MOST_WIDE {
        return Err(format!("it claims {features} features and {outputs} outputs"));
    }
    let (link, task) = meaning(&objective.name)?;
    if outputs > 1 && task != TaskKind::Multiclass {
        return Err(format!(
            "it answers each row with {outputs} numbers, where a rehearsal compares one; \
             save a model for each of them"
        ));
    }
    let (trees, weights) = trees_of(booster)?;
    let asked = attributes.rounds()?.map(|rounds| trees.of_rounds(rounds, outputs)).transpose()?;
    let mut forest = Forest::new(features, outputs);
    for (index, tree) in trees.trees.iter().enumerate().take(asked.unwrap_or(usize::MAX)) {
        let output = trees.tree_info.get(index).copied().unwrap_or(0);
        let weight = weights.get(index).copied().unwrap_or(1.0);
        add(&mut forest, tree, output, weight)
            .map_err(|problem| format!("Tree {index}: {problem}"))?;
    }
    let start = intercept(&param.base_score, outputs, link)?;
    let inputs = inputs(features, &feature_names, &feature_types, trees.cats.as_ref());
    Ok((TreeModel { forest, start, scale: 1.0, link }, Told::new(inputs, task, outputs)))
}

fn parse(bytes: &[u8]) -> Result<File, String> {
    let trimmed = bytes.trim_ascii_start();
    let is_text = trimmed
        .strip_prefix(b"{")
        .is_some_and(|rest| rest.trim_ascii_start().first() == Some(&b'"'));
    let damaged = |fault: &dyn std::fmt::Display| format!("It is no model of XGBoost: {fault}");
    if is_text {
        serde_json::from_slice(bytes).map_err(|fault| damaged(&fault))
    } else if trimmed.starts_with(b"{") {
        File::deserialize(&mut Ubjson::new(bytes)).map_err(|fault| damaged(&fault))
    } else {
        Err("It is neither JSON nor UBJSON; save the model with \
             `booster.save_model(\"model.ubj\")`"
            .to_owned())
    }
}

fn number(text: &str, field: &str) -> Result<usize, String> {
    if text.is_empty() {
        return Ok(0);
    }
    text.parse().map_err(|_| format!("`{field}` is `{text}`, which is no number"))
}

/// The trees, and their weights if they have any.
fn trees_of(booster: Booster) -> Result<(Trees, Vec<f32>), String> {
    match booster.name.as_str() {
        "gbtree" => Ok((booster.model, Vec::new())),
        "dart" => {
            let trees = booster.gbtree.map_or(booster.model, |inner| inner.model);
            Ok((trees, booster.weight_drop))
        }
        other => Err(format!(
            "its booster is `{other}`; only `gbtree` and `dart` are trees. A linear model can be \
             written as a card of kind `mlp` with one layer"
        )),
    }
}

impl Attributes {
    /// The rounds that are asked, if not all: the estimators of the scikit-learn interface answer with
    /// those up to the best one, a booster by itself with all.
    fn rounds(&self) -> Result<Option<usize>, String> {
        match (&self.scikit_learn, &self.best_iteration) {
            (Some(_), Some(best)) => Ok(Some(number(best, "best_iteration")?.saturating_add(1))),
            _ => Ok(None),
        }
    }
}

impl Trees {
    /// The trees of so many rounds.
    fn of_rounds(&self, rounds: usize, outputs: usize) -> Result<usize, String> {
        let parallel = number(&self.gbtree_model_param.num_parallel_tree, "num_parallel_tree")?;
        let each = parallel.max(1).saturating_mul(outputs);
        let known = self.iteration_indptr.get(rounds).copied();
        Ok(known.unwrap_or_else(|| rounds.saturating_mul(each)))
    }
}

fn add(forest: &mut Forest<f32>, tree: &Tree, output: u32, weight: f32) -> Result<(), String> {
    let nodes = tree.left_children.len();
    let missing = |node: usize| format!("its arrays do not describe node {node}");
    forest.grow(0, nodes, |forest, node| {
        let fail = || missing(node);
        let left = *tree.left_children.get(node).ok_or_else(fail)?;
        let right = *tree.right_children.get(node).ok_or_else(fail)?;
        let condition = *tree.split_conditions.get(node).ok_or_else(fail)?;
        if left == -1 {
            return Ok(Grown::Leaf(vec![(output, condition * weight)]));
        }
        let child = |child: i64| usize::try_from(child).map_err(|_| missing(node));
        let feature = *tree.split_indices.get(node).ok_or_else(fail)?;
        let goes_left = tree.default_left.get(node).ok_or_else(fail)?.0;
        let is_categorical = tree.split_type.get(node).is_some_and(|flag| flag.0);
        Ok(if is_categorical {
            // Members go right.
            Grown::Split {
                feature,
                test: forest.add_set(members(tree, node)?),
                threshold: 0.0,
                yes: child(right)?,
                no: child(left)?,
                missing_yes: !goes_left,
            }
        } else {
            Grown::Split {
                feature,
                test: Test::AtMost,
                threshold: condition.below(),
                yes: child(left)?,
                no: child(right)?,
                missing_yes: goes_left,
            }
        })
    })
}

/// The categories of a split as bits.
fn members(tree: &Tree, node: usize) -> Result<Vec<u64>, String> {
    /// XGBoost's own bound for categories.
    const MOST: i64 = 1 << 24;
    let fail = || format!("its arrays do not describe the categories of node {node}");
    let place = tree.categories_nodes.iter().position(|&other| other == node).ok_or_else(fail)?;
    let first = *tree.categories_segments.get(place).ok_or_else(fail)?;
    let size = *tree.categories_sizes.get(place).ok_or_else(fail)?;
    let end = first.checked_add(size).ok_or_else(fail)?;
    let mut words = Vec::new();
    for &category in tree.categories.get(first..end).ok_or_else(fail)? {
        if !(0..MOST).contains(&category) {
            return Err(format!("category {category} of node {node} is out of range"));
        }
        let (word, bit) = ((category / 64) as usize, category % 64);
        if words.len() <= word {
            words.resize(word + 1, 0);
        }
        if let Some(word) = words.get_mut(word) {
            *word |= 1 << bit;
        }
    }
    Ok(words)
}

/// What an objective makes of the sums, and which question it answers.
fn meaning(objective: &str) -> Result<(Link, TaskKind), String> {
    let sigmoid = Link::Sigmoid { slope: 1.0 };
    Ok(match objective {
        "binary:logistic" => (sigmoid, TaskKind::Binary),
        "binary:logitraw" => (Link::None, TaskKind::Binary),
        "binary:hinge" => (Link::Step, TaskKind::Binary),
        "multi:softprob" | "multi:softmax" => (Link::Softmax, TaskKind::Multiclass),
        "reg:logistic" => (sigmoid, TaskKind::Regression),
        "count:poisson" | "reg:gamma" | "reg:tweedie" | "survival:cox" | "survival:aft" => {
            (Link::Exp, TaskKind::Regression)
        }
        "reg:squarederror"
        | "reg:linear"
        | "reg:absoluteerror"
        | "reg:quantileerror"
        | "reg:expectileerror"
        | "reg:pseudohubererror"
        | "reg:squaredlogerror" => (Link::None, TaskKind::Regression),
        rank if rank.starts_with("rank:") => (Link::None, TaskKind::Regression),
        other => return Err(format!("its objective `{other}` is not known")),
    })
}

/// The intercept of each output, as the sum that its `base_score` is the answer to. It is one
/// number, or from version 3.1 on a list.
fn intercept(text: &str, outputs: usize, link: Link) -> Result<Vec<f32>, String> {
    let fail = || format!("`base_score` is `{text}`");
    let numbers = text
        .trim()
        .trim_start_matches('[')
        .trim_end_matches(']')
        .split(',')
        .map(|number| number.trim().parse::<f32>().map_err(|_| fail()));
    let scores: Vec<f32> = numbers.collect::<Result<_, _>>()?;
    let margin = |score: f32| match link {
        Link::Sigmoid { .. } => -(1.0 / score - 1.0).ln(),
        Link::Exp => score.ln(),
        _ => score,
    };
    let starts: Vec<f32> = scores.into_iter().map(margin).collect();
    if starts.iter().any(|start| !start.is_finite()) {
        return Err(fail());
    }
    match starts.as_slice() {
        &[one] => Ok(vec![one; outputs]),
        _ if starts.len() == outputs => Ok(starts),
        _ => Err(format!("`base_score` has {} numbers for {outputs} outputs", starts.len())),
    }
}

/// The columns by the names that the file has, categories by its dictionaries.
fn inputs(
    features: usize,
    names: &[String],
    types: &[String],
    categories: Option<&Categories>,
) -> Vec<Input> {
    let of_feature = |index: usize| {
        let column = names.get(index).cloned().unwrap_or_else(|| format!("column_{}", index + 1));
        let is_categorical = types.get(index).is_some_and(|kind| kind == "c");
        if !is_categorical {
            return Input::plain(column);
        }
        let known = categories.and_then(|categories| categories.enc.get(index));
        Input::Code { column, categories: known.map(Dictionary::texts).unwrap_or_default() }
    };
    (0..features).map(of_feature).collect()
}

impl Dictionary {
    fn texts(&self) -> Vec<String> {
        if self.offsets.is_empty() {
            return self.values.iter().map(ToString::to_string).collect();
        }
        let byte = |number: &serde_json::Number| number.as_i64().map_or(b'?', |byte| byte as u8);
        let text = |bounds: &[usize]| {
            let range = bounds.first().copied()?..bounds.get(1).copied()?;
            let bytes: Vec<u8> = self.values.get(range)?.iter().map(byte).collect();
            Some(String::from_utf8_lossy(&bytes).into_owned())
        };
        self.offsets.windows(2).filter_map(text).collect()
    }
}
