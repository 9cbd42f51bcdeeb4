//! What an ONNX file holds, by the field numbers of `onnx.proto`.

use std::collections::HashMap;

use super::wire::{Field, Message};

/// The domain of trees and scikit-learn's other models.
pub(super) const ML: &str = "ai.onnx.ml";
/// The weights of a neural network are not for this reader: only sizes and the like are kept, which
/// are small.
const MOST_OF_NETWORKS: usize = 4096;

/// The graph of a file, and the versions of the operators in it.
#[derive(Default)]
pub(in crate::models) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) constants: HashMap<String, Tensor>,
    pub(super) inputs: Vec<Port>,
    pub(super) outputs: Vec<Port>,
    /// Domains with their versions.
    pub(super) opsets: Vec<(String, i64)>,
}

#[derive(Default)]
pub(super) struct Node {
    pub op: String,
    pub domain: String,
    pub name: String,
    pub inputs: Vec<String>,
    pub outputs: Vec<String>,
    pub attributes: HashMap<String, Attribute>,
}

#[derive(Default)]
pub(super) struct Attribute {
    pub float: Option<f32>,
    pub whole: Option<i64>,
    pub text: Option<String>,
    pub tensor: Option<Tensor>,
    pub floats: Vec<f32>,
    pub wholes: Vec<i64>,
    pub texts: Vec<String>,
}

/// An input or output of the graph.
#[derive(Default)]
pub(in crate::models) struct Port {
    pub name: String,
    pub element: Element,
    /// Sizes; 0 where the file leaves one open.
    pub shape: Vec<usize>,
}

/// What a tensor is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::models) enum Element {
    /// Numbers of 32 or 64 bits.
    Numbers,
    Wholes,
    Texts,
    /// No tensor but a list of maps from class to probability.
    Maps,
    #[default]
    Unknown,
}

impl Element {
    pub(super) fn of(data_type: i64) -> Self {
        match data_type {
            1 | 10 | 11 => Self::Numbers,
            2..=7 | 9 | 12 | 13 => Self::Wholes,
            8 => Self::Texts,
            _ => Self::Unknown,
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Tensor {
    pub shape: Vec<usize>,
    pub values: Values,
}

#[derive(Clone, Debug)]
pub(super) enum Values {
    Numbers(Vec<f64>),
    Wholes(Vec<i64>),
    Texts(Vec<String>),
}

impl Default for Values {
    fn default() -> Self {
        Self::Numbers(Vec::new())
    }
}

impl Tensor {
    pub fn numbers(&self) -> Vec<f64> {
        match &self.values {
            Values::Numbers(values) => values.clone(),
            Values::Wholes(values) => values.iter().map(|&x| x as f64).collect(),
            Values::Texts(_) => Vec::new(),
        }
    }

    pub fn wholes(&self) -> Vec<i64> {
        match &self.values {
            Values::Wholes(values) => values.clone(),
            Values::Numbers(values) => values.iter().map(|&x| x as i64).collect(),
            Values::Texts(_) => Vec::new(),
        }
    }
}

impl Graph {
    /// Reads a file.
    ///
    /// # Errors
    /// If it is damaged, or keeps its numbers in other files.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut graph = Self::default();
        let mut found = false;
        Message(bytes).each(|number, field| {
            match number {
                7 => {
                    found = true;
                    graph.read(field.bytes()?)?;
                }
                8 => graph.opsets.push(opset(field.bytes()?)?),
                _ => {}
            }
            Ok(())
        })?;
        if found { Ok(graph) } else { Err("it is no ONNX file: there is no graph".to_owned()) }
    }

    fn read(&mut self, bytes: &[u8]) -> Result<(), String> {
        let mut constants = Vec::new();
        Message(bytes).each(|number, field| {
            match number {
                1 => self.nodes.push(node(field.bytes()?)?),
                5 => constants.push(field.bytes()?),
                11 => self.inputs.push(port(field.bytes()?)?),
                12 => self.outputs.push(port(field.bytes()?)?),
                _ => {}
            }
            Ok(())
        })?;
        let most = if self.is_of_tables() { usize::MAX } else { MOST_OF_NETWORKS };
        for bytes in constants {
            let (name, tensor) = tensor(bytes, most)?;
            self.constants.insert(name, tensor);
        }
        // Old files list their constants among the inputs, too.
        let constants = &self.constants;
        self.inputs.retain(|input| !constants.contains_key(&input.name));
        Ok(())
    }

    /// The version of a domain's operators.
    pub(super) fn opset(&self, domain: &str) -> i64 {
        let version = self.opsets.iter().find(|(name, _)| name == domain);
        version.map_or(1, |(_, version)| *version)
    }

    /// Whether operators of scikit-learn's domain are in it.
    pub fn is_of_tables(&self) -> bool {
        self.nodes.iter().any(|node| node.domain == ML)
    }
}

fn opset(bytes: &[u8]) -> Result<(String, i64), String> {
    let (mut domain, mut version) = (String::new(), 1);
    Message(bytes).each(|number, field| {
        match number {
            1 => domain = field.text()?.to_owned(),
            2 => version = field.whole()?,
            _ => {}
        }
        Ok(())
    })?;
    Ok((domain, version))
}

fn node(bytes: &[u8]) -> Result<Node, String> {
    let mut node = Node::default();
    Message(bytes).each(|number, field| {
        match number {
            1 => node.inputs.push(field.text()?.to_owned()),
            2 => node.outputs.push(field.text()?.to_owned()),
            3 => node.name = field.text()?.to_owned(),
            4 => node.op = field.text()?.to_owned(),
            5 => {
                let (name, attribute) = attribute(field.bytes()?)?;
                node.attributes.insert(name, attribute);
            }
            7 => node.domain = field.text()?.to_owned(),
            _ => {}
        }
        Ok(())
    })?;
    if node.domain == "ai.onnx" {
        node.domain.clear();
    }
    Ok(node)
}

fn attribute(bytes: &[u8]) -> Result<(String, Attribute), String> {
    let mut name = String::new();
    let mut attribute = Attribute::default();
    // Texts of attributes are bytes that need not be UTF-8.
    let text = |field: Field| Ok::<_, String>(String::from_utf8_lossy(field.bytes()?).into_owned());
    Message(bytes).each(|number, field| {
        match number {
            1 => name = field.text()?.to_owned(),
            2 => attribute.float = Some(field.float()?),
            3 => attribute.whole = Some(field.whole()?),
            4 => attribute.text = Some(text(field)?),
            5 => attribute.tensor = Some(tensor(field.bytes()?, usize::MAX)?.1),
            7 => field.floats(&mut attribute.floats)?,
            8 => field.wholes(&mut attribute.wholes)?,
            9 => attribute.texts.push(text(field)?),
            _ => {}
        }
        Ok(())
    })?;
    Ok((name, attribute))
}

fn port(bytes: &[u8]) -> Result<Port, String> {
    let mut port = Port::default();
    Message(bytes).each(|number, field| {
        match number {
            1 => port.name = field.text()?.to_owned(),
            2 => Message(field.bytes()?).each(|kind, field| {
                match kind {
                    1 => tensor_type(field.bytes()?, &mut port)?,
                    // A list or a map.
                    4 | 5 => port.element = Element::Maps,
                    _ => {}
                }
                Ok(())
            })?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(port)
}

fn tensor_type(bytes: &[u8], port: &mut Port) -> Result<(), String> {
    Message(bytes).each(|number, field| {
        match number {
            1 => port.element = Element::of(field.whole()?),
            2 => Message(field.bytes()?).each(|_, dimension| {
                let mut size = 0;
                Message(dimension.bytes()?).each(|number, field| {
                    if number == 1 {
                        size = usize::try_from(field.whole()?).unwrap_or(0);
                    }
                    Ok(())
                })?;
                port.shape.push(size);
                Ok(())
            })?,
            _ => {}
        }
        Ok(())
    })
}

/// A tensor with its name; runs of more than `most` bytes are passed over.
fn tensor(bytes: &[u8], most: usize) -> Result<(String, Tensor), String> {
    let (mut name, mut shape, mut data_type) = (String::new(), Vec::new(), 0);
    let (mut floats, mut doubles) = (Vec::new(), Vec::new());
    let (mut wholes, mut texts) = (Vec::new(), Vec::new());
    let mut raw: &[u8] = &[];
    let mut is_elsewhere = false;
    Message(bytes).each(|number, field| {
        match number {
            _ if matches!(field, Field::Bytes(run) if run.len() > most) => {}
            1 => field.wholes(&mut shape)?,
            2 => data_type = field.whole()?,
            4 => field.floats(&mut floats)?,
            5 | 7 | 11 => field.wholes(&mut wholes)?,
            6 => texts.push(String::from_utf8_lossy(field.bytes()?).into_owned()),
            8 => name = field.text()?.to_owned(),
            9 => raw = field.bytes()?,
            10 => field.doubles(&mut doubles)?,
            14 => is_elsewhere = field.whole()? == 1,
            _ => {}
        }
        Ok(())
    })?;
    if is_elsewhere {
        return Err(format!("tensor `{name}` lies in another file; save the model as one file"));
    }
    doubles.extend(floats.into_iter().map(f64::from));
    raw_values(data_type, raw, &mut doubles, &mut wholes);
    let shape = shape.into_iter().map(|size| usize::try_from(size).unwrap_or(0)).collect();
    let values = match Element::of(data_type) {
        Element::Wholes => Values::Wholes(wholes),
        Element::Texts => Values::Texts(texts),
        _ => Values::Numbers(doubles),
    };
    Ok((name, Tensor { shape, values }))
}

/// Numbers that are stored as plain bytes.
fn raw_values(data_type: i64, raw: &[u8], numbers: &mut Vec<f64>, wholes: &mut Vec<i64>) {
    match data_type {
        1 => numbers
            .extend(raw.as_chunks().0.iter().map(|four| f64::from(f32::from_le_bytes(*four)))),
        11 => numbers.extend(raw.as_chunks().0.iter().map(|eight| f64::from_le_bytes(*eight))),
        6 => {
            wholes
                .extend(raw.as_chunks().0.iter().map(|four| i64::from(i32::from_le_bytes(*four))));
        }
        7 => wholes.extend(raw.as_chunks().0.iter().map(|eight| i64::from_le_bytes(*eight))),
        2 | 9 => wholes.extend(raw.iter().map(|&byte| i64::from(byte))),
        3 => wholes.extend(raw.iter().map(|&byte| i64::from(byte.cast_signed()))),
        _ => {}
    }
}
