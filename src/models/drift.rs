//! Drift of a feature: the same table with one column moved, for faults that ask the model again.

use super::card::Card;
use super::content::digest_of;
use super::error::{Error, did_you_mean};
use super::features::text_numbers;
use crate::domain::words::shortened;
use crate::domain::{Column, Table, Values};

/// The table with the numbers of `feature` moved by `shift` of their standard deviations. It has a
/// digest of its own, so its answers are kept apart.
///
/// # Errors
/// If none of the `cards`' models reads the feature, it is no column of numbers, or it does not
/// vary.
pub fn drifted(cards: &[&Card], table: &Table, feature: &str, shift: f64) -> Result<Table, Error> {
    let fail = |message: String| Error::Drift { feature: feature.to_owned(), message };
    let Some(place) = table.columns.iter().position(|column| column.name == feature) else {
        let hint = did_you_mean(table.nearest_name(feature));
        return Err(fail(format!("the dataset has no such column{hint}")));
    };
    if !cards.iter().any(|card| card.reads(feature)) {
        return Err(fail("no model that can be run reads it, so nothing would change".to_owned()));
    }
    if !shift.is_finite() {
        return Err(fail(format!("a shift of {shift} standard deviations has no meaning")));
    }
    let mut moved = table.clone();
    moved.digest = digest_of(&[
        b"rehearsal drift 1",
        table.digest.as_bytes(),
        feature.as_bytes(),
        &shift.to_le_bytes(),
    ]);
    if let Some(column) = moved.columns.get_mut(place) {
        let mut numbers = numbers_of(column).map_err(fail)?;
        let deviation = standard_deviation(&numbers);
        if deviation.is_nan() || deviation <= 0.0 {
            return Err(fail("all its values are equal, so they have no deviation".to_owned()));
        }
        for x in &mut numbers {
            *x += shift * deviation;
        }
        column.values = Values::Number(numbers);
    }
    Ok(moved)
}

fn numbers_of(column: &Column) -> Result<Vec<f64>, String> {
    match &column.values {
        Values::Number(values) => Ok(values.clone()),
        Values::Time(_) => Err("it holds times; only numbers drift".to_owned()),
        Values::Bytes(_) => Err("it holds raw bytes; only numbers drift".to_owned()),
        Values::Text { codes, .. } => {
            let numbers = text_numbers(&column.values).map_err(|(row, text)| {
                format!(
                    "it holds text (row {}: `{}`); only numbers drift",
                    row + 1,
                    shortened(text)
                )
            })?;
            let number = |&code: &u32| numbers.get(code as usize).copied().unwrap_or(f64::NAN);
            Ok(codes.iter().map(number).collect())
        }
    }
}

/// Of the population; missing values do not count.
fn standard_deviation(values: &[f64]) -> f64 {
    let known = || values.iter().copied().filter(|x| x.is_finite());
    let n = known().count() as f64;
    let mean = known().sum::<f64>() / n;
    (known().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n).sqrt()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{card_reading, numbers, table, texts};
    use super::*;

    #[test]
    fn numbers_move_by_their_deviation_and_missing_ones_stay_missing() {
        let before = table(vec![numbers("x", &[1.0, 3.0, f64::NAN]), numbers("y", &[0.0; 3])]);
        let card = card_reading(&["x"]);
        let after = drifted(&[&card], &before, "x", 2.0).unwrap();
        let Values::Number(values) = &after.columns[0].values else { panic!("not numbers") };
        assert_eq!(values[..2], [3.0, 5.0]);
        assert!(values[2].is_nan());
        assert_eq!(after.columns[1], before.columns[1]);
        assert_ne!(after.digest, before.digest);
    }

    #[test]
    fn what_cannot_drift_is_refused_with_the_reason() {
        let table = table(vec![texts("t", &["a", "b"]), numbers("same", &[1.0, 1.0])]);
        let card = card_reading(&["t", "same"]);
        let why = |feature| drifted(&[&card], &table, feature, 1.0).unwrap_err().to_string();
        assert!(why("t").contains("row 1: `a`"));
        assert!(why("same").contains("equal"));
        assert!(why("sam").contains("did you mean `same`?"));
        let other = card_reading(&["t"]);
        let fault = drifted(&[&other], &table, "same", 1.0).unwrap_err();
        assert!(fault.to_string().contains("no model"));
    }
}
