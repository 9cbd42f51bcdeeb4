//! What a finished run showed, in columns that lists can show without reading its recording.

use rusqlite::{Connection, params};

use super::ExperimentId;
use super::codec::{from_word, word};
use super::error::Problem;
use super::experiment::Cells;
use crate::domain::Metric;
use crate::stats::Interval;
use crate::stats::verdict::{Headline, VerdictCard, VerdictRow, Word};

/// The answer of a finished run, and the metric that tells most about its candidate.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Shown {
    pub headline: Headline,
    pub key: Option<KeyMetric>,
}

/// A difference between the candidate and the baseline.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct KeyMetric {
    pub metric: Metric,
    pub delta: f64,
    pub interval: Interval,
}

pub(super) fn save(
    connection: &Connection,
    id: &ExperimentId,
    card: &VerdictCard,
) -> Result<(), Problem> {
    let has_change = |row: &&VerdictRow| row.delta.is_some() && row.interval.is_some();
    let rows = || card.rows_of(card.arm).filter(has_change);
    // The first row is quality, the one that people ask for; a clear change elsewhere tells more
    // than none there.
    let is_clear = |row: &&VerdictRow| matches!(row.word, Word::Better | Word::Worse);
    let key = rows().find(is_clear).or_else(|| rows().next());
    connection.execute(
        "INSERT OR REPLACE INTO verdicts
            (experiment, headline, sentence, metric, delta, low, high, shows)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            id,
            word(&card.headline),
            card.sentence,
            key.map(|row| word(&row.metric)),
            key.and_then(|row| row.delta),
            key.and_then(|row| row.interval).map(|interval| interval.low),
            key.and_then(|row| row.interval).map(|interval| interval.high),
            key.map(|row| word(&row.word))
        ],
    )?;
    Ok(())
}

/// Reads `headline, metric, delta, low, high`; `None` where there are none.
pub(super) fn read(cells: &mut Cells<'_>) -> rusqlite::Result<Option<Shown>> {
    let headline: Option<String> = cells.next()?;
    let metric: Option<String> = cells.next()?;
    let numbers: [Option<f64>; 3] = [cells.next()?, cells.next()?, cells.next()?];
    let Some(headline) = headline.and_then(|word| headline_of(&word)) else { return Ok(None) };
    let key = match (metric.and_then(|word| from_word(&word)), numbers) {
        (Some(metric), [Some(delta), Some(low), Some(high)]) => {
            Some(KeyMetric { metric, delta, interval: Interval::new(low, high) })
        }
        _ => None,
    };
    Ok(Some(Shown { headline, key }))
}

fn headline_of(text: &str) -> Option<Headline> {
    let all = [Headline::Promote, Headline::Hold, Headline::RollBack, Headline::NotEnoughData];
    all.into_iter().find(|headline| word(headline) == text)
}
