//! The few columns of a dataset that a replay reads, in the shape in which it reads them.

use std::collections::HashMap;

use super::error::Error;
use super::labels::labels;
use super::problem::{DataProblem, Severity};
use super::times::times;
use crate::domain::words::{count, shortened};
use crate::domain::{Column, DataSource, Labels, Rows, Segments, Table, Task, Values};

/// What rows without a segment, and rows of segments that are not told apart, are called.
const NO_SEGMENT: &str = "missing";
const OTHER_SEGMENTS: &str = "other";

/// Takes the columns that `source` names. `task` is what the plan's models answer (it orders the
/// classes); without it the label alone decides.
///
/// # Errors
/// If a named column is missing or holds what its role cannot use.
pub fn rows(
    table: &Table,
    source: &DataSource,
    task: Option<&Task>,
) -> Result<(Rows, Vec<DataProblem>), Error> {
    let mut problems = Vec::new();
    let mut rows = Rows { count: table.rows, digest: table.digest.clone(), ..Rows::default() };
    if let Some(column) = find(table, source.label.as_deref())? {
        let (labels, found) = labels(column, source.positive.as_deref(), task)?;
        rows.labels = labels;
        problems.extend(found);
    } else {
        rows.labels = Labels::None;
    }
    if let Some(column) = find(table, source.user.as_deref())? {
        rows.users = Some(users(column, table.rows, &mut problems));
    }
    if let Some(column) = find(table, source.segment.as_deref())? {
        rows.segments = Some(segments(column, table.rows, &mut problems)?);
    }
    if let Some(column) = find(table, source.value.as_deref())? {
        rows.values = Some(values(column, &mut problems)?);
    }
    if let Some(column) = find(table, source.time.as_deref())? {
        rows.times = Some(times(column, &mut problems)?);
    }
    Ok((rows, problems))
}

fn find<'t>(table: &'t Table, name: Option<&str>) -> Result<Option<&'t Column>, Error> {
    let Some(name) = name else { return Ok(None) };
    if let Some(column) = table.column(name) {
        return Ok(Some(column));
    }
    let hint = table
        .nearest_name(name)
        .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    Err(Error::column(name, format!("is not in the dataset{hint}")))
}

/// A hash of each user's text, the same on every machine. Rows without a user are users of their
/// own.
fn users(column: &Column, rows: usize, problems: &mut Vec<DataProblem>) -> Vec<u64> {
    let nobody = |row: usize| hash(&format!("\0row {row}"));
    let missing = (0..rows).filter(|row| column.values.is_missing(*row)).count();
    if missing > 0 {
        let message =
            format!("{} without a user; each counts as a user of its own", count(missing, "row"));
        problems.push(DataProblem::of_column(Severity::Note, &column.name, message));
    }
    if let Values::Text { codes, dictionary } = &column.values {
        let hashes: Vec<u64> = dictionary.iter().map(|text| hash(text)).collect();
        let of_row = |(row, code): (usize, &u32)| {
            hashes.get(*code as usize).copied().unwrap_or_else(|| nobody(row))
        };
        return codes.iter().enumerate().map(of_row).collect();
    }
    let of_row = |row| {
        if column.values.is_missing(row) { nobody(row) } else { hash(&column.values.show(row)) }
    };
    (0..rows).map(of_row).collect()
}

fn hash(text: &str) -> u64 {
    let mut start = [0; 8];
    for (to, from) in start.iter_mut().zip(blake3::hash(text.as_bytes()).as_bytes()) {
        *to = *from;
    }
    u64::from_le_bytes(start)
}

/// The most frequent values become segments, in that order; the rest share the last one.
fn segments(
    column: &Column,
    rows: usize,
    problems: &mut Vec<DataProblem>,
) -> Result<Segments, Error> {
    if matches!(column.values, Values::Time(_)) {
        return Err(Error::column(&column.name, "holds times, so it makes no segments"));
    }
    if matches!(column.values, Values::Bytes(_)) {
        return Err(Error::column(&column.name, "holds raw bytes, so it makes no segments"));
    }
    let mut counts: HashMap<String, usize> = HashMap::new();
    for row in 0..rows {
        *counts.entry(segment_of(column, row)).or_default() += 1;
    }
    let mut names: Vec<(String, usize)> = counts.into_iter().collect();
    names.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let found = names.len();
    let mut names: Vec<String> = names.into_iter().map(|(name, _)| name).collect();
    if found > Segments::MOST {
        names.truncate(Segments::MOST - 1);
        names.retain(|name| name != OTHER_SEGMENTS);
        names.push(OTHER_SEGMENTS.to_owned());
        let message = format!(
            "has {found} different values; the {} most frequent are segments, the others share one",
            names.len() - 1
        );
        problems.push(DataProblem::of_column(Severity::Note, &column.name, message));
    }
    let last = names.len().saturating_sub(1) as u8;
    let codes: HashMap<&str, u8> = names.iter().map(String::as_str).zip(0..).collect();
    let codes = (0..rows)
        .map(|row| codes.get(segment_of(column, row).as_str()).copied().unwrap_or(last))
        .collect();
    Ok(Segments { names, codes })
}

fn segment_of(column: &Column, row: usize) -> String {
    if column.values.is_missing(row) { NO_SEGMENT.to_owned() } else { column.values.show(row) }
}

/// What an answer is worth; a row without a value is worth nothing.
fn values(column: &Column, problems: &mut Vec<DataProblem>) -> Result<Vec<f32>, Error> {
    let Values::Number(values) = &column.values else {
        let text = shortened(&column.values.show(0));
        let message = format!("holds no numbers (row 1: `{text}`), so it can be no value");
        return Err(Error::column(&column.name, message));
    };
    let known = |x: f64| (x as f32).is_finite();
    let missing = values.iter().filter(|x| !known(**x)).count();
    if missing > 0 {
        let message = format!("{} without a value; they count as worth 0", count(missing, "row"));
        problems.push(DataProblem::of_column(Severity::Note, &column.name, message));
    }
    Ok(values.iter().map(|x| if known(*x) { *x as f32 } else { 0.0 }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SimTime;

    fn table(column: Column, rows: usize) -> Table {
        Table { columns: vec![column], rows, digest: "d".to_owned() }
    }

    fn numbers(values: &[f64]) -> Table {
        let values = Values::Number(values.to_vec());
        let rows = if let Values::Number(x) = &values { x.len() } else { 0 };
        table(Column { name: "x".to_owned(), values }, rows)
    }

    fn texts(dictionary: &[&str], codes: &[u32]) -> Table {
        let dictionary = dictionary.iter().map(|text| (*text).to_owned()).collect();
        let values = Values::Text { codes: codes.to_vec(), dictionary };
        table(Column { name: "x".to_owned(), values }, codes.len())
    }

    fn named() -> Option<String> {
        Some("x".to_owned())
    }

    #[test]
    fn equal_users_have_equal_hashes_in_every_type_and_on_every_machine() {
        let source = DataSource { user: named(), ..DataSource::default() };
        let (by_text, _) =
            rows(&texts(&["8", "7"], &[1, 0, Values::MISSING]), &source, None).unwrap();
        let (by_number, _) = rows(&numbers(&[7.0, 8.0, 7.0]), &source, None).unwrap();
        let (text, number) = (by_text.users.unwrap(), by_number.users.unwrap());
        assert_eq!(text[..2], number[..2]);
        assert_eq!(number[0], number[2]);
        assert_ne!(text[2], text[0]);
        assert_eq!(number[0], 17_174_530_703_822_680_866_u64);
    }

    #[test]
    fn the_rarest_of_many_segments_share_the_last() {
        let values: Vec<f64> = (0..20).flat_map(|x| vec![f64::from(x); 21 - x as usize]).collect();
        let source = DataSource { segment: named(), ..DataSource::default() };
        let (read, problems) = rows(&numbers(&values), &source, None).unwrap();
        let segments = read.segments.unwrap();
        assert_eq!(segments.names.len(), Segments::MOST);
        assert_eq!((segments.names[0].as_str(), segments.names[15].as_str()), ("0", "other"));
        assert_eq!(segments.codes[0], 0);
        assert_eq!(segments.codes[values.len() - 1], 15);
        assert!(problems[0].message.contains("20 different values"));
    }

    #[test]
    fn gaps_are_segments_and_worthless_values() {
        let source = DataSource { segment: named(), ..DataSource::default() };
        let (read, _) = rows(&texts(&["b"], &[0, Values::MISSING, 0]), &source, None).unwrap();
        let names = ["b", "missing"].map(str::to_owned).to_vec();
        assert_eq!(read.segments, Some(Segments { names, codes: vec![0, 1, 0] }));
        let source = DataSource { value: named(), ..DataSource::default() };
        let (read, problems) = rows(&numbers(&[1.5, f64::NAN]), &source, None).unwrap();
        assert_eq!(read.values, Some(vec![1.5, 0.0]));
        assert!(problems[0].message.contains("1 row without a value"));
        assert!(rows(&texts(&["much"], &[0]), &source, None).is_err());
    }

    #[test]
    fn a_column_that_is_not_there_is_named_with_its_neighbour() {
        let mut table = numbers(&[1.0]);
        table.columns[0].name = "margin".to_owned();
        let source = DataSource { value: Some("Margins".to_owned()), ..DataSource::default() };
        let fault = rows(&table, &source, None).unwrap_err().to_string();
        assert_eq!(fault, "Column `Margins` is not in the dataset; did you mean `margin`?");
    }

    #[test]
    fn times_count_from_the_earliest_row() {
        let source = DataSource { time: named(), ..DataSource::default() };
        let values = Values::Time(vec![Some(5_000), Some(2_000), None]);
        let table = table(Column { name: "x".to_owned(), values }, 3);
        let (read, problems) = rows(&table, &source, None).unwrap();
        assert_eq!(read.times, Some([3_000, 0, 0].map(SimTime::from_micros).to_vec()));
        assert_eq!(problems[0].row, Some(3));
    }
}
