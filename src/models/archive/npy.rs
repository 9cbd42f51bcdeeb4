//! NumPy's file of one array.

use safetensors::Dtype;

use super::{Plain, Strided};

pub(super) fn read(bytes: &[u8]) -> Result<Plain, String> {
    let cut = || "it was cut short".to_owned();
    let rest = bytes.strip_prefix(b"\x93NUMPY").ok_or("it is no NumPy file")?;
    let (&[major, _], rest) = rest.split_first_chunk().ok_or_else(cut)?;
    let (length, rest) = if major == 1 {
        let (length, rest) = rest.split_first_chunk().ok_or_else(cut)?;
        (usize::from(u16::from_le_bytes(*length)), rest)
    } else {
        let (length, rest) = rest.split_first_chunk().ok_or_else(cut)?;
        (u32::from_le_bytes(*length) as usize, rest)
    };
    let (header, data) = rest.split_at_checked(length).ok_or_else(cut)?;
    let header = std::str::from_utf8(header).map_err(|_| "its header is no text")?;
    let dtype = match field(header, "descr").trim_matches('\'') {
        "<f8" => Dtype::F64,
        "<f4" => Dtype::F32,
        "<f2" => Dtype::F16,
        "<i8" => Dtype::I64,
        "<i4" => Dtype::I32,
        "<i2" => Dtype::I16,
        "|i1" => Dtype::I8,
        "|u1" => Dtype::U8,
        "|b1" => Dtype::BOOL,
        other => return Err(format!("it holds the type `{other}`, which is not read")),
    };
    let sizes = field(header, "shape").trim_matches(['(', ')']).split(',');
    let sizes = sizes.map(str::trim).filter(|size| !size.is_empty());
    let shape: Vec<usize> = sizes
        .map(|size| size.parse().map_err(|_| format!("its shape has the size `{size}`")))
        .collect::<Result<_, String>>()?;
    let backwards = field(header, "fortran_order") == "True";
    Strided::contiguous(dtype, shape.clone(), backwards)
        .and_then(|place| place.plain(data))
        .ok_or_else(|| format!("its shape {shape:?} does not fit its {} bytes", data.len()))
}

/// The text after `'name':`, up to the comma that ends it.
fn field<'t>(header: &'t str, name: &str) -> &'t str {
    let Some((_, rest)) = header.split_once(&format!("'{name}':")) else { return "" };
    let rest = rest.trim_start();
    let end =
        if rest.starts_with('(') { rest.find(')').map(|at| at + 1) } else { rest.find([',', '}']) };
    rest.get(..end.unwrap_or(rest.len())).unwrap_or_default().trim()
}
