//! The operators `TreeEnsembleClassifier`, `TreeEnsembleRegressor` and `TreeEnsemble` as a forest,
//! with the sums and transforms that onnxruntime makes of the votes.

use std::collections::HashMap;

use super::super::trees::{Forest, Grown, Real as _, Test};
use super::file::Node;
use super::transform::{Transform, logistic};

/// How the votes for one output become one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aggregate {
    Sum,
    Average,
    Min,
    Max,
}

/// How a classifier with two classes whose leaves vote for the first makes two scores of one, which
/// then is that of the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Second {
    /// There is a score for each class.
    None,
    /// The votes are probabilities.
    Complement,
    /// The votes are log-odds or the like.
    Opposite,
}

pub(super) struct Ensemble {
    forest: Forest<f32>,
    aggregate: Aggregate,
    /// One number for each output, or none.
    base: Vec<f32>,
    second: Second,
    transform: Transform,
    trees: usize,
}

impl Ensemble {
    /// Reads any of the three operators.
    pub fn read(node: &Node, features: usize) -> Result<Self, String> {
        if node.op == "TreeEnsemble" {
            return super::ensemble5::read(node, features);
        }
        let votes = Votes::of(node);
        let outputs = if votes.classifies { node.classes().len() } else { votes.targets };
        let mut forest = Forest::new(features, outputs);
        let trees = grow(&mut forest, node, &votes)?;
        let mut base = node.floats("base_values");
        let transform = Transform::named(node.text("post_transform"))?;
        let mut second = Second::None;
        if votes.classifies && outputs == 2 && votes.all_for_the_first() && base.len() < 2 {
            second = match transform {
                Transform::Logistic => Second::Opposite,
                Transform::Probit => {
                    return Err("the transform `PROBIT` of one score says nothing of two classes"
                        .to_owned());
                }
                _ if votes.weights.iter().any(|&weight| weight < 0.0) => Second::Opposite,
                _ => Second::Complement,
            };
        } else if base.len() != outputs {
            base.clear();
        }
        for (output, base) in (0..).zip(&mut base) {
            if votes.classifies && !votes.outputs.contains(&output) {
                *base = 0.0;
            }
        }
        Self::new(forest, node, base, second, transform, trees)
    }

    fn new(
        forest: Forest<f32>,
        node: &Node,
        base: Vec<f32>,
        second: Second,
        transform: Transform,
        trees: usize,
    ) -> Result<Self, String> {
        let aggregate = match node.text("aggregate_function") {
            "" | "SUM" => Aggregate::Sum,
            "AVERAGE" => Aggregate::Average,
            "MIN" => Aggregate::Min,
            "MAX" => Aggregate::Max,
            other => return Err(format!("its aggregate function `{other}` is not known")),
        };
        Ok(Self { forest, aggregate, base, second, transform, trees })
    }

    /// Of [`super::ensemble5`], whose settings are numbers.
    pub fn of_forest(
        forest: Forest<f32>,
        aggregate: i64,
        transform: i64,
        trees: usize,
    ) -> Result<Self, String> {
        let aggregate = match aggregate {
            0 => Aggregate::Average,
            1 => Aggregate::Sum,
            2 => Aggregate::Min,
            3 => Aggregate::Max,
            other => return Err(format!("its aggregate function {other} is not known")),
        };
        let transform = Transform::numbered(transform)?;
        Ok(Self { forest, aggregate, base: Vec::new(), second: Second::None, transform, trees })
    }

    pub fn outputs(&self) -> usize {
        self.forest.outputs()
    }

    pub fn describe(&self) -> String {
        self.forest.describe()
    }

    /// Answers to rows of features, [`Self::outputs`] numbers for each.
    pub fn answers(&self, rows: &[f32]) -> Vec<f32> {
        let outputs = self.outputs().max(1);
        let count = rows.len() / self.forest.features().max(1);
        let mut scores = vec![0.0; count * outputs];
        match self.aggregate {
            Aggregate::Sum => self.forest.add_votes(rows, &mut scores),
            Aggregate::Average => {
                self.forest.add_votes(rows, &mut scores);
                let trees = self.trees.max(1) as f32;
                scores.iter_mut().for_each(|score| *score /= trees);
            }
            Aggregate::Min => self.extremes(rows, &mut scores, f32::min),
            Aggregate::Max => self.extremes(rows, &mut scores, f32::max),
        }
        for row in scores.chunks_mut(outputs) {
            self.finish(row);
        }
        scores
    }

    /// The extreme vote for each output; 0 without a vote.
    fn extremes(&self, rows: &[f32], scores: &mut [f32], pick: fn(f32, f32) -> f32) {
        let outputs = self.outputs();
        let mut found: Vec<Option<f32>> = vec![None; scores.len()];
        self.forest.vote(rows, |row, output, weight| {
            if let Some(best) = found.get_mut(row * outputs + output) {
                *best = Some(best.map_or(weight, |best| pick(best, weight)));
            }
        });
        for (score, found) in scores.iter_mut().zip(found) {
            *score = found.unwrap_or(0.0);
        }
    }

    fn finish(&self, row: &mut [f32]) {
        for (score, base) in row.iter_mut().zip(&self.base) {
            *score += base;
        }
        match (self.second, row) {
            (Second::None, [only]) => self.transform.apply_to_one(only),
            (Second::None, row) => self.transform.apply(row),
            (Second::Complement, [first, second]) => {
                (*first, *second) = (1.0 - *first, *first);
            }
            (Second::Opposite, [first, second]) => {
                (*first, *second) = (-*first, *first);
                if self.transform == Transform::Logistic {
                    (*first, *second) = (logistic(*first), logistic(*second));
                }
            }
            _ => {}
        }
    }
}

/// The votes of each leaf, by tree and node.
type ByLeaf = HashMap<(i64, i64), Vec<(u32, f32)>>;

/// The votes of the leaves as the operator lists them.
struct Votes {
    classifies: bool,
    targets: usize,
    trees: Vec<i64>,
    nodes: Vec<i64>,
    outputs: Vec<i64>,
    weights: Vec<f32>,
}

impl Votes {
    fn of(node: &Node) -> Self {
        let classifies = node.op == "TreeEnsembleClassifier";
        let kind = if classifies { "class" } else { "target" };
        Self {
            classifies,
            targets: usize::try_from(node.whole("n_targets", 1)).unwrap_or(0),
            trees: node.wholes(&format!("{kind}_treeids")),
            nodes: node.wholes(&format!("{kind}_nodeids")),
            outputs: node.wholes(&format!("{kind}_ids")),
            weights: node.floats(&format!("{kind}_weights")),
        }
    }

    fn all_for_the_first(&self) -> bool {
        self.outputs.iter().all(|&output| output == 0)
    }

    fn by_leaf(&self) -> Result<ByLeaf, String> {
        let mut leaves = ByLeaf::new();
        let places = self.trees.iter().zip(&self.nodes);
        for ((&tree, &node), (&output, &weight)) in
            places.zip(self.outputs.iter().zip(&self.weights))
        {
            let output = u32::try_from(output)
                .map_err(|_| format!("a leaf of tree {tree} votes for output {output}"))?;
            leaves.entry((tree, node)).or_default().push((output, weight));
        }
        Ok(leaves)
    }
}

/// Grows all trees of the attribute lists; gives their number.
fn grow(forest: &mut Forest<f32>, node: &Node, votes: &Votes) -> Result<usize, String> {
    let of_tree = node.wholes("nodes_treeids");
    let ids = node.wholes("nodes_nodeids");
    let features = node.wholes("nodes_featureids");
    let values = node.numbers("nodes_values");
    let modes = node.texts("nodes_modes");
    let yes = node.wholes("nodes_truenodeids");
    let no = node.wholes("nodes_falsenodeids");
    let tracks = node.wholes("nodes_missing_value_tracks_true");
    let leaves = votes.by_leaf()?;
    let places: HashMap<(i64, i64), usize> =
        of_tree.iter().copied().zip(ids.iter().copied()).zip(0..).collect();
    let mut trees = 0;
    let mut start = 0;
    // Each tree's nodes stand together, and the first is the root.
    while let Some(&tree) = of_tree.get(start) {
        let nodes = of_tree.iter().skip(start).take_while(|&&other| other == tree).count();
        let missing = |at: usize| format!("tree {tree}: its lists do not describe node {at}");
        forest
            .grow(start, nodes, |_, at| {
                let fail = || missing(at);
                let mode = modes.get(at).ok_or_else(fail)?;
                let id = *ids.get(at).ok_or_else(fail)?;
                if mode == "LEAF" {
                    return Ok(Grown::Leaf(leaves.get(&(tree, id)).cloned().unwrap_or_default()));
                }
                let child = |ids: &[i64]| {
                    let id = ids.get(at)?;
                    places.get(&(tree, *id)).copied()
                };
                let split = Split {
                    feature: *features.get(at).ok_or_else(fail)?,
                    value: *values.get(at).ok_or_else(fail)?,
                    yes: child(&yes).ok_or_else(fail)?,
                    no: child(&no).ok_or_else(fail)?,
                    missing_yes: tracks.get(at).is_some_and(|&flag| flag != 0),
                };
                split.grown(Mode::named(mode)?)
            })
            .map_err(|problem| format!("tree {tree}: {problem}"))?;
        start += nodes;
        trees += 1;
    }
    Ok(trees)
}

/// What a node asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Leq,
    Lt,
    Gte,
    Gt,
    Eq,
    Neq,
    /// `x` is in the set.
    Member(Test),
}

impl Mode {
    fn named(name: &str) -> Result<Self, String> {
        Ok(match name {
            "BRANCH_LEQ" => Self::Leq,
            "BRANCH_LT" => Self::Lt,
            "BRANCH_GTE" => Self::Gte,
            "BRANCH_GT" => Self::Gt,
            "BRANCH_EQ" => Self::Eq,
            "BRANCH_NEQ" => Self::Neq,
            other => return Err(format!("its mode `{other}` is not known")),
        })
    }
}

/// A split as ONNX describes it.
pub(super) struct Split {
    pub feature: i64,
    pub value: f64,
    pub yes: usize,
    pub no: usize,
    /// A missing value goes to `yes`, whatever is asked.
    pub missing_yes: bool,
}

impl Split {
    pub fn grown(self, mode: Mode) -> Result<Grown<f32>, String> {
        let feature = usize::try_from(self.feature)
            .map_err(|_| format!("it asks for feature {}", self.feature))?;
        let at_most = at_most(self.value);
        let below = if f64::from(at_most) == self.value { at_most.below() } else { at_most };
        // `>=` is the opposite of `<`, so its children change places.
        let (test, threshold, is_swapped) = match mode {
            Mode::Leq => (Test::AtMost, at_most, false),
            Mode::Lt => (Test::AtMost, below, false),
            Mode::Gt => (Test::AtMost, at_most, true),
            Mode::Gte => (Test::AtMost, below, true),
            Mode::Eq => (Test::Equal, self.value as f32, false),
            Mode::Neq => (Test::Equal, self.value as f32, true),
            Mode::Member(test) => (test, 0.0, false),
        };
        // Without a track a missing value is not equal, and compares with nothing.
        let missing_yes = self.missing_yes || mode == Mode::Neq;
        let (yes, no) = if is_swapped { (self.no, self.yes) } else { (self.yes, self.no) };
        Ok(Grown::Split {
            feature,
            test,
            threshold,
            yes,
            no,
            missing_yes: missing_yes != is_swapped,
        })
    }
}

/// The largest 32-bit number that is no larger.
fn at_most(x: f64) -> f32 {
    let near = x as f32;
    if f64::from(near) > x { near.below() } else { near }
}
