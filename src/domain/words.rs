//! Small parts of messages.

/// A text cut to what a message can hold.
pub fn shortened(text: &str) -> String {
    let mut letters = text.chars();
    let mut cut: String = letters.by_ref().take(40).collect();
    if letters.next().is_some() {
        cut.push('…');
    }
    cut
}

/// `1 row` or `3 rows`.
pub fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}
