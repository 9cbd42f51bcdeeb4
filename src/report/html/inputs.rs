//! What went into the run, with the digests by which it is known again.

use super::super::dossier::Dossier;
use super::super::grid::{Align, Grid};
use super::super::origin;
use super::Page;

pub(super) fn inputs(page: &mut Page, dossier: &Dossier<'_>) {
    page.card("long", &origin::plan_grid(dossier).html());
    let grid = origin::arms_grid(dossier);
    page.push("<h3>Data and models</h3>\n");
    page.card("long", &grid.html());
    if !dossier.interventions.is_empty() {
        let mut grid = Grid::new([("At", Align::Right), ("What a person did", Align::Left)]);
        for intervention in dossier.interventions {
            grid.push(vec![intervention.at.clock(), intervention.kind.label()]);
        }
        page.push("<h3>By hand</h3>\n");
        page.card("long", &grid.html());
    }
}
