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
