//! A column of texts that grows row by row.

use std::collections::HashMap;

use crate::domain::Values;

/// A text in the dictionary takes about so many bytes more than its letters.
const PER_TEXT: usize = 80;

/// Rows as codes into a dictionary of the texts met so far.
#[derive(Debug, Default)]
pub(super) struct Texts {
    codes: Vec<u32>,
    dictionary: HashMap<String, u32>,
    dictionary_bytes: usize,
}

impl Texts {
    /// Appends a row.
    pub fn push(&mut self, text: Option<&str>) {
        let code = text.map_or(Values::MISSING, |text| self.code_of(text));
        self.codes.push(code);
    }

    fn code_of(&mut self, text: &str) -> u32 {
        if let Some(code) = self.dictionary.get(text) {
            return *code;
        }
        // More texts than codes would need more memory than any table may take.
        let code = u32::try_from(self.dictionary.len()).unwrap_or(Values::MISSING);
        self.dictionary_bytes += text.len() + PER_TEXT;
        self.dictionary.insert(text.to_owned(), code);
        code
    }

    /// Appends missing texts until there are `rows`.
    pub fn fill_to(&mut self, rows: usize) {
        self.codes.resize(rows, Values::MISSING);
    }

    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// About how many bytes all of it takes.
    pub fn bytes(&self) -> usize {
        self.codes.len() * size_of::<u32>() + self.dictionary_bytes
    }

    /// About how many bytes a row will take in a large table, judged from the rows so far.
    pub fn bytes_per_row(&self) -> usize {
        // Where most texts are new, they will go on to be; else the dictionary is soon full.
        if self.dictionary.len() * 2 > self.codes.len() {
            self.bytes() / self.codes.len().max(1)
        } else {
            size_of::<u32>()
        }
    }

    /// The dictionary in the order in which its texts were met.
    pub fn into_values(self) -> Values {
        let mut entries: Vec<(String, u32)> = self.dictionary.into_iter().collect();
        entries.sort_unstable_by_key(|(_, code)| *code);
        let dictionary = entries.into_iter().map(|(text, _)| text).collect();
        Values::Text { codes: self.codes, dictionary }
    }
}
