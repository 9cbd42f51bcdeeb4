//! Pictures as PNG files.

use egui::ColorImage;
use png::{BitDepth, ColorType, Encoder};

/// The bytes of a PNG file; empty for a picture without a pixel, which no file can hold.
pub fn encoded(image: &ColorImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let [width, height] = image.size.map(|side| side as u32);
    let mut encoder = Encoder::new(&mut bytes, width, height);
    encoder.set_color(ColorType::Rgba);
    encoder.set_depth(BitDepth::Eight);
    let pixels: Vec<u8> = image.pixels.iter().flat_map(egui::Color32::to_array).collect();
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels));
    if written.is_err() {
        bytes.clear();
    }
    bytes
}
