//! A graph made ready: the nodes that the answer needs, in order, each tried with one row.

use std::collections::{HashMap, HashSet};

use super::super::trees::MOST_WIDE;
use super::file::{Element, Graph, ML, Node, Port, Tensor, Values};
use super::matrix::{Cells, Matrix};
use super::ops::{Given, Op};

/// Steps that turn the graph's inputs into its answer.
pub(super) struct Plan {
    steps: Vec<Step>,
    slots: usize,
    answer: usize,
}

struct Step {
    op: Op,
    inputs: Vec<usize>,
    output: usize,
}

impl Plan {
    /// Makes the nodes ready that `answer` depends on; `trial` is one row for each input. Gives the
    /// answer to it, too.
    pub fn of(graph: &Graph, answer: &str, trial: &[Matrix]) -> Result<(Self, usize), String> {
        let constants = constants(graph);
        let mut slot_of: HashMap<&str, usize> =
            graph.inputs.iter().zip(0..).map(|(input, slot)| (input.name.as_str(), slot)).collect();
        let mut values: Vec<(usize, Element)> =
            trial.iter().map(|matrix| (matrix.width, matrix.cells.element())).collect();
        let mut steps: Vec<Step> = Vec::new();
        for node in needed(graph, answer) {
            let fail = |problem: String| of_node(graph, node, &problem);
            let mut inputs = Vec::new();
            let mut given = Vec::new();
            for name in node.inputs.iter().filter(|name| !name.is_empty()) {
                if let Some(tensor) = constants.get(name.as_str()) {
                    given.push(Given::Constant(tensor));
                    continue;
                }
                let Some(&slot) = slot_of.get(name.as_str()) else {
                    return Err(fail(format!("it needs `{name}`, which is not computed here")));
                };
                let width = values.get(slot).map_or(0, |(width, _)| *width);
                given.push(Given::Flowing { width });
                inputs.push(slot);
            }
            let op = Op::read(node, &given).map_err(fail)?;
            let step = Step { op, inputs, output: values.len() };
            let tried = step.try_out(&values).map_err(fail)?;
            if tried.0 > MOST_WIDE {
                return Err(fail(format!("it makes {} cells of a row", tried.0)));
            }
            slot_of.insert(result_of(node), step.output);
            values.push(tried);
            steps.push(step);
        }
        let Some(&slot) = slot_of.get(answer) else {
            return Err(format!("nothing computes its output `{answer}`"));
        };
        let width = match values.get(slot) {
            Some((width, Element::Numbers | Element::Wholes)) => *width,
            _ => return Err(format!("its output `{answer}` holds texts")),
        };
        Ok((Self { steps, slots: values.len(), answer: slot }, width))
    }

    /// The answer to rows of inputs.
    pub fn run<'a>(&'a self, inputs: Vec<Matrix<'a>>) -> Result<Vec<f32>, String> {
        let mut values: Vec<Option<Matrix>> = inputs.into_iter().map(Some).collect();
        values.resize(self.slots, None);
        for step in &self.steps {
            let inputs: Vec<&Matrix> = step
                .inputs
                .iter()
                .filter_map(|&slot| values.get(slot).and_then(Option::as_ref))
                .collect();
            let output = step.op.apply(&inputs)?;
            if let Some(value) = values.get_mut(step.output) {
                *value = Some(output);
            }
        }
        match values.get_mut(self.answer).and_then(Option::take) {
            Some(Matrix { cells: Cells::Numbers(cells), .. }) => Ok(cells),
            Some(matrix) => Ok(matrix.as_numbers()?.into_owned()),
            None => Ok(Vec::new()),
        }
    }

    /// What the model mostly consists of, for people.
    pub fn describe(&self) -> String {
        let trees = self.steps.iter().find_map(|step| match &step.op {
            Op::Ensemble(trees) => Some(trees.describe()),
            _ => None,
        });
        trees.unwrap_or_else(|| crate::domain::words::count(self.steps.len(), "operator"))
    }
}

impl Step {
    /// Asks the operator about a row of zeros; gives the width and the kind of its answer.
    fn try_out(&self, values: &[(usize, Element)]) -> Result<(usize, Element), String> {
        let rows: Vec<Matrix> = self
            .inputs
            .iter()
            .filter_map(|&slot| values.get(slot))
            .map(|&(width, element)| zeros(width, element))
            .collect();
        let rows: Vec<&Matrix> = rows.iter().collect();
        if let (Op::OneHot(encoder), Some(row)) = (&self.op, rows.first()) {
            // It may allow no unknown values, such as the trial's.
            return Ok((encoder.width(row.width), Element::Numbers));
        }
        let answer = self.op.apply(&rows)?;
        Ok((answer.width, answer.cells.element()))
    }
}

/// A row without content.
pub(super) fn zeros<'a>(width: usize, element: Element) -> Matrix<'a> {
    let cells = match element {
        Element::Texts => Cells::Texts(vec!["".into(); width]),
        Element::Wholes => Cells::Wholes(vec![0; width]),
        _ => Cells::Numbers(vec![0.0; width]),
    };
    Matrix { width, cells }
}

/// A problem with its node.
pub(super) fn of_node(graph: &Graph, node: &Node, problem: &str) -> String {
    let domain = if node.domain.is_empty() { "" } else { "ai.onnx.ml." };
    let name = if node.name.is_empty() { result_of(node) } else { &node.name };
    format!(
        "Operator {domain}{} (opset {}, node `{name}`): {problem}",
        node.op,
        graph.opset(&node.domain)
    )
}

/// The output that is computed of a node: of classifiers the scores, which come after the label.
fn result_of(node: &Node) -> &str {
    let is_classifier = node.domain == ML && node.op.ends_with("Classifier");
    node.outputs.get(usize::from(is_classifier)).map_or("", String::as_str)
}

/// Constants of the graph, and those that nodes give.
pub(super) fn constants(graph: &Graph) -> HashMap<&str, &Tensor> {
    let named = graph.constants.iter().map(|(name, tensor)| (name.as_str(), tensor));
    let given = graph.nodes.iter().filter(|node| node.op == "Constant").filter_map(|node| {
        let tensor = node.get("value")?.tensor.as_ref()?;
        Some((result_of(node), tensor))
    });
    named.chain(given).collect()
}

/// The nodes that `answer` depends on, in the order of the file, which is that of computing.
fn needed<'g>(graph: &'g Graph, answer: &'g str) -> Vec<&'g Node> {
    let mut wanted = HashSet::from([answer]);
    let mut nodes: Vec<&Node> = graph
        .nodes
        .iter()
        .rev()
        .filter(|node| node.op != "Constant")
        .filter(|node| {
            let is_wanted = node.outputs.iter().any(|output| wanted.contains(output.as_str()));
            if is_wanted {
                wanted.extend(node.inputs.iter().map(String::as_str));
            }
            is_wanted
        })
        .collect();
    nodes.reverse();
    nodes
}

/// The output that holds the answer: probabilities or a number, never the label.
pub(super) fn answer(graph: &Graph) -> Option<&Port> {
    let is_answer = |port: &&Port| matches!(port.element, Element::Numbers | Element::Maps);
    let is_named = |port: &&Port| port.name.contains("prob");
    let mut answers = graph.outputs.iter().filter(is_answer);
    answers.clone().find(is_named).or_else(|| answers.next())
}

/// The classes that the graph's classifier names, in the order of its scores; empty without one.
pub(super) fn classes(graph: &Graph) -> Vec<String> {
    let mut named = graph.nodes.iter().filter(|node| node.domain == ML).map(Node::classes);
    let named = named.rfind(|classes| !classes.is_empty());
    named.or_else(|| extracted(graph)).unwrap_or_default()
}

/// Of other models the classes are a list of which one is taken at the end.
fn extracted(graph: &Graph) -> Option<Vec<String>> {
    let pick = graph.nodes.iter().rev().find(|node| node.op == "ArrayFeatureExtractor")?;
    match &graph.constants.get(pick.inputs.first()?)?.values {
        Values::Texts(texts) => Some(texts.clone()),
        Values::Wholes(wholes) => Some(wholes.iter().map(i64::to_string).collect()),
        Values::Numbers(_) => None,
    }
}
