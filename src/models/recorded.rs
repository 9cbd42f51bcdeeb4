//! Answers that another program recorded in a column: any framework's model can be rehearsed.

use std::collections::HashMap;

use super::error::{Error, did_you_mean};
use super::label::{Truth, used_texts, yes_or_no};
use crate::domain::words::count;
use crate::domain::words::shortened;
use crate::domain::{Answers, Column, DataSource, Table, Task, Values};

/// From this probability on a recorded score is a yes.
const THRESHOLD: f32 = 0.5;

/// Reads the predictions in `column`; what they are follows from them and the label together.
///
/// For a label of two values these are probabilities between 0 and 1 (of the positive value), or
/// classes; for more classes their names; for numbers, numbers.
///
/// # Errors
/// If the column is missing, is the label itself, has gaps, or does not fit the label.
pub fn recorded_column(
    table: &Table,
    column: &str,
    source: &DataSource,
) -> Result<(Task, Answers), Error> {
    let Some(found) = table.column(column) else {
        let hint = did_you_mean(table.nearest_name(column));
        return Err(Error::recorded(column, format!("the dataset has no such column{hint}")));
    };
    if source.label.as_deref() == Some(column) {
        let message = "it is the label; a copy of the truth makes a perfect model";
        return Err(Error::recorded(column, message));
    }
    let truth = Truth::of(table, source, column)?;
    answers_of(found, &truth)
}

/// Reads a column of predictions in the light of the label.
pub(super) fn answers_of(column: &Column, truth: &Truth) -> Result<(Task, Answers), Error> {
    let fail = |message| Error::recorded(&column.name, message);
    check_gaps(&column.values).map_err(fail)?;
    match &column.values {
        Values::Time(_) => Err(fail("it holds times".to_owned())),
        Values::Bytes(_) => Err(fail("it holds raw bytes".to_owned())),
        Values::Number(values) => from_numbers(values, truth).map_err(fail),
        Values::Text { codes, dictionary } => from_texts(codes, dictionary, truth).map_err(fail),
    }
}

fn check_gaps(values: &Values) -> Result<(), String> {
    let rows = match values {
        Values::Number(values) => values.len(),
        Values::Time(values) => values.len(),
        Values::Text { codes, .. } => codes.len(),
        Values::Bytes(blobs) => blobs.len(),
    };
    let mut gaps = (0..rows).filter(|&row| values.is_missing(row));
    match gaps.next() {
        None => Ok(()),
        Some(first) => {
            let gaps = count(gaps.count() + 1, "row");
            Err(format!("{gaps} without a prediction, the first is row {}", first + 1))
        }
    }
}

fn from_numbers(values: &[f64], truth: &Truth) -> Result<(Task, Answers), String> {
    if let Some(row) = values.iter().position(|&x| !(x as f32).is_finite()) {
        let x = values.get(row).copied().unwrap_or(f64::NAN);
        return Err(format!("row {} holds {x}", row + 1));
    }
    let is_probability = |x: &f64| (0.0..=1.0).contains(x);
    let all_certain = values.iter().all(|&x| x == 0.0 || x == 1.0);
    let odd_one = values.iter().position(|x| !is_probability(x));
    let as_f32 = || values.iter().map(|&x| x as f32).collect::<Vec<f32>>();
    let numbers = || Ok((Task::Regression, Answers::Numbers(as_f32())));
    let binary = || {
        let answers = if all_certain {
            Answers::Classes(values.iter().map(|&x| x as u16).collect())
        } else {
            Answers::Scores { values: as_f32(), threshold: THRESHOLD }
        };
        Ok((Task::Binary, answers))
    };
    match truth {
        Truth::Numbers => numbers(),
        Truth::Unknown if odd_one.is_some() => numbers(),
        Truth::Unknown => binary(),
        Truth::Two(names) => match (class_numbers(values, names), odd_one) {
            (Ok(codes), _) => Ok((Task::Binary, Answers::Classes(codes))),
            (Err(_), None) => binary(),
            (Err(_), Some(row)) => Err(format!(
                "row {} holds {}; for the label's two values it must be the probability of `{}` \
                 between 0 and 1, or one of the two",
                row + 1,
                values.get(row).copied().unwrap_or(f64::NAN),
                names[1]
            )),
        },
        Truth::Few(names) => match class_numbers(values, names) {
            Ok(codes) => Ok(multiclass(names.clone(), codes)),
            Err(_) => numbers(),
        },
        Truth::Classes(names) => match class_numbers(values, names) {
            Ok(codes) => Ok(multiclass(names.clone(), codes)),
            Err(row) => Err(format!(
                "row {} holds the number {}, but the label has classes such as `{}`",
                row + 1,
                values.get(row).copied().unwrap_or(f64::NAN),
                shortened(names.first().map_or("", String::as_str))
            )),
        },
    }
}

/// The classes that numbers name, or the first row whose number names none.
fn class_numbers(values: &[f64], names: &[String]) -> Result<Vec<u16>, usize> {
    let known: Vec<Option<f64>> = names.iter().map(|name| name.parse().ok()).collect();
    let code = |x: f64| known.iter().position(|known| *known == Some(x)).map(|at| at as u16);
    values.iter().enumerate().map(|(row, &x)| code(x).ok_or(row)).collect()
}

fn from_texts(
    codes: &[u32],
    dictionary: &[String],
    truth: &Truth,
) -> Result<(Task, Answers), String> {
    match truth {
        Truth::Numbers => Err(format!(
            "it holds text (row 1: `{}`), but the label holds numbers",
            shortened(
                codes
                    .first()
                    .and_then(|&code| dictionary.get(code as usize))
                    .map_or("", String::as_str)
            )
        )),
        Truth::Two(names) => {
            let known = Names::of(names);
            let wanted = |text: &str| known.class(text).or_else(|| yes_or_no(text).map(u16::from));
            let codes = class_codes(codes, dictionary, wanted).map_err(|(row, text)| {
                format!(
                    "row {} holds `{}`, but the label has `{}` and `{}`",
                    row + 1,
                    shortened(text),
                    shortened(&names[0]),
                    shortened(&names[1])
                )
            })?;
            Ok((Task::Binary, Answers::Classes(codes)))
        }
        Truth::Classes(names) | Truth::Few(names) => {
            let mut classes = names.clone();
            // A class that the label never shows is always wrong, but it is an answer.
            let new = used_texts(codes, dictionary);
            let known = Names::of(names);
            classes.extend(new.into_iter().filter(|text| known.class(text).is_none()));
            named(codes, dictionary, classes)
        }
        Truth::Unknown => {
            let used = used_texts(codes, dictionary);
            let meant: Vec<Option<bool>> = used.iter().map(|text| yes_or_no(text)).collect();
            if meant.iter().all(Option::is_some) {
                let code = |text: &str| yes_or_no(text).map(u16::from);
                let codes = class_codes(codes, dictionary, code).unwrap_or_default();
                return Ok((Task::Binary, Answers::Classes(codes)));
            }
            named(codes, dictionary, used)
        }
    }
}

/// Answers that name one of `classes`.
fn named(
    codes: &[u32],
    dictionary: &[String],
    classes: Vec<String>,
) -> Result<(Task, Answers), String> {
    if classes.len() >= usize::from(u16::MAX) {
        return Err(format!("it has {} different texts; that is no set of classes", classes.len()));
    }
    let known = Names::of(&classes);
    let codes = class_codes(codes, dictionary, |text| known.class(text))
        .map_err(|(row, text)| format!("row {} holds `{}`", row + 1, shortened(text)))?;
    Ok(multiclass(classes, codes))
}

fn multiclass(classes: Vec<String>, codes: Vec<u16>) -> (Task, Answers) {
    (Task::Multiclass { classes }, Answers::Classes(codes))
}

/// The class of each row, or the first row whose text has none, with the text.
fn class_codes<'d>(
    codes: &[u32],
    dictionary: &'d [String],
    class: impl Fn(&str) -> Option<u16>,
) -> Result<Vec<u16>, (usize, &'d str)> {
    let classes: Vec<Option<u16>> = dictionary.iter().map(|text| class(text)).collect();
    let of_row = |(row, &code): (usize, &u32)| {
        let code = code as usize;
        classes
            .get(code)
            .copied()
            .flatten()
            .ok_or_else(|| (row, dictionary.get(code).map_or("", String::as_str)))
    };
    codes.iter().enumerate().map(of_row).collect()
}

/// Classes by their names.
struct Names {
    exact: HashMap<String, u16>,
    /// Without spaces around and in lower case; these count only if nothing fits exactly.
    loose: HashMap<String, u16>,
}

impl Names {
    fn of(names: &[String]) -> Self {
        let mut known = Self { exact: HashMap::new(), loose: HashMap::new() };
        for (name, code) in names.iter().zip(0u16..) {
            known.exact.entry(name.clone()).or_insert(code);
            known.loose.entry(loosely(name)).or_insert(code);
        }
        known
    }

    fn class(&self, text: &str) -> Option<u16> {
        self.exact.get(text).or_else(|| self.loose.get(&loosely(text))).copied()
    }
}

fn loosely(text: &str) -> String {
    text.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{labelled, numbers, table, texts};
    use super::*;

    fn read(label: Column, predictions: Column) -> Result<(Task, Answers), String> {
        let source = labelled(&label.name);
        let name = predictions.name.clone();
        recorded_column(&table(vec![label, predictions]), &name, &source)
            .map_err(|fault| fault.to_string())
    }

    fn loans() -> Column {
        texts("class", &["bad", "good", "good"])
    }

    #[test]
    fn numbers_between_0_and_1_are_scores_of_the_positive_value() {
        let (task, answers) = read(loans(), numbers("p", &[0.9, 0.25, 0.0])).unwrap();
        assert_eq!(task, Task::Binary);
        assert_eq!(answers, Answers::Scores { values: vec![0.9, 0.25, 0.0], threshold: 0.5 });
        let (_, certain) = read(loans(), numbers("p", &[1.0, 0.0, 0.0])).unwrap();
        assert_eq!(certain, Answers::Classes(vec![1, 0, 0]));
        let fault = read(loans(), numbers("p", &[0.9, 1.5, 0.0])).unwrap_err();
        assert!(fault.contains("row 2 holds 1.5") && fault.contains("`bad`"), "{fault}");
    }

    #[test]
    fn texts_are_matched_to_the_labels_values() {
        let (_, answers) = read(loans(), texts("p", &["good", "Bad ", "good"])).unwrap();
        assert_eq!(answers, Answers::Classes(vec![0, 1, 0]));
        let (_, words) =
            read(numbers("y", &[0.0, 1.0, 0.0]), texts("p", &["no", "yes", "no"])).unwrap();
        assert_eq!(words, Answers::Classes(vec![0, 1, 0]));
        let fault = read(loans(), texts("p", &["good", "ugly", "good"])).unwrap_err();
        assert!(fault.contains("row 2 holds `ugly`"), "{fault}");
    }

    #[test]
    fn numbers_that_name_the_labels_values_are_classes_whichever_is_positive() {
        let predictions = numbers("p", &[2.0, 3.0, 3.0]);
        let (_, answers) = read(numbers("y", &[2.0, 3.0, 3.0]), predictions.clone()).unwrap();
        assert_eq!(answers, Answers::Classes(vec![1, 0, 0]), "2 is rarer, so positive");
        let mut source = labelled("y");
        source.positive = Some("3".to_owned());
        let both = table(vec![numbers("y", &[2.0, 3.0, 3.0]), predictions]);
        let (_, answers) = recorded_column(&both, "p", &source).unwrap();
        assert_eq!(answers, Answers::Classes(vec![0, 1, 1]));
    }

    #[test]
    fn several_classes_keep_names_that_the_label_never_shows() {
        let label = texts("y", &["cat", "dog", "owl", "cat"]);
        let (task, answers) = read(label, texts("p", &["dog", "dog", "emu", "owl"])).unwrap();
        let classes = ["cat", "dog", "owl", "emu"].map(str::to_owned).to_vec();
        assert_eq!(task, Task::Multiclass { classes });
        assert_eq!(answers, Answers::Classes(vec![1, 1, 3, 2]));
    }

    #[test]
    fn whole_numbers_are_classes_only_if_the_predictions_are_too() {
        let digits = || numbers("y", &[1.0, 2.0, 3.0]);
        let (task, _) = read(digits(), numbers("p", &[1.0, 3.0, 3.0])).unwrap();
        assert!(matches!(task, Task::Multiclass { classes } if classes.len() == 3));
        let (task, answers) = read(digits(), numbers("p", &[1.2, 2.9, 3.0])).unwrap();
        assert_eq!((task, answers), (Task::Regression, Answers::Numbers(vec![1.2, 2.9, 3.0])));
    }

    #[test]
    fn gaps_the_label_itself_and_unknown_columns_are_refused() {
        let gaps = read(loans(), numbers("p", &[0.9, f64::NAN, f64::NAN])).unwrap_err();
        assert!(gaps.contains("2 rows without a prediction, the first is row 2"), "{gaps}");
        let table = table(vec![loans()]);
        let fault = |column| recorded_column(&table, column, &labelled("class")).unwrap_err();
        assert!(fault("class").to_string().contains("it is the label"));
        assert!(fault("clas").to_string().contains("did you mean `class`?"));
    }
}
