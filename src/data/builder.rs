//! Columns that grow value by value from texts, as CSV and JSON files hold them.
//!
//! What a column holds is guessed from its first rows and kept unless later rows say otherwise: a
//! few odd values in a column of numbers or times are missing values with a warning (one typing
//! error must not turn an income into a category), many make the column one of texts, and then the
//! file is read again for that column.

use super::cell::{TimeFormat, is_code, is_missing, number};
use super::error::Error;
use super::problem::{DataProblem, Problems, Severity};
use super::texts::Texts;
use crate::domain::words::shortened;
use crate::domain::{Column, Values};

/// Odd values that are kept to guess again from.
const KEPT: usize = 100;

/// What the values of a column are taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Time(TimeFormat),
    Text,
}

impl Kind {
    /// The kind that fits these values best.
    pub fn of<'a>(values: impl Iterator<Item = &'a str>, decimal_comma: bool) -> Self {
        let (mut all, mut numbers, mut codes) = (0, 0, 0);
        let mut times = [0_usize; TimeFormat::ALL.len()];
        for text in values.map(str::trim).filter(|text| !is_missing(text)) {
            all += 1;
            if number(text, decimal_comma).is_some() {
                numbers += 1;
                codes += usize::from(is_code(text));
                continue;
            }
            for (format, count) in TimeFormat::ALL.iter().zip(&mut times) {
                *count += usize::from(format.parse(text).is_some());
            }
        }
        let mut best = (TimeFormat::Iso, 0);
        for (format, count) in TimeFormat::ALL.into_iter().zip(times) {
            if count > best.1 {
                best = (format, count);
            }
        }
        if is_few(all - numbers, all) {
            if codes == 0 { Self::Number } else { Self::Text }
        } else if is_few(all - best.1, all) {
            Self::Time(best.0)
        } else {
            Self::Text
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Time(_) => "a time",
            Self::Text => "a text",
        }
    }
}

/// So few values of another kind are mistakes: one in a hundred, or a single one among 20.
fn is_few(odd: usize, all: usize) -> bool {
    odd * 100 <= all || (odd == 1 && all >= 20)
}

/// A column under construction.
#[derive(Debug)]
pub(super) struct Builder {
    name: String,
    kind: Kind,
    decimal_comma: bool,
    /// Filled and never to be filled again.
    settled: bool,
    numbers: Vec<f64>,
    times: Vec<Option<i64>>,
    texts: Texts,
    tally: Tally,
    problems: Problems,
}

/// What was met on the way.
#[derive(Debug, Default)]
struct Tally {
    /// Values of the expected kind.
    good: usize,
    odd: usize,
    odd_texts: Vec<String>,
    /// A number that is a code.
    has_code: bool,
    commas: usize,
    /// `NA` and the like, in a column of texts.
    markers: usize,
}

impl Builder {
    pub fn new(name: String, kind: Kind, decimal_comma: bool) -> Self {
        Self {
            name,
            kind,
            decimal_comma,
            settled: false,
            numbers: Vec::new(),
            times: Vec::new(),
            texts: Texts::default(),
            tally: Tally::default(),
            problems: Problems::default(),
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// About how many bytes the column takes.
    pub fn bytes(&self) -> usize {
        self.numbers.len() * size_of::<f64>()
            + self.times.len() * size_of::<Option<i64>>()
            + self.texts.bytes()
    }

    /// About how many bytes a row will take in a large table, judged from the rows so far.
    pub fn bytes_per_row(&self) -> usize {
        match self.kind {
            Kind::Number => size_of::<f64>(),
            Kind::Time(_) => size_of::<Option<i64>>(),
            Kind::Text => self.texts.bytes_per_row(),
        }
    }

    /// Appends the value of `row` (from 1).
    pub fn push(&mut self, row: usize, text: &str) {
        if self.settled {
            return;
        }
        let trimmed = text.trim();
        let missing = is_missing(trimmed);
        match self.kind {
            Kind::Number if missing => self.numbers.push(f64::NAN),
            Kind::Number => {
                let number = number(trimmed, self.decimal_comma);
                self.tally.has_code |= number.is_some() && is_code(trimmed);
                self.tally.commas += usize::from(self.decimal_comma && trimmed.contains(','));
                self.note(row, trimmed, number.is_some());
                self.numbers.push(number.unwrap_or(f64::NAN));
            }
            Kind::Time(_) if missing => self.times.push(None),
            Kind::Time(format) => {
                let time = format.parse(trimmed);
                self.note(row, trimmed, time.is_some());
                self.times.push(time);
            }
            Kind::Text if missing => {
                self.tally.markers += usize::from(!trimmed.is_empty());
                self.texts.push(None);
            }
            Kind::Text => self.texts.push(Some(text)),
        }
    }

    /// Appends missing values until the column has `rows` of them.
    pub fn fill_to(&mut self, rows: usize) {
        if self.settled {
            return;
        }
        match self.kind {
            Kind::Number => self.numbers.resize(rows, f64::NAN),
            Kind::Time(_) => self.times.resize(rows, None),
            Kind::Text => self.texts.fill_to(rows),
        }
    }

    /// Tells of a fault of one value, one of possibly many of its `kind` (a plural).
    pub fn fault(&mut self, kind: &'static str, row: usize, message: impl FnOnce() -> String) {
        if !self.settled {
            self.problems.repeated(kind, row, Some(&self.name), message);
        }
    }

    fn note(&mut self, row: usize, text: &str, good: bool) {
        if good {
            self.tally.good += 1;
            return;
        }
        self.tally.odd += 1;
        if self.tally.odd_texts.len() < KEPT {
            self.tally.odd_texts.push(text.to_owned());
        }
        let noun = self.kind.noun();
        self.problems.repeated("values like these", row, Some(&self.name), || {
            format!("`{}` is not {noun}; it counts as missing", shortened(text))
        });
    }

    /// The kind that the values turned out to be, if it is another than was expected.
    fn contradiction(&self) -> Option<Kind> {
        let tally = &self.tally;
        if self.kind == Kind::Text {
            return None;
        }
        if is_few(tally.odd, tally.odd + tally.good) {
            return tally.has_code.then_some(Kind::Text);
        }
        if self.kind == Kind::Time(TimeFormat::MonthSlashes) {
            return Some(Kind::Time(TimeFormat::DaySlashes));
        }
        if tally.good == 0 {
            let texts = tally.odd_texts.iter().map(String::as_str);
            let other = Kind::of(texts, self.decimal_comma);
            return Some(if other == self.kind { Kind::Text } else { other });
        }
        Some(Kind::Text)
    }

    /// Ends a pass over the file; true if the column needs another one.
    fn needs_another_pass(&mut self) -> bool {
        if self.settled {
            return false;
        }
        let Some(kind) = self.contradiction() else {
            self.settled = true;
            return false;
        };
        let mut again = Self::new(std::mem::take(&mut self.name), kind, self.decimal_comma);
        if kind == Kind::Text && self.kind == Kind::Number && self.tally.good > 0 {
            again.problems.push(self.why_text(&again.name));
        }
        *self = again;
        true
    }

    fn why_text(&self, name: &str) -> DataProblem {
        let message = match self.tally.odd_texts.first() {
            Some(text) if !self.tally.has_code => format!(
                "{} of {} values are no numbers, such as `{}`; the column is read as text",
                self.tally.odd,
                self.tally.odd + self.tally.good,
                shortened(text)
            ),
            _ => "Some numbers have leading zeros or more than 15 digits, which a number would \
                  lose; the column is read as text"
                .to_owned(),
        };
        DataProblem::of_column(Severity::Note, name, message)
    }

    fn finish(mut self) -> (Column, Problems) {
        let mut say = |message: String| {
            self.problems.push(DataProblem::of_column(Severity::Note, &self.name, message));
        };
        if self.tally.commas > 0 {
            say("The comma is read as a decimal point: `3,5` is three and a half".to_owned());
        }
        if self.tally.markers > 0 {
            let count = self.tally.markers;
            say(format!("Texts such as `NA` and `null` count as missing ({count} of them)"));
        }
        let values = match self.kind {
            Kind::Number => Values::Number(self.numbers),
            Kind::Time(_) => Values::Time(self.times),
            Kind::Text => self.texts.into_values(),
        };
        (Column { name: self.name, values }, self.problems)
    }
}

/// Lets `pass` read the file until every column has the kind that its values have: once, as a
/// rule.
pub(super) fn build(
    mut builders: Vec<Builder>,
    mut pass: impl FnMut(&mut Vec<Builder>, usize) -> Result<(), Error>,
) -> Result<(Vec<Column>, Vec<DataProblem>), Error> {
    for number in 0.. {
        pass(&mut builders, number)?;
        // All of them, so no short circuit.
        let waiting =
            builders.iter_mut().filter_map(|b| b.needs_another_pass().then_some(())).count();
        if waiting == 0 {
            break;
        }
    }
    let mut columns = Vec::with_capacity(builders.len());
    let mut problems = Vec::new();
    for builder in builders {
        let (column, found) = builder.finish();
        columns.push(column);
        problems.extend(found.into_list());
    }
    Ok((columns, problems))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> (Values, Vec<String>) {
        let first = values.iter().take(3).copied();
        let builder = Builder::new("x".to_owned(), Kind::of(first, false), false);
        let (mut columns, problems) = build(vec![builder], |builders, _| {
            for (row, text) in values.iter().enumerate() {
                builders[0].push(row + 1, text);
            }
            Ok(())
        })
        .unwrap();
        (columns.remove(0).values, problems.iter().map(ToString::to_string).collect())
    }

    fn texts(values: &Values, rows: usize) -> Vec<&str> {
        (0..rows).map(|row| values.text(row).unwrap_or("-")).collect()
    }

    #[test]
    fn a_single_text_among_many_numbers_is_missing_and_told() {
        let mut values = vec!["1"; 30];
        values[11] = "abc";
        let (read, problems) = read(&values);
        assert!(read.number(11).is_some_and(f64::is_nan));
        assert_eq!(problems, ["Row 12, column `x`: `abc` is not a number; it counts as missing"]);
    }

    #[test]
    fn many_texts_after_numbers_turn_the_column_into_texts() {
        let (values, problems) = read(&["1", "2.50", "3", "x", "NA", "y"]);
        assert_eq!(texts(&values, 6), ["1", "2.50", "3", "x", "-", "y"]);
        assert!(problems[0].contains("2 of 5 values are no numbers, such as `x`"), "{problems:?}");
    }

    #[test]
    fn a_leading_zero_late_in_the_file_saves_all_codes() {
        let (values, _) = read(&["100", "200", "300", "00417"]);
        assert_eq!(texts(&values, 4), ["100", "200", "300", "00417"]);
    }

    #[test]
    fn a_column_that_starts_empty_becomes_what_comes_later() {
        let (values, problems) = read(&["", "", "", "2024-03-01", "2024-03-02"]);
        assert!(matches!(values, Values::Time(times) if times[4].is_some() && times[0].is_none()));
        assert!(problems.is_empty(), "{problems:?}");
    }

    #[test]
    fn a_day_after_the_twelfth_shows_that_days_come_first() {
        let (values, _) = read(&["01/02/2024", "02/02/2024", "03/02/2024", "13/02/2024"]);
        let Values::Time(times) = values else { panic!("no times") };
        assert_eq!(times[3].unwrap() - times[0].unwrap(), 12 * 86_400_000_000);
    }
}
