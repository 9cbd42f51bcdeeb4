//! The description of a Parquet file, which stands at its end in Thrift's compact protocol.
//!
//! polars decodes it, and reserves memory for as many entries as a list claims to have. So first a
//! walk along the bytes, as polars will read them: a list with more entries than bytes are left ends
//! in a message, not in an allocation that kills the program.
//!
//! The fields are those of `parquet.thrift` in Apache's parquet-format, and the bytes those of
//! Thrift's `thrift-compact-protocol.md`.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use polars_parquet::parquet::metadata::FileMetadata;
use polars_parquet::parquet::read::deserialize_metadata;

const MAGIC: &[u8] = b"PAR1";
/// The magic at the start, the length of the description, and the magic at the end.
const LEAST_BYTES: u64 = 12;
/// What polars reserves for a structure, about.
const STRUCTURE_BYTES: u64 = 200;
/// It may reserve so many times the bytes that are left: even a column whose name is a letter takes
/// more than six bytes. Few structures may be as short as they like.
const MOST_GROWTH: u64 = 32;
const SPARE_BYTES: u64 = 1 << 16;
/// Columns and unknown fields may be nested so deeply.
const DEEPEST: usize = 32;

/// Reads the description of a file of `file_bytes` bytes.
pub(super) fn read(file: &mut File, file_bytes: u64) -> Result<FileMetadata, String> {
    let footer = bytes(file, file_bytes)?;
    Walk::along(&footer).structure(FILE)?;
    deserialize_metadata(footer.into()).map_err(|fault| fault.to_string())
}

fn bytes(file: &mut File, file_bytes: u64) -> Result<Vec<u8>, String> {
    let mut end = [0; 8];
    if file_bytes < LEAST_BYTES {
        return Err("it is too short".to_owned());
    }
    file.seek(SeekFrom::End(-8)).map_err(|fault| fault.to_string())?;
    file.read_exact(&mut end).map_err(|fault| fault.to_string())?;
    let [a, b, c, d, magic @ ..] = end;
    if magic != MAGIC {
        return Err("it does not end as Parquet files do, with PAR1".to_owned());
    }
    let length = u64::from(u32::from_le_bytes([a, b, c, d]));
    let start = (file_bytes - 8).checked_sub(length).ok_or("its description is cut off")?;
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(start))
        .and_then(|_| file.take(length).read_to_end(&mut bytes))
        .map_err(|fault| fault.to_string())?;
    Ok(bytes)
}

/// How a value is written.
enum Wire {
    /// In the byte of its field.
    Bool,
    Byte,
    /// An integer of any size.
    Varint,
    /// The number of columns within a group of columns.
    Children,
    Binary,
    Struct(Shape),
    /// A column, or a group that the columns after it are within.
    Element,
    List(&'static Wire),
}

use Wire::{Binary, Bool, Byte, Children, Element, List, Struct, Varint};

/// The known fields of a structure. Others are stepped over.
type Shape = &'static [(i16, Wire)];

const FILE: Shape = &[
    (1, Varint),
    (2, List(&Element)),
    (3, Varint),
    (4, List(&Struct(ROW_GROUP))),
    (5, List(&Struct(KEY_VALUE))),
    (6, Binary),
    (7, List(&Struct(COLUMN_ORDER))),
];
const SCHEMA_ELEMENT: Shape = &[
    (1, Varint),
    (2, Varint),
    (3, Varint),
    (4, Binary),
    (5, Children),
    (6, Varint),
    (7, Varint),
    (8, Varint),
    (9, Varint),
    (10, Struct(LOGICAL_TYPE)),
];
const LOGICAL_TYPE: Shape = &[
    (1, Struct(EMPTY)),
    (2, Struct(EMPTY)),
    (3, Struct(EMPTY)),
    (4, Struct(EMPTY)),
    (5, Struct(&[(1, Varint), (2, Varint)])),
    (6, Struct(EMPTY)),
    (7, Struct(TIME)),
    (8, Struct(TIME)),
    (10, Struct(&[(1, Byte), (2, Bool)])),
    (11, Struct(EMPTY)),
    (12, Struct(EMPTY)),
    (13, Struct(EMPTY)),
    (14, Struct(EMPTY)),
    (15, Struct(EMPTY)),
];
const EMPTY: Shape = &[];
const TIME: Shape = &[(1, Bool), (2, Struct(TIME_UNIT))];
const TIME_UNIT: Shape = &[(1, Struct(EMPTY)), (2, Struct(EMPTY)), (3, Struct(EMPTY))];
const KEY_VALUE: Shape = &[(1, Binary), (2, Binary)];
const COLUMN_ORDER: Shape = &[(1, Struct(EMPTY)), (2, Struct(EMPTY))];
const ROW_GROUP: Shape = &[
    (1, List(&Struct(COLUMN_CHUNK))),
    (2, Varint),
    (3, Varint),
    (4, List(&Struct(SORTING_COLUMN))),
    (5, Varint),
    (6, Varint),
    (7, Varint),
];
const SORTING_COLUMN: Shape = &[(1, Varint), (2, Bool), (3, Bool)];
const COLUMN_CHUNK: Shape = &[
    (1, Binary),
    (2, Varint),
    (3, Struct(COLUMN_META_DATA)),
    (4, Varint),
    (5, Varint),
    (6, Varint),
    (7, Varint),
];
const COLUMN_META_DATA: Shape = &[
    (1, Varint),
    (2, List(&Varint)),
    (3, List(&Binary)),
    (4, Varint),
    (5, Varint),
    (6, Varint),
    (7, Varint),
    (9, Varint),
    (10, Varint),
    (11, Varint),
    (12, Struct(STATISTICS)),
    (14, Varint),
    (15, Varint),
];
const STATISTICS: Shape = &[
    (1, Binary),
    (2, Binary),
    (3, Varint),
    (4, Varint),
    (5, Binary),
    (6, Binary),
    (7, Bool),
    (8, Bool),
];

impl Wire {
    /// Whether a value with this type code is written so.
    fn has_code(&self, code: u8) -> bool {
        match self {
            Bool => matches!(code, 1 | 2),
            Byte => code == 3,
            Varint | Children => matches!(code, 4..=6),
            Binary => code == 8,
            List(_) => code == 9,
            Struct(_) | Element => code == 12,
        }
    }
}

type Walked = Result<(), &'static str>;

/// A walk along the bytes that are left.
struct Walk<'a> {
    rest: &'a [u8],
    /// Columns that are still to come in each group that is open.
    open: Vec<u64>,
    /// Columns that the latest column has within it.
    children: u64,
}

impl<'a> Walk<'a> {
    fn along(rest: &'a [u8]) -> Self {
        Self { rest, open: Vec::new(), children: 0 }
    }

    fn structure(&mut self, shape: Shape) -> Walked {
        let mut id = 0;
        while let Some((next, code)) = self.field(id)? {
            id = next;
            match shape.iter().find(|(known, _)| *known == id) {
                Some((_, wire)) if wire.has_code(code) => self.value(wire)?,
                Some(_) => return Err("a field of its description is of the wrong type"),
                None => self.unknown(code, DEEPEST)?,
            }
        }
        Ok(())
    }

    fn value(&mut self, wire: &Wire) -> Walked {
        match wire {
            Bool => Ok(()),
            Byte => self.skip(1),
            Varint => self.varint().map(|_| ()),
            Binary => self.binary(),
            Children => self.varint().map(|coded| self.children = coded / 2),
            Struct(shape) => self.structure(shape),
            Element => {
                self.children = 0;
                self.structure(SCHEMA_ELEMENT)?;
                self.nest()
            }
            List(entry) => {
                let (code, count) = self.list()?;
                if count > 0 && !entry.has_code(code) {
                    return Err("a list of its description is of the wrong type");
                }
                let reserved = match entry {
                    Struct(_) | Element => count.saturating_mul(STRUCTURE_BYTES),
                    _ => count,
                };
                if reserved > SPARE_BYTES + MOST_GROWTH * self.rest.len() as u64 {
                    return Err(CLAIMS_MORE);
                }
                (0..count).try_for_each(|_| self.value(entry))
            }
        }
    }

    /// Counts a column in, since polars goes down into groups by recursion.
    fn nest(&mut self) -> Walked {
        if let Some(left) = self.open.last_mut() {
            *left = left.saturating_sub(1);
        }
        if self.children > 0 {
            self.open.push(self.children);
        }
        while self.open.last() == Some(&0) {
            self.open.pop();
        }
        if self.open.len() > DEEPEST { Err("its columns are nested too deeply") } else { Ok(()) }
    }

    /// A value of which nothing but its type code is known.
    fn unknown(&mut self, code: u8, deepest: usize) -> Walked {
        let deepest = deepest.checked_sub(1).ok_or("its description is nested too deeply")?;
        match code {
            1 | 2 => Ok(()),
            3 => self.skip(1),
            4..=6 => self.varint().map(|_| ()),
            7 => self.skip(8),
            8 => self.binary(),
            9 => {
                let (code, count) = self.list()?;
                if matches!(code, 1 | 2) && count > 0 {
                    // Thrift gives each a byte, polars steps over none; no known field is such a list.
                    return Err("its description holds a list of truth values");
                }
                (0..count).try_for_each(|_| self.unknown(code, deepest))
            }
            12 => {
                let mut id = 0;
                while let Some((next, code)) = self.field(id)? {
                    id = next;
                    self.unknown(code, deepest)?;
                }
                Ok(())
            }
            _ => Err("a field of its description has an unknown type"),
        }
    }

    /// The number and type code of the next field; nothing at the end of the structure.
    fn field(&mut self, last: i16) -> Result<Option<(i16, u8)>, &'static str> {
        let (step, code) = self.nibbles()?;
        if code == 0 {
            return Ok(None);
        }
        let id = match step {
            0 => {
                let coded = self.varint()?;
                ((coded >> 1) as i64 ^ -((coded & 1) as i64)) as i16
            }
            _ => last.checked_add(i16::from(step)).ok_or("a field has too high a number")?,
        };
        Ok(Some((id, code)))
    }

    /// The type code and the number of a list's entries, each of which takes a byte at least.
    fn list(&mut self) -> Result<(u8, u64), &'static str> {
        let (count, code) = self.nibbles()?;
        let count = if count == 15 { self.varint()? } else { u64::from(count) };
        if count > self.rest.len() as u64 {
            return Err(CLAIMS_MORE);
        }
        Ok((code, count))
    }

    fn binary(&mut self) -> Walked {
        let length = self.varint()?;
        self.skip(length)
    }

    fn nibbles(&mut self) -> Result<(u8, u8), &'static str> {
        let byte = self.byte()?;
        Ok((byte >> 4, byte & 0x0F))
    }

    fn varint(&mut self) -> Result<u64, &'static str> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err("a number of its description does not end")
    }

    fn byte(&mut self) -> Result<u8, &'static str> {
        let (first, rest) = self.rest.split_first().ok_or(CUT_OFF)?;
        self.rest = rest;
        Ok(*first)
    }

    fn skip(&mut self, bytes: u64) -> Walked {
        let rest = usize::try_from(bytes).ok().and_then(|bytes| self.rest.get(bytes..));
        self.rest = rest.ok_or(CUT_OFF)?;
        Ok(())
    }
}

const CUT_OFF: &str = "its description is cut off";
const CLAIMS_MORE: &str = "its description claims more than it holds";

#[cfg(test)]
mod tests {
    use polars_parquet::write::CompressionOptions;

    use super::*;
    use crate::data::samples::{TempFile, columns, parquet_bytes};

    fn read_bytes(bytes: &[u8]) -> Result<FileMetadata, String> {
        let file = TempFile::new("a.parquet", bytes);
        read(&mut File::open(&file.path).unwrap(), bytes.len() as u64)
    }

    /// A file with this description.
    fn described(footer: &[u8]) -> Vec<u8> {
        let length = (footer.len() as u32).to_le_bytes();
        [MAGIC, footer, &length, MAGIC].concat()
    }

    #[test]
    fn a_whole_description_is_read() {
        let bytes = parquet_bytes(columns(), CompressionOptions::Uncompressed);
        assert!(read_bytes(&bytes).is_ok());
    }

    #[test]
    fn lists_that_claim_more_than_the_file_holds_are_refused() {
        // Field 2, the schema: a list of 2^28 - 1 structures. Polars would reserve 28 GB for it.
        let fault =
            read_bytes(&described(&[0x29, 0xFC, 0xFF, 0xFF, 0xFF, 0x7F, 0, 0])).unwrap_err();
        assert_eq!(fault, "its description claims more than it holds");
        // A structure takes a byte at least, but 10,000 of one byte each are no columns.
        let mut empty = vec![0x29, 0xFC, 0x90, 0x4E];
        empty.resize(10_100, 0);
        assert_eq!(read_bytes(&described(&empty)).unwrap_err(), CLAIMS_MORE);
        // The same, said to be a number.
        let fault =
            read_bytes(&described(&[0x26, 0xFC, 0xFF, 0xFF, 0xFF, 0x7F, 0, 0])).unwrap_err();
        assert_eq!(fault, "a field of its description is of the wrong type");
    }

    #[test]
    fn unknown_fields_are_stepped_over_but_not_for_ever() {
        let mut walk = Walk::along(&[0xFC, 0x18, 2, b'h', b'i', 0x19, 0x25, 2, 4, 0, 0]);
        assert_eq!(walk.structure(FILE), Ok(()));
        assert!(walk.rest.is_empty());
        let truth_values = [0xF9, 0x21, 1, 2, 0];
        let fault = Walk::along(&truth_values).structure(FILE).unwrap_err();
        assert_eq!(fault, "its description holds a list of truth values");
        let nested = [0xFC; 100];
        let fault = Walk::along(&nested).structure(FILE).unwrap_err();
        assert_eq!(fault, "its description is nested too deeply");
    }

    #[test]
    fn columns_may_lie_in_groups_but_not_for_ever() {
        // Field 2, a list of columns, each a group (field 5) of so many.
        let columns = |children: &[u8]| {
            let mut footer = vec![0x29, 0xFC, children.len() as u8];
            children.iter().for_each(|n| footer.extend([0x55, 2 * n, 0]));
            footer.push(0);
            Walk::along(&footer).structure(FILE)
        };
        let mut wide = vec![30];
        wide.extend([0; 30]);
        assert_eq!(columns(&wide), Ok(()));
        assert_eq!(columns(&[1; 100]), Err("its columns are nested too deeply"));
    }
}
