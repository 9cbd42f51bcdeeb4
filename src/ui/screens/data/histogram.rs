//! How values are spread, as bars.

use egui::{Color32, Painter, Rect, pos2};

/// Paints a bar per count, from the bottom of `rect`. Whatever is there is seen, however rare.
pub fn paint_bars(painter: &Painter, rect: Rect, counts: &[u32], colour: Color32) {
    let highest = counts.iter().copied().max().unwrap_or(0);
    if highest == 0 {
        return;
    }
    let width = rect.width() / counts.len() as f32;
    for (place, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let share = *count as f32 / highest as f32;
        let height = (rect.height() * share).max(1.0);
        let left = rect.left() + place as f32 * width;
        let gap = if width > 4.0 { 1.0 } else { 0.0 };
        let bar = Rect::from_min_max(
            pos2(left, rect.bottom() - height),
            pos2(left + width - gap, rect.bottom()),
        );
        painter.rect_filled(bar, 0.0, colour);
    }
}
