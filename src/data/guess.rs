//! What columns are probably for, judged by their names and contents. A guess is only a proposal:
//! what a plan says wins.

use super::profile::text_counts;
use crate::domain::{Column, DataSource, Role, Table, Values};

/// The guesses for a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Guess {
    /// Roles that a plan can take over as they are; without a path.
    pub source: DataSource,
    /// Columns of free text.
    pub text: Vec<String>,
    /// Columns that look like the answers of a model.
    pub predictions: Vec<String>,
}

/// Names of each role, the surest first. A name also fits with one of the [`TAILS`] behind it.
const LABELS: &[&str] = &[
    "label",
    "target",
    "truth",
    "ground truth",
    "y true",
    "class",
    "outcome",
    "y",
    "churn",
    "churned",
    "fraud",
    "is fraud",
    "default",
    "defaulted",
    "repaid",
    "converted",
    "clicked",
    "response",
    "survived",
    "bad",
    "status",
];
const TIMES: &[&str] =
    &["timestamp", "time", "datetime", "event time", "ts", "date", "created at", "arrival"];
const USERS: &[&str] = &[
    "user",
    "userid",
    "customer",
    "customerid",
    "client",
    "applicant",
    "account",
    "member",
    "subscriber",
    "patient",
    "person",
    "visitor",
    "device",
    "session",
    "uid",
];
const SEGMENTS: &[&str] = &[
    "segment", "region", "country", "market", "channel", "tier", "group", "platform", "state",
    "city", "site", "store",
];
const VALUES: &[&str] = &["value", "revenue", "profit", "margin", "payoff", "worth"];
const TAILS: &[&str] = &["id", "key", "no", "nr", "number", "code", "name"];
/// Any of these words makes a column one of recorded predictions.
const PREDICTED: &[&str] =
    &["pred", "prediction", "predictions", "predicted", "proba", "probability", "yhat", "hat"];

/// A label has at most so many different texts, a segment so many different values.
const MOST_CLASSES: usize = 255;
const MOST_SEGMENTS: usize = 200;
/// Texts with so many words on average are meant to be read.
const WORDS: usize = 5;

/// Guesses the roles of a table's columns.
pub fn guess_roles(table: &Table) -> Guess {
    let mut guess = Guess::default();
    let mut free: Vec<&Column> = Vec::with_capacity(table.columns.len());
    for column in &table.columns {
        if is_prediction(column) {
            guess.predictions.push(column.name.clone());
        } else if is_free_text(column) {
            guess.text.push(column.name.clone());
        } else {
            free.push(column);
        }
    }
    // Each role takes its column away from the roles after it.
    let mut take = |find: &dyn Fn(&[&Column]) -> Option<String>| {
        let name = find(&free)?;
        free.retain(|column| column.name != name);
        Some(name)
    };
    let source = &mut guess.source;
    source.time = take(&time);
    source.label = take(&|free| {
        by_name(free, LABELS, can_be_label)
            .or_else(|| last_pair(free, table))
            .or_else(|| only_pair(free))
    });
    source.user = take(&|free| {
        by_name(free, USERS, can_be_user).or_else(|| by_name(free, &["id", "uuid"], repeats))
    });
    source.segment = take(&|free| by_name(free, SEGMENTS, can_be_segment));
    source.value =
        take(&|free| by_name(free, VALUES, |column| matches!(column.values, Values::Number(_))));
    guess
}

/// The role of a column, and whether it is only guessed.
pub fn role_of(source: &DataSource, guess: &Guess, column: &str) -> (Role, bool) {
    if let Some(role) = source.role_of(column) {
        return (role, false);
    }
    let has = |names: &[String]| names.iter().any(|name| name == column);
    let taken = |role| match role {
        Role::Label => source.label.is_some(),
        Role::Time => source.time.is_some(),
        Role::User => source.user.is_some(),
        Role::Segment => source.segment.is_some(),
        Role::Value => source.value.is_some(),
        _ => false,
    };
    match guess.source.role_of(column) {
        Some(role) if !taken(role) => (role, true),
        _ if has(&guess.predictions) => (Role::Prediction, true),
        _ if has(&guess.text) => (Role::Text, true),
        _ => (Role::Feature, true),
    }
}

/// The column whose name stands first in `names` among those that can have the role.
fn by_name(columns: &[&Column], names: &[&str], can: impl Fn(&Column) -> bool) -> Option<String> {
    names.iter().find_map(|wanted| {
        let found = columns.iter().find(|column| fits(&column.name, wanted) && can(column))?;
        Some(found.name.clone())
    })
}

/// True for `wanted` itself, or with a tail: `customer`, `Customer-ID`, `customerNumber`.
fn fits(name: &str, wanted: &str) -> bool {
    let name = words(name).join(" ");
    match name.strip_prefix(wanted) {
        Some("") => true,
        Some(tail) => tail.strip_prefix(' ').is_some_and(|tail| TAILS.contains(&tail)),
        None => false,
    }
}

/// The words of a name in lower case: `carValue_2` has `car`, `value` and `2`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before_small = false;
    for letter in name.chars() {
        let starts_word = letter.is_uppercase() && before_small;
        if (starts_word || !letter.is_alphanumeric()) && words.last().is_some_and(|w| !w.is_empty())
        {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
        before_small = letter.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

fn is_prediction(column: &Column) -> bool {
    let words = words(&column.name);
    let named = words.iter().any(|word| PREDICTED.contains(&word.as_str()));
    let is_score = matches!(words.as_slice(), [only] if only == "score" || only == "scores");
    (named && !is_of_rows_only(column)) || (is_score && is_probability(column))
}

/// True if every known value lies in 0 … 1.
fn is_probability(column: &Column) -> bool {
    let Values::Number(values) = &column.values else { return false };
    values.iter().all(|x| x.is_nan() || (0.0..=1.0).contains(x))
}

/// Times and raw bytes are a row's own: they make neither labels nor groups.
fn is_of_rows_only(column: &Column) -> bool {
    matches!(column.values, Values::Time(_) | Values::Bytes(_))
}

fn is_free_text(column: &Column) -> bool {
    let Values::Text { codes, dictionary } = &column.values else { return false };
    let sample = &dictionary[..dictionary.len().min(1_000)];
    let words: usize = sample.iter().map(|text| text.split_whitespace().count()).sum();
    dictionary.len() * 2 > codes.len() && words >= WORDS * sample.len().max(1)
}

/// A column of times, the best name first; else numbers that look like seconds since the epoch.
fn time(columns: &[&Column]) -> Option<String> {
    let is_time = |column: &Column| matches!(column.values, Values::Time(_));
    by_name(columns, TIMES, is_time)
        .or_else(|| columns.iter().find(|column| is_time(column)).map(|c| c.name.clone()))
        .or_else(|| by_name(columns, TIMES, is_epoch))
}

fn is_epoch(column: &Column) -> bool {
    let Values::Number(values) = &column.values else { return false };
    let mut known = values.iter().filter(|x| !x.is_nan()).peekable();
    // From 1990 on in seconds, or finer units.
    known.peek().is_some() && known.all(|x| *x > 6e8)
}

fn can_be_label(column: &Column) -> bool {
    match &column.values {
        Values::Time(_) | Values::Bytes(_) => false,
        Values::Number(_) => distinct(column, 2) >= 2,
        Values::Text { .. } => (2..=MOST_CLASSES).contains(&distinct(column, MOST_CLASSES + 1)),
    }
}

/// The table's last column, where a label often stands, if it has just two values.
fn last_pair(free: &[&Column], table: &Table) -> Option<String> {
    let last = table.columns.last()?;
    let is_free = free.iter().any(|column| column.name == last.name);
    (is_free && is_pair(last)).then(|| last.name.clone())
}

/// The only column with just two texts, or with just 0 and 1.
fn only_pair(free: &[&Column]) -> Option<String> {
    let is_flag = |column: &Column| match &column.values {
        Values::Number(values) => values.iter().all(|x| x.is_nan() || *x == 0.0 || *x == 1.0),
        _ => true,
    };
    // By its name it is something else, which is looked for after the label.
    let is_other = |column: &Column| {
        [USERS, SEGMENTS, VALUES].concat().iter().any(|name| fits(&column.name, name))
    };
    let mut pairs = free.iter().filter(|column| is_pair(column) && is_flag(column));
    let first = pairs.next()?;
    (pairs.next().is_none() && !is_other(first)).then(|| first.name.clone())
}

fn is_pair(column: &Column) -> bool {
    !is_of_rows_only(column) && distinct(column, 3) == 2
}

fn can_be_user(column: &Column) -> bool {
    match &column.values {
        Values::Time(_) | Values::Bytes(_) => false,
        Values::Number(values) => values.iter().all(|x| x.is_nan() || x.fract() == 0.0),
        Values::Text { .. } => distinct(column, 3) > 2,
    }
}

/// True if some value comes twice: a mere number of the row is nobody.
fn repeats(column: &Column) -> bool {
    match &column.values {
        Values::Number(values) => {
            let mut sorted = values.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            can_be_user(column) && sorted.windows(2).any(|pair| pair[0] == pair[1])
        }
        Values::Text { codes, dictionary } => dictionary.len() < codes.len(),
        Values::Time(_) | Values::Bytes(_) => false,
    }
}

fn can_be_segment(column: &Column) -> bool {
    !is_of_rows_only(column) && (2..=MOST_SEGMENTS).contains(&distinct(column, MOST_SEGMENTS + 1))
}

/// Different values; no more than `enough` are counted.
fn distinct(column: &Column, enough: usize) -> usize {
    match &column.values {
        Values::Number(values) => {
            let mut seen: Vec<f64> = Vec::new();
            for x in values.iter().filter(|x| !x.is_nan()) {
                if let Err(place) = seen.binary_search_by(|known| known.total_cmp(&(x + 0.0))) {
                    seen.insert(place, x + 0.0);
                }
                if seen.len() >= enough {
                    break;
                }
            }
            seen.len()
        }
        Values::Text { codes, dictionary } => text_counts(codes, dictionary).len().min(enough),
        Values::Time(_) | Values::Bytes(_) => enough,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(name: &str, values: &[f64]) -> Column {
        Column { name: name.to_owned(), values: Values::Number(values.to_vec()) }
    }

    fn texts(name: &str, values: &[&str]) -> Column {
        let mut dictionary: Vec<String> = values.iter().map(|text| (*text).to_owned()).collect();
        dictionary.sort();
        dictionary.dedup();
        let code = |text: &&str| dictionary.iter().position(|known| known == text).unwrap() as u32;
        let codes = values.iter().map(code).collect();
        Column { name: name.to_owned(), values: Values::Text { codes, dictionary } }
    }

    fn guess(columns: Vec<Column>) -> Guess {
        guess_roles(&Table { columns, rows: 3, digest: String::new() })
    }

    #[test]
    fn a_pair_that_names_a_segment_is_no_label() {
        let pair = texts("platform", &["ios", "android", "ios", "ios"]);
        let found = guess(vec![pair, numbers("spend", &[1.5, 2.5, 0.5, 3.5])]);
        assert_eq!(found.source.label, None);
        assert_eq!(found.source.segment.as_deref(), Some("platform"));
    }

    #[test]
    fn names_decide_and_contents_confirm() {
        let found = guess(vec![
            texts("customerId", &["a", "b", "c"]),
            numbers("number_customer_service_calls", &[1.0, 2.0, 3.0]),
            Column { name: "applied_at".to_owned(), values: Values::Time(vec![Some(1); 3]) },
            texts("Region", &["north", "south", "north"]),
            numbers("margin", &[1.5, 2.5, 0.5]),
            numbers("y_pred_proba", &[0.1, 0.9, 0.4]),
            numbers("credit_score", &[700.0, 650.0, 710.0]),
            texts("status", &["good", "bad", "good"]),
        ]);
        let source = &found.source;
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(source.user, some("customerId"));
        assert_eq!(source.time, some("applied_at"));
        assert_eq!(source.segment, some("Region"));
        assert_eq!(source.value, some("margin"));
        assert_eq!(source.label, some("status"));
        assert_eq!(found.predictions, ["y_pred_proba"]);
    }

    #[test]
    fn a_last_column_of_two_values_is_the_label_whatever_its_name() {
        let found = guess(vec![
            numbers("speed", &[1.0, 2.5, 3.0]),
            texts("wohin", &["links", "rechts", "links"]),
        ]);
        assert_eq!(found.source.label.as_deref(), Some("wohin"));
    }

    #[test]
    fn the_only_column_of_two_values_is_the_label_wherever_it_stands() {
        let speed = || numbers("speed", &[1.0, 2.5, 3.0]);
        let pair = |name: &str| texts(name, &["yes", "no", "yes"]);
        let label = |columns| guess(columns).source.label;
        assert_eq!(label(vec![pair("bought"), speed()]).as_deref(), Some("bought"));
        assert_eq!(label(vec![pair("bought"), pair("member"), speed()]), None);
    }

    #[test]
    fn a_score_is_a_prediction_only_if_it_can_be_a_probability() {
        let found = |score: &[f64]| guess(vec![numbers("score", score)]).predictions;
        assert_eq!(found(&[0.0, 1.0, f64::NAN]), ["score"]);
        assert!(found(&[0.5, 2.5, 1.0]).is_empty());
    }

    #[test]
    fn an_id_that_numbers_the_rows_is_no_user() {
        let user =
            |ids: &[f64]| guess(vec![numbers("id", ids), numbers("x", &[1.5; 3])]).source.user;
        assert_eq!(user(&[1.0, 2.0, 3.0]), None);
        assert_eq!(user(&[1.0, 2.0, 1.0]).as_deref(), Some("id"));
    }

    #[test]
    fn free_text_is_told_from_categories() {
        let message = [
            "how are you doing today",
            "please call me back later on",
            "what about dinner at eight",
        ];
        let found =
            guess(vec![texts("message", &message), texts("kind", &["a b c d e f", "g", "g"])]);
        assert_eq!(found.text, ["message"]);
    }

    #[test]
    fn what_the_plan_says_wins_over_the_guess() {
        let found = guess(vec![
            texts("label", &["a", "b", "a"]),
            texts("other", &["a", "b", "a"]),
            numbers("score", &[0.5; 3]),
        ]);
        let mut source = DataSource::default();
        assert_eq!(role_of(&source, &found, "label"), (Role::Label, true));
        assert_eq!(role_of(&source, &found, "score"), (Role::Prediction, true));
        source.label = Some("other".to_owned());
        assert_eq!(role_of(&source, &found, "label"), (Role::Feature, true));
        assert_eq!(role_of(&source, &found, "other"), (Role::Label, false));
    }
}
