//! Content addresses: equal inputs give equal keys, so answers are computed once and found again.

use crate::domain::{Answers, LatencyProfile, Predictions, Table, Task};

/// The content address of one model's answers to one dataset, from the digests of both. Of
/// recorded predictions, [`recorded_digest`] takes the place of the model's digest.
pub fn content_key(model_digest: &str, table_digest: &str) -> String {
    digest_of(&[b"rehearsal predictions 1", model_digest.as_bytes(), table_digest.as_bytes()])
}

/// What stands in for a model's digest when its answers were recorded: the table that holds them
/// (the dataset itself, or a file joined by `key`) and the column.
pub fn recorded_digest(holder: &Table, key: Option<&str>, column: &str) -> String {
    let key = key.unwrap_or_default();
    digest_of(&[
        b"rehearsal recorded 1",
        holder.digest.as_bytes(),
        key.as_bytes(),
        column.as_bytes(),
    ])
}

/// Puts predictions together; their digest covers the answers and the content key, not the
/// measured times.
pub fn predictions(
    name: &str,
    task: Task,
    answers: Answers,
    latency: LatencyProfile,
    key: &str,
) -> Predictions {
    let bytes = match postcard::to_stdvec(&(&task, &answers)) {
        Ok(bytes) => bytes,
        // Writing plain values to memory has no way to fail.
        Err(fault) => unreachable!("answers could not be encoded: {fault}"),
    };
    let digest = digest_of(&[b"rehearsal answers 1", key.as_bytes(), &bytes]);
    Predictions { model: name.to_owned(), digest, task, answers, latency }
}

/// BLAKE3 over parts, each with its length so that no two splits look alike.
#[derive(Default)]
pub(super) struct Digester(blake3::Hasher);

impl Digester {
    pub fn add(&mut self, part: &[u8]) {
        self.0.update(&(part.len() as u64).to_le_bytes());
        self.0.update(part);
    }

    /// The digest in hexadecimal.
    pub fn finish(self) -> String {
        self.0.finalize().to_hex().to_string()
    }
}

pub(super) fn digest_of(parts: &[&[u8]]) -> String {
    let mut digester = Digester::default();
    parts.iter().for_each(|part| digester.add(part));
    digester.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_with_every_part() {
        let key = content_key("model", "table");
        assert_eq!(key, content_key("model", "table"));
        assert_ne!(key, content_key("mod", "eltable"));
        let numbers = |x: f32| {
            predictions(
                "m",
                Task::Regression,
                Answers::Numbers(vec![x]),
                LatencyProfile::default(),
                &key,
            )
        };
        assert_eq!(numbers(1.0).digest, numbers(1.0).digest);
        assert_ne!(numbers(1.0).digest, numbers(2.0).digest);
        assert_eq!(numbers(1.0).digest.len(), 64);
    }
}
