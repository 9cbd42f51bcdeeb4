//! What a single text of a CSV or JSON file means.

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;

/// True for what programs write where a value is missing.
pub(super) fn is_missing(text: &str) -> bool {
    matches!(text, "" | "NA" | "N/A" | "n/a" | "NaN" | "nan" | "NULL" | "Null" | "null" | "<NA>")
}

/// A finite number; `decimal_comma` also takes `3,5` for three and a half.
pub(super) fn number(text: &str, decimal_comma: bool) -> Option<f64> {
    let parsed = match text.parse::<f64>() {
        Ok(number) => number,
        Err(_) if decimal_comma && text.bytes().filter(|b| *b == b',').count() == 1 => {
            text.replace(',', ".").parse().ok()?
        }
        Err(_) => return None,
    };
    parsed.is_finite().then_some(parsed)
}

/// True for digits that would lose something as a number: leading zeros, as in `00417`, or more
/// digits than a number holds. Such columns are names of things: postcodes, account numbers.
pub(super) fn is_code(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    all_digits && (digits.len() > 15 || (digits.len() > 1 && digits.starts_with('0')))
}

/// How a column writes its times. Without an offset they are taken as UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeFormat {
    /// `2024-03-01`, `2024-03-01 12:00:00.5`, `2024-03-01T12:00:00+02:00`.
    Iso,
    /// `2024/03/01`, with or without a time of day.
    YearSlashes,
    /// `01.03.2024`: the day first.
    Dots,
    /// `31/03/2024`: the day first.
    DaySlashes,
    /// `03/31/2024`: the month first.
    MonthSlashes,
}

impl TimeFormat {
    /// The order decides between day and month first where a column leaves both open.
    pub const ALL: [Self; 5] =
        [Self::Iso, Self::YearSlashes, Self::Dots, Self::MonthSlashes, Self::DaySlashes];

    /// Microseconds since the epoch.
    pub fn parse(self, text: &str) -> Option<i64> {
        let starts_as_a_date = text.as_bytes().first().is_some_and(u8::is_ascii_digit);
        if !starts_as_a_date || text.len() < 8 || !text.is_ascii() {
            return None;
        }
        match self {
            Self::Iso => iso(text),
            Self::YearSlashes => parts(text, '/', |[year, month, day]| [year, month, day]),
            Self::Dots => parts(text, '.', |[day, month, year]| [year, month, day]),
            Self::DaySlashes => parts(text, '/', |[day, month, year]| [year, month, day]),
            Self::MonthSlashes => parts(text, '/', |[month, day, year]| [year, month, day]),
        }
    }
}

fn iso(text: &str) -> Option<i64> {
    // jiff also takes `20240301`, which is more likely a number.
    if text.as_bytes().get(4) != Some(&b'-') {
        return None;
    }
    if text.len() == 10 {
        return micros(text.parse::<civil::Date>().ok()?.at(0, 0, 0, 0));
    }
    let plain = text.strip_suffix(" UTC").unwrap_or(text);
    let time_of_day = plain.get(11..)?;
    if time_of_day.contains(['Z', 'z', '+', '-']) {
        return plain.parse::<Timestamp>().ok().map(Timestamp::as_microsecond);
    }
    micros(plain.parse::<civil::DateTime>().ok()?)
}

/// A date of three numbers, then perhaps a time of day.
fn parts(text: &str, separator: char, year_first: fn([i64; 3]) -> [i64; 3]) -> Option<i64> {
    let (date, time) = match text.split_once([' ', 'T']) {
        Some((date, time)) => (date, time.trim()),
        None => (text, ""),
    };
    let mut numbers = date.split(separator).map(|part| part.parse::<i64>().ok());
    let three = [numbers.next()??, numbers.next()??, numbers.next()??];
    if numbers.next().is_some() {
        return None;
    }
    let [year, month, day] = year_first(three);
    // A year of two digits could be any part of the date.
    if !(1000..=9999).contains(&year) {
        return None;
    }
    let date = civil::Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    );
    let time = if time.is_empty() { civil::Time::midnight() } else { time.parse().ok()? };
    micros(date.ok()?.to_datetime(time))
}

fn micros(time: civil::DateTime) -> Option<i64> {
    TimeZone::UTC.to_timestamp(time).ok().map(Timestamp::as_microsecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_709_294_400_000_000; // 2024-03-01 12:00:00 UTC

    #[test]
    fn the_common_ways_to_write_a_time_are_one_time() {
        let read = |format: TimeFormat, text| format.parse(text).map(|micros| micros - NOON);
        for text in [
            "2024-03-01 12:00:00",
            "2024-03-01T12:00:00Z",
            "2024-03-01 14:00:00+02:00",
            "2024-03-01 12:00:00 UTC",
            "2024-03-01T12:00",
        ] {
            assert_eq!(read(TimeFormat::Iso, text), Some(0), "{text}");
        }
        assert_eq!(read(TimeFormat::Iso, "2024-03-01 12:00:00.25"), Some(250_000));
        assert_eq!(read(TimeFormat::Iso, "2024-03-01"), Some(-43_200_000_000));
        assert_eq!(read(TimeFormat::Dots, "01.03.2024 12:00"), Some(0));
        assert_eq!(read(TimeFormat::MonthSlashes, "3/1/2024 12:00:00"), Some(0));
        assert_eq!(read(TimeFormat::DaySlashes, "01/03/2024 12:00:00"), Some(0));
        assert_eq!(read(TimeFormat::YearSlashes, "2024/03/01 12:00"), Some(0));
    }

    #[test]
    fn numbers_and_impossible_dates_are_no_times() {
        for text in
            ["20240301", "2024-13-01", "31/02/2024", "1/2/24", "3.14", "2024-03", "é-2024-01"]
        {
            assert!(TimeFormat::ALL.iter().all(|f| f.parse(text).is_none()), "{text}");
        }
    }

    #[test]
    fn a_comma_is_a_decimal_point_only_where_it_separates_nothing() {
        assert_eq!(number("3,5", true), Some(3.5));
        assert_eq!(number("3,5", false), None);
        assert_eq!(number("1,234,567", true), None);
        assert_eq!(number("inf", false), None);
    }

    #[test]
    fn postcodes_and_long_ids_are_codes() {
        assert!(is_code("00417") && is_code("9007199254740993"));
        assert!(!is_code("0") && !is_code("417") && !is_code("0.5") && !is_code("-3"));
    }
}
