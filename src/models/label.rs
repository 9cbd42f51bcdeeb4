//! What the dataset's label says about the task, so that recorded predictions can be read.

use std::collections::BTreeSet;

use super::error::{Error, did_you_mean};
use crate::domain::{DataSource, Table, Values};

/// Whole numbers with no more distinct values than these may be classes.
const FEW: usize = 20;
/// Texts with more distinct values than these are no label.
const MOST_CLASSES: usize = 1000;

/// The label's values, as far as they decide the task.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Truth {
    /// No label.
    Unknown,
    /// Two values: negative, positive.
    Two([String; 2]),
    /// Texts, sorted.
    Classes(Vec<String>),
    /// A few whole numbers, sorted: classes, or numbers to be estimated.
    Few(Vec<String>),
    /// Many numbers.
    Numbers,
}

impl Truth {
    /// Looks at the label that `source` names.
    ///
    /// # Errors
    /// If it is not in the table, holds times, or `positive` is not one of its two values.
    pub fn of(table: &Table, source: &DataSource, predictions: &str) -> Result<Self, Error> {
        let Some(name) = source.label.as_deref() else { return Ok(Self::Unknown) };
        let fail = |message| Error::recorded(predictions, message);
        let Some(column) = table.column(name) else {
            let hint = did_you_mean(table.nearest_name(name));
            return Err(fail(format!("the label `{name}` is not in the dataset{hint}")));
        };
        match &column.values {
            Values::Time(_) => Err(fail(format!("the label `{name}` holds times"))),
            Values::Bytes(_) => Err(fail(format!("the label `{name}` holds raw bytes"))),
            Values::Number(values) => of_numbers(values, name, source).map_err(fail),
            Values::Text { codes, dictionary } => {
                of_texts(codes, dictionary, name, source).map_err(fail)
            }
        }
    }
}

fn of_numbers(values: &[f64], label: &str, source: &DataSource) -> Result<Truth, String> {
    let mut distinct: Vec<(f64, usize)> = Vec::new();
    for &x in values.iter().filter(|x| !x.is_nan()) {
        // Both zeros are one value.
        let x = x + 0.0;
        let full = distinct.len() == FEW;
        match distinct.iter_mut().find(|(known, _)| known.total_cmp(&x).is_eq()) {
            Some((_, count)) => *count += 1,
            None if full => return Ok(Truth::Numbers),
            None => distinct.push((x, 1)),
        }
    }
    distinct.sort_by(|a, b| a.0.total_cmp(&b.0));
    let named: Vec<(String, usize)> =
        distinct.iter().map(|(x, count)| (x.to_string(), *count)).collect();
    let whole = distinct.iter().all(|(x, _)| x.fract() == 0.0);
    match named.as_slice() {
        [] => Ok(Truth::Unknown),
        // A label that is always 0 or always 1 is still yes or no.
        [(only, _)] if only == "0" || only == "1" => {
            two(&[("0".to_owned(), 1), ("1".to_owned(), 1)], label, source)
        }
        [_] => Ok(Truth::Numbers),
        [_, _] => two(&named, label, source),
        _ if whole => Ok(Truth::Few(named.into_iter().map(|(name, _)| name).collect())),
        _ => Ok(Truth::Numbers),
    }
}

fn of_texts(
    codes: &[u32],
    dictionary: &[String],
    label: &str,
    source: &DataSource,
) -> Result<Truth, String> {
    let mut counts = vec![0; dictionary.len()];
    for &code in codes {
        if let Some(count) = counts.get_mut(code as usize) {
            *count += 1;
        }
    }
    let mut named: Vec<(String, usize)> =
        dictionary.iter().cloned().zip(counts).filter(|(_, count)| *count > 0).collect();
    named.sort();
    match named.as_slice() {
        [] => Ok(Truth::Unknown),
        [_, _] => two(&named, label, source),
        _ if named.len() > MOST_CLASSES => Err(format!(
            "the label `{label}` has {} different texts; that is no set of classes",
            named.len()
        )),
        _ => Ok(Truth::Classes(named.into_iter().map(|(name, _)| name).collect())),
    }
}

/// Puts the positive of two values last: the one that the plan names, else `1`, `true` or `yes`,
/// else the rarer.
fn two(named: &[(String, usize)], label: &str, source: &DataSource) -> Result<Truth, String> {
    let [(a, a_count), (b, b_count)] = named else { return Ok(Truth::Unknown) };
    let pair = |positive: &str| {
        let (negative, positive) = if positive == a { (b, a) } else { (a, b) };
        Ok(Truth::Two([negative.clone(), positive.clone()]))
    };
    if let Some(positive) = source.positive.as_deref().filter(|text| !text.is_empty()) {
        return if positive == a || positive == b {
            pair(positive)
        } else {
            Err(format!("the label `{label}` has `{a}` and `{b}`, but `positive` is `{positive}`"))
        };
    }
    match (yes_or_no(a), yes_or_no(b)) {
        (Some(true), _) => pair(a),
        (_, Some(true)) => pair(b),
        _ if a_count < b_count => pair(a),
        _ => pair(b),
    }
}

/// What common words for yes and no mean.
pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "1" | "true" | "yes" => Some(true),
        "0" | "false" | "no" => Some(false),
        _ => None,
    }
}

/// Distinct texts that rows use, sorted.
pub(super) fn used_texts(codes: &[u32], dictionary: &[String]) -> Vec<String> {
    let used: BTreeSet<&String> =
        codes.iter().filter_map(|&code| dictionary.get(code as usize)).collect();
    used.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{labelled, numbers, table, texts};
    use super::*;

    fn truth(column: crate::domain::Column, positive: Option<&str>) -> Result<Truth, Error> {
        let name = column.name.clone();
        let mut source = labelled(&name);
        source.positive = positive.map(str::to_owned);
        Truth::of(&table(vec![column]), &source, "p")
    }

    fn pair(negative: &str, positive: &str) -> Truth {
        Truth::Two([negative.to_owned(), positive.to_owned()])
    }

    #[test]
    fn positive_is_what_the_plan_says_or_a_yes_or_the_rarer() {
        let loans = || texts("class", &["bad", "good", "good"]);
        assert_eq!(truth(loans(), None).unwrap(), pair("good", "bad"));
        assert_eq!(truth(loans(), Some("good")).unwrap(), pair("bad", "good"));
        assert_eq!(truth(texts("churn", &["yes", "yes", "no"]), None).unwrap(), pair("no", "yes"));
        assert_eq!(truth(numbers("y", &[1.0, 1.0, 0.0]), None).unwrap(), pair("0", "1"));
        assert!(truth(loans(), Some("Bad")).unwrap_err().to_string().contains("`bad` and `good`"));
    }

    #[test]
    fn few_whole_numbers_may_be_classes_and_many_are_numbers() {
        let few = truth(numbers("y", &[2.0, 1.0, 10.0, f64::NAN]), None).unwrap();
        assert_eq!(few, Truth::Few(vec!["1".to_owned(), "2".to_owned(), "10".to_owned()]));
        assert_eq!(truth(numbers("y", &[0.5, 1.0, 2.0]), None).unwrap(), Truth::Numbers);
        let many: Vec<f64> = (0..50).map(f64::from).collect();
        assert_eq!(truth(numbers("y", &many), None).unwrap(), Truth::Numbers);
    }
}
