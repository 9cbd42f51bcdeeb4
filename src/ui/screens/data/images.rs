//! A look at the images in a column of bytes.

use std::collections::BTreeMap;

use egui::{Color32, ColorImage, Context, Image, TextureHandle, TextureOptions, Ui, Vec2};

use crate::domain::{Table, Values};
use crate::models::{Thumbnail, thumbnail};
use crate::ui::theme::small;

/// So many of the first rows are looked at beside the column's facts.
const COUNT: usize = 12;
/// Pixels a side, at most.
const SIDE: usize = 96;
/// Points a side.
const SHOWN: f32 = 60.0;

/// The pictures of one table that were looked at, by column and row; a cell that holds no image has
/// none.
#[derive(Default)]
pub struct Images {
    /// The table's digest.
    of: String,
    looked_at: BTreeMap<(String, usize), Option<TextureHandle>>,
    /// The frame in which one was decoded.
    decoded_in: u64,
}

impl Images {
    /// The picture in a cell, once it is decoded: one in each frame, so that no frame waits for all.
    pub fn look(
        &mut self,
        ctx: &Context,
        table: &Table,
        column: &str,
        row: usize,
    ) -> Option<&TextureHandle> {
        if self.of != table.digest {
            *self = Self { of: table.digest.clone(), ..Self::default() };
        }
        let cell = (column.to_owned(), row);
        if !self.looked_at.contains_key(&cell) {
            let frame = ctx.cumulative_pass_nr();
            if self.decoded_in == frame {
                ctx.request_repaint();
                return None;
            }
            self.decoded_in = frame;
            let picture = decode(ctx, table, column, row);
            self.looked_at.insert(cell.clone(), picture);
        }
        self.looked_at.get(&cell)?.as_ref()
    }
}

fn decode(ctx: &Context, table: &Table, column: &str, row: usize) -> Option<TextureHandle> {
    let Values::Bytes(blobs) = &table.column(column)?.values else { return None };
    let image = thumbnail(blobs.get(row), SIDE)?;
    let name = format!("row {row} of {column}");
    Some(ctx.load_texture(name, picture(&image), TextureOptions::NEAREST))
}

/// Draws the first images of a column.
pub fn images_ui(ui: &mut Ui, table: &Table, column: &str, images: &mut Images) {
    let rows = 0..COUNT.min(table.rows);
    let found: Vec<(usize, TextureHandle)> = rows
        .filter_map(|row| Some((row, images.look(ui.ctx(), table, column, row)?.clone())))
        .collect();
    if found.is_empty() {
        ui.label("Raw bytes; a model may read them.");
        return;
    }
    ui.label(small("The first rows"));
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::splat(4.0);
        for (row, texture) in found {
            image_ui(ui, &texture, row, SHOWN);
        }
    });
}

/// Draws one image, at most `side` points high and wide.
pub fn image_ui(ui: &mut Ui, texture: &TextureHandle, row: usize, side: f32) {
    let image = Image::new(texture).fit_to_exact_size(Vec2::splat(side));
    ui.add(image.alt_text(format!("Image in row {}", row + 1)))
        .on_hover_ui(|ui| _ = ui.add(Image::new(texture).fit_to_exact_size(Vec2::splat(140.0))));
}

fn picture(image: &Thumbnail) -> ColorImage {
    let pixels = image.rgb.chunks_exact(3).map(|rgb| match rgb {
        [red, green, blue] => Color32::from_rgb(*red, *green, *blue),
        _ => Color32::TRANSPARENT,
    });
    ColorImage::new([image.width, image.height], pixels.collect())
}
