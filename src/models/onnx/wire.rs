//! The wire format of protocol buffers, as much as ONNX needs: fields with a number, each a whole
//! number, four or eight bytes, or a run of bytes.

/// One field of a message.
#[derive(Clone, Copy)]
pub(super) enum Field<'a> {
    Whole(u64),
    Four([u8; 4]),
    Eight([u8; 8]),
    Bytes(&'a [u8]),
}

/// The fields of a message, one after the other, with their numbers.
pub(super) struct Message<'a>(pub &'a [u8]);

/// What is said of a text that ends inside a field.
const CUT: &str = "the file is damaged or was cut short";

impl<'a> Message<'a> {
    /// The next field; `None` at the end.
    pub fn next(&mut self) -> Result<Option<(u32, Field<'a>)>, String> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let tag = varint(&mut self.0)?;
        let field = match tag & 7 {
            0 => Field::Whole(varint(&mut self.0)?),
            1 => Field::Eight(fixed(&mut self.0)?),
            2 => {
                let length = varint(&mut self.0)?;
                let length = usize::try_from(length).map_err(|_| CUT)?;
                Field::Bytes(take(&mut self.0, length)?)
            }
            5 => Field::Four(fixed(&mut self.0)?),
            _ => return Err(CUT.to_owned()),
        };
        Ok(Some((u32::try_from(tag >> 3).map_err(|_| CUT)?, field)))
    }

    /// Hands every field to `visit`.
    pub fn each(
        mut self,
        mut visit: impl FnMut(u32, Field<'a>) -> Result<(), String>,
    ) -> Result<(), String> {
        while let Some((number, field)) = self.next()? {
            visit(number, field)?;
        }
        Ok(())
    }
}

impl<'a> Field<'a> {
    pub fn bytes(self) -> Result<&'a [u8], String> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            _ => Err(CUT.to_owned()),
        }
    }

    pub fn text(self) -> Result<&'a str, String> {
        std::str::from_utf8(self.bytes()?).map_err(|_| "a name is not UTF-8".to_owned())
    }

    /// A signed whole number.
    pub fn whole(self) -> Result<i64, String> {
        match self {
            Self::Whole(number) => Ok(number.cast_signed()),
            _ => Err(CUT.to_owned()),
        }
    }

    pub fn float(self) -> Result<f32, String> {
        match self {
            Self::Four(bytes) => Ok(f32::from_le_bytes(bytes)),
            _ => Err(CUT.to_owned()),
        }
    }

    /// Adds one whole number, or a packed run of them.
    pub fn wholes(self, to: &mut Vec<i64>) -> Result<(), String> {
        match self {
            Self::Bytes(mut rest) => {
                while !rest.is_empty() {
                    to.push(varint(&mut rest)?.cast_signed());
                }
            }
            one => to.push(one.whole()?),
        }
        Ok(())
    }

    /// Adds one number of four bytes, or a packed run of them.
    pub fn floats(self, to: &mut Vec<f32>) -> Result<(), String> {
        match self {
            Self::Bytes(bytes) => {
                to.extend(bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)));
            }
            one => to.push(one.float()?),
        }
        Ok(())
    }

    /// Adds one number of eight bytes, or a packed run of them.
    pub fn doubles(self, to: &mut Vec<f64>) -> Result<(), String> {
        match self {
            Self::Bytes(bytes) => {
                to.extend(bytes.as_chunks().0.iter().map(|eight| f64::from_le_bytes(*eight)));
            }
            Self::Eight(bytes) => to.push(f64::from_le_bytes(bytes)),
            _ => return Err(CUT.to_owned()),
        }
        Ok(())
    }
}

fn varint(rest: &mut &[u8]) -> Result<u64, String> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, after) = rest.split_first().ok_or(CUT)?;
        *rest = after;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(CUT.to_owned())
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], String> {
    let (taken, after) = rest.split_at_checked(count).ok_or(CUT)?;
    *rest = after;
    Ok(taken)
}

fn fixed<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], String> {
    let (taken, after) = rest.split_first_chunk().ok_or(CUT)?;
    *rest = after;
    Ok(*taken)
}
