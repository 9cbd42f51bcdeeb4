//! The images of a table: one column per pixel, or one column of PNG and JPEG files.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::image::{Image, is_encoded};
use super::preprocess::{Preprocess, Resize};
use super::resize::Filter;
use crate::domain::table::Blobs;
use crate::domain::words::count;
use crate::domain::{Table, Values};
use crate::models::error::did_you_mean;
use crate::models::features::{Mismatch, text_numbers};

/// An `[[inputs]]` entry of kind `image` in a card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageInput {
    /// A column of PNG or JPEG files (as bytes, or as paths from the dataset's folder), or of lists of
    /// pixels; or columns of pixels, with a star for their number: `p*` reads `p0`, `p1` and so on,
    /// row by row and with the channels of a pixel side by side.
    pub column: String,
    /// What the first layer reads, in pixels; a vision folder tells it itself.
    #[serde(default, skip_serializing_if = "is_unknown")]
    pub height: usize,
    #[serde(default, skip_serializing_if = "is_unknown")]
    pub width: usize,
    /// 1 for grey, 3 for red, green and blue.
    #[serde(default = "grey", skip_serializing_if = "is_grey")]
    pub channels: usize,
    /// Each pixel becomes `(pixel · rescale - mean) / std`, with one number for all channels or
    /// one for each.
    #[serde(default = "per_byte", skip_serializing_if = "is_per_byte")]
    pub rescale: f64,
    #[serde(default = "zero", skip_serializing_if = "is_zero")]
    pub mean: Vec<f64>,
    #[serde(default = "ones", skip_serializing_if = "is_one")]
    pub std: Vec<f64>,
}

fn is_unknown(side: &usize) -> bool {
    *side == 0
}

fn grey() -> usize {
    1
}

fn is_grey(channels: &usize) -> bool {
    *channels == grey()
}

fn per_byte() -> f64 {
    1.0 / 255.0
}

fn is_per_byte(rescale: &f64) -> bool {
    *rescale == per_byte()
}

fn zero() -> Vec<f64> {
    vec![0.0]
}

fn is_zero(mean: &[f64]) -> bool {
    mean == [0.0]
}

fn ones() -> Vec<f64> {
    vec![1.0]
}

fn is_one(std: &[f64]) -> bool {
    std == [1.0]
}

impl ImageInput {
    /// Images of these sides whose pixels are bytes that become numbers from 0 to 1.
    pub(in crate::models) fn of_sides(
        column: &str,
        height: usize,
        width: usize,
        channels: usize,
    ) -> Self {
        let (column, rescale) = (column.to_owned(), per_byte());
        Self { column, height, width, channels, rescale, mean: zero(), std: ones() }
    }

    /// How the card's images become numbers.
    ///
    /// # Errors
    /// What in the card makes no sense.
    pub(in crate::models) fn preprocess(&self) -> Result<Preprocess, String> {
        let sides = (self.height, self.width, self.channels);
        let resize = (Resize::To(self.height, self.width), Filter::Bilinear);
        Preprocess::build(resize, sides, self.rescale, (&self.mean, &self.std))
    }

    /// Everything that contradicts itself in a card whose input this is.
    pub fn problems(&self, has_own_preprocessing: bool) -> Vec<String> {
        let mut found = Vec::new();
        if self.column.matches('*').count() > 1 {
            found.push(format!("`column` is `{}`; one star at most", self.column));
        }
        if has_own_preprocessing {
            found.extend(self.preprocess().err());
        }
        found
    }
}

/// A table's images, ready to be read row by row.
pub(in crate::models) enum Images<'t> {
    /// One column per pixel.
    Pixels(Vec<Pixel<'t>>),
    /// One column of PNG and JPEG files.
    Files(&'t Blobs),
}

pub(in crate::models) enum Pixel<'t> {
    Numbers(&'t [f64]),
    /// Texts that are numbers: the number of each entry of the dictionary.
    Texts(&'t [u32], Vec<f64>),
}

impl<'t> Images<'t> {
    /// Finds the images in the table.
    pub fn bind(
        input: &ImageInput,
        preprocess: &Preprocess,
        table: &'t Table,
    ) -> Result<Self, Mismatch> {
        match input.column.split_once('*') {
            Some((before, after)) => {
                pixels(&input.column, [before, after], preprocess, table).map(Self::Pixels)
            }
            None => files(&input.column, table).map(Self::Files),
        }
    }

    /// Appends the row's image as the network reads it.
    ///
    /// # Errors
    /// Why the row has no image, with its number.
    pub fn write(
        &self,
        row: usize,
        preprocess: &Preprocess,
        out: &mut Vec<f32>,
    ) -> Result<(), String> {
        let start = out.len();
        match self {
            Self::Pixels(pixels) => {
                preprocess.apply_raw(pixels.iter().map(|pixel| pixel.at(row)), out);
            }
            Self::Files(files) if is_raw(files.get(row), preprocess) => {
                let pixels = files.get(row).iter().map(|byte| f32::from(*byte));
                preprocess.apply_raw(pixels, out);
            }
            Self::Files(files) => Image::decode(files.get(row), preprocess.channels)
                .and_then(|image| preprocess.apply(image, out))
                .map_err(|message| format!("the image of row {} {message}", row + 1))?,
        }
        match out.iter().skip(start).position(|x| !x.is_finite()) {
            None => Ok(()),
            Some(at) => Err(format!("pixel {at} of row {} is missing or no number", row + 1)),
        }
    }
}

/// Whether the bytes are pixels as they are: as many as the network reads, and no file.
fn is_raw(bytes: &[u8], preprocess: &Preprocess) -> bool {
    bytes.len() == preprocess.numbers() && !is_encoded(bytes)
}

fn files<'t>(name: &str, table: &'t Table) -> Result<&'t Blobs, Mismatch> {
    let blocks = |message: String| Mismatch { column: name.to_owned(), message, blocks: true };
    let column = table.column(name).ok_or_else(|| {
        blocks(format!("is not in the dataset{}", did_you_mean(table.nearest_name(name))))
    })?;
    match &column.values {
        Values::Bytes(blobs) => Ok(blobs),
        _ => Err(blocks(
            "holds no images; they are read from PNG or JPEG files as bytes or from lists of \
             pixels (in Parquet or Arrow), or from a column per pixel with a star for their number (`p*`)"
                .to_owned(),
        )),
    }
}

/// The columns of the pixels in their order; counted from 0, or from 1 where there is no 0.
fn pixels<'t>(
    pattern: &str,
    [before, after]: [&str; 2],
    preprocess: &Preprocess,
    table: &'t Table,
) -> Result<Vec<Pixel<'t>>, Mismatch> {
    let blocks = |message: String| Mismatch { column: pattern.to_owned(), message, blocks: true };
    let columns: HashMap<&str, &Values> =
        table.columns.iter().map(|column| (column.name.as_str(), &column.values)).collect();
    let name = |number: usize| format!("{before}{number}{after}");
    let start = usize::from(!columns.contains_key(name(0).as_str()));
    let found = (start..).map(name).map_while(|name| Some((columns.get(name.as_str())?, name)));
    let pixels = found.map(|(values, name)| pixel(&name, values)).collect::<Result<Vec<_>, _>>()?;
    let needed = preprocess.numbers();
    if pixels.is_empty() {
        let hint = did_you_mean(table.nearest_name(&name(0)));
        return Err(blocks(format!("finds no column such as `{}` in the dataset{hint}", name(0))));
    }
    if pixels.len() != needed {
        return Err(blocks(format!(
            "finds {} pixels in the dataset, the model reads {needed} ({} × {} with {})",
            pixels.len(),
            preprocess.height,
            preprocess.width,
            count(preprocess.channels, "channel")
        )));
    }
    Ok(pixels)
}

impl Pixel<'_> {
    fn at(&self, row: usize) -> f32 {
        let number = match self {
            Self::Numbers(values) => values.get(row).copied(),
            Self::Texts(codes, numbers) => {
                codes.get(row).and_then(|code| numbers.get(*code as usize)).copied()
            }
        };
        number.unwrap_or(f64::NAN) as f32
    }
}

fn pixel<'t>(name: &str, values: &'t Values) -> Result<Pixel<'t>, Mismatch> {
    let blocks = |message: &str| Mismatch {
        column: name.to_owned(),
        message: message.to_owned(),
        blocks: true,
    };
    match values {
        Values::Number(values) => Ok(Pixel::Numbers(values)),
        Values::Text { codes, .. } => match text_numbers(values) {
            Ok(numbers) => Ok(Pixel::Texts(codes, numbers)),
            Err(_) => Err(blocks("holds text where the model needs a pixel")),
        },
        Values::Time(_) => Err(blocks("holds times where the model needs a pixel")),
        Values::Bytes(_) => Err(blocks("holds raw bytes where the model needs a pixel")),
    }
}
