//! The truth of every row, in the order of classes that the models' answers have.
//!
//! Recorded predictions are read by the same rules (`models::label`): of two values the positive
//! one is what the plan names, else `1`, `true` or `yes`, else the rarer one, else the later one in
//! sorting; three and more classes are sorted.

use std::collections::HashMap;

use super::error::Error;
use super::problem::{DataProblem, Severity};
use super::profile::text_counts;
use crate::domain::words::{count, shortened};
use crate::domain::{Column, Labels, Task, Values};

/// Whole numbers with no more distinct values than these are classes if no model says otherwise.
const FEW: usize = 20;
/// More classes are not counted apart.
const MOST_CLASSES: usize = 255;

/// Reads the labels in `column`. `task` is what the models answer, if they are known.
///
/// # Errors
/// If the column does not fit the task, `positive` is none of its values, or there are too many
/// classes.
pub(super) fn labels(
    column: &Column,
    positive: Option<&str>,
    task: Option<&Task>,
) -> Result<(Labels, Vec<DataProblem>), Error> {
    let fail = |message| Error::column(&column.name, message);
    let mut problems = Vec::new();
    let labels = match (&column.values, task) {
        (Values::Time(_), _) => Err("holds times, so it can be no label".to_owned()),
        (Values::Bytes(_), _) => Err("holds raw bytes, so it can be no label".to_owned()),
        (Values::Text { codes, dictionary }, Some(Task::Regression)) => Err(format!(
            "holds texts such as `{}`, but the models answer with numbers",
            shortened(
                codes.iter().find_map(|code| dictionary.get(*code as usize)).map_or("", |t| t)
            )
        )),
        (Values::Text { codes, dictionary }, task) => {
            let mut found: Vec<(String, usize)> = text_counts(codes, dictionary)
                .into_iter()
                .map(|(code, count)| (dictionary.get(code).cloned().unwrap_or_default(), count))
                .collect();
            found.sort();
            class_names(found, positive, task, &mut problems, &column.name).map(|names| {
                let of_name = Classes::new(&names);
                let known: Vec<u16> = dictionary.iter().map(|text| of_name.code(text)).collect();
                let code = |c: &u32| known.get(*c as usize).copied().unwrap_or(Labels::MISSING);
                Labels::Classes { codes: codes.iter().map(code).collect(), names }
            })
        }
        (Values::Number(values), task) => match class_numbers(values, task) {
            None => Ok(Labels::Numbers(values.iter().map(|x| narrowed(*x)).collect())),
            Some(found) => {
                let found = found.into_iter().map(|(x, count)| (x.to_string(), count)).collect();
                class_names(found, positive, task, &mut problems, &column.name).map(|names| {
                    let of_name = Classes::new(&names);
                    let codes = values.iter().map(|x| of_name.code_of_number(*x)).collect();
                    Labels::Classes { codes, names }
                })
            }
        },
    };
    let labels = labels.map_err(fail)?;
    problems.extend(told_missing(&labels, &column.name));
    Ok((labels, problems))
}

/// As an `f32`; what has none is missing.
fn narrowed(x: f64) -> f32 {
    let narrow = x as f32;
    if narrow.is_finite() { narrow } else { f32::NAN }
}

fn told_missing(labels: &Labels, column: &str) -> Option<DataProblem> {
    let missing = match labels {
        Labels::None => 0,
        Labels::Classes { codes, .. } => codes.iter().filter(|c| **c == Labels::MISSING).count(),
        Labels::Numbers(values) => values.iter().filter(|x| x.is_nan()).count(),
    };
    let message = || format!("{} without a label; quality leaves them out", count(missing, "row"));
    (missing > 0).then(|| DataProblem::of_column(Severity::Note, column, message()))
}

/// The distinct numbers in order with their numbers of rows, if they are classes.
fn class_numbers(values: &[f64], task: Option<&Task>) -> Option<Vec<(f64, usize)>> {
    if task == Some(&Task::Regression) {
        return None;
    }
    let most = if task.is_some() { MOST_CLASSES + 1 } else { FEW };
    let mut found: Vec<(f64, usize)> = Vec::new();
    for x in values.iter().filter(|x| !x.is_nan()) {
        // Both zeros are one value.
        let x = x + 0.0;
        match found.binary_search_by(|(known, _)| known.total_cmp(&x)) {
            Ok(place) => found.get_mut(place)?.1 += 1,
            // So many that the task, if there is one, will say what is wrong.
            Err(_) if found.len() == most && task.is_some() => break,
            Err(_) if found.len() == most => return None,
            Err(place) => found.insert(place, (x, 1)),
        }
    }
    let are_classes = match found.as_slice() {
        _ if task.is_some() => true,
        [] => false,
        [(only, _)] => *only == 0.0 || *only == 1.0,
        [_, _] => true,
        many => many.iter().all(|(x, _)| x.fract() == 0.0),
    };
    are_classes.then_some(found)
}

/// The classes in the order of their codes. `found` is sorted.
fn class_names(
    found: Vec<(String, usize)>,
    positive: Option<&str>,
    task: Option<&Task>,
    problems: &mut Vec<DataProblem>,
    column: &str,
) -> Result<Vec<String>, String> {
    if found.len() > MOST_CLASSES {
        return Err(format!(
            "has more than {MOST_CLASSES} different values; that is no set of classes"
        ));
    }
    let positive = positive.filter(|text| !text.is_empty());
    match (task, found.as_slice()) {
        (Some(Task::Multiclass { classes }), _) => {
            let known = Classes::new(classes);
            let mut names = classes.clone();
            for (name, rows) in found {
                if known.code(&name) != Labels::MISSING {
                    continue;
                }
                let message = format!(
                    "`{}` is none of the models' classes; they are wrong in {} whatever they answer",
                    shortened(&name),
                    count(rows, "row")
                );
                problems.push(DataProblem::of_column(Severity::Warning, column, message));
                names.push(name);
            }
            if names.len() > MOST_CLASSES {
                return Err(format!(
                    "and the models have more than {MOST_CLASSES} classes together"
                ));
            }
            Ok(names)
        }
        (_, [(a, a_rows), (b, b_rows)]) => pair((a, *a_rows), (b, *b_rows), positive),
        (_, [(only, _)]) => Ok(with_its_opposite(only, positive)),
        (Some(Task::Binary), many) if many.len() > 2 => Err(format!(
            "has {} different values (`{}`, …), but the models answer yes or no",
            many.len(),
            many.iter().take(3).map(|(name, _)| shortened(name)).collect::<Vec<_>>().join("`, `")
        )),
        _ => Ok(found.into_iter().map(|(name, _)| name).collect()),
    }
}

/// Negative, positive.
fn pair(
    (a, a_rows): (&str, usize),
    (b, b_rows): (&str, usize),
    positive: Option<&str>,
) -> Result<Vec<String>, String> {
    let a_is_positive = match positive {
        Some(text) if text == a => true,
        Some(text) if text == b => false,
        Some(text) => {
            return Err(format!(
                "has `{}` and `{}`, but the plan's `positive` is `{}`",
                shortened(a),
                shortened(b),
                shortened(text)
            ));
        }
        None => match (is_yes(a), is_yes(b)) {
            (true, _) => true,
            (_, true) => false,
            _ => a_rows < b_rows,
        },
    };
    let (negative, positive) = if a_is_positive { (b, a) } else { (a, b) };
    Ok(vec![negative.to_owned(), positive.to_owned()])
}

/// Two classes where the rows show only one.
fn with_its_opposite(only: &str, positive: Option<&str>) -> Vec<String> {
    let opposite = match only {
        "0" => "1".to_owned(),
        "1" => "0".to_owned(),
        _ => format!("not {only}"),
    };
    match positive {
        Some(positive) if positive != only => vec![only.to_owned(), positive.to_owned()],
        Some(_) => vec![opposite, only.to_owned()],
        None if is_yes(only) => vec![opposite, only.to_owned()],
        None => vec![only.to_owned(), opposite],
    }
}

fn is_yes(text: &str) -> bool {
    matches!(text.trim().to_lowercase().as_str(), "1" | "true" | "yes")
}

/// Classes by their names; names that are the same number are the same class.
struct Classes {
    texts: HashMap<String, u16>,
    numbers: HashMap<u64, u16>,
}

impl Classes {
    fn new(names: &[String]) -> Self {
        let mut classes = Self { texts: HashMap::new(), numbers: HashMap::new() };
        for (name, code) in names.iter().zip(0_u16..) {
            classes.texts.entry(name.clone()).or_insert(code);
            if let Ok(number) = name.trim().parse::<f64>() {
                classes.numbers.entry((number + 0.0).to_bits()).or_insert(code);
            }
        }
        classes
    }

    fn code(&self, name: &str) -> u16 {
        match self.texts.get(name) {
            Some(code) => *code,
            None => name.trim().parse().map_or(Labels::MISSING, |x| self.code_of_number(x)),
        }
    }

    fn code_of_number(&self, x: f64) -> u16 {
        self.numbers.get(&(x + 0.0).to_bits()).copied().unwrap_or(Labels::MISSING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An empty text is missing.
    fn texts(values: &[&str]) -> Column {
        let mut dictionary: Vec<String> = Vec::new();
        let mut codes = Vec::new();
        for text in values.iter().copied() {
            if text.is_empty() {
                codes.push(Values::MISSING);
                continue;
            }
            let known = dictionary.iter().position(|known| known == text);
            codes.push(known.unwrap_or(dictionary.len()) as u32);
            if known.is_none() {
                dictionary.push(text.to_owned());
            }
        }
        Column { name: "y".to_owned(), values: Values::Text { codes, dictionary } }
    }

    fn numbers(values: &[f64]) -> Column {
        Column { name: "y".to_owned(), values: Values::Number(values.to_vec()) }
    }

    fn classes(column: &Column, positive: Option<&str>, task: Option<&Task>) -> (String, Vec<u16>) {
        match labels(column, positive, task).unwrap().0 {
            Labels::Classes { names, codes } => (names.join(" "), codes),
            other => panic!("no classes: {other:?}"),
        }
    }

    const NONE: u16 = Labels::MISSING;

    #[test]
    fn of_two_values_the_named_one_a_yes_or_the_rarer_is_positive() {
        let loans = texts(&["good", "bad", "good", ""]);
        assert_eq!(classes(&loans, None, None), ("good bad".to_owned(), vec![0, 1, 0, NONE]));
        assert_eq!(
            classes(&loans, Some("good"), None),
            ("bad good".to_owned(), vec![1, 0, 1, NONE])
        );
        assert_eq!(
            classes(&numbers(&[1.0, 1.0, 0.0]), None, None),
            ("0 1".to_owned(), vec![1, 1, 0])
        );
        let fault = labels(&loans, Some("Bad"), None).unwrap_err().to_string();
        assert!(fault.contains("`bad` and `good`"), "{fault}");
    }

    #[test]
    fn classes_come_in_the_order_of_the_models_and_strangers_behind() {
        let task = Task::Multiclass { classes: ["dog", "cat"].map(str::to_owned).to_vec() };
        let (labels, problems) = labels(&texts(&["cat", "owl", "dog"]), None, Some(&task)).unwrap();
        let names = ["dog", "cat", "owl"].map(str::to_owned).to_vec();
        assert_eq!(labels, Labels::Classes { names, codes: vec![1, 2, 0] });
        assert!(problems[0].message.contains("`owl` is none of the models' classes"));
        let digits = Task::Multiclass { classes: ["1.0", "0"].map(str::to_owned).to_vec() };
        let read = classes(&numbers(&[0.0, 1.0, f64::NAN]), None, Some(&digits));
        assert_eq!(read.1, [1, 0, NONE]);
    }

    #[test]
    fn the_models_decide_whether_whole_numbers_are_classes() {
        let stars = numbers(&[1.0, 2.0, 3.0]);
        assert_eq!(classes(&stars, None, None).0, "1 2 3");
        let (read, _) = labels(&stars, None, Some(&Task::Regression)).unwrap();
        assert_eq!(read, Labels::Numbers(vec![1.0, 2.0, 3.0]));
        let fault = labels(&stars, None, Some(&Task::Binary)).unwrap_err().to_string();
        assert!(fault.contains("has 3 different values") && fault.contains("yes or no"), "{fault}");
        let (read, _) = labels(&numbers(&[0.5, 1.0, 2.0]), None, None).unwrap();
        assert!(matches!(read, Labels::Numbers(_)));
    }

    #[test]
    fn a_label_that_never_changes_is_still_yes_or_no() {
        assert_eq!(classes(&numbers(&[1.0, 1.0]), None, None), ("0 1".to_owned(), vec![1, 1]));
        assert_eq!(classes(&numbers(&[0.0]), None, None), ("0 1".to_owned(), vec![0]));
        let good = texts(&["good"]);
        assert_eq!(classes(&good, Some("bad"), None), ("good bad".to_owned(), vec![0]));
        assert_eq!(classes(&good, None, None), ("good not good".to_owned(), vec![0]));
    }

    #[test]
    fn more_values_than_classes_can_be_are_refused() {
        let values: Vec<f64> = (0..300).map(f64::from).collect();
        let fault = labels(&numbers(&values), None, Some(&Task::Binary)).unwrap_err().to_string();
        assert!(fault.contains("more than 255"), "{fault}");
        assert!(labels(&texts(&["a"]), None, Some(&Task::Regression)).is_err());
    }
}
