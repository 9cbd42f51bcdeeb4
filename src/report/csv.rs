//! Tables as CSV, for notebooks and spreadsheets. What is undefined is an empty cell.

use super::series::Series;
use crate::domain::{Recording, Table};
use crate::stats::ledger::{Cell, Comparison};

/// One of a recording's series.
pub fn series(recording: &Recording, series: Series) -> String {
    table(&series.table(recording))
}

fn table(table: &Table) -> String {
    let mut lines = Lines::new(table.names().map(str::to_owned));
    for row in 0..table.rows {
        lines.push(table.columns.iter().map(|column| column.values.show(row)));
    }
    lines.finish()
}

/// Runs side by side: one line per measure, one column per run. Numbers where there are any: counts,
/// seconds, hours or money.
pub fn comparison(table: &Comparison) -> String {
    let mut csv = Lines::new(std::iter::once("measure".to_owned()).chain(table.columns.clone()));
    for row in &table.rows {
        let cell = |cell: &Cell| match cell.number {
            Some(value) => finite(value),
            None if row.cells.iter().any(|cell| cell.number.is_some()) => String::new(),
            None => cell.text.clone(),
        };
        csv.push(std::iter::once(row.label.to_owned()).chain(row.cells.iter().map(cell)));
    }
    csv.finish()
}

fn finite(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { String::new() }
}

/// Rows of text under their names.
pub fn lines(names: &[String], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut lines = Lines::new(names.iter().cloned());
    rows.for_each(|row| lines.push(row));
    lines.finish()
}

/// CSV in memory, where writing cannot fail.
struct Lines(csv::Writer<Vec<u8>>);

impl Lines {
    fn new(names: impl IntoIterator<Item = String>) -> Self {
        let mut table = Self(csv::Writer::from_writer(Vec::new()));
        table.push(names);
        table
    }

    fn push(&mut self, cells: impl IntoIterator<Item = String>) {
        if let Err(fault) = self.0.write_record(cells) {
            // Memory takes every byte, and every line has as many cells as the first.
            unreachable!("a table could not be written: {fault}");
        }
    }

    fn finish(self) -> String {
        let bytes = self.0.into_inner().unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn read(text: &str) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect());
        rows.collect()
    }

    #[test]
    fn each_window_and_arm_is_a_line_with_the_recording_s_numbers() {
        let rows = read(&series(&sample::recording(), Series::Windows));
        assert_eq!(rows.len(), 1 + 2 * 2);
        let column = |name: &str| rows[0].iter().position(|head| head == name).unwrap();
        let last = rows.last().unwrap();
        assert_eq!(last[column("arm")], "new");
        assert_eq!(last[column("start_seconds")], "1800");
        assert_eq!(last[column("accuracy")], "0.8");
        assert_eq!(last[column("errors")], "6");
        assert_eq!(rows[2][column("accuracy")], "", "nothing was answered yet");
    }

    #[test]
    fn segments_have_lines_of_their_own() {
        let rows = read(&series(&sample::recording(), Series::Segments));
        assert!(rows.iter().any(|row| row[5] == "north" && row[4] == "new"), "{rows:?}");
    }

    #[test]
    fn a_measurement_carries_its_numbers() {
        let rows = read(&series(&sample::recording(), Series::Events));
        let measured = rows.iter().find(|row| row[1] == "measured").unwrap();
        assert_eq!(measured[3..], ["new", "Errors", "0.06", "", "0.01", "100", "fail"]);
    }
}
