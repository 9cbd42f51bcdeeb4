//! Resizing as Pillow does it, to the bit: a separable filter that widens with the reduction (so
//! that it does not alias), in fixed point, rounded to bytes between its two passes.

use super::image::Image;

/// How pixels are weighed, by Pillow's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::models) enum Filter {
    Nearest,
    Lanczos,
    Bilinear,
    Bicubic,
    Box,
    Hamming,
}

impl Filter {
    /// By the number in `preprocessor_config.json`.
    pub fn by_number(number: u64) -> Option<Self> {
        use Filter::{Bicubic, Bilinear, Box, Hamming, Lanczos, Nearest};
        let all = [Nearest, Lanczos, Bilinear, Bicubic, Box, Hamming];
        all.get(usize::try_from(number).ok()?).copied()
    }

    /// By the name that cards and timm use.
    pub fn by_name(name: &str) -> Option<Self> {
        match name {
            "nearest" => Some(Self::Nearest),
            "lanczos" => Some(Self::Lanczos),
            "bilinear" => Some(Self::Bilinear),
            "bicubic" => Some(Self::Bicubic),
            "box" => Some(Self::Box),
            "hamming" => Some(Self::Hamming),
            _ => None,
        }
    }

    /// The distance, in pixels of the smaller image, up to which pixels count.
    fn support(self) -> f64 {
        match self {
            Self::Nearest | Self::Box => 0.5,
            Self::Bilinear | Self::Hamming => 1.0,
            Self::Bicubic => 2.0,
            Self::Lanczos => 3.0,
        }
    }

    fn weight(self, x: f64) -> f64 {
        let x_abs = x.abs();
        match self {
            Self::Nearest | Self::Box => f64::from(u8::from(x > -0.5 && x <= 0.5)),
            Self::Bilinear => (1.0 - x_abs).max(0.0),
            Self::Hamming if x_abs >= 1.0 => 0.0,
            Self::Hamming => sinc(x) * (0.54 + 0.46 * (std::f64::consts::PI * x).cos()),
            // Keys' cubic with a = -1/2.
            Self::Bicubic if x_abs < 1.0 => (1.5 * x_abs - 2.5) * x_abs * x_abs + 1.0,
            Self::Bicubic if x_abs < 2.0 => ((-0.5 * x_abs + 2.5) * x_abs - 4.0) * x_abs + 2.0,
            Self::Bicubic => 0.0,
            Self::Lanczos if x_abs < 3.0 => sinc(x) * sinc(x / 3.0),
            Self::Lanczos => 0.0,
        }
    }
}

fn sinc(x: f64) -> f64 {
    let x = x * std::f64::consts::PI;
    if x == 0.0 { 1.0 } else { x.sin() / x }
}

/// Bits after the point of a weight; with 8 of a pixel and 2 for overshoot they fill 32.
const PRECISION: u32 = 22;

/// For each new pixel of a line: the first old pixel that counts, and the weights from there on.
fn weights(old: usize, new: usize, filter: Filter) -> Vec<(usize, Vec<i32>)> {
    let scale = old as f64 / new as f64;
    if filter == Filter::Nearest {
        let nearest = |at: usize| (((at as f64 + 0.5) * scale) as usize).min(old - 1);
        return (0..new).map(|at| (nearest(at), vec![1 << PRECISION])).collect();
    }
    let stretch = scale.max(1.0);
    let support = filter.support() * stretch;
    (0..new)
        .map(|at| {
            let centre = (at as f64 + 0.5) * scale;
            let first = (centre - support + 0.5).max(0.0) as usize;
            let end = ((centre + support + 0.5) as usize).min(old);
            let raw: Vec<f64> = (first..end)
                .map(|pixel| filter.weight((pixel as f64 - centre + 0.5) / stretch))
                .collect();
            let sum: f64 = raw.iter().sum();
            let fixed = |weight: &f64| (weight / sum * f64::from(1 << PRECISION)).round() as i32;
            (first, raw.iter().map(fixed).collect())
        })
        .collect()
}

/// The image with other sides. All sides must be above 0.
pub(super) fn resized(image: &Image, width: usize, height: usize, filter: Filter) -> Image {
    let mut image = image.clone();
    if image.width != width {
        image = across(&image, width, filter);
    }
    if image.height != height {
        image = down(&image, height, filter);
    }
    image
}

fn across(image: &Image, width: usize, filter: Filter) -> Image {
    let channels = image.channels;
    let weights = weights(image.width, width, filter);
    let mut bytes = vec![0; width * image.height * channels];
    let lines = image.bytes.chunks_exact(image.width * channels);
    for (line, out) in lines.zip(bytes.chunks_exact_mut(width * channels)) {
        for ((first, weights), pixel) in weights.iter().zip(out.chunks_exact_mut(channels)) {
            let from = line.get(first * channels..).unwrap_or_default();
            for (channel, byte) in pixel.iter_mut().enumerate() {
                let values = from.iter().skip(channel).step_by(channels);
                *byte =
                    rounded(values.zip(weights).map(|(value, weight)| i32::from(*value) * weight));
            }
        }
    }
    Image { width, height: image.height, channels, bytes }
}

fn down(image: &Image, height: usize, filter: Filter) -> Image {
    let length = image.width * image.channels;
    let mut bytes = Vec::with_capacity(length * height);
    let mut sums = vec![0_i32; length];
    for (first, weights) in weights(image.height, height, filter) {
        sums.fill(0);
        let lines = image.bytes.chunks_exact(length).skip(first);
        for (line, weight) in lines.zip(weights) {
            for (sum, value) in sums.iter_mut().zip(line) {
                *sum += i32::from(*value) * weight;
            }
        }
        bytes.extend(sums.iter().map(|sum| rounded(std::iter::once(*sum))));
    }
    Image { width: image.width, height, channels: image.channels, bytes }
}

/// A sum in fixed point as a byte.
fn rounded(parts: impl Iterator<Item = i32>) -> u8 {
    let sum = parts.fold(1 << (PRECISION - 1), i32::wrapping_add);
    (sum >> PRECISION).clamp(0, 255) as u8
}
