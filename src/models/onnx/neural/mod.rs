//! Neural networks as ONNX graphs, run by tract. (candle-onnx computes some of the official
//! operator tests wrongly without a word, and runs fewer graphs.)

mod engine;
mod source;
mod told;

#[cfg(test)]
mod tests;

use super::file::{Graph, Values};
use crate::domain::Table;
use crate::domain::words::count;
use crate::models::backend::{Backend, Bound, Fault};
use crate::models::card::{Card, Input};
use crate::models::error::Error;
use crate::models::features::Mismatch;
use crate::models::folder::Folder;
use crate::models::text::Tokens;
use engine::{Engine, Size};
use source::{Reader, Source};

pub(super) use told::told;

/// Rows of numbers in one call.
const ROWS: usize = 512;
/// Texts in one call: they are run one by one, so more would only be shared worse among threads.
const TEXTS: usize = 8;
/// Tokens of a text where the tokenizer's settings name no limit.
const MOST_TOKENS: usize = 512;

/// A network ready to be asked.
pub(super) struct Neural {
    engine: Engine,
    reader: Reader,
    /// The sizes of each of the graph's inputs behind the rows.
    sizes: Vec<Vec<Size>>,
    /// Numbers per row.
    outputs: usize,
    ends_in_probabilities: bool,
    description: String,
}

impl Neural {
    /// Makes the graph in the file `card.weights` ready and tries it, so that nothing is left to
    /// refuse.
    pub fn load(
        bytes: &[u8],
        graph: &Graph,
        card: &Card,
        folder: &mut Folder,
    ) -> Result<Self, Error> {
        let path = folder.file(&card.weights);
        let fail = |problem: String| Error::weights(problem, &path);
        let (reader, sizes) = match card.inputs.as_slice() {
            [Input::Text { .. }] if is_of_tokens(graph) => {
                let tokens = Tokens::load(folder, usize::MAX, MOST_TOKENS)?;
                source::of_texts(graph, tokens).map_err(fail)?
            }
            [Input::Image(image)] => source::of_images(graph, image).map_err(fail)?,
            _ => source::of_columns(graph, card).map_err(fail)?,
        };
        let answer = super::answer(graph).map_err(fail)?;
        let engine = Engine::new(bytes, graph, answer, &sizes).map_err(fail)?;
        let rows = engine.rows.unwrap_or(1);
        let trial = engine.zeros(&sizes, rows).and_then(|zeros| engine.run(zeros)).map_err(fail)?;
        let varies = engine.answer_sizes().contains(&0);
        if trial.is_empty() || trial.len() % rows != 0 || varies {
            return Err(fail(format!(
                "The graph's output `{answer}` has the sizes {:?} behind the rows (0: they vary); \
                 a row of the same number of answers is needed for each",
                engine.answer_sizes()
            )));
        }
        Ok(Self {
            outputs: trial.len() / rows,
            engine,
            reader,
            sizes,
            ends_in_probabilities: ends_in_probabilities(graph, answer),
            description: describe(graph),
        })
    }
}

/// Whether the graph reads the numbers of tokens.
fn is_of_tokens(graph: &Graph) -> bool {
    graph.inputs.iter().any(|port| port.name == source::IDS)
}

/// Whether the answer's own operator makes probabilities.
fn ends_in_probabilities(graph: &Graph, answer: &str) -> bool {
    let last = graph.nodes.iter().find(|node| node.outputs.iter().any(|name| name == answer));
    last.is_some_and(|node| matches!(node.op.as_str(), "Sigmoid" | "Softmax"))
}

fn describe(graph: &Graph) -> String {
    let weights =
        graph.constants.values().filter(|tensor| matches!(tensor.values, Values::Numbers(_)));
    let parameters: usize = weights.map(|tensor| tensor.shape.iter().product::<usize>()).sum();
    let opset = graph.opset("");
    format!(
        "ONNX graph (opset {opset}) of {}, {parameters} parameters, run by tract",
        count(graph.nodes.len(), "operator")
    )
}

impl Backend for Neural {
    fn outputs(&self) -> usize {
        self.outputs
    }

    fn are_probabilities(&self) -> bool {
        self.ends_in_probabilities
    }

    fn describe(&self) -> String {
        self.description.clone()
    }

    fn rows_per_call(&self) -> usize {
        match &self.reader {
            Reader::Columns(_) => ROWS,
            Reader::Images(photos) => photos.rows_per_call(),
            Reader::Texts(..) => TEXTS,
        }
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn bind<'a>(
        &'a self,
        card: &'a Card,
        table: &'a Table,
    ) -> (Box<dyn Bound + 'a>, Vec<Mismatch>) {
        let (source, mismatches) = self.reader.bind(card, table);
        (Box::new(Rows { network: self, source }), mismatches)
    }
}

/// A network with a table's rows at hand.
struct Rows<'a> {
    network: &'a Neural,
    source: Source<'a>,
}

impl Bound for Rows<'_> {
    fn ask(&self, first: usize, count: usize) -> Result<Vec<f32>, Fault> {
        let Neural { engine, sizes, outputs, .. } = self.network;
        // Texts differ in length, so each is a run of its own.
        let alone = matches!(self.source, Source::Texts { .. }).then_some(1);
        let step = engine.rows.or(alone).unwrap_or(count).max(1);
        let mut answers = Vec::with_capacity(count * outputs);
        for start in (0..count).step_by(step) {
            let inputs = self.source.tensors(first + start, step, engine, sizes).map_err(Fault)?;
            answers.extend(engine.run(inputs).map_err(Fault)?);
        }
        // A graph for several rows at once may have been asked for more than there are to answer.
        answers.truncate(count * outputs);
        Ok(answers)
    }
}
