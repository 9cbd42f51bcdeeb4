//! A look at the first images of a column of bytes.

use egui::{Color32, ColorImage, Image, TextureHandle, TextureOptions, Ui, Vec2};

use crate::domain::{Table, Values};
use crate::models::{Thumbnail, thumbnail};
use crate::ui::theme::small;

/// So many of the first rows are looked at.
const COUNT: usize = 12;
/// Pixels a side, at most.
const SIDE: usize = 96;
/// Points a side.
const SHOWN: f32 = 60.0;

/// The pictures of one column; a row that holds no image has none.
#[derive(Default)]
pub struct Images {
    /// The table's digest and the column's name.
    of: (String, String),
    looked_at: Vec<Option<TextureHandle>>,
}

/// Draws the first images. One is decoded in each frame, so that no frame waits for all.
pub fn images_ui(ui: &mut Ui, table: &Table, column: &str, images: &mut Images) {
    let Some(Values::Bytes(blobs)) = table.column(column).map(|column| &column.values) else {
        return;
    };
    let of = (table.digest.clone(), column.to_owned());
    if images.of != of {
        *images = Images { of, looked_at: Vec::new() };
    }
    let row = images.looked_at.len();
    if row < COUNT.min(table.rows) {
        let texture = thumbnail(blobs.get(row), SIDE).map(|image| {
            let name = format!("row {row} of {column}");
            ui.ctx().load_texture(name, picture(&image), TextureOptions::NEAREST)
        });
        images.looked_at.push(texture);
        ui.ctx().request_repaint();
    }
    let found = images.looked_at.iter().enumerate();
    let found: Vec<_> = found.filter_map(|(row, image)| Some((row, image.as_ref()?))).collect();
    if found.is_empty() {
        ui.label("Raw bytes; a model may read them.");
        return;
    }
    ui.label(small("The first rows"));
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::splat(4.0);
        for (row, texture) in found {
            let image = Image::new(texture).fit_to_exact_size(Vec2::splat(SHOWN));
            ui.add(image.alt_text(format!("Image in row {}", row + 1))).on_hover_text(format!(
                "Row {}, {} bytes",
                row + 1,
                blobs.get(row).len()
            ));
        }
    });
}

fn picture(image: &Thumbnail) -> ColorImage {
    let pixels = image.rgb.chunks_exact(3).map(|rgb| match rgb {
        [red, green, blue] => Color32::from_rgb(*red, *green, *blue),
        _ => Color32::TRANSPARENT,
    });
    ColorImage::new([image.width, image.height], pixels.collect())
}
