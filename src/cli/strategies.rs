//! Strategies as people name them on the command line.

use crate::domain::StrategyKind;

/// Which strategies to run.
#[derive(Clone, Debug)]
pub(super) enum Strategies {
    /// Every one that the plan's arms allow.
    All,
    These(Vec<StrategyKind>),
}

/// Reads `all`, or names with commas between them.
pub(super) fn strategies(text: &str) -> Result<Strategies, String> {
    if text.trim().eq_ignore_ascii_case("all") {
        return Ok(Strategies::All);
    }
    text.split(',').map(strategy).collect::<Result<_, _>>().map(Strategies::These)
}

/// A strategy's name as plans spell it; people also write `blue-green` and `A/B`.
pub(super) fn strategy(text: &str) -> Result<StrategyKind, String> {
    let plain = |name: &str| -> String {
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let wanted = plain(text);
    StrategyKind::ALL.into_iter().find(|kind| plain(kind.label()) == wanted).ok_or_else(|| {
        format!(
            "`{}` is no strategy; choose from single, direct, rolling, shadow, blue_green, canary, \
             ab, bandit",
            text.trim()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strategies_have_the_names_that_people_write() {
        for text in ["blue-green", "blue_green", "Blue-green"] {
            assert_eq!(strategy(text), Ok(StrategyKind::BlueGreen));
        }
        assert_eq!(strategy(" a/b "), Ok(StrategyKind::Ab));
        assert!(strategy("canry").is_err());
    }
}
