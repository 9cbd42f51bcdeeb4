//! Tables of text: aligned columns for a terminal, pipes for Markdown.

use super::escape::{escaped, escaped_markdown};

/// Which edge of its column a text keeps to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// Columns between two others, in a terminal.
const GAP: usize = 2;

/// Headings and rows of text; short rows are filled with empty cells.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    headings: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
    /// Row and column of cells that stand out in markup.
    strong: Vec<(usize, usize)>,
}

impl Grid {
    pub fn new<T: Into<String>>(headings: impl IntoIterator<Item = (T, Align)>) -> Self {
        let headings = headings.into_iter().map(|(text, align)| (text.into(), align));
        Self { headings: headings.collect(), rows: Vec::new(), strong: Vec::new() }
    }

    pub fn push(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Makes a cell of the last row stand out where there is markup.
    pub fn emphasise(&mut self, column: usize) {
        self.strong.push((self.rows.len().saturating_sub(1), column));
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn cell(row: &[String], column: usize) -> &str {
        row.get(column).map_or("", String::as_str)
    }

    fn widths(&self) -> Vec<usize> {
        let width = |(column, (heading, _)): (usize, &(String, Align))| {
            let cells = self.rows.iter().map(|row| width_of(Self::cell(row, column)));
            cells.chain([width_of(heading)]).max().unwrap_or(0)
        };
        self.headings.iter().enumerate().map(width).collect()
    }

    /// The table with a rule under its headings; each line ends with a line break.
    pub fn terminal(&self) -> String {
        let widths = self.widths();
        let line = |cells: &dyn Fn(usize) -> String| {
            let mut text = String::new();
            for (column, ((_, align), width)) in self.headings.iter().zip(&widths).enumerate() {
                if column > 0 {
                    text.push_str(&" ".repeat(GAP));
                }
                let cell = cells(column);
                let fill = " ".repeat(width.saturating_sub(width_of(&cell)));
                match align {
                    Align::Left => text.extend([cell, fill]),
                    Align::Right => text.extend([fill, cell]),
                }
            }
            format!("{}\n", text.trim_end())
        };
        let heading = |column: usize| {
            self.headings.get(column).map_or(String::new(), |(text, _)| text.clone())
        };
        let rule = |column: usize| "─".repeat(widths.get(column).copied().unwrap_or(0));
        let mut text = line(&heading);
        text.push_str(&line(&rule));
        for row in &self.rows {
            text.push_str(&line(&|column| Self::cell(row, column).to_owned()));
        }
        text
    }

    /// The same as a Markdown table.
    pub fn markdown(&self) -> String {
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let mut text = line(self.headings.iter().map(|(text, _)| escaped_markdown(text)).collect());
        let edge = |(_, align): &(String, Align)| match align {
            Align::Left => "---".to_owned(),
            Align::Right => "--:".to_owned(),
        };
        text.push_str(&line(self.headings.iter().map(edge).collect()));
        for (place, row) in self.rows.iter().enumerate() {
            let cell = |column: usize| {
                let text = escaped_markdown(Self::cell(row, column));
                if self.strong.contains(&(place, column)) { format!("**{text}**") } else { text }
            };
            text.push_str(&line((0..self.headings.len()).map(cell).collect()));
        }
        text
    }

    /// The same as an HTML table, every text escaped.
    pub fn html(&self) -> String {
        let cell = |tag: &str, column: usize, text: &str| {
            let align = self.headings.get(column).map(|(_, align)| *align);
            let class = if align == Some(Align::Right) { " class=\"right\"" } else { "" };
            format!("<{tag}{class}>{}</{tag}>", breakable(text))
        };
        let mut text = String::from("<table>\n<thead><tr>");
        for (column, (heading, _)) in self.headings.iter().enumerate() {
            text.push_str(&cell("th", column, heading));
        }
        text.push_str("</tr></thead>\n<tbody>\n");
        for row in &self.rows {
            let cells = (0..self.headings.len()).map(|at| cell("td", at, Self::cell(row, at)));
            text.push_str(&format!("<tr>{}</tr>\n", cells.collect::<String>()));
        }
        text + "</tbody>\n</table>\n"
    }
}

/// Escaped; words as long as digests may be broken.
fn breakable(text: &str) -> String {
    const LONGEST: usize = 32;
    const PIECE: usize = 16;
    let word = |word: &str| {
        let signs: Vec<char> = word.chars().collect();
        if signs.len() <= LONGEST {
            return escaped(word);
        }
        let pieces = signs.chunks(PIECE).map(|piece| escaped(&piece.iter().collect::<String>()));
        pieces.collect::<Vec<_>>().join("<wbr>")
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// Columns that a text takes in a terminal; our own texts have no wide characters.
fn width_of(text: &str) -> usize {
    text.chars().count()
}

/// Breaks `text` at spaces so that no line, with `indent` before it, is longer than `width`. Longer
/// words stand alone.
pub fn wrapped(text: &str, indent: &str, width: usize) -> String {
    let mut lines = String::new();
    for paragraph in text.lines() {
        let mut line = String::from(indent);
        let mut is_empty = true;
        for word in paragraph.split_whitespace() {
            if !is_empty && width_of(&line) + 1 + width_of(word) > width {
                lines.push_str(&line);
                lines.push('\n');
                indent.clone_into(&mut line);
                is_empty = true;
            }
            if !is_empty {
                line.push(' ');
            }
            line.push_str(word);
            is_empty = false;
        }
        lines.push_str(line.trim_end());
        lines.push('\n');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_end_where_their_column_ends() {
        let mut grid = Grid::new([("Arm", Align::Left), ("Requests", Align::Right)]);
        grid.push(vec!["−1 %".to_owned(), "7".to_owned()]);
        grid.push(vec!["B".to_owned()]);
        let want = "Arm   Requests\n────  ────────\n−1 %         7\nB\n";
        assert_eq!(grid.terminal(), want);
        assert_eq!(grid.markdown(), "| Arm | Requests |\n| --- | --: |\n| −1 % | 7 |\n| B |  |\n");
    }

    #[test]
    fn text_in_a_markdown_cell_cannot_break_the_table() {
        let mut grid = Grid::new([("a|b", Align::Left)]);
        grid.push(vec!["x\n|y".to_owned()]);
        assert_eq!(grid.markdown(), "| a\\|b |\n| --- |\n| x \\|y |\n");
    }

    #[test]
    fn wrapped_lines_keep_to_the_width() {
        assert_eq!(wrapped("one two three", "  ", 9), "  one two\n  three\n");
        assert_eq!(wrapped("unbreakable", "", 3), "unbreakable\n");
    }
}
