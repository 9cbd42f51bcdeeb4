//! One image in memory, and reading it from PNG or JPEG bytes that may be damaged or hostile.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

/// Larger images are refused before a pixel is decoded: a small file can claim any size.
const MOST_PIXELS: u64 = 50_000_000;
/// The most memory that a decoder may take, in bytes.
const MOST_MEMORY: u64 = 512 << 20;

/// Pixels row by row, each with its channels side by side: grey, or red, green and blue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::models) struct Image {
    pub width: usize,
    pub height: usize,
    pub channels: usize,
    pub bytes: Vec<u8>,
}

/// Whether the bytes begin as a PNG or JPEG file does.
pub(super) fn is_encoded(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG\r\n\x1a\n") || bytes.starts_with(b"\xff\xd8\xff")
}

impl Image {
    /// How many pixels a PNG or JPEG file claims to have; nothing is decoded.
    pub fn pixels(bytes: &[u8]) -> Option<u64> {
        let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
        let (width, height) = reader.into_dimensions().ok()?;
        Some(u64::from(width) * u64::from(height))
    }

    /// Decodes a PNG or JPEG file to 1 or 3 channels. Transparency is dropped, and colours become
    /// grey with the weights of ITU-R 601, both as Pillow's `convert` does it.
    ///
    /// # Errors
    /// Why it is no such image, in half a sentence.
    pub fn decode(bytes: &[u8], channels: usize) -> Result<Self, String> {
        let format = match bytes {
            [0x89, b'P', b'N', b'G', ..] => ImageFormat::Png,
            [0xff, 0xd8, 0xff, ..] => ImageFormat::Jpeg,
            [] => return Err("has no bytes".to_owned()),
            _ => return Err("is neither a PNG nor a JPEG file".to_owned()),
        };
        let damaged = |fault: image::ImageError| match fault {
            image::ImageError::Limits(_) => "needs too much memory".to_owned(),
            fault => format!("is damaged or cut short ({fault})"),
        };
        let mut limits = Limits::default();
        limits.max_alloc = Some(MOST_MEMORY);
        let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
        reader.limits(limits);
        let decoder = reader.into_decoder().map_err(damaged)?;
        let (width, height) = decoder.dimensions();
        let pixels = u64::from(width) * u64::from(height);
        if pixels > MOST_PIXELS {
            return Err(format!(
                "claims {width} × {height} pixels; no more than {} million are decoded",
                MOST_PIXELS / 1_000_000
            ));
        }
        let decoded = DynamicImage::from_decoder(decoder).map_err(damaged)?;
        let (width, height) = (width as usize, height as usize);
        let bytes = match (channels, decoded) {
            (1, DynamicImage::ImageLuma8(grey)) => grey.into_raw(),
            (1, other) if !other.color().has_color() => other.into_luma8().into_raw(),
            (1, other) => other.into_rgb8().pixels().map(|pixel| grey(pixel.0)).collect(),
            (_, other) => other.into_rgb8().into_raw(),
        };
        Ok(Self { width, height, channels, bytes })
    }
}

/// Rounded as Pillow does it, in 16-bit fixed point.
fn grey([red, green, blue]: [u8; 3]) -> u8 {
    let sum = 19_595 * u32::from(red) + 38_470 * u32::from(green) + 7_471 * u32::from(blue);
    ((sum + 0x8000) >> 16) as u8
}
