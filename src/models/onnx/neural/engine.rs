//! A network's graph made ready by tract, within bounds, and what tract cannot run, named.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tract_onnx::prelude::*;
use tract_onnx::tract_hir::infer::{Factoid, GenericFactoid, ShapeFactoid};
use tract_onnx::tract_hir::internal::{DimLike, TractResult, bail};

use super::super::file::{Graph, Node, Tensor as Constant};
use super::super::plan::{constants, of_node};
use crate::models::device::first_line;

/// Numbers that one operator may make of one row: a gigabyte's worth.
const MOST_NUMBERS: usize = 1 << 28;
/// No tensor has more dimensions.
const MOST_DIMENSIONS: u64 = 64;
/// Operators whose input of this place says how large their output is.
const SIZED: [(&str, usize); 5] =
    [("ConstantOfShape", 0), ("Expand", 1), ("Tile", 1), ("Pad", 1), ("Resize", 3)];
/// Operators that are named at most.
const MOST_NAMED: usize = 5;

/// The size of one dimension of an input, behind that of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    Of(usize),
    /// As many as a text has tokens, at most so many.
    Tokens(usize),
}

/// A graph that can be run.
pub(super) struct Engine {
    plan: Arc<TypedRunnableModel>,
    /// The rows of each run, where the graph is written for so many.
    pub rows: Option<usize>,
}

impl Engine {
    /// Makes the graph ready for inputs of these sizes, one list for each, and for `answer`, its
    /// only output: for any number of rows if the graph allows it, else for as many as it is
    /// written for.
    pub fn new(
        bytes: &[u8],
        graph: &Graph,
        answer: &str,
        inputs: &[Vec<Size>],
    ) -> Result<Self, String> {
        check_operators(graph)?;
        check_attributes(graph)?;
        check_sizes(graph)?;
        let first_sizes = graph.inputs.iter().filter_map(|port| port.shape.first().copied());
        let written = first_sizes.max().unwrap_or(0).max(1);
        let for_any = Self::build(bytes, graph, answer, inputs, None);
        for_any.or_else(|_| Self::build(bytes, graph, answer, inputs, Some(written)))
    }

    fn build(
        bytes: &[u8],
        graph: &Graph,
        answer: &str,
        inputs: &[Vec<Size>],
        rows: Option<usize>,
    ) -> Result<Self, String> {
        let ready = guarded(|| ready(bytes, answer, inputs, rows).map_err(|f| said(graph, &f)))?;
        let engine = Self { plan: ready, rows };
        match rows {
            Some(_) => Ok(engine),
            // A graph may claim to take any number of rows and yet mix them.
            None => {
                let trial = |rows| engine.run(engine.zeros(inputs, rows)?).map(|out| out.len());
                match (trial(1)?, trial(2)?) {
                    (one, two) if two == 2 * one => Ok(engine),
                    (one, two) => Err(format!("it gives {one} numbers for a row, {two} for two")),
                }
            }
        }
    }

    /// Inputs of zeros for so many rows; texts have one token.
    pub fn zeros(&self, inputs: &[Vec<Size>], rows: usize) -> Result<TVec<Tensor>, String> {
        let tensor = |(place, sizes): (usize, &Vec<Size>)| {
            let mut shape: TVec<usize> = tvec![rows];
            shape.extend(sizes.iter().map(|size| match size {
                Size::Of(size) => *size,
                Size::Tokens(_) => 1,
            }));
            Tensor::zero_dt(self.element(place)?, &shape).map_err(|fault| short(&fault))
        };
        inputs.iter().enumerate().map(tensor).collect()
    }

    /// What the graph's input of this place is made of.
    pub fn element(&self, place: usize) -> Result<DatumType, String> {
        let fact = self.plan.model().input_fact(place).map_err(|fault| short(&fault))?;
        Ok(fact.datum_type)
    }

    /// The numbers of the answer to inputs whose first dimension is the rows.
    pub fn run(&self, inputs: TVec<Tensor>) -> Result<Vec<f32>, String> {
        let inputs = inputs.into_iter().map(IntoTValue::into_tvalue).collect();
        guarded(|| {
            let outputs = self.plan.run(inputs).map_err(|fault| short(&fault))?;
            let output = outputs.first().ok_or("it gives no output")?;
            let numbers = output.cast_to::<f32>().map_err(|fault| short(&fault))?;
            let numbers = numbers.view();
            numbers.as_slice::<f32>().map(<[f32]>::to_vec).map_err(|fault| short(&fault))
        })
    }

    /// The sizes of the answer behind the rows, 0 where they vary.
    pub fn answer_sizes(&self) -> Vec<usize> {
        let fact = self.plan.model().output_fact(0);
        let sizes = fact.map(|fact| fact.shape.iter().skip(1).map(|d| d.to_usize().unwrap_or(0)));
        sizes.map(Iterator::collect).unwrap_or_default()
    }
}

/// tract turns a damaged graph into a panic here and there.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said =
            said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it says no more");
        Err(format!("tract cannot run the graph: {said}"))
    })
}

fn ready(
    mut bytes: &[u8],
    answer: &str,
    inputs: &[Vec<Size>],
    rows: Option<usize>,
) -> TractResult<Arc<TypedRunnableModel>> {
    // Exporters write sizes of one row into the outputs even where any number of rows is meant.
    let mut model = onnx()
        .with_ignore_output_shapes(true)
        .with_ignore_output_types(true)
        .with_ignore_value_info(true)
        .model_for_read(&mut bytes)?;
    let any = model.symbols.sym("rows");
    let tokens = model.symbols.sym("tokens");
    for (place, sizes) in inputs.iter().enumerate() {
        let first = rows.map_or_else(|| any.clone().into(), |rows| TDim::from(rows as i64));
        let others = sizes.iter().map(|size| match size {
            Size::Of(size) => TDim::from(*size as i64),
            Size::Tokens(_) => tokens.clone().into(),
        });
        let dims = std::iter::once(first).chain(others).map(GenericFactoid::Only).collect();
        let element = model.input_fact(place)?.datum_type.concretize().unwrap_or(f32::datum_type());
        model
            .set_input_fact(place, InferenceFact::dt_shape(element, ShapeFactoid::closed(dims)))?;
    }
    let Some(outlet) = model.find_outlet_label(answer) else {
        bail!("nothing computes its output `{answer}`");
    };
    model.select_output_outlets(&[outlet])?;
    let model = model.into_typed()?;
    let longest = inputs.iter().flatten().filter_map(|size| match size {
        Size::Tokens(most) => Some(*most as i64),
        Size::Of(_) => None,
    });
    let at_most = SymbolValues::default().with(&any, 1).with(&tokens, longest.max().unwrap_or(1));
    for node in model.nodes() {
        for output in &node.outputs {
            let sizes =
                output.fact.shape.iter().map(|size| size.eval(&at_most).to_usize().unwrap_or(1));
            let numbers = sizes.fold(1, usize::saturating_mul);
            if numbers > MOST_NUMBERS {
                bail!("node \"{}\" makes {numbers} numbers of one row", node.name);
            }
        }
    }
    model.into_optimized()?.into_runnable()
}

/// Names the operators that tract does not know at all.
fn check_operators(graph: &Graph) -> Result<(), String> {
    let known = onnx().op_register;
    let unknown: Vec<&Node> =
        graph.nodes.iter().filter(|node| !known.0.contains_key(&node.op)).collect();
    let named: Vec<String> = unknown
        .iter()
        .take(MOST_NAMED)
        .map(|node| of_node(graph, node, "it is not among those that are run"))
        .collect();
    match unknown.len().checked_sub(named.len()) {
        _ if named.is_empty() => Ok(()),
        Some(more @ 1..) => Err(format!("{}; and {more} more", named.join("; "))),
        _ => Err(named.join("; ")),
    }
}

/// tract counts up to what some attributes say, from as far below zero as they say.
fn check_attributes(graph: &Graph) -> Result<(), String> {
    for node in &graph.nodes {
        let odd = node.attributes.iter().filter_map(|(name, attribute)| {
            let most = match name.as_str() {
                "axis" | "axes" => MOST_DIMENSIONS,
                // "To the end" is written as the largest number.
                "starts" | "ends" | "value_int" | "value_ints" => return None,
                "start" | "end" if node.op == "Shape" => return None,
                _ => MOST_NUMBERS as u64,
            };
            let mut wholes = attribute.whole.iter().chain(&attribute.wholes);
            Some((name, wholes.find(|whole| whole.unsigned_abs() > most)?))
        });
        if let Some((name, whole)) = odd.min() {
            return Err(of_node(graph, node, &format!("its `{name}` is {whole}")));
        }
    }
    Ok(())
}

/// Constants are computed while the graph is made ready: none may claim what cannot be held.
fn check_sizes(graph: &Graph) -> Result<(), String> {
    let constants = constants(graph);
    for node in &graph.nodes {
        let place = SIZED.iter().find(|(op, _)| *op == node.op).map(|(_, place)| *place);
        let name = place.and_then(|place| node.inputs.get(place));
        let Some(sizes) = name.and_then(|name| constants.get(name.as_str())) else { continue };
        let sizes = Constant::wholes(sizes);
        let claimed =
            sizes.iter().fold(1_i64, |product, size| product.saturating_mul((*size).max(1)));
        if claimed > MOST_NUMBERS as i64 {
            return Err(of_node(graph, node, &format!("its sizes are {sizes:?}")));
        }
    }
    Ok(())
}

/// What tract says, with the operator that it is about, if it names one.
fn said(graph: &Graph, fault: &TractError) -> String {
    let text = format!("{fault:#}");
    let is_named = |name: &str| {
        !name.is_empty()
            && (text.contains(&format!("\"{name}")) || text.contains(&format!("node {name} ")))
    };
    let name = |node: &Node| match node.name.as_str() {
        "" => node.outputs.first().cloned().unwrap_or_default(),
        name => name.to_owned(),
    };
    let named = graph.nodes.iter().filter(|node| is_named(&name(node)));
    match named.max_by_key(|node| name(node).len()) {
        Some(node) => of_node(graph, node, &short(fault)),
        None => format!("tract cannot run the graph: {}", short(fault)),
    }
}

/// The cause at the bottom of a fault, in one line.
fn short(fault: &TractError) -> String {
    first_line(&fault.root_cause().to_string()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::super::file::Attribute;
    use super::*;

    #[test]
    fn attributes_that_tract_would_count_up_to_are_refused() {
        let said = |op: &str, name: &str, whole| {
            let attribute = Attribute { whole: Some(whole), ..Attribute::default() };
            let attributes = [(name.to_owned(), attribute)].into();
            let node = Node { op: op.to_owned(), attributes, ..Node::default() };
            check_attributes(&Graph { nodes: vec![node], ..Graph::default() })
        };
        for (op, name, whole) in [
            ("LayerNormalization", "axis", i64::MIN),
            ("ReduceMean", "axes", 65),
            ("Conv", "group", 1 << 40),
        ] {
            assert!(said(op, name, whole).unwrap_err().contains(&format!("its `{name}` is")));
        }
        // "To the end", as exporters write it.
        for (op, name) in [("Shape", "end"), ("Slice", "ends")] {
            assert_eq!(said(op, name, i64::MAX), Ok(()));
        }
    }
}
