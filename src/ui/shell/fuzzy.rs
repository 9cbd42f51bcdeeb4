//! Fuzzy search: letters of a query in their order, those that start words first.

/// How well `text` fits `query`, as it stands or else its words in any order; `None` if a letter is
/// missing. Higher is better.
pub fn score(query: &str, text: &str) -> Option<i32> {
    let by_words = || query.split_whitespace().map(|word| in_order(word, text)).sum();
    in_order(query, text).or_else(by_words)
}

fn in_order(query: &str, text: &str) -> Option<i32> {
    let wanted: Vec<char> = query.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let letters: Vec<char> = text.to_lowercase().chars().collect();
    let mut total = 0;
    let mut from = 0;
    for (place, letter) in wanted.iter().enumerate() {
        let candidates = (from..letters.len()).filter(|at| letters[*at] == *letter);
        // The nearest start of a word is worth a jump; else the nearest letter is taken.
        let worth = |at: usize| {
            let starts_word = at == 0 || !letters[at - 1].is_alphanumeric();
            let follows = place > 0 && at == from;
            i32::from(starts_word) * 8 + i32::from(follows) * 10 - ((at - from) as i32).min(6)
        };
        let best = candidates.max_by_key(|at| (worth(*at), std::cmp::Reverse(*at)))?;
        total += worth(best);
        from = best + 1;
    }
    // Among equals the shorter text is the likelier one.
    Some(total * 4 - (letters.len() as i32).min(80) / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_of_words_win_and_missing_letters_lose() {
        let best = |query: &str, texts: &[&'static str]| {
            *texts
                .iter()
                .filter(|text| score(query, text).is_some())
                .max_by_key(|text| score(query, text))
                .unwrap()
        };
        let labels = ["Compare all strategies", "Cancel what is running", "Go to Compare"];
        assert_eq!(best("cas", &labels), "Compare all strategies");
        assert_eq!(best("gcom", &labels), "Go to Compare");
        assert_eq!(best("Cancel", &labels), "Cancel what is running");
        assert_eq!(best("light theme", &["Theme: light", "Theme: dark"]), "Theme: light");
        assert_eq!(score("xyz", "Rehearse"), None);
        assert_eq!(score("theme xyz", "Theme: light"), None);
        assert!(score("", "Rehearse").is_some());
    }
}
