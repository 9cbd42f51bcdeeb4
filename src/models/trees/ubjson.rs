//! Universal Binary JSON (draft 12) through serde, as far as XGBoost writes it: big-endian numbers,
//! and arrays that may give one type and their length first.

use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};

/// Values in each other, at most.
const DEEPEST: usize = 64;

/// A reader at one place of a text that may be damaged. Nothing is taken by a length that the rest
/// of the text could not hold.
pub(super) struct Ubjson<'de> {
    rest: &'de [u8],
    /// The type of the next value, where its array said so.
    typed: Option<u8>,
    depth: usize,
}

/// Why a text is not UBJSON.
#[derive(Debug)]
pub(super) struct Broken(String);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Broken {}

impl serde::de::Error for Broken {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl<'de> Ubjson<'de> {
    pub fn new(bytes: &'de [u8]) -> Self {
        Self { rest: bytes, typed: None, depth: 0 }
    }

    fn take(&mut self, count: usize) -> Result<&'de [u8], Broken> {
        let cut = || Broken("the file was cut short".to_owned());
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(cut)?;
        self.rest = rest;
        Ok(taken)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Broken> {
        let bytes = self.take(N)?;
        bytes.first_chunk().copied().ok_or_else(|| Broken("the file was cut short".to_owned()))
    }

    fn byte(&mut self) -> Result<u8, Broken> {
        self.fixed::<1>().map(|[byte]| byte)
    }

    /// Takes the byte if it comes next.
    fn skip(&mut self, byte: u8) -> bool {
        let is_next = self.rest.first() == Some(&byte);
        if is_next {
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
        is_next
    }

    fn whole(&mut self, kind: u8) -> Result<i64, Broken> {
        Ok(match kind {
            b'i' => i64::from(i8::from_be_bytes(self.fixed()?)),
            b'U' => i64::from(self.byte()?),
            b'I' => i64::from(i16::from_be_bytes(self.fixed()?)),
            b'l' => i64::from(i32::from_be_bytes(self.fixed()?)),
            b'L' => i64::from_be_bytes(self.fixed()?),
            other => return Err(unknown(other)),
        })
    }

    fn length(&mut self) -> Result<usize, Broken> {
        let kind = self.byte()?;
        let length = self.whole(kind)?;
        usize::try_from(length).map_err(|_| Broken(format!("a length is {length}")))
    }

    fn text(&mut self) -> Result<&'de str, Broken> {
        let length = self.length()?;
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes).map_err(|_| Broken("a text is not UTF-8".to_owned()))
    }

    /// The type and the length that an array or object may begin with.
    fn items(&mut self) -> Result<Items, Broken> {
        let kind = if self.skip(b'$') { Some(self.byte()?) } else { None };
        let left = if self.skip(b'#') { Some(self.length()?) } else { None };
        match (kind, left) {
            (Some(_), None) => Err(Broken("an array has a type but no length".to_owned())),
            // Such values take no bytes, so a length could be anything.
            (Some(b'Z' | b'N' | b'T' | b'F'), _) => {
                Err(Broken("an array repeats a constant".to_owned()))
            }
            _ => Ok(Items { kind, left }),
        }
    }
}

fn unknown(kind: u8) -> Broken {
    Broken(format!("it has a value of the unknown type {:?}", char::from(kind)))
}

struct Items {
    kind: Option<u8>,
    /// Values to come; empty: up to a closing bracket.
    left: Option<usize>,
}

impl Items {
    /// Whether another value comes.
    fn advance(&mut self, reader: &mut Ubjson, close: u8) -> bool {
        match &mut self.left {
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
            None => !reader.skip(close),
        }
    }
}

impl<'de> Deserializer<'de> for &mut Ubjson<'de> {
    type Error = Broken;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Broken> {
        let kind = match self.typed.take() {
            Some(kind) => kind,
            None => self.byte()?,
        };
        match kind {
            b'Z' => visitor.visit_unit(),
            b'T' => visitor.visit_bool(true),
            b'F' => visitor.visit_bool(false),
            b'd' => visitor.visit_f32(f32::from_be_bytes(self.fixed()?)),
            b'D' => visitor.visit_f64(f64::from_be_bytes(self.fixed()?)),
            b'S' => visitor.visit_borrowed_str(self.text()?),
            b'[' | b'{' => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(Broken("its values are nested too deeply".to_owned()));
                }
                let items = self.items()?;
                let within = Within { items, reader: self };
                let value = if kind == b'[' {
                    visitor.visit_seq(within)
                } else {
                    visitor.visit_map(within)
                };
                self.depth -= 1;
                value
            }
            whole => visitor.visit_i64(self.whole(whole)?),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Broken> {
        visitor.visit_some(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The values of an array or object.
struct Within<'a, 'de> {
    reader: &'a mut Ubjson<'de>,
    items: Items,
}

impl<'de> SeqAccess<'de> for Within<'_, 'de> {
    type Error = Broken;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Broken> {
        if !self.items.advance(self.reader, b']') {
            return Ok(None);
        }
        self.reader.typed = self.items.kind;
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

impl<'de> MapAccess<'de> for Within<'_, 'de> {
    type Error = Broken;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Broken> {
        if !self.items.advance(self.reader, b'}') {
            return Ok(None);
        }
        let key = self.reader.text()?;
        seed.deserialize(serde::de::value::BorrowedStrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Broken> {
        self.reader.typed = self.items.kind;
        seed.deserialize(&mut *self.reader)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize as _;

    use super::*;

    fn read(bytes: &[u8]) -> Result<serde_json::Value, String> {
        serde_json::Value::deserialize(&mut Ubjson::new(bytes)).map_err(|fault| fault.to_string())
    }

    #[test]
    fn typed_and_plain_arrays_are_read() {
        let text = b"{U\x01a[$U#i\x02\x01\xffU\x01b[SU\x02hiTd\x3f\x80\x00\x00]i\x01c{}}";
        let expected = serde_json::json!({"a": [1, 255], "b": ["hi", true, 1.0], "c": {}});
        assert_eq!(read(text).unwrap(), expected);
    }

    #[test]
    fn lengths_that_cannot_be_are_refused() {
        assert!(read(b"[$d#L\x7f\xff\xff\xff\xff\xff\xff\xff").unwrap_err().contains("cut short"));
        assert!(read(b"[$Z#L\x7f\xff\xff\xff\xff\xff\xff\xff").unwrap_err().contains("constant"));
        assert!(read(b"SL\x7f\xff\xff\xff\xff\xff\xff\xff").unwrap_err().contains("cut short"));
        assert!(read(&b"[".repeat(100_000)).unwrap_err().contains("deeply"));
    }
}
