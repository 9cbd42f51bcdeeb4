//! Decision trees as one flat array of nodes, asked for many rows at once.
//!
//! The two children of a node stand side by side, and a leaf leads to itself, so a step down is a
//! comparison and an addition without a jump that the processor could guess wrong. Several paths
//! are walked in turn, since one alone would mostly wait for memory.

/// The numbers that a library compares and adds: 32-bit in XGBoost and ONNX, 64-bit in LightGBM.
pub(in crate::models) trait Real:
    Copy + PartialOrd + std::ops::AddAssign + Default + Send + Sync + 'static
{
    const INFINITY: Self;
    /// The nearest value of this precision.
    fn of(x: f64) -> Self;
    fn wide(self) -> f64;
    fn is_missing(self) -> bool;
    /// The largest number below.
    fn below(self) -> Self;
}

impl Real for f32 {
    const INFINITY: Self = f32::INFINITY;

    fn of(x: f64) -> Self {
        x as f32
    }

    fn wide(self) -> f64 {
        f64::from(self)
    }

    fn is_missing(self) -> bool {
        self.is_nan()
    }

    fn below(self) -> Self {
        self.next_down()
    }
}

impl Real for f64 {
    const INFINITY: Self = f64::INFINITY;

    fn of(x: f64) -> Self {
        x
    }

    fn wide(self) -> f64 {
        self
    }

    fn is_missing(self) -> bool {
        self.is_nan()
    }

    fn below(self) -> Self {
        self.next_down()
    }
}

/// What a node asks of its feature `x`; a yes goes to the first child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::models) enum Test {
    /// `x <= threshold`.
    AtMost,
    /// `x <= threshold`, where numbers near 0 count as missing.
    AtMostZeroIsMissing,
    /// `x == threshold`.
    Equal,
    /// The whole part of `x` is in the set of this number.
    Member(u32),
}

/// Numbers that LightGBM takes for 0.
const NEARLY_ZERO: f64 = 1e-35;
/// Paths that are walked in turn.
const LANES: usize = 8;

#[derive(Clone, Copy)]
pub(super) struct Node<T> {
    pub threshold: T,
    pub feature: u32,
    /// The place of the first child; the second follows it. A leaf's is its own.
    pub child: u32,
    /// Where a missing value goes: 1 to the first child.
    pub missing_first: bool,
    pub is_plain: bool,
    /// Of a leaf its number, else the number of its test in `tests` unless it is plain.
    pub extra: u32,
}

pub(super) struct Tree {
    pub root: u32,
    /// Steps from the root to the deepest leaf.
    pub depth: u32,
}

/// Trees that vote for outputs.
pub(in crate::models) struct Forest<T> {
    pub(super) nodes: Vec<Node<T>>,
    pub(super) trees: Vec<Tree>,
    /// Tests other than [`Test::AtMost`].
    pub(super) tests: Vec<Test>,
    /// Sets of whole numbers as bits, 64 in each word.
    pub(super) sets: Vec<Vec<u64>>,
    /// Where each leaf's votes begin, and the end of the last.
    pub(super) first_vote: Vec<u32>,
    /// The output and what is added to it.
    pub(super) votes: Vec<(u32, T)>,
    pub(super) features: usize,
    pub(super) outputs: usize,
}

impl<T: Real> Forest<T> {
    pub fn new(features: usize, outputs: usize) -> Self {
        Self {
            nodes: Vec::new(),
            trees: Vec::new(),
            tests: Vec::new(),
            sets: Vec::new(),
            first_vote: vec![0],
            votes: Vec::new(),
            features,
            outputs,
        }
    }

    pub fn features(&self) -> usize {
        self.features
    }

    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// For people: `100 trees, 1,234 leaves, 15 features`.
    pub fn describe(&self) -> String {
        use crate::domain::{grouped, words::count};
        format!(
            "{}, {} leaves, {}",
            count(self.trees.len(), "tree"),
            grouped(self.first_vote.len() as u64 - 1),
            count(self.features, "feature")
        )
    }

    /// Hands every vote to `vote(row, output, weight)`, each row's in the order of the trees.
    /// `rows` has `features` numbers for each row, NaN where one is missing.
    pub fn vote(&self, rows: &[T], mut vote: impl FnMut(usize, usize, T)) {
        let width = self.features.max(1);
        let count = rows.len() / width;
        // One row walks several trees at once; of many rows, several walk one tree, whose nodes
        // then stay near the processor.
        if count < LANES {
            for (index, row) in rows.chunks_exact(width).enumerate() {
                for trees in self.trees.chunks(LANES) {
                    self.walk(
                        trees,
                        |_| row,
                        trees.len(),
                        |_, leaf| {
                            self.votes_of(leaf, |output, weight| vote(index, output, weight));
                        },
                    );
                }
            }
            return;
        }
        for tree in &self.trees {
            for first in (0..count).step_by(LANES) {
                let lanes = LANES.min(count - first);
                let row = |lane: usize| {
                    let start = (first + lane) * width;
                    rows.get(start..start + width).unwrap_or_default()
                };
                self.walk(std::slice::from_ref(tree), row, lanes, |lane, leaf| {
                    self.votes_of(leaf, |output, weight| vote(first + lane, output, weight));
                });
            }
        }
    }

    /// The sums of all votes, added to what stands in `sums` (`outputs` numbers for each row).
    pub fn add_votes(&self, rows: &[T], sums: &mut [T]) {
        let outputs = self.outputs;
        self.vote(rows, |row, output, weight| {
            if let Some(sum) = sums.get_mut(row * outputs + output) {
                *sum += weight;
            }
        });
    }

    fn votes_of(&self, leaf: u32, mut vote: impl FnMut(usize, T)) {
        let at = |leaf: usize| self.first_vote.get(leaf).map_or(0, |&first| first as usize);
        let leaf = leaf as usize;
        let votes = self.votes.get(at(leaf)..at(leaf + 1)).unwrap_or_default();
        for &(output, weight) in votes {
            vote(output as usize, weight);
        }
    }

    /// Walks up to [`LANES`] paths to their leaves: lane `i` goes through tree `i` (the only one
    /// if there is one) with `row(i)`.
    #[inline]
    fn walk<'r>(
        &self,
        trees: &[Tree],
        row: impl Fn(usize) -> &'r [T],
        lanes: usize,
        mut arrive: impl FnMut(usize, u32),
    ) {
        let mut at = [0_u32; LANES];
        let mut of: [&[T]; LANES] = [&[]; LANES];
        let mut depth = 0;
        for lane in 0..LANES {
            let lane_in = lane.min(lanes.saturating_sub(1));
            let Some(tree) = trees.get(lane_in).or(trees.first()) else { return };
            at[lane] = tree.root;
            of[lane] = row(lane_in);
            depth = depth.max(tree.depth);
        }
        let nodes = self.nodes.as_slice();
        for _ in 0..depth {
            let before = at;
            for lane in 0..LANES {
                let Some(node) = nodes.get(at[lane] as usize) else { return };
                let x = of[lane].get(node.feature as usize).copied().unwrap_or_default();
                let yes = if node.is_plain {
                    (x <= node.threshold) | (node.missing_first & x.is_missing())
                } else {
                    self.answer(node, x)
                };
                at[lane] = node.child + u32::from(!yes);
            }
            // Unbalanced trees mostly end long before their deepest leaf.
            if at == before {
                break;
            }
        }
        for (lane, &at) in at.iter().enumerate().take(lanes) {
            arrive(lane, nodes.get(at as usize).map_or(0, |node| node.extra));
        }
    }

    /// The answer of a node that is not plain.
    fn answer(&self, node: &Node<T>, x: T) -> bool {
        let wide = x.wide();
        let test = self.tests.get(node.extra as usize).copied().unwrap_or(Test::AtMost);
        let is_missing =
            wide.is_nan() || (test == Test::AtMostZeroIsMissing && wide.abs() <= NEARLY_ZERO);
        if is_missing {
            return node.missing_first;
        }
        match test {
            Test::AtMost | Test::AtMostZeroIsMissing => x <= node.threshold,
            Test::Equal => x == node.threshold,
            Test::Member(set) => {
                let set = self.sets.get(set as usize).map_or(&[][..], Vec::as_slice);
                // A negative number is in no set, though its whole part may be 0.
                wide >= 0.0 && {
                    let place = wide as u64;
                    let word = usize::try_from(place / 64).ok().and_then(|word| set.get(word));
                    word.is_some_and(|word| word >> (place % 64) & 1 == 1)
                }
            }
        }
    }
}
