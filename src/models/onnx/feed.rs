//! What goes into a graph: each of its inputs takes the next inputs of the card.

use super::super::card::{Card, Input};
use super::super::error::did_you_mean;
use super::super::features::{Features, Mismatch};
use super::file::{Element, Graph};
use super::matrix::{Cells, Matrix};
use crate::domain::words::count;
use crate::domain::{Table, Values};

/// One input of the graph.
pub(super) struct Feed {
    pub element: Element,
    /// Cells in each row.
    pub width: usize,
    /// The inputs of the card that it takes, from the first up to the second.
    inputs: (usize, usize),
}

/// Shares the card's inputs among the graph's, in order.
pub(super) fn feeds(graph: &Graph, card: &Card) -> Result<Vec<Feed>, String> {
    let mut next = 0;
    let mut feeds = Vec::new();
    let last = graph.inputs.len().saturating_sub(1);
    for (place, port) in graph.inputs.iter().enumerate() {
        let wanted = match port.shape.as_slice() {
            [] => None,
            [_, sizes @ ..] if sizes.contains(&0) => None,
            [_, sizes @ ..] => Some(sizes.iter().copied().fold(1, usize::saturating_mul)),
        };
        let start = next;
        let mut width = 0;
        // Without a width of its own the last input takes the rest, others take one.
        let is_full = |width| wanted.map_or(place != last && width == 1, |wanted| width >= wanted);
        while let (false, Some(input)) = (is_full(width), card.inputs.get(next)) {
            let is_text = matches!(input, Input::Text { .. });
            if is_text != (port.element == Element::Texts) {
                let (has, needs) =
                    if is_text { ("a text", "numbers") } else { ("a number", "a text") };
                return Err(format!(
                    "The card's input {} (`{}`) is {has}, the graph's input `{}` needs {needs}",
                    next + 1,
                    input.column(),
                    port.name
                ));
            }
            width += input.width();
            next += 1;
        }
        if wanted.is_some_and(|wanted| wanted != width) || width == 0 {
            return Err(format!(
                "The graph's input `{}` needs {} in a row, the card's inputs give it {width}",
                port.name,
                count(wanted.unwrap_or(1), "number")
            ));
        }
        feeds.push(Feed { element: port.element, width, inputs: (start, next) });
    }
    if next == card.inputs.len() {
        Ok(feeds)
    } else {
        Err(format!(
            "The card has {}, of which the graph takes {next}",
            count(card.inputs.len(), "input")
        ))
    }
}

/// Feeds with a table's columns at hand.
pub(super) struct Fed<'a> {
    sources: Vec<(Element, usize, Source<'a>)>,
}

enum Source<'a> {
    Numbers(Features<'a>),
    Texts(Vec<&'a Values>, usize),
}

impl<'a> Fed<'a> {
    /// Finds the feeds' columns in the table, with what does not fit; `missing` stands for a missing
    /// number that no input replaces.
    pub fn bind(
        feeds: &[Feed],
        card: &'a Card,
        missing: f64,
        table: &'a Table,
    ) -> (Self, Vec<Mismatch>) {
        let mut mismatches = Vec::new();
        let mut sources = Vec::new();
        for feed in feeds {
            let inputs = card.inputs.get(feed.inputs.0..feed.inputs.1).unwrap_or_default();
            let source = if feed.element == Element::Texts {
                Source::Texts(texts(inputs, table, &mut mismatches), table.rows)
            } else {
                let (features, found) = Features::bind(inputs, missing, table);
                mismatches.extend(found);
                Source::Numbers(features)
            };
            sources.push((feed.element, feed.width, source));
        }
        (Self { sources }, mismatches)
    }

    /// The rows' cells for each input of the graph.
    pub fn matrices(&self, first: usize, count: usize) -> Vec<Matrix<'a>> {
        let matrix = |(element, width, source): &(Element, usize, Source<'a>)| {
            let cells = match source {
                Source::Numbers(features) if *element == Element::Wholes => {
                    let mut cells: Vec<f64> = Vec::new();
                    features.write(first, count, &mut cells);
                    Cells::Wholes(cells.into_iter().map(|x| x as i64).collect())
                }
                Source::Numbers(features) => {
                    let mut cells = Vec::new();
                    features.write(first, count, &mut cells);
                    Cells::Numbers(cells)
                }
                Source::Texts(columns, rows) => {
                    let row_of = |index: usize| (first + index) % (*rows).max(1);
                    let of_row =
                        |index| columns.iter().map(move |values| text_at(values, row_of(index)));
                    Cells::Texts((0..count).flat_map(of_row).collect())
                }
            };
            Matrix { width: *width, cells }
        };
        self.sources.iter().map(matrix).collect()
    }
}

/// The columns of texts; numbers are taken as they print.
fn texts<'a>(
    inputs: &[Input],
    table: &'a Table,
    mismatches: &mut Vec<Mismatch>,
) -> Vec<&'a Values> {
    let mut columns = Vec::new();
    for input in inputs {
        let name = input.column();
        let mut refuse = |message: String| {
            mismatches.push(Mismatch { column: name.to_owned(), message, blocks: true });
        };
        match table.column(name).map(|column| &column.values) {
            Some(values @ (Values::Text { .. } | Values::Number(_))) => columns.push(values),
            Some(_) => refuse("holds no texts, which the model needs".to_owned()),
            None => {
                let hint = did_you_mean(table.nearest_name(name));
                refuse(format!("is not in the dataset{hint}"));
            }
        }
    }
    columns
}

/// A cell as text; empty where it is missing.
fn text_at(values: &Values, row: usize) -> std::borrow::Cow<'_, str> {
    match values {
        Values::Text { codes, dictionary } => {
            let code = codes.get(row).map(|&code| code as usize);
            let text = code.and_then(|code| dictionary.get(code));
            text.map_or("", String::as_str).into()
        }
        Values::Number(values) => match values.get(row) {
            Some(x) if !x.is_nan() => x.to_string().into(),
            _ => "".into(),
        },
        _ => "".into(),
    }
}
