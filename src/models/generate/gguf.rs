//! A GGUF file: what it says about itself, and its tensors, quantised as they lie there.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use candle_core::quantized::gguf_file::{Content, Value};
use candle_core::quantized::{GgmlDType, QMatMul, QTensor};
use candle_core::{Device, Tensor};

use crate::models::device::first_line;
use crate::models::error::Error;

/// A file, its header read.
pub(super) struct Gguf {
    content: Content,
    reader: Cursor<Vec<u8>>,
    path: PathBuf,
    device: Device,
    /// The quantisations that have no fast kernel, as far as tensors in them were taken.
    slow: Vec<&'static str>,
}

impl Gguf {
    pub fn parse(bytes: Vec<u8>, path: &Path, device: &Device) -> Result<Self, Error> {
        let mut reader = Cursor::new(bytes);
        // An alignment of 0 makes the reader divide by it.
        let content = catch_unwind(AssertUnwindSafe(|| Content::read(&mut reader)))
            .map_err(|_| "its header makes no sense".to_owned())
            .and_then(|read| read.map_err(|fault| first_line(&fault.to_string()).to_owned()))
            .map_err(|fault| Error::weights(format!("The GGUF file is damaged: {fault}"), path))?;
        let (path, device) = (path.to_owned(), device.clone());
        Ok(Self { content, reader, path, device, slow: Vec::new() })
    }

    pub fn value(&self, name: &str) -> Option<&Value> {
        self.content.metadata.get(name)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        match self.value(name)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number of any width that is not below 0.
    pub fn whole(&self, name: &str) -> Option<usize> {
        usize::try_from(integer(self.value(name)?)?).ok()
    }

    pub fn real(&self, name: &str) -> Option<f64> {
        let value = self.value(name)?;
        value.to_f32().map(f64::from).or_else(|_| value.to_f64()).ok()
    }

    pub fn flag(&self, name: &str) -> Option<bool> {
        self.value(name)?.to_bool().ok()
    }

    /// A list, empty if there is none.
    pub fn list(&self, name: &str) -> &[Value] {
        match self.value(name) {
            Some(Value::Array(values)) => values,
            _ => &[],
        }
    }

    /// A whole number above 0 that must be there.
    pub fn size(&self, name: &str) -> Result<usize, Error> {
        let found = self.whole(name).filter(|&size| size > 0);
        found.ok_or_else(|| self.fail(format!("The file has no `{name}` that is a number above 0")))
    }

    pub fn has(&self, name: &str) -> bool {
        self.content.tensor_infos.contains_key(name)
    }

    /// The sizes of a tensor, outermost first.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.content.tensor_infos.get(name).map(|info| info.shape.dims())
    }

    /// The numbers in all tensors.
    pub fn parameters(&self) -> usize {
        let infos = self.content.tensor_infos.values();
        infos
            .map(|info| info.shape.dims().iter().fold(1, |a, b| usize::saturating_mul(a, *b)))
            .sum()
    }

    /// A matrix of outputs × inputs to multiply with.
    pub fn matrix(&mut self, name: &str, shape: [usize; 2]) -> Result<QMatMul, Error> {
        let tensor = self.quantised(name, &shape)?;
        let slow = match tensor.dtype() {
            GgmlDType::Q4_1 => Some("Q4_1"),
            GgmlDType::Q5_0 => Some("Q5_0"),
            GgmlDType::Q5_1 => Some("Q5_1"),
            _ => None,
        };
        let Some(slow) = slow else {
            return QMatMul::from_qtensor(tensor).map_err(|fault| self.fault(name, &fault));
        };
        if !self.slow.contains(&slow) {
            self.slow.push(slow);
        }
        let plain = tensor.dequantize(&self.device).map_err(|fault| self.fault(name, &fault))?;
        Ok(QMatMul::Tensor(plain))
    }

    /// A tensor as 32-bit numbers.
    pub fn tensor(&mut self, name: &str, shape: &[usize]) -> Result<Tensor, Error> {
        let tensor = self.quantised(name, shape)?;
        tensor.dequantize(&self.device).map_err(|fault| self.fault(name, &fault))
    }

    fn quantised(&mut self, name: &str, shape: &[usize]) -> Result<QTensor, Error> {
        match self.shape(name) {
            Some(found) if found == shape => {}
            Some(found) => {
                let message =
                    format!("Tensor `{name}` has the shape {found:?}, where {shape:?} is needed");
                return Err(Error::shape(message, &self.path));
            }
            None => {
                let (name, hint) = (name.to_owned(), String::new());
                return Err(Error::MissingTensor { name, hint, path: self.path.clone() });
            }
        }
        // Even one bit for each number would not fit: sizes that overflow are found here, too.
        let numbers = shape.iter().copied().fold(1, usize::saturating_mul);
        if numbers / 8 > self.reader.get_ref().len() {
            return Err(self.fail(format!("Tensor `{name}` claims {numbers} numbers")));
        }
        let read = self.content.tensor(&mut self.reader, name, &self.device);
        read.map_err(|fault| self.fault(name, &fault))
    }

    pub fn device(&self) -> &Device {
        &self.device
    }

    pub fn fail(&self, message: String) -> Error {
        Error::weights(message, &self.path)
    }

    fn fault(&self, name: &str, fault: &candle_core::Error) -> Error {
        self.fail(format!("Tensor `{name}`: {}", first_line(&fault.to_string())))
    }

    /// Quantisations that were turned into 32-bit numbers because they have no fast kernel.
    pub fn slow(&self) -> &[&'static str] {
        &self.slow
    }
}

/// A whole number of any width; candle's own conversions know few of them.
pub(super) fn integer(value: &Value) -> Option<i64> {
    match *value {
        Value::U8(n) => Some(n.into()),
        Value::I8(n) => Some(n.into()),
        Value::U16(n) => Some(n.into()),
        Value::I16(n) => Some(n.into()),
        Value::U32(n) => Some(n.into()),
        Value::I32(n) => Some(n.into()),
        Value::U64(n) => n.try_into().ok(),
        Value::I64(n) => Some(n),
        _ => None,
    }
}
