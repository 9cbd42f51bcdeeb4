//! Building a forest out of nodes that come in any order, as files hold them.

use std::collections::VecDeque;

use super::forest::{Forest, Node, Real, Test, Tree};

/// A node as a file describes it; children are places in the file.
pub(in crate::models) enum Grown<T> {
    Leaf(Vec<(u32, T)>),
    Split {
        feature: usize,
        test: Test,
        threshold: T,
        yes: usize,
        no: usize,
        /// Where a missing value goes: to `yes` or to `no`.
        missing_yes: bool,
    },
}

/// More nodes cannot be counted in the forest's arrays.
const MOST_NODES: usize = 1 << 31;

impl<T: Real> Forest<T> {
    /// Adds a set for [`Test::Member`]; whole numbers are bits, 64 in each word.
    pub fn add_set(&mut self, words: Vec<u64>) -> Test {
        self.sets.push(words);
        Test::Member(self.sets.len() as u32 - 1)
    }

    /// Adds the tree below `root`, whose nodes `node` describes; there are `nodes` of them.
    ///
    /// # Errors
    /// If a path leads in a circle or two paths meet, or a feature or output is out of range.
    pub fn grow(
        &mut self,
        root: usize,
        nodes: usize,
        mut node: impl FnMut(&mut Self, usize) -> Result<Grown<T>, String>,
    ) -> Result<(), String> {
        if self.nodes.len() + nodes > MOST_NODES {
            return Err("it has too many nodes".to_owned());
        }
        let start = self.nodes.len();
        let mut depth = 0;
        let mut waiting = VecDeque::from([(root, start, 0)]);
        self.nodes.push(self.placeholder(start));
        while let Some((source, place, level)) = waiting.pop_front() {
            depth = depth.max(level);
            let grown = match node(self, source)? {
                Grown::Leaf(votes) => self.leaf(place, &votes)?,
                Grown::Split { feature, test, threshold, yes, no, missing_yes } => {
                    // Every place is reached by one path, so there are no more than the file has.
                    if self.nodes.len() - start + 2 > nodes {
                        return Err(format!("the children of node {source} lead in a circle"));
                    }
                    if feature >= self.features {
                        return Err(format!(
                            "node {source} asks for feature {}, there are {}",
                            feature + 1,
                            self.features
                        ));
                    }
                    let child = self.nodes.len();
                    for (offset, source) in [yes, no].into_iter().enumerate() {
                        self.nodes.push(self.placeholder(child + offset));
                        waiting.push_back((source, child + offset, level + 1));
                    }
                    let extra = self.tests.len() as u32;
                    let is_plain = test == Test::AtMost;
                    if !is_plain {
                        self.tests.push(test);
                    }
                    Node {
                        threshold,
                        feature: feature as u32,
                        child: child as u32,
                        missing_first: missing_yes,
                        is_plain,
                        extra,
                    }
                }
            };
            if let Some(node) = self.nodes.get_mut(place) {
                *node = grown;
            }
        }
        self.trees.push(Tree { root: start as u32, depth });
        Ok(())
    }

    /// A node that leads to itself, whatever the row.
    fn placeholder(&self, place: usize) -> Node<T> {
        Node {
            threshold: T::INFINITY,
            feature: 0,
            child: place as u32,
            missing_first: true,
            is_plain: true,
            extra: 0,
        }
    }

    fn leaf(&mut self, place: usize, votes: &[(u32, T)]) -> Result<Node<T>, String> {
        if let Some((output, _)) = votes.iter().find(|(output, _)| *output as usize >= self.outputs)
        {
            return Err(format!("a leaf votes for output {output}, there are {}", self.outputs));
        }
        self.votes.extend_from_slice(votes);
        self.first_vote.push(self.votes.len() as u32);
        let leaf = self.first_vote.len() as u32 - 2;
        Ok(Node { extra: leaf, ..self.placeholder(place) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `x0 <= 1` (missing: yes), then `x1` in {0, 65} (missing: no).
    fn forest() -> Forest<f32> {
        let mut forest = Forest::new(2, 1);
        let set = forest.add_set(vec![1, 2]);
        let split = |feature, test, threshold, yes, no, missing_yes| {
            Ok(Grown::Split { feature, test, threshold, yes, no, missing_yes })
        };
        for _ in 0..2 {
            forest
                .grow(0, 5, |_, at| match at {
                    0 => split(0, Test::AtMost, 1.0, 3, 1, true),
                    3 => split(1, set, 0.0, 2, 4, false),
                    leaf => Ok(Grown::Leaf(vec![(0, leaf as f32)])),
                })
                .unwrap();
        }
        forest
    }

    #[test]
    fn one_row_and_many_reach_the_same_leaves() {
        let forest = forest();
        let nan = f32::NAN;
        let cases = [
            ([1.0, 0.9], 2.0),
            ([1.5, 0.0], 1.0),
            ([nan, 65.0], 2.0),
            ([0.0, 64.0], 4.0),
            ([0.0, -0.5], 4.0),
            ([0.0, nan], 4.0),
            ([0.0, 1e30], 4.0),
        ];
        let rows: Vec<f32> = cases.iter().cycle().take(21).flat_map(|(row, _)| *row).collect();
        let mut many = vec![0.0; 21];
        forest.add_votes(&rows, &mut many);
        for ((row, leaf), many) in cases.iter().cycle().zip(many) {
            let mut one = [0.0];
            forest.add_votes(row, &mut one);
            assert_eq!((one[0], many), (leaf * 2.0, leaf * 2.0), "{row:?}");
        }
    }

    #[test]
    fn circles_and_strange_places_are_refused() {
        let refused = |feature, yes, output| {
            let mut forest = Forest::<f64>::new(2, 1);
            forest
                .grow(0, 3, |_, at| {
                    Ok(match at {
                        0 => Grown::Split {
                            feature,
                            test: Test::AtMost,
                            threshold: 0.0,
                            yes,
                            no: 2,
                            missing_yes: false,
                        },
                        _ => Grown::Leaf(vec![(output, 1.0)]),
                    })
                })
                .unwrap_err()
        };
        assert!(refused(0, 0, 0).contains("circle"));
        assert!(refused(2, 1, 0).contains("asks for feature 3, there are 2"));
        assert!(refused(0, 1, 1).contains("votes for output 1"));
    }
}
