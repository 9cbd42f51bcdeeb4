//! Single lines of painted text that are cut with an ellipsis instead of spilling over.

use egui::text::{LayoutJob, TextWrapping};
use egui::{Align2, Color32, FontId, Painter, Pos2, Rect};

/// How a painted line looks and which of its points is placed.
pub struct Line {
    pub font: FontId,
    pub colour: Color32,
    pub align: Align2,
}

/// Paints `text` no wider than `width`; answers where it went.
pub fn paint_line(painter: &Painter, at: Pos2, text: &str, line: &Line, width: f32) -> Rect {
    let mut job = LayoutJob::simple_singleline(text.to_owned(), line.font.clone(), line.colour);
    job.wrap = TextWrapping::truncate_at_width(width.max(0.0));
    let galley = painter.layout_job(job);
    let rect = line.align.anchor_size(at, galley.size());
    painter.galley(rect.min, galley, line.colour);
    rect
}
