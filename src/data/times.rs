//! Moments from columns of times, of numbers since the epoch, or of texts that are such numbers.

use super::error::Error;
use super::problem::{DataProblem, Problems};
use crate::domain::words::shortened;
use crate::domain::{Column, SimTime, Values};

/// The time of each row since the earliest. A row without a time gets that of the row before it.
///
/// # Errors
/// If the column holds no times.
pub(super) fn times(
    column: &Column,
    problems: &mut Vec<DataProblem>,
) -> Result<Vec<SimTime>, Error> {
    let micros = micros(column, |numbers| unit_of(&column.name, numbers))?;
    let Some(earliest) = micros.iter().copied().flatten().min() else {
        return Err(Error::column(&column.name, "holds no time at all"));
    };
    let mut told = Problems::default();
    let mut before = earliest;
    let mut times = Vec::with_capacity(micros.len());
    for (row, time) in micros.iter().enumerate() {
        if time.is_none() {
            told.repeated("rows without a time", row + 1, Some(&column.name), || {
                "There is no time; that of the row before is taken".to_owned()
            });
        }
        before = time.unwrap_or(before);
        times.push(SimTime::from_micros(before.saturating_sub(earliest).unsigned_abs()));
    }
    problems.extend(told.into_list());
    Ok(times)
}

/// Microseconds of each row. `unit` tells how many microseconds one unit of a number has.
pub(super) fn micros(
    column: &Column,
    unit: impl Fn(&[f64]) -> f64,
) -> Result<Vec<Option<i64>>, Error> {
    match &column.values {
        Values::Time(times) => Ok(times.clone()),
        Values::Number(numbers) => Ok(scaled(numbers, unit(numbers))),
        Values::Bytes(_) => Err(Error::column(&column.name, "holds raw bytes, so it has no times")),
        Values::Text { codes, dictionary } => {
            // Nanoseconds since the epoch have too many digits for a column of numbers.
            let parsed: Vec<Option<f64>> =
                dictionary.iter().map(|text| text.parse().ok()).collect();
            let number = |(row, code): (usize, &u32)| match parsed.get(*code as usize) {
                None => Ok(f64::NAN),
                Some(Some(number)) => Ok(*number),
                Some(None) => Err(row),
            };
            let numbers: Result<Vec<f64>, usize> = codes.iter().enumerate().map(number).collect();
            let numbers = numbers.map_err(|row| {
                let text = shortened(&column.values.show(row));
                let message = format!(
                    "holds no times (row {}: `{text}`): write them as 2024-03-31 12:00:00, or as \
                     seconds since 1970",
                    row + 1
                );
                Error::column(&column.name, message)
            })?;
            Ok(scaled(&numbers, unit(&numbers)))
        }
    }
}

fn scaled(numbers: &[f64], unit: f64) -> Vec<Option<i64>> {
    // Beyond these a number is no time, and differences would overflow.
    const FAR: f64 = 4e18;
    let one = |x: &f64| {
        let micros = x * unit;
        (micros.abs() < FAR).then_some(micros.round() as i64)
    };
    numbers.iter().map(one).collect()
}

/// Microseconds per unit: what the column's name says (`sent_ms`), else what the size of the
/// numbers says, for which the epoch is 1970.
fn unit_of(name: &str, numbers: &[f64]) -> f64 {
    let tail = name.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    match tail.to_lowercase().as_str() {
        "ns" | "nanos" => return 1e-3,
        "us" | "micros" => return 1.0,
        "ms" | "millis" => return 1e3,
        "s" | "sec" | "secs" | "seconds" => return 1e6,
        _ => {}
    }
    let largest = numbers.iter().filter(|x| x.is_finite()).fold(0.0, |m: f64, x| m.max(x.abs()));
    match largest {
        x if x >= 1e17 => 1e-3,
        x if x >= 1e14 => 1.0,
        x if x >= 1e11 => 1e3,
        _ => 1e6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds_apart(name: &str, values: Values) -> Vec<f64> {
        let column = Column { name: name.to_owned(), values };
        let times = times(&column, &mut Vec::new()).unwrap();
        times.into_iter().map(SimTime::as_secs_f64).collect()
    }

    #[test]
    fn numbers_are_seconds_or_finer_as_their_size_or_name_says() {
        let numbers = |values: [f64; 2]| Values::Number(values.to_vec());
        assert_eq!(seconds_apart("t", numbers([1_709_294_402.0, 1_709_294_400.0])), [2.0, 0.0]);
        assert_eq!(
            seconds_apart("t", numbers([1_709_294_402_000.0, 1_709_294_400_000.0])),
            [2.0, 0.0]
        );
        assert_eq!(seconds_apart("t", numbers([10.0, 12.5])), [0.0, 2.5]);
        assert_eq!(seconds_apart("sent_ms", numbers([10.0, 12.0])), [0.0, 0.002]);
    }

    #[test]
    fn nanoseconds_that_were_read_as_texts_are_times() {
        let dictionary = ["1709294400000000000", "1709294401500000000"].map(str::to_owned).to_vec();
        let apart = seconds_apart("t", Values::Text { codes: vec![1, 0], dictionary });
        assert!((apart[0] - 1.5).abs() < 1e-5, "{apart:?}");
    }

    #[test]
    fn texts_are_refused_with_their_row() {
        let dictionary = vec!["1".to_owned(), "soon".to_owned()];
        let values = Values::Text { codes: vec![0, 1], dictionary };
        let fault = times(&Column { name: "t".to_owned(), values }, &mut Vec::new()).unwrap_err();
        assert!(fault.to_string().contains("row 2: `soon`"), "{fault}");
    }
}
