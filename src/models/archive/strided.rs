//! A tensor as a view of a storage: where its first number lies, and how far the next in each
//! direction.

use safetensors::Dtype;

use super::Plain;

#[derive(Clone, Debug)]
pub(super) struct Strided {
    pub dtype: Dtype,
    /// In numbers, from the storage's start.
    pub offset: usize,
    pub shape: Vec<usize>,
    /// In numbers, for each dimension.
    pub strides: Vec<usize>,
}

/// Bytes of one number; `None` for types that weights are never made of.
pub(super) fn size_of(dtype: Dtype) -> Option<usize> {
    match dtype {
        Dtype::F64 | Dtype::I64 => Some(8),
        Dtype::F32 | Dtype::I32 => Some(4),
        Dtype::F16 | Dtype::BF16 | Dtype::I16 => Some(2),
        Dtype::I8 | Dtype::U8 | Dtype::BOOL => Some(1),
        _ => None,
    }
}

impl Strided {
    /// The strides of an array whose first index moves fastest (`backwards`) or slowest.
    pub fn contiguous(dtype: Dtype, shape: Vec<usize>, backwards: bool) -> Option<Self> {
        let mut strides = vec![1; shape.len()];
        let mut next = 1_usize;
        let mut places: Vec<usize> = (0..shape.len()).collect();
        if !backwards {
            places.reverse();
        }
        for place in places {
            *strides.get_mut(place)? = next;
            next = next.checked_mul(*shape.get(place)?)?;
        }
        Some(Self { dtype, offset: 0, shape, strides })
    }

    /// The numbers row after row; `None` if they do not all lie in the storage, or are more than it
    /// has (a view may repeat them, weights do not).
    pub fn plain(&self, storage: &[u8]) -> Option<Plain> {
        let size = size_of(self.dtype)?;
        if self.strides.len() != self.shape.len() {
            return None;
        }
        let count = self.shape.iter().try_fold(1_usize, |count, &size| count.checked_mul(size))?;
        if count > storage.len() / size {
            return None;
        }
        let mut bytes = Vec::with_capacity(count * size);
        let mut index = vec![0_usize; self.shape.len()];
        for _ in 0..count {
            let mut at = self.offset;
            for (&index, &stride) in index.iter().zip(&self.strides) {
                at = index.checked_mul(stride).and_then(|step| at.checked_add(step))?;
            }
            let start = at.checked_mul(size)?;
            bytes.extend_from_slice(storage.get(start..start.checked_add(size)?)?);
            // The next index, the last dimension first.
            for (index, &size) in index.iter_mut().zip(&self.shape).rev() {
                *index += 1;
                if *index < size {
                    break;
                }
                *index = 0;
            }
        }
        Some(Plain { dtype: self.dtype, shape: self.shape.clone(), bytes })
    }
}
