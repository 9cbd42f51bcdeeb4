//! A dataset in memory: named columns of equal length, independent of any file format.

use std::ops::Range;

use super::SimTime;
use super::words::count;

/// A dataset as the rest of the program sees it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: usize,
    /// A BLAKE3 digest of the file's bytes, and of the pictures that it names, in hexadecimal.
    pub digest: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub name: String,
    pub values: Values,
}

/// One column's values; each has the table's number of rows.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Missing values are NaN.
    Number(Vec<f64>),
    /// Microseconds since the epoch (1970-01-01 UTC).
    Time(Vec<Option<i64>>),
    /// Codes into a dictionary of distinct texts; [`Values::MISSING`] is none.
    Text { codes: Vec<u32>, dictionary: Vec<String> },
    /// Raw bytes, such as encoded images; a row without a byte is missing.
    Bytes(Blobs),
}

/// The bytes of all rows; equal ones are kept once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Blobs {
    /// Where each row's bytes lie.
    spans: Vec<Range<usize>>,
    bytes: Vec<u8>,
}

impl Blobs {
    /// Appends a row with bytes of its own and tells where they lie.
    pub fn push(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.repeat(start..self.bytes.len())
    }

    /// Appends a row with the bytes of an earlier one.
    pub fn repeat(&mut self, span: Range<usize>) -> Range<usize> {
        self.spans.push(span.clone());
        span
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The row's bytes; empty if there are none.
    pub fn get(&self, row: usize) -> &[u8] {
        let span = self.spans.get(row).cloned().unwrap_or_default();
        self.bytes.get(span).unwrap_or_default()
    }

    /// About how much memory all of it takes, in bytes.
    pub fn memory(&self) -> usize {
        self.bytes.len() + self.spans.len() * size_of::<Range<usize>>()
    }

    /// The rows of these places in their order, each as often as it is named; a place that there is
    /// not is a missing row.
    pub fn arranged(self, places: impl Iterator<Item = usize>) -> Self {
        let spans = places.map(|place| self.spans.get(place).cloned().unwrap_or_default());
        Self { spans: spans.collect(), bytes: self.bytes }
    }

    /// These rows, in their order.
    fn pick(&self, rows: &[usize]) -> Self {
        let spans = rows.iter().map(|row| self.spans.get(*row).cloned().unwrap_or_default());
        Self { spans: spans.collect(), bytes: self.bytes.clone() }
    }
}

impl Values {
    /// The code of a missing text.
    pub const MISSING: u32 = u32::MAX;

    /// The row's text, for texts.
    pub fn text(&self, row: usize) -> Option<&str> {
        match self {
            Self::Text { codes, dictionary } => {
                dictionary.get(*codes.get(row)? as usize).map(String::as_str)
            }
            _ => None,
        }
    }

    /// The row's number, for numbers; NaN if missing.
    pub fn number(&self, row: usize) -> Option<f64> {
        match self {
            Self::Number(values) => values.get(row).copied(),
            _ => None,
        }
    }

    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Number(values) => values.get(row).is_none_or(|x| x.is_nan()),
            Self::Time(values) => values.get(row).is_none_or(Option::is_none),
            Self::Text { .. } => self.text(row).is_none(),
            Self::Bytes(blobs) => blobs.get(row).is_empty(),
        }
    }

    /// The values of these rows, in their order; missing where there is no such row.
    pub fn pick(&self, rows: &[usize]) -> Self {
        match self {
            Self::Number(values) => {
                let value = |row: &usize| values.get(*row).copied().unwrap_or(f64::NAN);
                Self::Number(rows.iter().map(value).collect())
            }
            Self::Time(values) => {
                let value = |row: &usize| values.get(*row).copied().flatten();
                Self::Time(rows.iter().map(value).collect())
            }
            Self::Text { codes, dictionary } => {
                let code = |row: &usize| codes.get(*row).copied().unwrap_or(Self::MISSING);
                let codes = rows.iter().map(code).collect();
                Self::Text { codes, dictionary: dictionary.clone() }
            }
            Self::Bytes(blobs) => Self::Bytes(blobs.pick(rows)),
        }
    }

    /// What a table cell shows; empty for a missing value.
    pub fn show(&self, row: usize) -> String {
        match self {
            Self::Number(values) => match values.get(row) {
                Some(x) if !x.is_nan() => x.to_string(),
                _ => String::new(),
            },
            Self::Time(values) => match values.get(row) {
                Some(Some(micros)) => show_epoch_micros(*micros),
                _ => String::new(),
            },
            Self::Text { .. } => self.text(row).unwrap_or_default().to_owned(),
            Self::Bytes(blobs) => match blobs.get(row) {
                [] => String::new(),
                bytes => count(bytes.len(), "byte"),
            },
        }
    }
}

/// `2024-03-01 12:00:00` in UTC; outside the calendar the bare number.
fn show_epoch_micros(micros: i64) -> String {
    match jiff::Timestamp::from_microsecond(micros) {
        Ok(time) => {
            let text = time.to_string();
            text.trim_end_matches('Z').replace('T', " ")
        }
        Err(_) => micros.to_string(),
    }
}

impl Table {
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// A table of these rows only, which is no file's and so has no digest.
    pub fn pick(&self, rows: &[usize]) -> Self {
        let column = |column: &Column| Column {
            name: column.name.clone(),
            values: column.values.pick(rows),
        };
        let columns = self.columns.iter().map(column).collect();
        Self { columns, rows: rows.len(), digest: String::new() }
    }

    /// The column whose name is nearest to `name`, for "did you mean".
    pub fn nearest_name(&self, name: &str) -> Option<&str> {
        nearest_of(self.names(), name)
    }
}

/// The name among `known` that is nearest to `name`, if one is near enough to be meant.
pub fn nearest_of<'a>(known: impl Iterator<Item = &'a str>, name: &str) -> Option<&'a str> {
    known
        .map(|known| (edit_distance(known, name), known))
        .filter(|(distance, _)| *distance <= name.chars().count().max(3) / 3)
        .min()
        .map(|(_, known)| known)
}

/// Levenshtein distance, case ignored; both texts cut at 64 characters.
fn edit_distance(a: &str, b: &str) -> usize {
    let letters =
        |text: &str| -> Vec<char> { text.chars().take(64).flat_map(char::to_lowercase).collect() };
    let (a, b) = (letters(a), letters(b));
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (y, cell) in b.iter().zip(&mut row[1..]) {
            let change = diagonal + usize::from(x != y);
            diagonal = *cell;
            left = change.min(left + 1).min(diagonal + 1);
            *cell = left;
        }
        row[0] = i + 1;
    }
    row[b.len()]
}

/// Arrival times of a trace, from its first arrival, in order.
pub type ArrivalTimes = Vec<SimTime>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_edits() {
        assert_eq!(edit_distance("tenure", "Tenure"), 0);
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "abc"), 3);
    }
}
