//! Virtual time: integer microseconds, so that sums are exact and equal runs are equal to the bit.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment of a rehearsal, counted in microseconds from its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(u64);

/// A length of virtual time in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimSpan(u64);

const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
];

impl SimSpan {
    pub const ZERO: Self = Self(0);
    /// Ten years: longer spans are refused by every plan, which keeps sums far from overflow.
    pub const LONGEST: Self = Self::from_secs(10 * 366 * 86_400);

    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// Rounds to the nearest microsecond; negative and NaN become zero.
    pub fn from_secs_f64(secs: f64) -> Self {
        Self((secs * 1e6).round() as u64)
    }

    pub const fn micros(self) -> u64 {
        self.0
    }

    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    pub fn as_millis_f64(self) -> f64 {
        self.0 as f64 / 1e3
    }

    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    pub const fn times(self, factor: u64) -> Self {
        Self(self.0.saturating_mul(factor))
    }

    /// Rounded for people: whole seconds from a minute on, one decimal below.
    pub fn words(self) -> String {
        let secs = self.as_secs_f64();
        if self.is_zero() {
            return "0 s".to_owned();
        }
        if secs < 60.0 {
            return format!("{secs:.1} s");
        }
        let whole = secs.round() as u64;
        let (days, hours, minutes, secs) =
            (whole / 86_400, whole / 3_600 % 24, whole / 60 % 60, whole % 60);
        match (days, hours) {
            (0, 0) => format!("{minutes} min {secs:02} s"),
            (0, _) => format!("{hours} h {minutes:02} min"),
            _ => format!("{days} d {hours:02} h"),
        }
    }
}

impl SimTime {
    pub const START: Self = Self(0);
    /// Later than anything that happens.
    pub const NEVER: Self = Self(u64::MAX);

    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    pub fn from_secs_f64(secs: f64) -> Self {
        Self((secs * 1e6).round() as u64)
    }

    pub const fn micros(self) -> u64 {
        self.0
    }

    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// The time that has passed since `earlier`; zero if that is later.
    pub const fn since(self, earlier: Self) -> SimSpan {
        SimSpan(self.0.saturating_sub(earlier.0))
    }

    /// The first whole multiple of `span` after this moment.
    pub const fn next_multiple(self, span: SimSpan) -> Self {
        let step = if span.0 == 0 { 1 } else { span.0 };
        Self((self.0 / step + 1).saturating_mul(step))
    }

    pub const fn is_multiple_of(self, span: SimSpan) -> bool {
        self.0.is_multiple_of(span.0)
    }

    /// Minutes and seconds as a clock shows them: `02:18`, `1:02:18`, `3 d 01:02:18`.
    pub fn clock(self) -> String {
        let secs = self.0 / 1_000_000;
        let (days, hours, minutes, secs) =
            (secs / 86_400, secs / 3_600 % 24, secs / 60 % 60, secs % 60);
        match (days, hours) {
            (0, 0) => format!("{minutes:02}:{secs:02}"),
            (0, _) => format!("{hours}:{minutes:02}:{secs:02}"),
            _ => format!("{days} d {hours:02}:{minutes:02}:{secs:02}"),
        }
    }
}

impl Add<SimSpan> for SimTime {
    type Output = Self;

    fn add(self, span: SimSpan) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub<SimSpan> for SimTime {
    type Output = Self;

    fn sub(self, span: SimSpan) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl Add for SimSpan {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for SimSpan {
    fn sum<I: Iterator<Item = Self>>(spans: I) -> Self {
        spans.fold(Self::ZERO, Add::add)
    }
}

impl AddAssign for SimSpan {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// The shortest exact form: `250ms`, `1m30s`, `2h`.
impl fmt::Display for SimSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut left = self.0;
        for (name, micros) in UNITS {
            if left >= micros {
                write!(f, "{}{name}", left / micros)?;
                left %= micros;
            }
        }
        if left > 0 {
            write!(f, "{left}us")?;
        }
        Ok(())
    }
}

impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SimSpan(self.0).fmt(f)
    }
}

/// Why a text is not a length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a length of time; write for example `250ms`, `90s`, `1m30s`, `2h` or `1d`")]
pub struct NotASpan(String);

impl FromStr for SimSpan {
    type Err = NotASpan;

    fn from_str(text: &str) -> Result<Self, NotASpan> {
        let fault = || NotASpan(text.chars().take(40).collect());
        let mut rest = text.trim();
        let mut total = 0.0;
        if rest.is_empty() {
            return Err(fault());
        }
        while !rest.is_empty() {
            let digits =
                rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).ok_or_else(fault)?;
            let (number, tail) = rest.split_at(digits);
            let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(letters);
            let micros = match unit {
                "us" => 1,
                "min" => 60_000_000,
                _ => UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(fault)?.1,
            };
            total += number.parse::<f64>().map_err(|_| fault())? * micros as f64;
            rest = tail.trim_start();
        }
        let span = Self(total.round() as u64);
        if span > Self::LONGEST { Err(fault()) } else { Ok(span) }
    }
}

// Plans and JSON carry the readable text; compact encodings the bare integer.
macro_rules! serde_as_text {
    ($type:ident, $name:literal) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    serializer.serialize_u64(self.0)
                }
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    let text = String::deserialize(deserializer)?;
                    let span: SimSpan = text.parse().map_err(serde::de::Error::custom)?;
                    Ok(Self(span.0))
                } else {
                    u64::deserialize(deserializer).map(Self)
                }
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "description": "A length of time such as 250ms, 90s, 1m30s, 2h or 1d",
                    "examples": ["250ms", "90s", "1m30s"],
                })
            }
        }
    };
}
serde_as_text!(SimSpan, "Span");
serde_as_text!(SimTime, "Time");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_survive_being_written_and_read() {
        for micros in [0, 1, 999, 1_000, 90_000_000, 3_723_004_005, 86_400_000_000] {
            let span = SimSpan::from_micros(micros);
            assert_eq!(span.to_string().parse(), Ok(span), "{span}");
        }
    }

    #[test]
    fn texts_that_are_no_span_are_refused() {
        for text in ["", "12", "s", "1x", "-3s", "1..2s", "99999999d", "NaNs"] {
            assert!(text.parse::<SimSpan>().is_err(), "{text:?} was taken");
        }
        assert_eq!("1.5 min".replace(' ', "").parse(), Ok(SimSpan::from_secs(90)));
    }

    #[test]
    fn clock_grows_with_the_time() {
        assert_eq!(SimTime::from_secs(138).clock(), "02:18");
        assert_eq!(SimTime::from_secs(3_738).clock(), "1:02:18");
        assert_eq!(SimTime::from_secs(3 * 86_400 + 5).clock(), "3 d 00:00:05");
    }
}
