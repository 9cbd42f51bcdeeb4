//! Every check of every gate: value, limit, observations, method, interval.

use super::super::{Run, gates};
use super::Page;

/// Measurements of one gate that are listed; longer runs are told from their first and last.
const MOST: usize = 200;

pub(super) fn checks(page: &mut Page, run: &Run<'_>) {
    if run.plan.gates.is_empty() {
        page.paragraph("note", "The plan has no gate: nothing was checked while it ran.");
    }
    page.push("<div class=\"two checks\">\n");
    for (place, gate) in run.plan.gates.iter().enumerate() {
        let checks = gates::Checks::of(run, place);
        page.push("<div class=\"card long\">\n");
        page.push(&format!(
            "<b>{}</b>\n",
            super::super::escape::escaped(&format!("{}: {}", gate.name, checks.tally()))
        ));
        page.paragraph("note", &format!("{}. {}", gates::sentence(gate), checks.method()));
        let (grid, left_out) = checks.grid(MOST);
        if !grid.is_empty() {
            page.push(&grid.html());
        }
        if left_out > 0 {
            let text = format!(
                "{left_out} more measurements lie between the first and the last: `rehearsal report \
                 --format csv` writes them all."
            );
            page.paragraph("note", &text);
        }
        page.push("</div>\n");
    }
    page.push("</div>\n");
}
