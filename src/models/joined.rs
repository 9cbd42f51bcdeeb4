//! Recorded predictions from a file of their own, joined to the dataset by a key column.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::error::{Error, did_you_mean};
use super::label::Truth;
use super::recorded::answers_of;
use crate::domain::words::count;
use crate::domain::words::shortened;
use crate::domain::{Answers, Column, DataSource, Table, Task, Values};

/// Rows that a message names one by one.
const NAMED: usize = 5;

/// Reads `column` of the table `predictions` for the rows of `table` with the same `key`. Keys are
/// equal if they print the same. The dataset may use a key several times, the predictions not.
///
/// # Errors
/// If a column is missing, a key is used twice in the predictions, a row of the dataset finds no
/// prediction, or the predictions do not fit the label (see [`super::recorded_column`]).
pub fn joined_file(
    table: &Table,
    predictions: &Table,
    key: &str,
    column: &str,
    source: &DataSource,
) -> Result<(Task, Answers), Error> {
    let ours = find(table, key, "the dataset").map_err(|message| Error::join(key, message))?;
    let theirs = find(predictions, key, "the file").map_err(|message| Error::join(key, message))?;
    let answers = find(predictions, column, "the file")
        .map_err(|message| Error::recorded(column, message))?;
    let places = unique_keys(theirs, predictions.rows, key)?;
    let rows = match_rows(ours, table.rows, &places)
        .map_err(|missing| not_found(&missing, ours, theirs, key))?;
    let gathered = Column { name: column.to_owned(), values: answers.values.pick(&rows) };
    let truth = Truth::of(table, source, column)?;
    answers_of(&gathered, &truth)
}

fn find<'t>(table: &'t Table, name: &str, place: &str) -> Result<&'t Column, String> {
    table.column(name).ok_or_else(|| {
        let hint = did_you_mean(table.nearest_name(name));
        format!("{place} has no column `{name}`{hint}")
    })
}

/// The key of a row; none where it is missing.
fn key_of(values: &Values, row: usize) -> Option<Cow<'_, str>> {
    match values {
        Values::Text { .. } => values.text(row).map(Cow::Borrowed),
        _ if values.is_missing(row) => None,
        _ => Some(Cow::Owned(values.show(row))),
    }
}

type Places<'t> = HashMap<Cow<'t, str>, usize>;

fn unique_keys<'t>(theirs: &'t Column, rows: usize, key: &str) -> Result<Places<'t>, Error> {
    let mut places: Places = HashMap::with_capacity(rows);
    let mut first_twice = None;
    let mut twice = 0;
    for row in 0..rows {
        let Some(name) = key_of(&theirs.values, row) else { continue };
        match places.entry(name) {
            Entry::Vacant(entry) => {
                entry.insert(row);
            }
            Entry::Occupied(entry) => {
                twice += 1;
                first_twice.get_or_insert_with(|| (shortened(entry.key()), *entry.get(), row));
            }
        }
    }
    match first_twice {
        None => Ok(places),
        Some((name, a, b)) => Err(Error::join(
            key,
            format!(
                "the file has `{name}` in row {} and in row {}{}; each key may have one prediction",
                a + 1,
                b + 1,
                if twice > 1 {
                    format!(" (and {} more)", count(twice - 1, "repeat"))
                } else {
                    String::new()
                }
            ),
        )),
    }
}

/// For each row of the dataset the row of its prediction; else all rows without one.
fn match_rows(ours: &Column, rows: usize, places: &Places) -> Result<Vec<usize>, Vec<usize>> {
    let mut found = Vec::with_capacity(rows);
    let mut missing = Vec::new();
    for row in 0..rows {
        match key_of(&ours.values, row).and_then(|name| places.get(&name)) {
            Some(&place) => found.push(place),
            None => missing.push(row),
        }
    }
    if missing.is_empty() { Ok(found) } else { Err(missing) }
}

fn not_found(missing: &[usize], ours: &Column, theirs: &Column, key: &str) -> Error {
    let shown: Vec<String> = missing
        .iter()
        .take(NAMED)
        .map(|&row| match key_of(&ours.values, row) {
            Some(name) => format!("row {} (`{}`)", row + 1, shortened(&name)),
            None => format!("row {} (no key)", row + 1),
        })
        .collect();
    let more = if missing.len() > NAMED { ", …" } else { "" };
    let kinds = match (&ours.values, &theirs.values) {
        (Values::Number(_), Values::Text { .. }) => {
            "; the dataset's keys are numbers, the file's are texts"
        }
        (Values::Text { .. }, Values::Number(_)) => {
            "; the dataset's keys are texts, the file's are numbers"
        }
        _ => "",
    };
    let rows = count(missing.len(), "row");
    Error::join(
        key,
        format!("{rows} of the dataset without a prediction: {}{more}{kinds}", shown.join(", ")),
    )
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{labelled, numbers, table, texts};
    use super::*;

    fn dataset() -> Table {
        table(vec![texts("id", &["a", "b", "a", "c"]), numbers("y", &[0.0, 1.0, 0.0, 1.0])])
    }

    fn join(ids: &[&str], scores: &[f64]) -> Result<(Task, Answers), String> {
        let file = table(vec![numbers("score", scores), texts("id", ids)]);
        joined_file(&dataset(), &file, "id", "score", &labelled("y"))
            .map_err(|fault| fault.to_string())
    }

    #[test]
    fn rows_find_their_predictions_by_key_in_any_order() {
        let (task, answers) = join(&["c", "x", "b", "a"], &[0.75, 0.0, 0.5, 0.25]).unwrap();
        assert_eq!(task, Task::Binary);
        let values = vec![0.25, 0.5, 0.25, 0.75];
        assert_eq!(answers, Answers::Scores { values, threshold: 0.5 });
    }

    #[test]
    fn numbers_and_texts_that_print_the_same_are_one_key() {
        let data = table(vec![numbers("id", &[7.0, 8.0]), numbers("y", &[0.0, 1.0])]);
        let file = table(vec![texts("id", &["8", "7"]), numbers("score", &[0.9, 0.2])]);
        let (_, answers) = joined_file(&data, &file, "id", "score", &labelled("y")).unwrap();
        assert_eq!(answers, Answers::Scores { values: vec![0.2, 0.9], threshold: 0.5 });
    }

    #[test]
    fn repeated_and_missing_keys_are_told_with_their_rows() {
        let twice = join(&["a", "b", "c", "a"], &[0.1, 0.2, 0.3, 0.4]).unwrap_err();
        assert!(twice.contains("`a` in row 1 and in row 4"), "{twice}");
        let missing = join(&["b", "c"], &[0.1, 0.2]).unwrap_err();
        assert!(missing.contains("2 rows"), "{missing}");
        assert!(missing.contains("row 1 (`a`), row 3 (`a`)"), "{missing}");
        let file = table(vec![texts("Id", &["a"])]);
        let fault = joined_file(&dataset(), &file, "id", "score", &labelled("y")).unwrap_err();
        assert!(fault.to_string().contains("the file has no column `id`; did you mean `Id`?"));
    }
}
