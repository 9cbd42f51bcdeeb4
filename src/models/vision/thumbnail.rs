//! Small copies of images, for people to look at.

use super::image::Image;

/// Larger images are not decoded for a look: it would take longer than a frame.
const MOST_PIXELS: u64 = 1_000_000;

/// A small image, red, green and blue side by side, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thumbnail {
    pub width: usize,
    pub height: usize,
    pub rgb: Vec<u8>,
}

/// The image in PNG or JPEG bytes, no larger than `most` pixels a side; `None` if it is none, is
/// damaged, or too large for a quick look.
pub fn thumbnail(bytes: &[u8], most: usize) -> Option<Thumbnail> {
    if Image::pixels(bytes)? > MOST_PIXELS {
        return None;
    }
    let image = Image::decode(bytes, 3).ok()?;
    // Every pixel is the first of a square that it stands for: sharp, and quick.
    let step = image.width.max(image.height).div_ceil(most.max(1)).max(1);
    let (width, height) = (image.width.div_ceil(step), image.height.div_ceil(step));
    let mut rgb = Vec::with_capacity(width * height * 3);
    for row in image.bytes.chunks_exact((image.width * 3).max(1)).step_by(step) {
        rgb.extend(row.chunks_exact(3).step_by(step).flatten());
    }
    Some(Thumbnail { width, height, rgb })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Rgb);
        let pixels: Vec<u8> = (0..width * height * 3).map(|k| (k % 251) as u8).collect();
        encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
        bytes
    }

    #[test]
    fn large_images_are_thinned_and_damaged_ones_refused() {
        let small = thumbnail(&png(9, 4), 96).unwrap();
        assert_eq!((small.width, small.height, small.rgb[3]), (9, 4, 3));
        let thinned = thumbnail(&png(300, 100), 96).unwrap();
        assert_eq!((thinned.width, thinned.height), (75, 25));
        assert_eq!(thinned.rgb.len(), 75 * 25 * 3);
        assert_eq!(thumbnail(&png(9, 4)[..40], 96), None);
        assert_eq!(thumbnail(b"no image", 96), None);
        assert_eq!(thumbnail(&png(1_200, 1_000), 96), None);
    }
}
