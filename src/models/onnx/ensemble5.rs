//! The operator `TreeEnsemble` of version 5, whose leaves are listed apart from the splits.

use super::super::trees::{Forest, Grown, Test};
use super::ensemble::{Ensemble, Mode, Split};
use super::file::Node;

pub(super) fn read(node: &Node, features: usize) -> Result<Ensemble, String> {
    let outputs = usize::try_from(node.whole("n_targets", 1)).unwrap_or(0);
    let mut forest = Forest::new(features, outputs);
    let lists = Lists {
        features: node.wholes("nodes_featureids"),
        values: node.numbers("nodes_splits"),
        modes: node.wholes("nodes_modes"),
        yes: node.wholes("nodes_truenodeids"),
        no: node.wholes("nodes_falsenodeids"),
        yes_is_leaf: node.wholes("nodes_trueleafs"),
        no_is_leaf: node.wholes("nodes_falseleafs"),
        tracks: node.wholes("nodes_missing_value_tracks_true"),
        targets: node.wholes("leaf_targetids"),
        weights: node.floats("leaf_weights"),
    };
    let sets = sets(&node.numbers("membership_values"));
    let members = lists.modes.iter().scan(0, |next, &mode| {
        let is_member = mode == 6;
        let set = is_member.then_some(*next);
        *next += usize::from(is_member);
        Some(set)
    });
    let members: Vec<Option<usize>> = members.collect();
    let roots = node.wholes("tree_roots");
    let nodes = lists.features.len() * 2 + 1;
    for (tree, &root) in roots.iter().enumerate() {
        let root = usize::try_from(root).map_err(|_| format!("tree {tree} begins at {root}"))?;
        forest
            .grow(root, nodes, |forest, at| {
                lists.grown(forest, at, |forest, at| {
                    let words = members.get(at).copied().flatten().and_then(|set| sets.get(set))?;
                    Some(forest.add_set(words.clone()?))
                })
            })
            .map_err(|problem| format!("tree {tree}: {problem}"))?;
    }
    let aggregate = node.whole("aggregate_function", 1);
    Ensemble::of_forest(forest, aggregate, node.whole("post_transform", 0), roots.len())
}

struct Lists {
    features: Vec<i64>,
    values: Vec<f64>,
    modes: Vec<i64>,
    yes: Vec<i64>,
    no: Vec<i64>,
    yes_is_leaf: Vec<i64>,
    no_is_leaf: Vec<i64>,
    tracks: Vec<i64>,
    targets: Vec<i64>,
    weights: Vec<f32>,
}

impl Lists {
    /// The split of this place; leaves are counted on from the last split.
    fn grown(
        &self,
        forest: &mut Forest<f32>,
        at: usize,
        set: impl Fn(&mut Forest<f32>, usize) -> Option<Test>,
    ) -> Result<Grown<f32>, String> {
        let fail = || format!("its lists do not describe node {at}");
        let splits = self.features.len();
        if let Some(leaf) = at.checked_sub(splits) {
            let target = *self.targets.get(leaf).ok_or_else(fail)?;
            let weight = *self.weights.get(leaf).ok_or_else(fail)?;
            let target = u32::try_from(target).map_err(|_| fail())?;
            return Ok(Grown::Leaf(vec![(target, weight)]));
        }
        let child = |ids: &[i64], is_leaf: &[i64]| {
            let id = usize::try_from(*ids.get(at)?).ok()?;
            let is_leaf = *is_leaf.get(at)? != 0;
            if is_leaf { id.checked_add(splits) } else { (id < splits).then_some(id) }
        };
        let mode =
            match self.modes.get(at).ok_or_else(fail)? {
                0 => Mode::Leq,
                1 => Mode::Lt,
                2 => Mode::Gte,
                3 => Mode::Gt,
                4 => Mode::Eq,
                5 => Mode::Neq,
                6 => Mode::Member(set(forest, at).ok_or(
                    "its sets hold something else than whole numbers from 0 to 16,777,215",
                )?),
                other => return Err(format!("its mode {other} is not known")),
            };
        let split = Split {
            feature: *self.features.get(at).ok_or_else(fail)?,
            value: *self.values.get(at).ok_or_else(fail)?,
            yes: child(&self.yes, &self.yes_is_leaf).ok_or_else(fail)?,
            no: child(&self.no, &self.no_is_leaf).ok_or_else(fail)?,
            missing_yes: self.tracks.get(at).is_some_and(|&flag| flag != 0),
        };
        split.grown(mode)
    }
}

/// The sets of all member nodes in order, each ended by a NaN; `None` for one that holds anything
/// but small whole numbers.
fn sets(values: &[f64]) -> Vec<Option<Vec<u64>>> {
    const MOST: f64 = 16_777_216.0;
    values
        .split(|value| value.is_nan())
        .map(|set| {
            let mut words = Vec::new();
            for &value in set {
                if value.fract() != 0.0 || !(0.0..MOST).contains(&value) {
                    return None;
                }
                let (word, bit) = (value as usize / 64, value as usize % 64);
                if words.len() <= word {
                    words.resize(word + 1, 0);
                }
                *words.get_mut(word)? |= 1 << bit;
            }
            Some(words)
        })
        .collect()
}
