//! Values that people write as text.

use crate::domain::{SimSpan, SimTime};

/// A value with a text form.
pub trait Typed: Sized {
    /// As a field shows it.
    fn show(&self) -> String;

    /// What a person wrote.
    ///
    /// # Errors
    /// Why it is no such value, and what to write.
    fn read(text: &str) -> Result<Self, String>;
}

impl Typed for f64 {
    /// Rounded where only the binary form has more digits.
    fn show(&self) -> String {
        let rounded = (self * 1e9).round() / 1e9;
        if rounded.is_finite() { rounded.to_string() } else { self.to_string() }
    }

    fn read(text: &str) -> Result<Self, String> {
        let number = text.trim().parse().ok().filter(|number: &Self| number.is_finite());
        number.ok_or_else(|| format!("`{text}` is not a number."))
    }
}

macro_rules! whole_number {
    ($type:ty) => {
        impl Typed for $type {
            fn show(&self) -> String {
                self.to_string()
            }

            fn read(text: &str) -> Result<Self, String> {
                // Thousands may be grouped with spaces or underscores.
                let digits = text.replace([' ', '_'], "");
                digits.parse().map_err(|_| format!("`{text}` is not a whole number from 0 on."))
            }
        }
    };
}
whole_number!(u32);
whole_number!(u64);

impl Typed for SimSpan {
    fn show(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|fault| format!("{fault}."))
    }
}

impl Typed for SimTime {
    fn show(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Result<Self, String> {
        SimSpan::read(text).map(|span| Self::START + span)
    }
}

/// An empty field is none.
impl<T: Typed> Typed for Option<T> {
    fn show(&self) -> String {
        self.as_ref().map(T::show).unwrap_or_default()
    }

    fn read(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() { Ok(None) } else { T::read(text).map(Some) }
    }
}

impl Typed for String {
    fn show(&self) -> String {
        self.clone()
    }

    fn read(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_can_be_read_back() {
        assert_eq!((0.07_f64 * 100.0).show(), "7");
        assert_eq!(f64::read(" 2.5 "), Ok(2.5));
        assert_eq!(u64::read("20 000"), Ok(20_000));
        assert_eq!(SimTime::read("1m30s").map(|time| time.show()), Ok("1m30s".to_owned()));
        assert_eq!(Option::<SimSpan>::read("  "), Ok(None));
        assert_eq!(Option::<u32>::read("3"), Ok(Some(3)));
    }

    #[test]
    fn what_is_no_value_is_told_with_what_to_write() {
        assert!(f64::read("NaN").is_err());
        assert!(u32::read("-1").is_err());
        assert!(SimSpan::read("90").is_err_and(|message| message.contains("90s")));
    }
}
