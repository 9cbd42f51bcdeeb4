//! Reading TOML that people write, with faults in their words.

use serde::de::DeserializeOwned;

/// Why a text is not what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", line.map_or_else(String::new, |line| format!("Line {line}: ")))]
pub struct TomlFault {
    /// Line of the text, from 1, where it is known.
    pub line: Option<usize>,
    pub message: String,
}

/// Reads a value.
///
/// # Errors
/// If the text is not TOML, or a field is missing, unknown or of the wrong type; with its line.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, TomlFault> {
    toml::from_str(text).map_err(|fault| {
        let span = fault.span();
        let before = span.as_ref().and_then(|span| text.get(..span.start));
        let value = span.and_then(|span| text.get(span)).unwrap_or_default();
        TomlFault {
            line: before.map(|before| before.matches('\n').count() + 1),
            message: told(fault.message(), value.trim_matches(['"', '\''])),
        }
    })
}

/// serde speaks of variants; people write a word, or a word with something in braces after it.
fn told(message: &str, word: &str) -> String {
    match message {
        "invalid type: unit variant, expected struct variant" => {
            format!(
                "`{word}` stands alone where its fields are expected: write {{ {word} = {{}} }}"
            )
        }
        "invalid type: unit variant, expected newtype variant" => {
            format!("`{word}` stands alone where its value is expected: write {{ {word} = … }}")
        }
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Latency;

    #[test]
    fn a_word_without_what_belongs_to_it_is_told_with_its_line() {
        #[derive(Debug, serde::Deserialize)]
        struct Arm {
            #[expect(dead_code, reason = "only read")]
            latency: Latency,
        }
        let fault = |text: &str| read::<Arm>(text).unwrap_err();
        let measured = fault("# an arm\nlatency = \"measured\"\n");
        assert_eq!(measured.line, Some(2));
        assert!(measured.to_string().starts_with("Line 2: "), "{measured}");
        assert!(measured.message.ends_with("write { measured = {} }"), "{measured}");
        let constant = fault("latency = \"constant\"").message;
        assert!(constant.ends_with("write { constant = … }"), "{constant}");
        assert!(read::<Arm>("latency = { measured = {} }").is_ok());
    }
}
