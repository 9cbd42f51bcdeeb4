//! What a network's graph tells about itself, for a first card.

use super::super::file::{Graph, Port};
use super::{ends_in_probabilities, is_of_tokens};
use crate::models::card::{Input, TaskKind};
use crate::models::trees::{MOST_WIDE, Told};
use crate::models::vision::ImageInput;

/// The inputs by their shapes, and the task by the answer's.
pub(in crate::models::onnx) fn told(graph: &Graph) -> Result<Told, String> {
    let answer = super::super::answer(graph)?;
    let outputs = graph.outputs.iter().find(|port| port.name == answer).map(width);
    let outputs = outputs.unwrap_or(1).max(1);
    if outputs > MOST_WIDE {
        return Err(format!("The output `{answer}` claims {outputs} numbers of a row"));
    }
    let says_yes_or_no = ["prob", "logit"].iter().any(|part| answer.contains(part));
    let task = match outputs {
        1 if says_yes_or_no || ends_in_probabilities(graph, answer) => TaskKind::Binary,
        1 => TaskKind::Regression,
        2 => TaskKind::Binary,
        _ => TaskKind::Multiclass,
    };
    Ok(Told::new(inputs(graph)?, task, outputs))
}

fn inputs(graph: &Graph) -> Result<Vec<Input>, String> {
    if is_of_tokens(graph) {
        return Ok(vec![Input::Text { column: "text".to_owned() }]);
    }
    if let [port] = graph.inputs.as_slice()
        && let Some(image) = image(port)
    {
        return Ok(vec![Input::Image(image)]);
    }
    let mut inputs = Vec::new();
    for port in &graph.inputs {
        match width(port) {
            wide if wide > MOST_WIDE => {
                return Err(format!("Input `{}` claims {wide} columns", port.name));
            }
            1 if graph.inputs.len() > 1 => inputs.push(Input::plain(port.name.clone())),
            width => {
                let next = inputs.len() + 1;
                inputs.extend((next..next + width).map(Input::nameless));
            }
        }
    }
    Ok(inputs)
}

/// Numbers in a row; open sizes count as 1.
fn width(port: &Port) -> usize {
    port.shape.iter().skip(1).fold(1, |product, size| product.saturating_mul((*size).max(1)))
}

/// The image that an input of four dimensions takes: channels are where the few are.
fn image(port: &Port) -> Option<ImageInput> {
    match port.shape.as_slice() {
        &[_, channels @ (1 | 3), height, width] | &[_, height, width, channels @ (1 | 3)] => {
            Some(ImageInput::of_sides("image", height, width, channels))
        }
        _ => None,
    }
}
