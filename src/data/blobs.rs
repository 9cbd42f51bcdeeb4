//! Columns of raw bytes under construction.

use std::collections::HashMap;
use std::ops::Range;

use crate::domain::Values;
use crate::domain::table::Blobs;

/// Rows of bytes of which equal ones are kept once: a small file may name one large value a
/// million times.
#[derive(Default)]
pub(super) struct BlobRows {
    blobs: Blobs,
    known: HashMap<blake3::Hash, Range<usize>>,
}

impl BlobRows {
    /// Appends a row; nothing is a missing value.
    pub fn push(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            self.blobs.push(bytes);
            return;
        }
        let hash = blake3::hash(bytes);
        match self.known.get(&hash) {
            Some(span) => self.blobs.repeat(span.clone()),
            None => {
                let span = self.blobs.push(bytes);
                self.known.insert(hash, span.clone());
                span
            }
        };
    }

    pub fn len(&self) -> usize {
        self.blobs.len()
    }

    /// About how many bytes all of it takes.
    pub fn bytes(&self) -> usize {
        const PER_VALUE: usize = 96;
        self.blobs.memory() + self.known.len() * PER_VALUE
    }

    pub fn into_values(self) -> Values {
        Values::Bytes(self.blobs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_bytes_are_kept_once() {
        let mut rows = BlobRows::default();
        let large = vec![7; 1 << 16];
        (0..1_000).for_each(|_| rows.push(&large));
        rows.push(&[]);
        rows.push(b"other");
        assert!(rows.bytes() < 1 << 18, "{}", rows.bytes());
        let values = rows.into_values();
        assert!(values.is_missing(1_000) && !values.is_missing(999));
        assert_eq!(values.show(1_001), "5 bytes");
        assert_eq!(values.pick(&[1_001, 2_000]).show(0), "5 bytes");
    }
}
