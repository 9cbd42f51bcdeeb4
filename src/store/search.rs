//! Experiments found by words: their names, strategies, outcomes, data, models, tags and notes.

use rusqlite::{Connection, params};

use super::ExperimentId;
use super::error::{Error, Problem};
use super::library::Library;

/// More words than these are not looked for.
const MOST_WORDS: usize = 16;

impl Library {
    /// The experiments that hold every word of `text`, each by its beginning; the best first. Signs
    /// that are neither letters nor digits part words.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn search(&self, text: &str) -> Result<Vec<ExperimentId>, Error> {
        self.at(find(&self.connection, text))
    }
}

fn find(connection: &Connection, text: &str) -> Result<Vec<ExperimentId>, Problem> {
    let words = text.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty());
    // Quoted, no word can be an operator of the search language.
    let query: Vec<String> = words.take(MOST_WORDS).map(|word| format!("\"{word}\"*")).collect();
    if query.is_empty() {
        return Ok(Vec::new());
    }
    let mut statement =
        connection.prepare("SELECT id FROM search WHERE search MATCH ?1 ORDER BY rank")?;
    let rows = statement.query_map([query.join(" ")], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Makes an experiment known to the search; again, after anything of it has changed.
pub(super) fn insert(connection: &Connection, id: &ExperimentId) -> Result<(), Problem> {
    forget(connection, id)?;
    connection.execute(
        "INSERT INTO search (id, name, strategy, outcome, data, models, tags, notes)
         SELECT id, name, replace(strategy, '_', ' '), replace(coalesce(outcome, status), '_', ' '),
                dataset,
                (SELECT group_concat(name || ' ' || model, ' ') FROM arms WHERE experiment = id),
                (SELECT group_concat(tag, ' ') FROM tags WHERE experiment = id),
                (SELECT author || ' ' || notes FROM keeping WHERE experiment = id)
         FROM experiments WHERE id = ?1",
        params![id],
    )?;
    Ok(())
}

pub(super) fn forget(connection: &Connection, id: &ExperimentId) -> Result<(), Problem> {
    // By its words, which the index knows: a search for the column would read them all.
    connection.execute(
        "DELETE FROM search WHERE rowid IN
            (SELECT rowid FROM search WHERE search MATCH 'id:\"' || ?1 || '\"')",
        [id],
    )?;
    Ok(())
}
