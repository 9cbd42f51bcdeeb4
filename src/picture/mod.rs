//! Pictures without a window or a graphics card: drawings of reports as PNG files, and whatever
//! egui lays out.

mod fonts;
mod paint;
mod png;
mod raster;

pub use fonts::{fonts, semibold};
pub use paint::png_of;
pub use png::encoded;
pub use raster::{Frame, Raster, picture};

/// Writes a picture that a test has made as `<name>.png` into the folder that the environment
/// variable `REHEARSAL_PICTURES` names, if it does.
#[cfg(test)]
pub fn keep(name: &str, bytes: &[u8]) {
    if let Some(folder) = std::env::var_os("REHEARSAL_PICTURES") {
        std::fs::write(std::path::PathBuf::from(folder).join(format!("{name}.png")), bytes)
            .unwrap();
    }
}
