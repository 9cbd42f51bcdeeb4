//! A first card for a model without one, from its files and from the data that it is made for.

use std::path::{Path, PathBuf};

use crate::data::{self, Guess};
use crate::domain::{Column, DataSource, Labels, Role, Rows, Table, Values};
use crate::models::{Error, Hints, card_path, propose_card};

/// A card that is not written yet, to be looked over by a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstCard {
    /// Where it belongs.
    pub path: PathBuf,
    pub text: String,
}

/// A card for the model at `path`, which has none. If there is a table, its columns and classes
/// stand in the card; their roles are those of `source`, or else guessed.
///
/// # Errors
/// If there is no model's file of a known kind, or it is damaged.
pub fn first_card(
    path: &Path,
    table: Option<&Table>,
    source: &DataSource,
) -> Result<FirstCard, Error> {
    let hints = table.map(|table| hints(table, source)).unwrap_or_default();
    Ok(FirstCard { path: card_path(path), text: propose_card(path, &hints)? })
}

fn hints(table: &Table, source: &DataSource) -> Hints {
    let guess = data::guess_roles(table);
    let role = |column: &Column| data::role_of(source, &guess, &column.name).0;
    let names = |fits: &dyn Fn(&Column) -> bool| -> Vec<String> {
        table.columns.iter().filter(|column| fits(column)).map(|c| c.name.clone()).collect()
    };
    let is_number = |column: &Column| matches!(column.values, Values::Number(_));
    let features = names(&|column| is_number(column) && role(column) == Role::Feature);
    let mut texts: Vec<(usize, String)> = table
        .columns
        .iter()
        .filter_map(|column| Some((length(column)?, column.name.clone())))
        .collect();
    texts.sort_by(|a, b| b.cmp(a));
    Hints {
        numbers: vec![features, names(&is_number)],
        texts: texts.into_iter().map(|(_, name)| name).collect(),
        images: names(&|column| matches!(column.values, Values::Bytes(_))),
        classes: classes(table, source, &guess),
    }
}

/// The mean length of the distinct texts of a column, if it holds texts.
fn length(column: &Column) -> Option<usize> {
    let Values::Text { dictionary, .. } = &column.values else { return None };
    Some(dictionary.iter().map(String::len).sum::<usize>() / dictionary.len().max(1))
}

/// What the label calls the classes: negative and positive, or in order.
fn classes(table: &Table, source: &DataSource, guess: &Guess) -> Vec<String> {
    let mut names = table.columns.iter().map(|column| &column.name);
    let label = names.find(|name| data::role_of(source, guess, name).0 == Role::Label).cloned();
    let only = DataSource { label, positive: source.positive.clone(), ..DataSource::default() };
    match data::rows(table, &only, None) {
        Ok((Rows { labels: Labels::Classes { names, .. }, .. }, _)) => names,
        _ => Vec::new(),
    }
}
