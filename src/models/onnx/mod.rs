//! ONNX graphs. Those of the `ai.onnx.ml` domain, scikit-learn's pipelines and trees, are asked in an
//! evaluator of our own (tract needs milliseconds a row for trees that take microseconds, and refuses
//! what current converters write); neural networks are run by tract.

mod attributes;
mod encode;
mod ensemble;
mod ensemble5;
mod feed;
mod file;
mod linear;
mod matrix;
mod neural;
mod ops;
mod plan;
mod scale;
mod transform;
mod wire;

#[cfg(test)]
mod tests;

use super::backend::{Backend, Bound, Fault};
use super::card::{Card, Input, TaskKind};
use super::error::Error;
use super::features::Mismatch;
use super::folder::Folder;
use super::trees::Told;
use crate::domain::Table;
use feed::{Fed, Feed};
use file::{Element, Graph};
use neural::Neural;
use plan::Plan;

/// The largest graph that is read, in bytes.
pub(super) const MOST_BYTES: u64 = 1 << 30;
/// Rows in one call.
const ROWS_PER_CALL: usize = 512;

/// A graph ready to be asked.
pub(super) struct Pipeline {
    plan: Plan,
    feeds: Vec<Feed>,
    outputs: usize,
    classifies: bool,
}

/// Opens the graph in the card's file, as a pipeline or as a network.
///
/// # Errors
/// If it is damaged, does not fit the card, or has operators that are not run; each is named.
pub(super) fn load(card: &Card, folder: &mut Folder) -> Result<Box<dyn Backend>, Error> {
    let bytes = folder.read(&card.weights, "model", MOST_BYTES)?;
    let fail = |problem: String| Error::weights(problem, &folder.file(&card.weights));
    let graph = read(&bytes).map_err(fail)?;
    if graph.is_of_tables() {
        Ok(Box::new(Pipeline::of(&graph, card).map_err(fail)?))
    } else {
        Ok(Box::new(Neural::load(&bytes, &graph, card, folder)?))
    }
}

impl Pipeline {
    /// Makes a graph ready and tries it with one row, so that nothing is left to refuse.
    fn of(graph: &Graph, card: &Card) -> Result<Self, String> {
        let feeds = feed::feeds(graph, card)?;
        let trial: Vec<_> =
            feeds.iter().map(|feed| plan::zeros(feed.width, feed.element)).collect();
        let (plan, outputs) = Plan::of(graph, answer(graph)?, &trial)?;
        let classifies = !plan::classes(graph).is_empty();
        Ok(Self { plan, feeds, outputs, classifies })
    }
}

fn read(bytes: &[u8]) -> Result<Graph, String> {
    Graph::parse(bytes).map_err(|problem| format!("The graph cannot be read: {problem}"))
}

fn answer(graph: &Graph) -> Result<&str, String> {
    let port = plan::answer(graph);
    port.map(|port| port.name.as_str()).ok_or_else(|| {
        "The graph has no output with probabilities or numbers; export the classifier \
                        with its probabilities"
            .to_owned()
    })
}

/// What a graph tells about itself, for a first card.
pub(super) fn told(bytes: &[u8]) -> Result<Told, String> {
    let graph = read(bytes)?;
    if !graph.is_of_tables() {
        return neural::told(&graph);
    }
    let classes = plan::classes(&graph);
    let mut inputs = Vec::new();
    for port in &graph.inputs {
        let width = match port.shape.as_slice() {
            [_, width] => *width,
            _ => 1,
        };
        if width > super::trees::MOST_WIDE {
            return Err(format!("Input `{}` claims {width} columns", port.name));
        }
        match (port.element, width) {
            (Element::Texts, _) => inputs.push(Input::Text { column: port.name.clone() }),
            // A tensor of its own for each column is named after it.
            (_, 1) if graph.inputs.len() > 1 => inputs.push(Input::plain(port.name.clone())),
            _ => inputs.extend((1..=width).map(Input::nameless)),
        }
    }
    let task = match classes.len() {
        0 => TaskKind::Regression,
        1 | 2 => TaskKind::Binary,
        _ => TaskKind::Multiclass,
    };
    Ok(Told { inputs, task, classes })
}

impl Backend for Pipeline {
    fn outputs(&self) -> usize {
        self.outputs
    }

    fn are_probabilities(&self) -> bool {
        self.classifies
    }

    fn describe(&self) -> String {
        self.plan.describe()
    }

    fn rows_per_call(&self) -> usize {
        ROWS_PER_CALL
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn bind<'a>(
        &'a self,
        card: &'a Card,
        table: &'a Table,
    ) -> (Box<dyn Bound + 'a>, Vec<Mismatch>) {
        let (fed, mismatches) = Fed::bind(&self.feeds, card, f64::NAN, table);
        (Box::new(Rows { pipeline: self, fed }), mismatches)
    }
}

/// A pipeline with a table's columns at hand.
struct Rows<'a> {
    pipeline: &'a Pipeline,
    fed: Fed<'a>,
}

impl Bound for Rows<'_> {
    fn ask(&self, first: usize, count: usize) -> Result<Vec<f32>, Fault> {
        self.pipeline.plan.run(self.fed.matrices(first, count)).map_err(Fault)
    }
}
