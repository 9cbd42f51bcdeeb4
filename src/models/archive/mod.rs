//! PyTorch's and NumPy's archives of weights (`.pt`, `.bin`, `.npz`), turned into the bytes of a
//! safetensors file, so that everything else knows one format.

mod npy;
mod pickle;
mod strided;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use safetensors::Dtype;
use safetensors::tensor::TensorView;
use zip::{CompressionMethod, ZipArchive};

use strided::Strided;

/// The largest pickle of names and shapes that is read, in bytes; the numbers lie beside it.
const MOST_PICKLE: u64 = 16 << 20;

/// How often the numbers of an archive may be used.
const MOST_SHARED: usize = 4;

/// A tensor by its own bytes, row after row.
struct Plain {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Whether the bytes are an archive (a zip file).
pub(super) fn is_archive(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04")
}

/// The archive's tensors as a safetensors file. Nothing of a pickle is executed.
///
/// # Errors
/// If the archive is damaged, or holds something else than tensors by name.
pub(super) fn to_safetensors(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut zip = ZipArchive::new(Cursor::new(bytes))
        .map_err(|fault| format!("The weights are a damaged archive: {fault}"))?;
    let names: Vec<String> =
        zip.file_names().filter_map(Result::ok).map(std::borrow::Cow::into_owned).collect();
    let has = |ending: &str| names.iter().any(|name| name.ends_with(ending));
    let tensors = if has("constants.pkl") || names.iter().any(|name| name.contains("/code/")) {
        return Err("The weights are a TorchScript program, which is not run; in Python save \
                    `torch.jit.load(path).state_dict()` with `safetensors.torch.save_file`, or export \
                    the model with `torch.onnx.export`"
            .to_owned());
    } else if has("model.weights.h5") {
        return Err("The weights are a Keras model, which is not read; export it with \
                    `model.export(\"model.onnx\", format=\"onnx\")`"
            .to_owned());
    } else if let Some(name) = names.iter().find(|name| name.ends_with("data.pkl")) {
        of_torch(&mut zip, name, bytes.len())?
    } else if !names.is_empty() && names.iter().all(|name| name.ends_with(".npy")) {
        of_numpy(&mut zip, &names)?
    } else {
        return Err("The weights are an archive of neither PyTorch nor NumPy; save them with \
                    `safetensors.torch.save_file(model.state_dict(), \"model.safetensors\")`"
            .to_owned());
    };
    let mut views = BTreeMap::new();
    for (name, tensor) in &tensors {
        let view = TensorView::new(tensor.dtype, tensor.shape.clone(), &tensor.bytes)
            .map_err(|fault| format!("Tensor `{name}` does not fit: {fault}"))?;
        views.insert(name.as_str(), view);
    }
    safetensors::serialize(views, None).map_err(|fault| format!("The weights do not fit: {fault}"))
}

fn of_torch(
    zip: &mut Archive,
    pickled: &str,
    bytes_of_archive: usize,
) -> Result<BTreeMap<String, Plain>, String> {
    let prefix = pickled.strip_suffix("data.pkl").unwrap_or_default().to_owned();
    if entry(zip, &format!("{prefix}byteorder"), 16).is_ok_and(|order| order == b"big") {
        return Err("The weights are of a machine with another byte order; save them with \
                    `safetensors.torch.save_file`"
            .to_owned());
    }
    let listed = pickle::tensors(&entry(zip, pickled, MOST_PICKLE)?)?;
    let mut tensors = BTreeMap::new();
    // A few tensors may share their numbers; if all did, a small file would fill the memory.
    let mut left = bytes_of_archive.saturating_mul(MOST_SHARED);
    for (name, tensor) in listed {
        let bytes = entry(zip, &format!("{prefix}data/{}", tensor.storage), u64::MAX)?;
        let plain = tensor.place.plain(&bytes).ok_or_else(|| {
            format!("Tensor `{name}` of shape {:?} does not fit its storage", tensor.place.shape)
        })?;
        left = left
            .checked_sub(plain.bytes.len())
            .ok_or("The weights' tensors are larger than their archive")?;
        tensors.insert(name, plain);
    }
    Ok(tensors)
}

fn of_numpy(zip: &mut Archive, names: &[String]) -> Result<BTreeMap<String, Plain>, String> {
    let mut tensors = BTreeMap::new();
    for file in names {
        let name = file.strip_suffix(".npy").unwrap_or(file).to_owned();
        let bytes = entry(zip, file, u64::MAX)?;
        let plain = npy::read(&bytes).map_err(|problem| format!("Array `{name}`: {problem}"))?;
        tensors.insert(name, plain);
    }
    Ok(tensors)
}

/// One file of the archive, which must lie in it as it is: so it is never larger than the archive.
fn entry(zip: &mut Archive, name: &str, limit: u64) -> Result<Vec<u8>, String> {
    let damaged = |fault: &dyn std::fmt::Display| format!("File `{name}` of the archive: {fault}");
    let mut file = zip.by_name(name).map_err(|fault| damaged(&fault))?;
    if file.compression() != CompressionMethod::Stored {
        return Err(damaged(&"it is compressed; save NumPy's arrays with `numpy.savez`"));
    }
    if file.size() > limit {
        return Err(damaged(&format!(
            "it has {} bytes, no more than {limit} are read",
            file.size()
        )));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|fault| damaged(&fault))?;
    Ok(bytes)
}
