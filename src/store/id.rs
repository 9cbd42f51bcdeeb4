//! The short text that names an experiment.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};

use serde::Serialize;

/// Eight of `a`–`z` and `0`–`9`: short enough to type, and 2.8 × 10¹² of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ExperimentId(String);

const LENGTH: usize = 8;

impl ExperimentId {
    /// One that was drawn at random.
    pub(super) fn draw() -> Self {
        const SIGNS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        // The standard library seeds each state from the operating system's randomness.
        let mut left = RandomState::new().hash_one(jiff::Timestamp::now().as_nanosecond());
        let signs = std::iter::repeat_with(|| {
            let sign = SIGNS[(left % 36) as usize];
            left /= 36;
            char::from(sign)
        });
        Self(signs.take(LENGTH).collect())
    }

    /// `None` if no id can look like this.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == LENGTH && Self::can_begin_with(text)).then(|| Self(text.to_owned()))
    }

    pub(super) fn can_begin_with(text: &str) -> bool {
        !text.is_empty()
            && text.bytes().all(|sign| sign.is_ascii_digit() || sign.is_ascii_lowercase())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ExperimentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl rusqlite::ToSql for ExperimentId {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl rusqlite::types::FromSql for ExperimentId {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        Self::parse(value.as_str()?).ok_or(rusqlite::types::FromSqlError::InvalidType)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_ids_differ_and_read_back() {
        let (a, b) = (ExperimentId::draw(), ExperimentId::draw());
        assert_ne!(a, b);
        assert_eq!(ExperimentId::parse(a.as_str()), Some(a));
        for text in ["", "abc", "ABCDEFGH", "abcdefg'", "abcdefghi"] {
            assert_eq!(ExperimentId::parse(text), None, "{text}");
        }
    }
}
