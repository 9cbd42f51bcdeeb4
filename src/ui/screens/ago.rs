//! Moments of the past as people say them.

use jiff::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// `5 minutes ago`; for what is older than a month, the date.
pub fn ago(then: Timestamp, now: Timestamp) -> String {
    let secs = now.as_second() - then.as_second();
    let count = |size: i64, word: &str| {
        let many = secs / size;
        if many == 1 { format!("1 {word} ago") } else { format!("{many} {word}s ago") }
    };
    match secs {
        ..MINUTE => "just now".to_owned(),
        MINUTE..HOUR => count(MINUTE, "minute"),
        HOUR..DAY => count(HOUR, "hour"),
        _ if secs < 2 * DAY => "yesterday".to_owned(),
        _ if secs < 31 * DAY => count(DAY, "day"),
        _ => then.strftime("%-d %b %Y").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearer_the_finer() {
        let then: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
        let after = |secs: i64| ago(then, Timestamp::from_second(then.as_second() + secs).unwrap());
        assert_eq!(after(-5), "just now");
        assert_eq!(after(60), "1 minute ago");
        assert_eq!(after(3 * HOUR), "3 hours ago");
        assert_eq!(after(30 * HOUR), "yesterday");
        assert_eq!(after(3 * DAY), "3 days ago");
        assert_eq!(after(90 * DAY), "1 Mar 2026");
    }
}
