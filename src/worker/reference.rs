//! Holding a model to the answers of the framework that it came from.

use std::path::Path;

use super::error::Error;
use super::status::Status;
use crate::data;
use crate::domain::words::count;
use crate::domain::{Answers, Column, Table, Task, Values};
use crate::models::Model;

/// The largest JSON object of columns that is read, in bytes.
const MOST_JSON: u64 = 256 << 20;
/// Places that are told one by one.
const TOLD: usize = 10;
/// Names that a column of answers may have, the surest first.
const ANSWER_NAMES: [&str; 10] = [
    "probability",
    "proba",
    "score",
    "prediction",
    "predicted",
    "answer",
    "output",
    "y_pred_proba",
    "y_pred",
    "p",
];

/// How far a model's answers are from a reference.
#[derive(Clone, Debug)]
pub struct ReferenceCheck {
    pub rows: usize,
    /// The reference's columns that were compared.
    pub columns: Vec<String>,
    pub tolerance: f64,
    /// The largest and the mean absolute difference.
    pub largest: f64,
    pub mean: f64,
    /// Numbers that differ by more than the tolerance, and the first of them.
    pub beyond: usize,
    pub places: Vec<Deviation>,
    /// Rows that get another class, and the first of them.
    pub flips: usize,
    pub flipped: Vec<Flip>,
}

/// One number that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Deviation {
    /// From 1.
    pub row: usize,
    pub column: String,
    pub found: f64,
    pub expected: f64,
}

/// One row with another class, by its names where the model has some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flip {
    /// From 1.
    pub row: usize,
    pub found: String,
    pub expected: String,
}

impl ReferenceCheck {
    /// True if every number is within the tolerance.
    pub fn passes(&self) -> bool {
        self.beyond == 0
    }
}

/// Compares the model's answers to the rows of `data` (or, without it, of the reference itself)
/// with those of `reference`: a file of the same rows in the same order.
///
/// The reference is CSV, Parquet, NDJSON or Arrow, or a JSON object with a list for each column (a
/// list of lists becomes several columns). A yes-or-no model is compared with a column of
/// probabilities of the positive class, a model of several classes with a column for each class,
/// another with a column of numbers. They are found by the names of the classes; or by names such as
/// `probability`, `score` or `prediction`; or they are the only columns that neither the model reads
/// nor the data has.
///
/// # Errors
/// If a file cannot be read, the reference does not fit the data or the model, or the model cannot
/// answer.
pub fn check_reference(
    model: &Model,
    reference: &Path,
    data: Option<&Path>,
    tolerance: f64,
    status: &Status,
) -> Result<ReferenceCheck, Error> {
    status.begin("Reading the reference");
    let refuse = |message: String| Error::Reference { message, path: reference.to_owned() };
    let expected = match json_columns(reference).map_err(refuse)? {
        Some(table) => table,
        None => data::load(reference, &status.progress)?.table,
    };
    let table = match data {
        Some(path) => &data::load(path, &status.progress)?.table,
        None => &expected,
    };
    if table.rows != expected.rows {
        return Err(refuse(format!(
            "The reference has {}, the data {}; they must be the same rows in the same order",
            count(expected.rows, "row"),
            count(table.rows, "row")
        )));
    }
    status.begin("Asking the model");
    let answers = model.score(table, &status.progress)?;
    let columns = answer_columns(model, &expected, data.map(|_| table)).map_err(refuse)?;
    let wanted = numbers(&columns).map_err(refuse)?;
    let names = columns.iter().map(|column| column.name.clone()).collect();
    Ok(compare(&answers, &wanted, names, &model.card().task(), tolerance))
}

/// The reference's columns that hold the answers.
fn answer_columns<'t>(
    model: &Model,
    reference: &'t Table,
    data: Option<&Table>,
) -> Result<Vec<&'t Column>, String> {
    let card = model.card();
    let by_names = |names: &[String]| -> Option<Vec<&'t Column>> {
        names.iter().map(|name| reference.column(name)).collect()
    };
    let needed = match card.task() {
        Task::Multiclass { classes } => {
            if let Some(found) = by_names(&classes) {
                return Ok(found);
            }
            classes.len()
        }
        _ => {
            let positive = card.positive().map(|name| vec![name.to_owned()]);
            let usual = ANSWER_NAMES.map(|name| vec![name.to_owned()]);
            let found = positive.into_iter().chain(usual).find_map(|names| by_names(&names));
            if let Some(found) = found {
                return Ok(found);
            }
            1
        }
    };
    let is_free = |column: &&Column| {
        !card.reads(&column.name) && data.is_none_or(|data| data.column(&column.name).is_none())
    };
    let free: Vec<&Column> = reference.columns.iter().filter(is_free).collect();
    if free.len() == needed {
        return Ok(free);
    }
    let known: Vec<&str> = reference.names().collect();
    Err(format!(
        "The reference must have {} of answers; name them {}. It has: {}",
        count(needed, "column"),
        if needed == 1 { "`probability` or `prediction`" } else { "as the classes" },
        known.join(", ")
    ))
}

/// The columns' numbers, row after row.
fn numbers(columns: &[&Column]) -> Result<Vec<f64>, String> {
    let mut all = Vec::new();
    let lists: Vec<&[f64]> = columns
        .iter()
        .map(|column| match &column.values {
            Values::Number(values) => Ok(values.as_slice()),
            _ => Err(format!("Column `{}` of the reference holds no numbers", column.name)),
        })
        .collect::<Result<_, _>>()?;
    let rows = lists.first().map_or(0, |list| list.len());
    for row in 0..rows {
        for (list, column) in lists.iter().zip(columns) {
            match list.get(row) {
                Some(x) if x.is_finite() => all.push(*x),
                _ => {
                    return Err(format!(
                        "Column `{}` of the reference has no number in row {}",
                        column.name,
                        row + 1
                    ));
                }
            }
        }
    }
    Ok(all)
}

fn compare(
    answers: &Answers,
    wanted: &[f64],
    columns: Vec<String>,
    task: &Task,
    tolerance: f64,
) -> ReferenceCheck {
    let found: &[f32] = match answers {
        Answers::Scores { values, .. }
        | Answers::Probabilities { values, .. }
        | Answers::Numbers(values) => values,
        Answers::Classes(_) => &[],
    };
    let width = columns.len().max(1);
    let mut check = ReferenceCheck {
        rows: answers.rows(),
        tolerance,
        largest: 0.0,
        mean: 0.0,
        beyond: 0,
        places: Vec::new(),
        flips: 0,
        flipped: Vec::new(),
        columns,
    };
    for (at, (&found, &expected)) in found.iter().zip(wanted).enumerate() {
        let difference = (f64::from(found) - expected).abs();
        check.largest = check.largest.max(difference);
        check.mean += difference / wanted.len() as f64;
        if difference > tolerance {
            check.beyond += 1;
            if check.places.len() < TOLD {
                let column = check.columns.get(at % width).cloned().unwrap_or_default();
                let found = f64::from(found);
                check.places.push(Deviation { row: at / width + 1, column, found, expected });
            }
        }
    }
    let expected = like(answers, wanted);
    for row in 0..answers.rows() {
        if let (Some(found), Some(expected)) = (answers.class(row), expected.class(row))
            && found != expected
        {
            check.flips += 1;
            if check.flipped.len() < TOLD {
                let (found, expected) = (class_name(task, found), class_name(task, expected));
                check.flipped.push(Flip { row: row + 1, found, expected });
            }
        }
    }
    check
}

/// The reference as answers of the same kind.
fn like(answers: &Answers, wanted: &[f64]) -> Answers {
    let values = wanted.iter().map(|&x| x as f32).collect();
    match answers {
        Answers::Scores { threshold, .. } => Answers::Scores { values, threshold: *threshold },
        Answers::Probabilities { classes, .. } => {
            Answers::Probabilities { values, classes: *classes }
        }
        _ => Answers::Numbers(values),
    }
}

fn class_name(task: &Task, class: u16) -> String {
    match task {
        Task::Multiclass { classes } => classes.get(usize::from(class)).cloned(),
        _ => None,
    }
    .unwrap_or_else(|| if class == 0 { "no" } else { "yes" }.to_owned())
}

/// The columns of a JSON object with a list for each; `None` if the file is something else.
fn json_columns(path: &Path) -> Result<Option<Table>, String> {
    let is_json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
    let about = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file);
    if !is_json || about.is_none_or(|about| about.len() > MOST_JSON) {
        return Ok(None);
    }
    let Ok(bytes) = std::fs::read(path) else { return Ok(None) };
    let Ok(serde_json::Value::Object(lists)) = serde_json::from_slice(&bytes) else {
        return Ok(None);
    };
    let mut columns = Vec::new();
    for (name, list) in &lists {
        // Remarks beside the columns, such as a name or a version, are left out.
        if let serde_json::Value::Array(cells) = list {
            columns.extend(columns_of(name, cells)?);
        }
    }
    let rows = columns.first().map_or(0, |column| match &column.values {
        Values::Number(values) => values.len(),
        _ => 0,
    });
    for column in &columns {
        if let Values::Number(values) = &column.values
            && values.len() != rows
        {
            return Err(format!(
                "List `{}` has {} numbers, the first has {rows}",
                column.name,
                values.len()
            ));
        }
    }
    Ok((!columns.is_empty()).then(|| Table { columns, rows, digest: String::new() }))
}

/// One column of numbers, or of lists one for each place; of anything else none.
fn columns_of(name: &str, cells: &[serde_json::Value]) -> Result<Vec<Column>, String> {
    let number = |cell: &serde_json::Value| match cell {
        serde_json::Value::Null => Some(f64::NAN),
        cell => cell.as_f64(),
    };
    if let Some(values) = cells.iter().map(number).collect::<Option<Vec<f64>>>() {
        return Ok(vec![Column { name: name.to_owned(), values: Values::Number(values) }]);
    }
    let Some(rows) = cells.iter().map(serde_json::Value::as_array).collect::<Option<Vec<_>>>()
    else {
        return Ok(Vec::new());
    };
    let width = rows.first().map_or(0, |row| row.len());
    if let Some(odd) = rows.iter().position(|row| row.len() != width) {
        return Err(format!(
            "List `{name}` has rows of different lengths, first in row {}",
            odd + 1
        ));
    }
    let column = |place: usize| {
        let cells = rows.iter().map(|row| row.get(place).and_then(number).unwrap_or(f64::NAN));
        Column { name: format!("{name}_{place}"), values: Values::Number(cells.collect()) }
    };
    Ok((0..width).map(column).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_and_flips_are_told_with_their_rows() {
        let answers = Answers::Scores { values: vec![0.2, 0.51, 0.9], threshold: 0.5 };
        let wanted = [0.2, 0.49, 0.9 + 1e-7];
        let check = compare(&answers, &wanted, vec!["p".to_owned()], &Task::Binary, 1e-5);
        assert!((check.largest - 0.02).abs() < 1e-6 && !check.passes());
        assert_eq!((check.beyond, check.places[0].row), (1, 2));
        let flip = Flip { row: 2, found: "yes".to_owned(), expected: "no".to_owned() };
        assert_eq!((check.flips, check.flipped), (1, vec![flip]));
    }

    #[test]
    fn json_lists_become_columns() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("reference.json");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            json_columns(&path)
        };
        let table = read(r#"{"how": "x", "p": [1, 2], "q": [[3, 4], [5, 6]]}"#).unwrap().unwrap();
        assert_eq!(table.names().collect::<Vec<_>>(), ["p", "q_0", "q_1"]);
        assert_eq!(table.columns[2].values, Values::Number(vec![4.0, 6.0]));
        assert!(read("{\"p\": [1, 2], \"q\": [1]}").unwrap_err().contains("`q` has 1 numbers"));
        assert!(read("{\"p\": 1}\n{\"p\": 2}").unwrap().is_none(), "rows, not columns");
    }
}
