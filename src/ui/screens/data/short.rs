//! Numbers and times in few signs, for tables.

use jiff::Timestamp;

/// Four digits that matter: `0.03125`, `−1234`, `1.2e9`.
pub fn short(x: f64) -> String {
    let size = x.abs();
    let text = if size != 0.0 && !(1e-4..1e7).contains(&size) {
        format!("{x:.1e}")
    } else {
        let before = if size >= 1.0 { size.log10().floor() as i32 + 1 } else { 1 };
        let places = (4 - before).max(0) as usize;
        let text = format!("{x:.places$}");
        match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
            false => text,
        }
    };
    text.replace('-', "−")
}

/// The day in UTC, from microseconds since the epoch.
pub fn day(micros: i64) -> String {
    match Timestamp::from_microsecond(micros) {
        Ok(time) => time.to_string().chars().take(10).collect(),
        Err(_) => micros.to_string(),
    }
}

/// From one day to another, or from one time of a day to another; in UTC.
pub fn period(first: i64, last: i64) -> String {
    let date = day(first);
    if date == day(last) {
        format!("{date} {}–{}", clock(first), clock(last))
    } else {
        format!("{date} … {}", day(last))
    }
}

/// Hours and minutes in UTC.
fn clock(micros: i64) -> String {
    match Timestamp::from_microsecond(micros) {
        Ok(time) => time.to_string().chars().skip(11).take(5).collect(),
        Err(_) => String::new(),
    }
}

/// `12 %`, `<1 %`, `0`.
pub fn percent(part: usize, of: usize) -> String {
    let share = 100.0 * part as f64 / of.max(1) as f64;
    match part {
        0 => "0".to_owned(),
        _ if share < 1.0 => "<1 %".to_owned(),
        _ => format!("{share:.0} %"),
    }
}

/// `812 bytes`, `1.5 MB`.
pub fn bytes(count: u64) -> String {
    let mut size = count as f64;
    for unit in ["bytes", "kB", "MB", "GB"] {
        if size < 1_000.0 || unit == "GB" {
            let text = if unit == "bytes" { format!("{size:.0}") } else { format!("{size:.1}") };
            return format!("{text} {unit}");
        }
        size /= 1_000.0;
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_what_matters() {
        let cases =
            [(0.0, "0"), (0.5, "0.5"), (31.25, "31.25"), (-1234.5, "−1234"), (2.5e9, "2.5e9")];
        for (number, text) in cases {
            assert_eq!(short(number), text);
        }
        assert_eq!((percent(0, 9), percent(1, 1_000)), ("0".to_owned(), "<1 %".to_owned()));
        assert_eq!((bytes(812), bytes(225_050)), ("812 bytes".to_owned(), "225.1 kB".to_owned()));
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(period(0, 60_000_000), "1970-01-01 00:00–00:01");
        assert_eq!(period(0, 86_400_000_000), "1970-01-01 … 1970-01-02");
    }
}
