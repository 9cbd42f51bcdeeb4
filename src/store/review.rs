//! Reviews in the file: what was added beside a recording, and whether sign-offs still hold.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::begin::now;
use super::codec::{self, from_word, word};
use super::error::{Error, Problem};
use super::seal::{Key, seal_of};
use super::{ExperimentId, Library, experiment, library};
use crate::domain::{
    About, Check, Comment, Decision, PlanDraft, Resolved, Review, Reviewed, Seen, SignOff,
    Signature, Standing, Tick,
};

/// More than so many bytes are no comment.
const LONGEST_TEXT: usize = 20_000;
pub(super) const LONGEST_NAME: usize = 200;
/// A review has no more comments than this.
const MOST_COMMENTS: usize = 5_000;

/// A comment that is to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct NewComment {
    pub about: About,
    /// The number of the comment that it answers.
    pub answers: Option<u32>,
    pub author: String,
    pub text: String,
}

impl Library {
    /// What reviewers added to an experiment.
    ///
    /// # Errors
    /// If there is no such experiment, or its review is damaged.
    pub fn review(&self, id: &ExperimentId) -> Result<Reviewed, Error> {
        self.at(reviewed(&self.connection, id))
    }

    /// Adds a comment and tells its number.
    ///
    /// # Errors
    /// If it is empty or too long, answers nothing, or cannot be saved.
    pub fn comment(&self, id: &ExperimentId, new: &NewComment) -> Result<u32, Error> {
        self.at(self.write(|tx| {
            require_text("The comment", &new.text, LONGEST_TEXT)?;
            require_text("The author", &new.author, LONGEST_NAME)?;
            let comments = comments(tx, id)?;
            let is_known = |number| comments.iter().any(|comment| comment.number == number);
            match new.answers {
                Some(number) if !is_known(number) => return Err(Problem::NoComment(number)),
                _ if comments.len() >= MOST_COMMENTS => return Err(Problem::TooManyComments),
                _ => {}
            }
            let number = comments.last().map_or(1, |last| last.number + 1);
            insert_comment(
                tx,
                id,
                &Comment {
                    number,
                    answers: new.answers,
                    about: new.about.clone(),
                    author: new.author.trim().to_owned(),
                    text: new.text.trim().to_owned(),
                    written: Timestamp::now(),
                    resolved: None,
                },
            )?;
            Ok(number)
        }))
    }

    /// Marks a comment as seen to, or takes that back where `by` is empty.
    ///
    /// # Errors
    /// If there is no such comment, or it cannot be saved.
    pub fn resolve(&self, id: &ExperimentId, number: u32, by: Option<&str>) -> Result<(), Error> {
        self.at(self.write(|tx| {
            let changed = tx.execute(
                "UPDATE comments SET resolved = ?3, resolved_by = ?4
                 WHERE experiment = ?1 AND number = ?2",
                params![id, number, by.map(|_| now()), by.map(str::trim)],
            )?;
            if changed == 0 { Err(Problem::NoComment(number)) } else { Ok(()) }
        }))
    }

    /// Answers a question of the checklist, in place of an earlier answer.
    ///
    /// # Errors
    /// If it cannot be saved.
    pub fn check(
        &self,
        id: &ExperimentId,
        item: &str,
        answer: Tick,
        note: &str,
        author: &str,
    ) -> Result<(), Error> {
        self.at(self.write(|tx| {
            require_text("The question", item, LONGEST_NAME)?;
            require_text("The author", author, LONGEST_NAME)?;
            let answered = Timestamp::now();
            let (item, note, author) = (item.to_owned(), note.trim().to_owned(), author.to_owned());
            insert_check(tx, id, &Check { item, answer, note, author, answered })
        }))
    }

    /// Signs off on everything that is there now.
    ///
    /// # Errors
    /// If the run is not finished, name or reason are missing, or it cannot be saved.
    pub fn sign(
        &self,
        id: &ExperimentId,
        decision: Decision,
        name: &str,
        reason: &str,
        key: Option<&Key>,
    ) -> Result<SignOff, Error> {
        self.at(self.write(|tx| {
            require_text("The name", name, LONGEST_NAME)?;
            require_text("The reason", reason, LONGEST_TEXT)?;
            let review = review(tx, id)?;
            let mut sign_off = SignOff {
                decision,
                name: name.trim().to_owned(),
                reason: reason.trim().to_owned(),
                signed: Timestamp::now(),
                seen: review.seen(&run_digest(tx, id)?),
                signature: None,
            };
            sign_off.signature = key.map(|key| key.sign(&sign_off));
            insert_sign_off(tx, id, review.sign_offs.len() + 1, &sign_off)?;
            Ok(sign_off)
        }))
    }
}

/// Writes a whole review beside an experiment that has none.
pub(super) fn insert(
    connection: &Connection,
    id: &ExperimentId,
    review: &Review,
) -> Result<(), Problem> {
    for comment in &review.comments {
        insert_comment(connection, id, comment)?;
    }
    for check in &review.checks {
        insert_check(connection, id, check)?;
    }
    for (place, sign_off) in review.sign_offs.iter().enumerate() {
        insert_sign_off(connection, id, place + 1, sign_off)?;
    }
    Ok(())
}

fn insert_comment(
    connection: &Connection,
    id: &ExperimentId,
    comment: &Comment,
) -> Result<(), Problem> {
    let resolved = comment.resolved.as_ref();
    connection.execute(
        "INSERT INTO comments (experiment, number, answers, about, exact, author, text, written,
            resolved, resolved_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            id,
            comment.number,
            comment.answers,
            comment.about.label(),
            codec::encode(&comment.about),
            comment.author,
            comment.text,
            text_of(comment.written),
            resolved.map(|resolved| text_of(resolved.at)),
            resolved.map(|resolved| &resolved.by)
        ],
    )?;
    Ok(())
}

fn insert_check(connection: &Connection, id: &ExperimentId, check: &Check) -> Result<(), Problem> {
    connection.execute(
        "INSERT OR REPLACE INTO checks (experiment, item, answer, note, author, answered)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            id,
            check.item,
            word(&check.answer),
            check.note,
            check.author,
            text_of(check.answered)
        ],
    )?;
    Ok(())
}

fn insert_sign_off(
    connection: &Connection,
    id: &ExperimentId,
    number: usize,
    sign_off: &SignOff,
) -> Result<(), Problem> {
    let signature = sign_off.signature.as_ref();
    connection.execute(
        "INSERT INTO sign_offs (experiment, number, decision, name, reason, signed, run_digest,
            comments_digest, checklist_digest, public_key, signature)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            id,
            number as i64,
            word(&sign_off.decision),
            sign_off.name,
            sign_off.reason,
            text_of(sign_off.signed),
            sign_off.seen.run,
            sign_off.seen.comments,
            sign_off.seen.checklist,
            signature.map(|signature| &signature.public_key),
            signature.map(|signature| &signature.signature)
        ],
    )?;
    Ok(())
}

fn reviewed(connection: &Connection, id: &ExperimentId) -> Result<Reviewed, Problem> {
    let review = review(connection, id)?;
    // A run that is not finished can be commented on, but there is nothing yet to sign.
    let run = run_digest(connection, id).or_else(|problem| match problem {
        Problem::NotFinished(_) => Ok(String::new()),
        other => Err(other),
    })?;
    let seen = review.seen(&run);
    let standing = |sign_off: &SignOff| Standing {
        void_because: sign_off.void_because(&seen),
        seal: seal_of(sign_off),
    };
    let standings = review.sign_offs.iter().map(standing).collect();
    Ok(Reviewed { review, seen, standings })
}

/// One digest over plan, inputs, interventions and recording. The plan counts without its folders,
/// so that a shared copy has the same.
fn run_digest(connection: &Connection, id: &ExperimentId) -> Result<String, Problem> {
    let recording = library::digest_of(connection, id)?;
    let recording = recording.ok_or_else(|| Problem::Unknown(id.to_string()))?;
    let recording = recording.ok_or_else(|| Problem::NotFinished(id.clone()))?;
    let (plan, inputs) = experiment::plan(connection, id)?;
    let interventions = experiment::interventions(connection, id, &plan)?;
    let mut plan: PlanDraft = plan.into();
    plan.forget_folders();
    let all = (plan.to_toml(), inputs, interventions, recording);
    Ok(codec::digest(&codec::encode(&all)))
}

fn review(connection: &Connection, id: &ExperimentId) -> Result<Review, Problem> {
    Ok(Review {
        comments: comments(connection, id)?,
        checks: rows(connection, id, "checks", "item", read_check)?,
        sign_offs: rows(connection, id, "sign_offs", "number", read_sign_off)?,
    })
}

fn comments(connection: &Connection, id: &ExperimentId) -> Result<Vec<Comment>, Problem> {
    rows(connection, id, "comments", "number", read_comment)
}

/// Reads all rows of a table that belong to an experiment; a row that cannot be read is damage.
fn rows<T>(
    connection: &Connection,
    id: &ExperimentId,
    table: &'static str,
    order: &str,
    read: fn(&Row<'_>) -> rusqlite::Result<Option<T>>,
) -> Result<Vec<T>, Problem> {
    let sql = format!(
        "SELECT * FROM {table} WHERE experiment = ?1 ORDER BY {order} LIMIT {}",
        MOST_COMMENTS + 1
    );
    let mut statement = connection.prepare(&sql)?;
    let all = statement.query_map([id], read)?.collect::<Result<Vec<_>, _>>()?;
    if all.len() > MOST_COMMENTS {
        return Err(Problem::damaged(table, id, "it has too many rows"));
    }
    let all: Option<Vec<T>> = all.into_iter().collect();
    all.ok_or_else(|| Problem::damaged(table, id, "a row cannot be read"))
}

fn read_comment(row: &Row<'_>) -> rusqlite::Result<Option<Comment>> {
    let about = codec::decode(row.get_ref("exact")?.as_blob()?).ok();
    let (at, by): (Option<String>, Option<String>) =
        (row.get("resolved")?, row.get("resolved_by")?);
    let resolved = match at {
        Some(at) => match time_of(&at) {
            Some(at) => Some(Resolved { by: by.unwrap_or_default(), at }),
            None => return Ok(None),
        },
        None => None,
    };
    let written: String = row.get("written")?;
    let (number, answers) = (row.get("number")?, row.get("answers")?);
    let (author, text) = (row.get("author")?, row.get("text")?);
    let comment =
        |about, written| Comment { number, answers, about, author, text, written, resolved };
    Ok(about.zip(time_of(&written)).map(|(about, written)| comment(about, written)))
}

fn read_check(row: &Row<'_>) -> rusqlite::Result<Option<Check>> {
    let (answer, answered): (String, String) = (row.get("answer")?, row.get("answered")?);
    let (item, note, author) = (row.get("item")?, row.get("note")?, row.get("author")?);
    let check = |answer, answered| Check { item, answer, note, author, answered };
    Ok(from_word(&answer).zip(time_of(&answered)).map(|(a, at)| check(a, at)))
}

fn read_sign_off(row: &Row<'_>) -> rusqlite::Result<Option<SignOff>> {
    let (decision, signed): (String, String) = (row.get("decision")?, row.get("signed")?);
    let (key, signature): (Option<String>, Option<String>) =
        (row.get("public_key")?, row.get("signature")?);
    let signature =
        key.zip(signature).map(|(public_key, signature)| Signature { public_key, signature });
    let seen = Seen {
        run: row.get("run_digest")?,
        comments: row.get("comments_digest")?,
        checklist: row.get("checklist_digest")?,
    };
    let (name, reason) = (row.get("name")?, row.get("reason")?);
    let sign_off = |decision, signed| SignOff { decision, name, reason, signed, seen, signature };
    Ok(from_word(&decision).zip(time_of(&signed)).map(|(d, at)| sign_off(d, at)))
}

/// Always nine decimals: exact, and texts sort as times do.
fn text_of(at: Timestamp) -> String {
    format!("{at:.9}")
}

fn time_of(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

pub(super) fn require_text(what: &'static str, text: &str, most: usize) -> Result<(), Problem> {
    if text.trim().is_empty() {
        return Err(Problem::Missing(what));
    }
    let bytes = text.len();
    if bytes > most {
        let (bytes, limit) = (bytes as u64, most as u64);
        return Err(Problem::TooLarge { what: what.to_owned(), bytes, limit });
    }
    Ok(())
}
