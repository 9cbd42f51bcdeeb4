//! NDJSON: one JSON object a line. Read line by line, for the same reasons as CSV.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Format;
use super::builder::{Builder, Kind, build};
use super::error::Error;
use super::problem::Problems;
use super::reading::{Body, LONGEST_ROW, MOST_COLUMNS, SAMPLE_ROWS, Watch};

const BROKEN: &str = "lines that are no JSON object";

pub(super) fn read(path: &Path, watch: &Watch) -> Result<Body, Error> {
    let builders = sample(path, watch)?;
    let mut problems = Problems::default();
    let mut row_count = 0;
    let (columns, of_columns) = build(builders, |builders, pass| {
        let mut places: HashMap<String, usize> =
            builders.iter().enumerate().map(|(place, b)| (b.name().to_owned(), place)).collect();
        let mut lines = Lines::open(path)?;
        row_count = 0;
        while let Some(line) = lines.next(path)? {
            row_count += 1;
            watch.row(pass, row_count, builders)?;
            match serde_json::from_slice::<Object>(line) {
                Ok(object) => push_row(object, row_count, builders, &mut places, path)?,
                Err(fault) if pass == 0 => {
                    problems.repeated(BROKEN, row_count, None, || {
                        format!(
                            "This line is no JSON object ({fault}); all its values count as missing"
                        )
                    });
                }
                Err(_) => {}
            }
            for builder in builders.iter_mut() {
                builder.fill_to(row_count);
            }
        }
        Ok(())
    })?;
    if columns.is_empty() || row_count == 0 {
        return Err(Error::NoRows { columns: columns.len(), path: path.to_owned() });
    }
    // One line in ten: the file is something else.
    if problems.count(BROKEN) * 10 > row_count {
        return Err(first_fault(problems, path));
    }
    let mut problems = problems.into_list();
    problems.extend(of_columns);
    Ok(Body { columns, rows: row_count, problems })
}

fn first_fault(problems: Problems, path: &Path) -> Error {
    let list = problems.into_list();
    let first = list.first();
    Error::Damaged {
        format: Format::NdJson,
        row: first.and_then(|problem| problem.row),
        message: first.map_or_else(String::new, |problem| problem.message.clone()),
        path: path.to_owned(),
    }
}

fn push_row(
    object: Object,
    row: usize,
    builders: &mut Vec<Builder>,
    places: &mut HashMap<String, usize>,
    path: &Path,
) -> Result<(), Error> {
    for (name, cell) in object.0 {
        let place = match places.get(&name) {
            Some(place) => *place,
            None if builders.len() >= MOST_COLUMNS => {
                let message = format!("No more than {MOST_COLUMNS} different names are read");
                return Err(Error::not_a_table(path, message));
            }
            None => {
                let kind = Kind::of(cell.text().into_iter(), false);
                builders.push(Builder::new(name.clone(), kind, false));
                places.insert(name, builders.len() - 1);
                builders.len() - 1
            }
        };
        let Some(builder) = builders.get_mut(place) else { continue };
        builder.fill_to(row - 1);
        match cell {
            Cell::Text(text) => builder.push(row, &text),
            Cell::Missing => {}
            Cell::Nested => builder.fault("nested values", row, || {
                "Lists and objects inside a row are not read; the value counts as missing: \
                 flatten it to columns of its own"
                    .to_owned()
            }),
        }
    }
    Ok(())
}

/// Finds the columns' names and kinds in the first rows and checks that the table will fit.
fn sample(path: &Path, watch: &Watch) -> Result<Vec<Builder>, Error> {
    let mut trials: Vec<(String, Vec<String>)> = Vec::new();
    let mut lines = Lines::open(path)?;
    let (mut rows, mut bytes) = (0, 0);
    while rows < SAMPLE_ROWS
        && let Some(line) = lines.next(path)?
    {
        rows += 1;
        bytes += line.len() as u64 + 1;
        let Ok(object) = serde_json::from_slice::<Object>(line) else { continue };
        for (name, cell) in object.0 {
            let texts = match trials.iter().position(|(known, _)| *known == name) {
                Some(place) => trials.get_mut(place),
                None if trials.len() < MOST_COLUMNS => {
                    trials.push((name, Vec::new()));
                    trials.last_mut()
                }
                None => None,
            };
            if let (Some((_, texts)), Cell::Text(text)) = (texts, cell) {
                texts.push(text);
            }
        }
    }
    let mut builders = Vec::with_capacity(trials.len());
    let mut bytes_per_row = 0;
    for (name, texts) in trials {
        let kind = Kind::of(texts.iter().map(String::as_str), false);
        let mut trial = Builder::new(String::new(), kind, false);
        for text in &texts {
            trial.push(0, text);
        }
        bytes_per_row += trial.bytes_per_row();
        builders.push(Builder::new(name, kind, false));
    }
    watch.expect(rows, bytes, bytes_per_row)?;
    Ok(builders)
}

/// Lines that are not blank.
struct Lines {
    reader: BufReader<File>,
    line: Vec<u8>,
    /// Lines given out so far.
    read: usize,
}

impl Lines {
    fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(Error::read(path))?;
        let mut reader = BufReader::with_capacity(256 * 1024, file);
        let start = reader.fill_buf().map_err(Error::read(path))?;
        if start.starts_with(b"\xEF\xBB\xBF") {
            reader.consume(3);
        }
        Ok(Self { reader, line: Vec::new(), read: 0 })
    }

    fn next(&mut self, path: &Path) -> Result<Option<&[u8]>, Error> {
        loop {
            self.line.clear();
            let mut limited = self.reader.by_ref().take(LONGEST_ROW);
            let read = limited.read_until(b'\n', &mut self.line).map_err(Error::read(path))?;
            if read == 0 {
                return Ok(None);
            }
            if read as u64 == LONGEST_ROW {
                return Err(Error::Damaged {
                    format: Format::NdJson,
                    row: Some(self.read + 1),
                    message: "a line has more than 16 MB".to_owned(),
                    path: path.to_owned(),
                });
            }
            if !self.line.iter().all(u8::is_ascii_whitespace) {
                self.read += 1;
                return Ok(Some(&self.line));
            }
        }
    }
}

/// A line's object, in its own order. Of a name that comes twice the last value counts.
struct Object(Vec<(String, Cell)>);

/// A value inside it.
enum Cell {
    Missing,
    Text(String),
    Nested,
}

impl Cell {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
        let mut cells: Vec<(String, Cell)> = Vec::new();
        while let Some((name, cell)) = map.next_entry::<String, Cell>()? {
            if let Some((_, known)) = cells.iter_mut().find(|(known, _)| *known == name) {
                *known = cell;
            } else if cells.len() < MOST_COLUMNS {
                cells.push((name, cell));
            } else {
                return Err(serde::de::Error::custom("too many names"));
            }
        }
        Ok(Object(cells))
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor)
    }
}

struct CellVisitor;

impl<'de> Visitor<'de> for CellVisitor {
    type Value = Cell;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Cell, E> {
        Ok(Cell::Text(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Cell, E> {
        Ok(Cell::Text(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Cell, E> {
        Ok(Cell::Text(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Cell, E> {
        Ok(Cell::Text(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Cell, E> {
        Ok(Cell::Text(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Cell, E> {
        Ok(Cell::Missing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Cell, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Cell::Nested)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Cell::Nested)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_keep_their_order_and_the_last_of_two_values() {
        let object: Object =
            serde_json::from_str(r#"{"b": 1, "a": [1, {"x": 2}], "b": true, "c": null}"#).unwrap();
        let names: Vec<&str> = object.0.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["b", "a", "c"]);
        assert_eq!(object.0[0].1.text(), Some("true"));
        assert!(matches!(object.0[1].1, Cell::Nested));
    }
}
