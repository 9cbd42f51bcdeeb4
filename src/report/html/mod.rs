//! A run as one HTML file that needs nothing beside it: no script, no font, no picture from anywhere.
//!
//! Whatever a person wrote is escaped, and the page forbids itself to load or run anything.

mod facts;
mod gates;
mod inputs;
mod review;
mod verdict;

use super::dossier::Dossier;
use super::escape::escaped;
use super::{Run, drawing, events, oracle, stages};
use crate::stats::ledger::LedgerRow;

const STYLE: &str = include_str!("page.css");
/// The browser is told to run no script and to fetch nothing, whatever the page says.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// The whole page.
pub fn page(dossier: &Dossier<'_>) -> String {
    let run = &dossier.run;
    let mut page = Page::default();
    page.push(&format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n",
        escaped(&format!("{}: {}", run.plan.name, run.verdict.headline.label()))
    ));
    facts::header(&mut page, dossier);
    verdict::answer(&mut page, run);
    review::review(&mut page, dossier);
    facts::facts(&mut page, dossier);
    page.section("The rollout at a glance");
    page.card("figure", &drawing::course(run.recording).svg());
    page.push(LEGEND);
    page.card("long", &stages::grid(run).html());
    page.section("Metrics");
    charts(&mut page, dossier);
    page.section("Why? Every check");
    gates::checks(&mut page, run);
    page.section("What it cost, and whom it met");
    page.card("", &ledger(&run.ledger.rows()));
    hindsight(&mut page, run);
    page.section("What happened");
    page.card("long", &events::grid(run).html());
    page.section("What went in");
    inputs::inputs(&mut page, dossier);
    page.section("Have it again");
    facts::reproduce(&mut page, dossier);
    page.push("</main>\n</body>\n</html>\n");
    page.text
}

const LEGEND: &str = "<p class=\"note\">Gates: ● passed, ✕ failed or no answer, ○ undecided or too \
                      little data. In charts, bands are 95 % intervals and dashed red lines are the \
                      gates’ limits; alternate grounds are stages, red grounds are faults.</p>\n";

/// The page as it grows.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    /// Adds markup as it is.
    fn push(&mut self, markup: &str) {
        self.text.push_str(markup);
    }

    fn section(&mut self, title: &str) {
        self.push(&format!("<h2>{}</h2>\n", escaped(title)));
    }

    fn paragraph(&mut self, class: &str, text: &str) {
        self.push(&format!("<p class=\"{class}\">{}</p>\n", escaped(text)));
    }

    /// Markup on a ground of its own.
    fn card(&mut self, class: &str, markup: &str) {
        self.push(&format!("<div class=\"card {class}\">\n{markup}</div>\n"));
    }

    fn list(&mut self, sentences: &[String]) {
        self.push("<ul>\n");
        for sentence in sentences {
            self.push(&format!("<li>{}</li>\n", escaped(sentence)));
        }
        self.push("</ul>\n");
    }
}

fn charts(page: &mut Page, dossier: &Dossier<'_>) {
    page.push("<div class=\"two\">\n");
    for figure in drawing::of_run(dossier) {
        page.card("figure", &drawing::chart(&figure, dossier.run.recording).svg());
    }
    page.push("</div>\n");
}

/// What only the oracle knows, where it was asked.
fn hindsight(page: &mut Page, run: &Run<'_>) {
    let known = oracle::of_run(run);
    for table in &known.tables {
        page.paragraph("note", table.title);
        page.card("long", &oracle::grid(table, 1..table.heads.len()).html());
    }
    if !known.warnings.is_empty() {
        page.list(&known.warnings);
    }
}

fn ledger(rows: &[LedgerRow]) -> String {
    let mut facts = String::from("<dl class=\"facts\">\n");
    for row in rows {
        facts.push_str(&facts::fact(row.label, &row.text));
    }
    facts + "</dl>\n"
}

#[cfg(test)]
mod tests;
