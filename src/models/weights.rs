//! Reading files of weights that may be damaged or hostile: every claim is checked against the
//! file's real size before memory is taken.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};
use safetensors::{Dtype, SafeTensors};

use super::archive;
use super::card::Card;
use super::error::{Error, did_you_mean};
use crate::domain::table::nearest_of;

/// The largest weights that are read, in bytes.
const MOST_BYTES: u64 = 4 << 30;
/// The longest header that is read, in bytes; the format's own bound.
const MOST_HEADER: u64 = 100_000_000;
/// The bytes that hold the header's length.
const LENGTH_BYTES: u64 = 8;

/// One tensor as 32-bit numbers.
pub(super) struct Values {
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

/// The tensors of a file.
pub(super) struct Weights<'a> {
    tensors: SafeTensors<'a>,
    /// Names that the card uses, so they are nobody's misspelling.
    taken: Vec<String>,
    path: PathBuf,
}

/// Reads a whole file of at most `limit` bytes. Pipes and devices are refused: they may never end.
pub(super) fn read_bounded(path: &Path, what: &'static str, limit: u64) -> Result<Vec<u8>, Error> {
    let fail = |source| Error::Read { what, path: path.to_owned(), source };
    let about = std::fs::metadata(path).map_err(fail)?;
    if !about.is_file() {
        return Err(fail(std::io::Error::other("it is not a file")));
    }
    let too_large = |bytes| Error::TooLarge { what, bytes, limit, path: path.to_owned() };
    if about.len() > limit {
        return Err(too_large(about.len()));
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(about.len() as usize).map_err(|_| too_large(about.len()))?;
    // The file may grow while it is read.
    File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes)).map_err(fail)?;
    if bytes.len() as u64 > limit {
        return Err(too_large(bytes.len() as u64));
    }
    Ok(bytes)
}

/// Reads the file of weights after a look at its header, as the bytes of a safetensors file; an
/// archive of PyTorch or NumPy becomes one.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let fail = |source| Error::Read { what: "weights", path: path.to_owned(), source };
    let about = std::fs::metadata(path).map_err(fail)?;
    if about.is_file() {
        let mut head = Vec::new();
        File::open(path).and_then(|file| file.take(256).read_to_end(&mut head)).map_err(fail)?;
        if archive::is_archive(&head) {
            let bytes = read_bounded(path, "weights", MOST_BYTES)?;
            return archive::to_safetensors(&bytes)
                .map_err(|message| Error::weights(message, path));
        }
        check_head(&head, about.len(), path)?;
    }
    read_bounded(path, "weights", MOST_BYTES)
}

/// Refuses files of other kinds, and headers that claim more than the file holds.
fn check_head(head: &[u8], file_bytes: u64, path: &Path) -> Result<(), Error> {
    if let Some(message) = other_kind(head) {
        return Err(Error::weights(message, path));
    }
    let Some(length) = head.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes)) else {
        let message = format!(
            "The weights were cut short: {} bytes, where even the header's length takes \
             {LENGTH_BYTES}",
            head.len()
        );
        return Err(Error::weights(message, path));
    };
    if length > MOST_HEADER || length > file_bytes.saturating_sub(LENGTH_BYTES) {
        let message = format!(
            "The weights are cut short, or no safetensors file: the header claims {length} bytes, \
             the file has {file_bytes}"
        );
        return Err(Error::weights(message, path));
    }
    Ok(())
}

/// What a file is that people easily take for weights.
fn other_kind(head: &[u8]) -> Option<&'static str> {
    let starts = |with: &[u8]| head.starts_with(with);
    if starts(b"PK\x03\x04") {
        Some(
            "The weights are a PyTorch or NumPy archive; save them with \
             `safetensors.torch.save_file(model.state_dict(), \"model.safetensors\")`",
        )
    } else if starts(b"version https://git-lfs") {
        Some("The weights are only a Git LFS pointer; run `git lfs pull` to get them")
    } else if starts(b"GGUF") {
        Some("The weights are a GGUF file; only safetensors files are read")
    } else if starts(b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46") {
        Some(
            "The weights are in the old format of PyTorch, which would have to be executed; load \
             them in Python and save them with \
             `safetensors.torch.save_file(model.state_dict(), \"model.safetensors\")`",
        )
    } else if matches!(head, [0x80, 2..=5, ..]) {
        Some(
            "The weights are a Python pickle (joblib, scikit-learn), which would have to be \
             executed; export the model in Python with `skl2onnx.to_onnx`",
        )
    } else if starts(b"\x89HDF") {
        Some(
            "The weights are a Keras model, which is not read; export it with \
             `model.export(\"model.onnx\", format=\"onnx\")`",
        )
    } else {
        None
    }
}

impl<'a> Weights<'a> {
    pub fn parse(bytes: &'a [u8], path: &Path) -> Result<Self, Error> {
        check_head(bytes.get(..256).unwrap_or(bytes), bytes.len() as u64, path)?;
        let tensors = SafeTensors::deserialize(bytes).map_err(|fault| {
            let message = match claimed(bytes) {
                Some((claimed, held)) if claimed != held => format!(
                    "The weights do not match their header, which describes {claimed} bytes of \
                     numbers where the file holds {held}; copy or export the file again"
                ),
                _ => format!("The weights are damaged: {fault}"),
            };
            Error::weights(message, path)
        })?;
        Ok(Self { tensors, taken: Vec::new(), path: path.to_owned() })
    }

    /// Tells which names the card uses.
    pub fn named_by(mut self, card: &Card) -> Self {
        for layer in &card.layers {
            self.taken.push(layer.weight.clone());
            self.taken.extend(layer.bias.clone());
        }
        self
    }

    /// The names and shapes of all tensors, sorted as people count (`layers.2` before `layers.10`).
    pub fn shapes(&self) -> Vec<(String, Vec<usize>)> {
        let mut all: Vec<(String, Vec<usize>)> = self
            .tensors
            .iter()
            .map(|(name, view)| (name.to_owned(), view.shape().to_vec()))
            .collect();
        all.sort_by_key(|(name, _)| natural_key(name));
        all
    }

    /// The names of all tensors, in no order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.iter().map(|(name, _)| name)
    }

    /// The shape of one tensor, if it is there.
    pub fn shape(&self, name: &str) -> Option<Vec<usize>> {
        self.tensors.tensor(name).ok().map(|view| view.shape().to_vec())
    }

    /// One tensor as 32-bit numbers, every one of them finite.
    pub fn tensor(&self, name: &str) -> Result<Values, Error> {
        let Ok(view) = self.tensors.tensor(name) else {
            return Err(self.missing(name));
        };
        let dtype = match view.dtype() {
            Dtype::F64 => DType::F64,
            Dtype::F32 => DType::F32,
            Dtype::F16 => DType::F16,
            Dtype::BF16 => DType::BF16,
            other => {
                let message = format!(
                    "Tensor `{name}` holds {other:?}; weights must be F32, F16, BF16 or F64"
                );
                return Err(Error::weights(message, &self.path));
            }
        };
        let shape = view.shape().to_vec();
        let values = Tensor::from_raw_buffer(view.data(), dtype, &shape, &Device::Cpu)
            .and_then(|tensor| tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>())
            .map_err(|fault| Error::weights(format!("Tensor `{name}`: {fault}"), &self.path))?;
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            return Err(Error::BadWeight {
                name: name.to_owned(),
                index: index_of(at, &shape),
                value: values.get(at).copied().unwrap_or(f32::NAN),
                path: self.path.clone(),
            });
        }
        Ok(Values { shape, values })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    fn missing(&self, name: &str) -> Error {
        let shapes = self.shapes();
        let free = shapes.iter().filter(|(known, _)| !self.taken.contains(known));
        let nearest = nearest_of(free.map(|(known, _)| known.as_str()), name);
        let mut hint = did_you_mean(nearest);
        if nearest.is_none() {
            let known: Vec<&str> = shapes.iter().take(8).map(|(known, _)| known.as_str()).collect();
            let more = if shapes.len() > known.len() { ", …" } else { "" };
            hint = format!("; there are: {}{more}", known.join(", "));
        }
        Error::MissingTensor { name: name.to_owned(), hint, path: self.path.clone() }
    }
}

/// The bytes of numbers that the header describes, and those that the file holds.
fn claimed(bytes: &[u8]) -> Option<(u64, u64)> {
    let length = u64::from_le_bytes(*bytes.first_chunk::<8>()?);
    let end = usize::try_from(length.checked_add(LENGTH_BYTES)?).ok()?;
    let header: serde_json::Value = serde_json::from_slice(bytes.get(8..end)?).ok()?;
    let ends = header.as_object()?.values().filter_map(|tensor| {
        tensor
            .get("data_offsets")
            .and_then(|offsets| offsets.get(1))
            .and_then(serde_json::Value::as_u64)
    });
    Some((ends.max().unwrap_or(0), (bytes.len() - end) as u64))
}

/// The place of entry `at` in a tensor of this shape, row after row.
fn index_of(at: usize, shape: &[usize]) -> Vec<usize> {
    let mut rest = at;
    let mut index: Vec<usize> = shape
        .iter()
        .rev()
        .map(|&dimension| {
            let place = rest % dimension.max(1);
            rest /= dimension.max(1);
            place
        })
        .collect();
    index.reverse();
    index
}

/// Splits a name into texts and numbers, so that `2` sorts before `10`.
fn natural_key(name: &str) -> Vec<(u64, String)> {
    name.split(['.', '_', '/', '-'])
        .map(|part| {
            part.parse::<u64>().map_or_else(|_| (u64::MAX, part.to_owned()), |n| (n, String::new()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(bytes: &[u8]) -> String {
        match Weights::parse(bytes, Path::new("w.safetensors")) {
            Ok(_) => "fine".to_owned(),
            Err(fault) => fault.to_string(),
        }
    }

    fn with_header(header: &str, data: usize) -> Vec<u8> {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend(std::iter::repeat_n(0, data));
        bytes
    }

    #[test]
    fn headers_are_held_against_the_real_size() {
        assert!(said(b"abc").contains("cut short"));
        assert!(said(&u64::MAX.to_le_bytes()).contains("claims 18446744073709551615 bytes"));
        let huge =
            r#"{"w":{"dtype":"F32","shape":[1048576,1048576],"data_offsets":[0,4398046511104]}}"#;
        assert!(said(&with_header(huge, 16)).contains("describes 4398046511104 bytes"));
        let small = r#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
        assert_eq!(said(&with_header(small, 8)), "fine");
        assert!(said(&with_header(small, 4)).contains("where the file holds 4"));
        assert!(said(&with_header("not json", 4)).contains("damaged"));
    }

    #[test]
    fn other_kinds_of_file_are_told_apart() {
        assert!(said(b"PK\x03\x04and so on").contains("save_file"));
        assert!(said(b"\x80\x04\x95").contains("skl2onnx"));
        assert!(said(b"\x89HDF\r\n").contains("Keras"));
        assert!(said(b"version https://git-lfs.github.com/spec/v1").contains("git lfs pull"));
    }

    #[test]
    fn entries_are_placed_row_after_row() {
        assert_eq!(index_of(5, &[2, 3]), vec![1, 2]);
        let mut names = vec!["layers.10.weight", "layers.2.weight"];
        names.sort_by_key(|name| natural_key(name));
        assert_eq!(names, vec!["layers.2.weight", "layers.10.weight"]);
    }
}
