//! Values as bytes: postcard, compressed by LZ4, named by the BLAKE3 digest of what was compressed.

use serde::Serialize;
use serde::de::value::{self, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer as _};

use super::error::Problem;

/// No single value takes more bytes than this before it is compressed.
pub(super) const MOST_BYTES: u64 = 1 << 30;

/// An LZ4 block cannot grow by more than this factor, so a larger claim is a lie.
const MOST_GROWTH: u64 = 255;

/// A value as the file holds it.
pub(super) struct Packed {
    pub body: Vec<u8>,
    pub raw_bytes: u64,
    pub digest: String,
}

/// Bytes of the file that claim to be a value.
#[derive(Clone, Copy)]
pub(super) struct Claim<'a> {
    pub body: &'a [u8],
    pub raw_bytes: i64,
    pub digest: &'a str,
}

pub(super) fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    match postcard::to_stdvec(value) {
        Ok(bytes) => bytes,
        // Writing plain values to memory has no way to fail.
        Err(fault) => unreachable!("a value could not be encoded: {fault}"),
    }
}

/// Reads what [`encode`] wrote. Foreign bytes give an error: serde grows lists as elements come, so
/// a lie about a length allocates nothing.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        Ok((_, rest)) => Err(format!("{} bytes are left over", rest.len())),
        Err(fault) => Err(format!("its bytes cannot be read ({fault})")),
    }
}

pub(super) fn digest(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// # Errors
/// If the value is larger than [`MOST_BYTES`].
pub(super) fn pack<T: Serialize + ?Sized>(what: &str, value: &T) -> Result<Packed, Problem> {
    Ok(Raw::of(what, value)?.compressed())
}

/// An encoded value that has its name, but is not compressed yet.
pub(super) struct Raw {
    pub digest: String,
    bytes: Vec<u8>,
}

impl Raw {
    /// # Errors
    /// If the value is larger than [`MOST_BYTES`].
    pub fn of<T: Serialize + ?Sized>(what: &str, value: &T) -> Result<Self, Problem> {
        let bytes = encode(value);
        if bytes.len() as u64 > MOST_BYTES {
            let (what, bytes, limit) = (what.to_owned(), bytes.len() as u64, MOST_BYTES);
            return Err(Problem::TooLarge { what, bytes, limit });
        }
        Ok(Self { digest: digest(&bytes), bytes })
    }

    pub fn compressed(self) -> Packed {
        let body = lz4_flex::block::compress(&self.bytes);
        Packed { body, raw_bytes: self.bytes.len() as u64, digest: self.digest }
    }
}

/// Restores a value, checking its size before and its digest after decompression.
pub(super) fn unpack<T: DeserializeOwned>(claim: Claim<'_>) -> Result<T, String> {
    let claimed = u64::try_from(claim.raw_bytes).unwrap_or(u64::MAX);
    let possible = (claim.body.len() as u64).saturating_mul(MOST_GROWTH).min(MOST_BYTES);
    if claimed > possible {
        return Err(format!("it claims {claimed} bytes where at most {possible} are possible"));
    }
    let bytes = lz4_flex::block::decompress(claim.body, claimed as usize)
        .map_err(|fault| format!("it cannot be decompressed ({fault})"))?;
    if bytes.len() as u64 != claimed {
        return Err(format!("it claims {claimed} bytes and has {}", bytes.len()));
    }
    if digest(&bytes) != claim.digest {
        return Err("its digest does not match".to_owned());
    }
    decode(&bytes)
}

/// The name that serde gives a unit variant: `blue_green`.
pub(super) fn word<T: Serialize>(variant: &T) -> String {
    match serde_json::to_value(variant) {
        Ok(serde_json::Value::String(word)) => word,
        other => unreachable!("not a unit variant: {other:?}"),
    }
}

pub(super) fn from_word<T: DeserializeOwned>(word: &str) -> Option<T> {
    let word: StrDeserializer<'_, value::Error> = word.into_deserializer();
    T::deserialize(word).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_back_and_a_lie_about_it_is_refused() {
        let value = vec![1.5f32; 10_000];
        let packed = pack("a list", &value).unwrap();
        let claim = Claim {
            body: &packed.body,
            raw_bytes: packed.raw_bytes as i64,
            digest: &packed.digest,
        };
        assert_eq!(unpack::<Vec<f32>>(claim), Ok(value));
        for raw_bytes in [i64::MAX, -1, 0, claim.raw_bytes - 1, claim.raw_bytes + 1] {
            assert!(unpack::<Vec<f32>>(Claim { raw_bytes, ..claim }).is_err(), "{raw_bytes}");
        }
        assert!(unpack::<Vec<f32>>(Claim { digest: "00", ..claim }).is_err());
        assert!(unpack::<Vec<f64>>(claim).is_err(), "bytes are left over or missing");
    }

    #[test]
    fn a_lie_about_a_length_allocates_nothing() {
        // A list of 2⁶² numbers, of which none follows.
        let bytes = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f];
        assert!(decode::<Vec<f64>>(&bytes).is_err());
        assert!(decode::<Vec<String>>(&bytes).is_err());
    }
}
