//! Questions in SQL about one experiment: read-only, on the documented views.

use rusqlite::types::ValueRef;

use super::error::{Error, Problem};
use super::{ExperimentId, Library, connection};

/// Views and tables that a question finds narrowed to its experiment, with the column that names
/// it.
const NARROWED: [(&str, &str); 8] = [
    ("experiment_list", "id"),
    ("window_metrics", "experiment"),
    ("segment_metrics", "experiment"),
    ("event_log", "experiment"),
    ("gate_log", "experiment"),
    ("job_log", "experiment"),
    ("review_log", "experiment"),
    ("arms", "experiment"),
];

/// No more rows than these are answered.
const MOST_ROWS: usize = 1_000_000;

/// A question that many people have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadyQuery {
    pub name: &'static str,
    pub what: &'static str,
    pub sql: &'static str,
}

/// Questions that are ready to be asked.
pub const READY: [ReadyQuery; 8] = [
    ReadyQuery {
        name: "arms",
        what: "Each arm over the whole run",
        sql: "SELECT arm, name, sum(requests) AS requests, sum(errors) AS errors,
       round(sum(errors) * 1.0 / nullif(sum(answered + errors + timeouts + rejected), 0), 5) AS error_rate,
       round(max(latency_p95), 1) AS worst_p95_ms, sum(labelled) AS labels,
       round(sum(accuracy * labelled) / nullif(sum(labelled), 0), 4) AS accuracy
FROM window_metrics GROUP BY arm, name",
    },
    ReadyQuery {
        name: "stages",
        what: "Each arm in each stage",
        sql: "SELECT stage, arm, min(clock) AS since, sum(requests) AS requests,
       round(sum(accuracy * labelled) / nullif(sum(labelled), 0), 4) AS accuracy,
       round(avg(latency_p95), 1) AS mean_p95_ms
FROM window_metrics GROUP BY stage, arm ORDER BY min(window), arm",
    },
    ReadyQuery {
        name: "worst",
        what: "The ten windows with the longest p95",
        sql: "SELECT clock, stage, arm, latency_p95, queue_length, utilisation
FROM window_metrics WHERE latency_p95 IS NOT NULL ORDER BY latency_p95 DESC LIMIT 10",
    },
    ReadyQuery {
        name: "checks",
        what: "Every gate check that did not pass",
        sql: "SELECT clock, gate, value, \"limit\", n, verdict FROM gate_log WHERE verdict <> 'pass'",
    },
    ReadyQuery {
        name: "segments",
        what: "Accuracy of each segment and arm",
        sql: "SELECT segment, arm, sum(labelled) AS labels,
       round(sum(accuracy * labelled) / nullif(sum(labelled), 0), 4) AS accuracy
FROM segment_metrics GROUP BY segment, arm ORDER BY segment, arm",
    },
    ReadyQuery {
        name: "events",
        what: "What happened, without the checks",
        sql: "SELECT clock, sentence FROM event_log WHERE kind <> 'measured'",
    },
    ReadyQuery {
        name: "harm",
        what: "Wrong answers that a candidate caused and avoided, minute by minute",
        sql: "SELECT arm, printf('%02d:00', sum(secs) OVER minutes / 60) AS until, harm, gain
FROM (SELECT arm, window / 12 AS minute, sum(secs) AS secs, sum(harm) AS harm, sum(gain) AS gain
      FROM window_metrics GROUP BY arm, window / 12)
WINDOW minutes AS (PARTITION BY arm ORDER BY minute)",
    },
    ReadyQuery {
        name: "review",
        what: "Comments, checklist and sign-offs in the order of time",
        sql: "SELECT at, what, who, about, text FROM review_log",
    },
];

/// What a question was answered with: names of columns, and rows of text. NULL is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Option<String>>>,
}

impl Library {
    /// Answers one SELECT about one experiment. The documented views show that experiment alone;
    /// nothing can be changed, and no other file be read.
    ///
    /// # Errors
    /// If the text is not one question in SQL, or the answer is too long; in SQLite's words.
    pub fn query(&self, id: &ExperimentId, sql: &str) -> Result<Answered, Error> {
        self.at(self.try_query(id, sql))
    }

    fn try_query(&self, id: &ExperimentId, sql: &str) -> Result<Answered, Problem> {
        let narrowed: String = NARROWED
            .iter()
            // An id is letters and digits, so it can stand in the text.
            .map(|(view, key)| {
                format!(
                    "CREATE TEMP VIEW {view} AS SELECT * FROM main.{view} WHERE {key} = '{id}';"
                )
            })
            .collect();
        let reader = connection::open_for_questions(self.reading_uri(), &narrowed)?;
        let mut statement = reader.prepare(sql)?;
        if !statement.readonly() || statement.column_count() == 0 {
            return Err(Problem::NotAQuestion);
        }
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query([])?;
        let mut answer = Answered { columns, rows: Vec::new() };
        while let Some(row) = rows.next()? {
            if answer.rows.len() == MOST_ROWS {
                return Err(Problem::TooManyRows(MOST_ROWS));
            }
            let cells = (0..answer.columns.len()).map(|column| Ok(text(row.get_ref(column)?)));
            answer.rows.push(cells.collect::<rusqlite::Result<_>>()?);
        }
        Ok(answer)
    }
}

fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Some(format!("{} bytes", bytes.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn questions_see_one_experiment_and_change_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::open(&folder.path().join("library.rehearsal")).unwrap();
        let (plan, inputs) = (fixture::plan(), fixture::inputs(50));
        let new = fixture::new(&plan, &inputs);
        let ids = [3, 4].map(|salt| {
            let id = library.begin(&new).unwrap();
            library.finish(&id, &fixture::recording(20, salt)).unwrap();
            id
        });
        for id in &ids {
            let answer =
                library.query(id, "SELECT DISTINCT experiment FROM window_metrics").unwrap();
            assert_eq!(answer.rows, [vec![Some(id.to_string())]]);
            for ready in READY {
                let answer = library.query(id, ready.sql).unwrap();
                assert!(!answer.columns.is_empty(), "{}", ready.name);
                let is_empty_here = ["review", "checks"].contains(&ready.name);
                assert!(is_empty_here || !answer.rows.is_empty(), "{}", ready.name);
            }
        }
        for hostile in [
            "DELETE FROM experiments",
            "SELECT 1; DROP TABLE experiments",
            "ATTACH '/etc/passwd' AS x",
            "PRAGMA writable_schema = 1",
            "VACUUM INTO '/tmp/stolen'",
            "SELECT load_extension('x')",
            "SELECT writefile('/tmp/x', 'x')",
            "nonsense",
            "",
        ] {
            assert!(library.query(&ids[0], hostile).is_err(), "{hostile}");
        }
        assert_eq!(library.list().unwrap().len(), 2);
    }
}
