//! From a table's columns to the numbers that a model reads, by the rules of its card.

use std::collections::HashMap;
use std::fmt;

use super::card::Input;
use super::error::did_you_mean;
use super::trees::Real;
use super::wide::wide;
use crate::domain::words::{count, shortened};
use crate::domain::{Table, Values};

/// Something in a dataset that a model cannot read, or has not seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The column that the card names.
    pub column: String,
    pub message: String,
    /// True if the model cannot be asked; else the answers are only less trustworthy.
    pub blocks: bool,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column `{}` {}", self.column, self.message)
    }
}

/// A card's inputs bound to a table's columns: ready to write features.
pub(super) struct Features<'t> {
    readers: Vec<Reader<'t>>,
    width: usize,
    rows: usize,
}

struct Reader<'t> {
    source: Source<'t>,
    offset: usize,
}

enum Source<'t> {
    Numbers {
        values: &'t [f64],
        scaling: Scaling,
    },
    /// Texts that are all numbers; one ready input per dictionary entry.
    TextNumbers {
        codes: &'t [u32],
        inputs: Vec<f64>,
        missing: f64,
    },
    TextCategories {
        codes: &'t [u32],
        places: Vec<Option<usize>>,
    },
    NumberCategories {
        values: &'t [f64],
        places: HashMap<u64, usize>,
    },
    NumberCodes {
        values: &'t [f64],
        places: HashMap<u64, usize>,
    },
}

/// Rows that are written column by column: few enough to stay in the nearest cache.
const BLOCK: usize = 64;

#[derive(Clone, Copy)]
struct Scaling {
    impute: Option<f64>,
    log1p: bool,
    mean: f64,
    std: f64,
    /// What becomes of a missing number without `impute`: NaN where the model knows what to do, else
    /// 0, which is the mean whatever stands before the standardisation.
    missing: f64,
}

impl Scaling {
    fn apply(self, x: f64) -> f64 {
        if x.is_nan() { self.filled() } else { self.scaled(x) }
    }

    /// What stands for a missing number.
    fn filled(self) -> f64 {
        self.impute.map_or(self.missing, |x| self.scaled(x))
    }

    /// The same as [`apply`](Self::apply) for each of the values, as far as there is room.
    #[inline(always)]
    fn write<T: Real>(self, values: &[f64], out: &mut [T]) {
        // Worked out once, so that the loop has no branch but this.
        let filled = self.filled();
        let pairs = out.iter_mut().zip(values);
        if self.log1p {
            pairs.for_each(|(out, x)| *out = T::of(self.apply(*x)));
        } else {
            let Self { mean, std, .. } = self;
            pairs.for_each(|(out, x)| {
                let scaled = (x - mean) / std;
                *out = T::of(if x.is_nan() { filled } else { scaled });
            });
        }
    }

    fn scaled(self, x: f64) -> f64 {
        let x = if self.log1p { x.max(0.0).ln_1p() } else { x };
        (x - self.mean) / self.std
    }
}

impl<'t> Features<'t> {
    /// Finds the inputs' columns in the table; the second part tells everything that does not fit.
    /// `missing` stands for a missing number that no input replaces.
    pub fn bind(inputs: &[Input], missing: f64, table: &'t Table) -> (Self, Vec<Mismatch>) {
        let mut mismatches: Vec<Mismatch> = Vec::new();
        let mut readers = Vec::with_capacity(inputs.len());
        let mut offset = 0;
        for input in inputs {
            match bind_one(input, table, missing) {
                Ok((source, warning)) => {
                    readers.push(Reader { source, offset });
                    mismatches.extend(warning);
                }
                // Two inputs may read one column; one message is enough.
                Err(mismatch) if !mismatches.contains(&mismatch) => mismatches.push(mismatch),
                Err(_) => {}
            }
            offset += input.width();
        }
        (Self { readers, width: offset, rows: table.rows }, mismatches)
    }

    /// Writes the features of `count` rows from `first` on, row after row; past the table's end it
    /// goes on from the table's start.
    pub fn write<T: Real>(&self, first: usize, count: usize, out: &mut Vec<T>) {
        if count == 1 {
            // One row lies the same either way.
            return self.write_columns(first, count, out);
        }
        out.clear();
        out.resize(count * self.width, T::default());
        if self.rows == 0 || self.width == 0 {
            return;
        }
        let mut row = first % self.rows;
        let mut left = out.as_mut_slice();
        while !left.is_empty() {
            let rows = BLOCK.min(self.rows - row).min(left.len() / self.width);
            let (lines, later) = left.split_at_mut(rows * self.width);
            self.write_block(row, lines);
            row = (row + rows) % self.rows;
            left = later;
        }
    }

    /// The same column after column.
    pub fn write_columns<T: Real>(&self, first: usize, count: usize, out: &mut Vec<T>) {
        out.clear();
        out.resize(count * self.width, T::default());
        if self.rows == 0 {
            return;
        }
        let mut done = 0;
        while done < count {
            let row = (first + done) % self.rows;
            let rows = (self.rows - row).min(count - done);
            for Reader { source, offset } in &self.readers {
                let columns = out.get_mut(offset * count + done..).unwrap_or_default();
                source.write_columns(row, rows, columns, count);
            }
            done += rows;
        }
    }

    /// Writes the features of the rows from `first` on that `lines` has room for.
    fn write_block<T: Real>(&self, first: usize, lines: &mut [T]) {
        for Reader { source, offset } in &self.readers {
            if let Source::Numbers { values, scaling } = source {
                // Side by side first, where the compiler makes vector instructions of it.
                let mut ready = [T::default(); BLOCK];
                let rows = lines.len() / self.width;
                scaling.write(values.get(first..first + rows).unwrap_or_default(), &mut ready);
                let cells = lines.iter_mut().skip(*offset).step_by(self.width);
                cells.zip(ready).for_each(|(cell, ready)| *cell = ready);
                continue;
            }
            for (row, line) in (first..).zip(lines.chunks_exact_mut(self.width)) {
                if let Some((place, value)) = source.read(row)
                    && let Some(cell) = line.get_mut(offset + place)
                {
                    *cell = T::of(value);
                }
            }
        }
    }
}

impl<'t> Source<'t> {
    /// Of categories their places instead of one input each.
    fn into_code(self) -> Self {
        match self {
            Self::TextCategories { codes, places } => {
                let code = |place: Option<usize>| place.map_or(f64::NAN, |place| place as f64);
                let inputs = places.into_iter().map(code).collect();
                Source::TextNumbers { codes, inputs, missing: f64::NAN }
            }
            Self::NumberCategories { values, places } => Source::NumberCodes { values, places },
            other => other,
        }
    }

    /// Writes what `count` rows from `first` on set, into columns that begin `apart` from each other.
    fn write_columns<T: Real>(&self, first: usize, count: usize, columns: &mut [T], apart: usize) {
        if let Source::Numbers { values, scaling } = self {
            let values = values.get(first..first + count).unwrap_or_default();
            wide(|| scaling.write(values, columns));
            return;
        }
        for row in 0..count {
            if let Some((place, value)) = self.read(first + row)
                && let Some(cell) = columns.get_mut(place * apart + row)
            {
                *cell = T::of(value);
            }
        }
    }

    /// Which of the input's numbers the row sets, and to what.
    fn read(&self, row: usize) -> Option<(usize, f64)> {
        match self {
            Self::Numbers { values, scaling } => {
                Some((0, scaling.apply(values.get(row).copied().unwrap_or(f64::NAN))))
            }
            Self::TextNumbers { codes, inputs, missing } => {
                let known = codes.get(row).and_then(|&code| inputs.get(code as usize));
                Some((0, known.copied().unwrap_or(*missing)))
            }
            Self::TextCategories { codes, places } => {
                let place = places.get(*codes.get(row)? as usize)?;
                place.map(|place| (place, 1.0))
            }
            Self::NumberCategories { values, places } => {
                places.get(&number_key(*values.get(row)?)).map(|&place| (place, 1.0))
            }
            Self::NumberCodes { values, places } => {
                let place = places.get(&number_key(*values.get(row)?));
                Some((0, place.map_or(f64::NAN, |&place| place as f64)))
            }
        }
    }
}

/// Equal numbers have equal keys: both zeros are one.
fn number_key(x: f64) -> u64 {
    (x + 0.0).to_bits()
}

type Bound<'t> = (Source<'t>, Option<Mismatch>);

fn bind_one<'t>(input: &Input, table: &'t Table, missing: f64) -> Result<Bound<'t>, Mismatch> {
    let name = input.column();
    let blocks = |message: String| Mismatch { column: name.to_owned(), message, blocks: true };
    let column = table.column(name).ok_or_else(|| {
        blocks(format!("is not in the dataset{}", did_you_mean(table.nearest_name(name))))
    })?;
    match input {
        Input::Number { impute, log1p, mean, std, .. } => {
            let (impute, log1p, mean, std) = (*impute, *log1p, *mean, *std);
            bind_number(name, &column.values, Scaling { impute, log1p, mean, std, missing })
        }
        Input::Category { categories, .. } => bind_categories(name, &column.values, categories),
        Input::Code { categories, .. } => {
            let (source, warning) = bind_categories(name, &column.values, categories)?;
            Ok((source.into_code(), warning))
        }
        Input::Image(_) => Err(blocks("is an image, which this model cannot read".to_owned())),
        Input::Text { .. } => Err(blocks("is a text, which this model cannot read".to_owned())),
    }
}

fn bind_categories<'t>(
    name: &str,
    values: &'t Values,
    categories: &[String],
) -> Result<Bound<'t>, Mismatch> {
    let blocks = |message: &str| {
        let message = format!("{message} where the model needs categories");
        Err(Mismatch { column: name.to_owned(), message, blocks: true })
    };
    match values {
        Values::Text { codes, dictionary } => {
            let known: HashMap<&str, usize> =
                categories.iter().enumerate().map(|(i, name)| (name.as_str(), i)).collect();
            let places: Vec<Option<usize>> =
                dictionary.iter().map(|text| known.get(text.as_str()).copied()).collect();
            let unknown = dictionary.iter().zip(&places).filter(|(_, place)| place.is_none());
            let warning = unknown_warning(
                name,
                &unknown.map(|(text, _)| text.as_str()).collect::<Vec<_>>(),
                dictionary.len(),
                categories,
            );
            Ok((Source::TextCategories { codes, places }, warning))
        }
        Values::Number(values) => bind_number_categories(name, values, categories),
        Values::Time(_) => blocks("holds times"),
        Values::Bytes(_) => blocks("holds raw bytes"),
    }
}

fn bind_number<'t>(
    name: &str,
    values: &'t Values,
    scaling: Scaling,
) -> Result<Bound<'t>, Mismatch> {
    match values {
        Values::Number(values) => {
            let empty = !values.is_empty() && values.iter().all(|x| x.is_nan());
            let warning = empty.then(|| Mismatch {
                column: name.to_owned(),
                message: "has no value at all; the model sees its default everywhere".to_owned(),
                blocks: false,
            });
            Ok((Source::Numbers { values, scaling }, warning))
        }
        Values::Text { codes, dictionary } => {
            let numbers = text_numbers(values).map_err(|(row, text)| Mismatch {
                column: name.to_owned(),
                message: format!(
                    "holds text where the model needs numbers (row {}: `{}`)",
                    row + 1,
                    shortened(text)
                ),
                blocks: true,
            })?;
            debug_assert_eq!(numbers.len(), dictionary.len());
            let inputs = numbers.into_iter().map(|x| scaling.apply(x)).collect();
            let missing = scaling.apply(f64::NAN);
            Ok((Source::TextNumbers { codes, inputs, missing }, None))
        }
        Values::Time(_) => Err(Mismatch {
            column: name.to_owned(),
            message: "holds times where the model needs numbers".to_owned(),
            blocks: true,
        }),
        Values::Bytes(_) => Err(Mismatch {
            column: name.to_owned(),
            message: "holds raw bytes where the model needs numbers".to_owned(),
            blocks: true,
        }),
    }
}

fn bind_number_categories<'t>(
    name: &str,
    values: &'t [f64],
    categories: &[String],
) -> Result<Bound<'t>, Mismatch> {
    // A number that is read back from its printed form is the same number.
    let places: HashMap<u64, usize> = categories
        .iter()
        .enumerate()
        .filter_map(|(i, text)| Some((number_key(text.trim().parse().ok()?), i)))
        .collect();
    if places.is_empty() {
        return Err(Mismatch {
            column: name.to_owned(),
            message: format!(
                "holds numbers where the model knows texts such as `{}`",
                shortened(categories.first().map_or("", String::as_str))
            ),
            blocks: true,
        });
    }
    let seen = values.iter().filter(|x| !x.is_nan());
    let mut unknown: Vec<f64> =
        seen.filter(|&&x| !places.contains_key(&number_key(x))).copied().collect();
    unknown.sort_by(f64::total_cmp);
    unknown.dedup();
    let texts: Vec<String> = unknown.iter().map(f64::to_string).collect();
    let shown: Vec<&str> = texts.iter().map(String::as_str).collect();
    let distinct = shown.len() + places.len();
    let warning = unknown_warning(name, &shown, distinct, categories);
    Ok((Source::NumberCategories { values, places }, warning))
}

fn unknown_warning(
    name: &str,
    unknown: &[&str],
    distinct: usize,
    categories: &[String],
) -> Option<Mismatch> {
    let first = unknown.first()?;
    let message = if unknown.len() == distinct {
        format!(
            "has none of the values that the model knows (it has `{}`, the model knows `{}`)",
            shortened(first),
            shortened(categories.first().map_or("", String::as_str))
        )
    } else {
        format!(
            "has {} unknown to the model, such as `{}`",
            count(unknown.len(), "value"),
            shortened(first)
        )
    };
    Some(Mismatch { column: name.to_owned(), message, blocks: false })
}

/// The numbers of a dictionary whose texts are all numbers, true or false, or blank (missing); else
/// the first row that holds another text, with the text.
pub(super) fn text_numbers(values: &Values) -> Result<Vec<f64>, (usize, &str)> {
    let Values::Text { codes, dictionary } = values else { return Ok(Vec::new()) };
    let parsed: Vec<Option<f64>> = dictionary.iter().map(|text| number_of(text)).collect();
    let bad = codes.iter().enumerate().find_map(|(row, &code)| {
        let code = code as usize;
        match parsed.get(code) {
            Some(None) => Some((row, dictionary.get(code).map_or("", String::as_str))),
            _ => None,
        }
    });
    // An entry that no row uses does no harm.
    bad.map_or_else(|| Ok(parsed.iter().map(|x| x.unwrap_or(f64::NAN)).collect()), Err)
}

fn number_of(text: &str) -> Option<f64> {
    match text.trim() {
        "" => Some(f64::NAN),
        text if text.eq_ignore_ascii_case("true") => Some(1.0),
        text if text.eq_ignore_ascii_case("false") => Some(0.0),
        text => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::card::Card;
    use super::super::error::Error;
    use super::super::fixture::{numbers, table, texts};
    use super::*;

    fn number(column: &str, impute: Option<f64>, log1p: bool, mean: f64, std: f64) -> Input {
        Input::Number { column: column.to_owned(), impute, log1p, mean, std }
    }

    fn category(column: &str, categories: &[&str]) -> Input {
        let categories = categories.iter().map(|&c| c.to_owned()).collect();
        Input::Category { column: column.to_owned(), categories }
    }

    fn card(inputs: Vec<Input>) -> Card {
        Card { inputs, ..super::super::fixture::card() }
    }

    fn features_of(inputs: Vec<Input>, table: &Table) -> Vec<Vec<f32>> {
        let card = card(inputs);
        let (features, mismatches) = Features::bind(&card.inputs, 0.0, table);
        assert!(mismatches.iter().all(|mismatch| !mismatch.blocks), "{mismatches:?}");
        let mut out: Vec<f32> = Vec::new();
        features.write(0, table.rows, &mut out);
        // Past the table's end it goes on from the start, and both orders hold the same.
        let mut columns: Vec<f32> = Vec::new();
        let count = table.rows + 2;
        features.write_columns(1, count, &mut columns);
        for (k, line) in (0..count).zip(out.chunks(card.width()).cycle().skip(1)) {
            let across: Vec<f32> = columns.iter().skip(k).step_by(count).copied().collect();
            assert_eq!(across, line);
        }
        out.chunks(card.width()).map(<[f32]>::to_vec).collect()
    }

    #[test]
    fn numbers_are_imputed_then_logged_then_standardised() {
        let table = table(vec![numbers("x", &[3.0, f64::NAN, -5.0])]);
        let e = std::f64::consts::E;
        let with = features_of(vec![number("x", Some(e - 1.0), true, 0.5, 2.0)], &table);
        let expected = [(4f64.ln() - 0.5) / 2.0, 0.25, -0.25];
        for (line, expected) in with.iter().zip(expected) {
            assert!((f64::from(line[0]) - expected).abs() < 1e-6, "{line:?} {expected}");
        }
        let without = features_of(vec![number("x", None, true, 0.5, 2.0)], &table);
        assert_eq!(without[1], vec![0.0], "a missing number is the mean");
    }

    #[test]
    fn categories_are_one_hot_and_unknown_ones_all_zero() {
        let table = table(vec![
            texts("term", &["b", "a", "z", ""]),
            numbers("senior", &[0.0, 1.0, f64::NAN, 7.0]),
        ]);
        let inputs = vec![category("term", &["a", "b"]), category("senior", &["0", "1"])];
        let lines = features_of(inputs.clone(), &table);
        assert_eq!(lines[0], vec![0.0, 1.0, 1.0, 0.0]);
        assert_eq!(lines[1], vec![1.0, 0.0, 0.0, 1.0]);
        assert_eq!(lines[2], vec![0.0; 4]);
        assert_eq!(lines[3], vec![0.0; 4]);
        let (_, told) = Features::bind(&inputs, 0.0, &table);
        let told: Vec<String> = told.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("1 value unknown to the model, such as `z`"), "{told:?}");
        assert!(told[1].contains("such as `7`"), "{told:?}");
    }

    #[test]
    fn texts_that_are_numbers_are_read_as_numbers() {
        let table = table(vec![texts("total", &["1.5", " ", "2"])]);
        let lines = features_of(vec![number("total", Some(4.0), false, 0.0, 1.0)], &table);
        assert_eq!(lines, vec![vec![1.5], vec![4.0], vec![2.0]]);
    }

    #[test]
    fn what_cannot_be_read_is_told_with_column_and_row() {
        let table = table(vec![texts("income", &["1", "many"]), numbers("term", &[36.0, 60.0])]);
        let card = card(vec![
            number("annual_inc", None, false, 0.0, 1.0),
            number("Incom", None, false, 0.0, 1.0),
            number("income", None, false, 0.0, 1.0),
            category("term", &["term_36"]),
        ]);
        let (_, mismatches) = Features::bind(&card.inputs, 0.0, &table);
        let text = Error::Mismatch { model: card.name, mismatches }.to_string();
        for part in [
            "`annual_inc` is not in the dataset;",
            "did you mean `income`?",
            "row 2: `many`",
            "holds numbers where the model knows texts such as `term_36`",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }
}
