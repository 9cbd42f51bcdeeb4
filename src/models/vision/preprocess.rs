//! From an image to the numbers that a network reads: resize, crop, rescale, normalise.

use serde::Deserialize;

use super::image::Image;
use super::resize::{Filter, resized};

/// The longest side of a network's input.
const MOST_SIDE: usize = 2048;

/// The steps before the first layer, and what they end in.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::models) struct Preprocess {
    pub resize: Resize,
    pub filter: Filter,
    /// Of the network's input.
    pub height: usize,
    pub width: usize,
    pub channels: usize,
    /// A pixel `x` of channel `c` becomes `x · factor[c] + shift[c]`.
    pub factor: Vec<f32>,
    pub shift: Vec<f32>,
    pub middle: Middle,
}

/// Where the middle begins if one pixel is left over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::models) enum Middle {
    /// At the earlier pixel, as in transformers.
    Earlier,
    /// At the even pixel, as in torchvision and so in timm.
    Even,
}

impl Middle {
    fn start(self, whole: usize, part: usize) -> isize {
        let room = whole as isize - part as isize;
        match self {
            Self::Earlier => room / 2,
            Self::Even => (room as f64 / 2.0).round_ties_even() as isize,
        }
    }
}

/// How an image is resized before its middle is cut out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::models) enum Resize {
    /// Not at all.
    Keep,
    /// To this height and width, whatever its own.
    To(usize, usize),
    /// Until the shorter side has this length.
    Shortest(usize),
}

/// The parts of `preprocessor_config.json` that concern image classification.
#[derive(Deserialize)]
pub(in crate::models) struct Config {
    #[serde(default = "yes")]
    do_resize: bool,
    size: Option<Size>,
    resample: Option<u64>,
    #[serde(default)]
    do_center_crop: bool,
    crop_size: Option<Size>,
    crop_pct: Option<f64>,
    #[serde(default = "yes")]
    do_rescale: bool,
    rescale_factor: Option<f64>,
    #[serde(default = "yes")]
    do_normalize: bool,
    image_mean: Option<Vec<f64>>,
    image_std: Option<Vec<f64>>,
}

fn yes() -> bool {
    true
}

#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Size {
    Square(usize),
    Sides { height: usize, width: usize },
    Shortest { shortest_edge: usize },
}

/// The parts of timm's `pretrained_cfg` that concern the input.
#[derive(Deserialize)]
pub(in crate::models) struct TimmConfig {
    /// Channels, height, width.
    input_size: [usize; 3],
    #[serde(default = "bicubic")]
    interpolation: String,
    #[serde(default = "most")]
    crop_pct: f64,
    #[serde(default = "center")]
    crop_mode: String,
    mean: Vec<f64>,
    std: Vec<f64>,
}

fn bicubic() -> String {
    "bicubic".to_owned()
}

fn most() -> f64 {
    0.875
}

fn center() -> String {
    "center".to_owned()
}

impl Preprocess {
    /// From Hugging Face's file; `side` is the network's own input where its configuration tells.
    pub fn new(config: &Config, channels: usize, side: Option<usize>) -> Result<Self, String> {
        let filter = config.resample.unwrap_or(2);
        let filter = Filter::by_number(filter)
            .ok_or_else(|| format!("`resample` is {filter}; Pillow's filters are 0 to 5"))?;
        let crop = match (config.do_center_crop, config.crop_size) {
            (true, Some(Size::Square(side) | Size::Shortest { shortest_edge: side })) => {
                Some((side, side))
            }
            (true, Some(Size::Sides { height, width })) => Some((height, width)),
            (true, None) => return Err("`do_center_crop` is set without `crop_size`".to_owned()),
            (false, _) => None,
        };
        let (resize, end) = match (config.do_resize, config.size) {
            (false, _) => (Resize::Keep, side.map(|side| (side, side))),
            (true, None) => return Err("`do_resize` is set without `size`".to_owned()),
            (true, Some(Size::Square(side))) => (Resize::To(side, side), Some((side, side))),
            (true, Some(Size::Sides { height, width })) => {
                (Resize::To(height, width), Some((height, width)))
            }
            (true, Some(Size::Shortest { shortest_edge })) => match config.crop_pct {
                // ConvNeXt and ResNet: small inputs are cut out of a larger image, others squeezed.
                Some(share) if shortest_edge < 384 => {
                    let larger = whole(shortest_edge as f64 / share)?;
                    (Resize::Shortest(larger), Some((shortest_edge, shortest_edge)))
                }
                Some(_) => {
                    let side = shortest_edge;
                    (Resize::To(side, side), Some((side, side)))
                }
                None => (Resize::Shortest(shortest_edge), None),
            },
        };
        let (height, width) = crop.or(end).ok_or(
            "images would keep sizes of their own; the network needs one, by `size` with `height` \
             and `width` or by `crop_size`",
        )?;
        let rescale =
            if config.do_rescale { config.rescale_factor.unwrap_or(1.0 / 255.0) } else { 1.0 };
        let (mean, std) = match (config.do_normalize, &config.image_mean, &config.image_std) {
            (false, ..) => (vec![0.0; channels], vec![1.0; channels]),
            (true, Some(mean), Some(std)) => (mean.clone(), std.clone()),
            (true, ..) => {
                return Err("`do_normalize` is set without `image_mean` and `image_std`".to_owned());
            }
        };
        Self::build((resize, filter), (height, width, channels), rescale, (&mean, &std))
    }

    pub fn of_timm(config: &TimmConfig) -> Result<Self, String> {
        let [channels, height, width] = config.input_size;
        let name = config.interpolation.as_str();
        // `random` is for training; timm then resizes with its default.
        let filter = Filter::by_name(if name == "random" { "bilinear" } else { name })
            .ok_or_else(|| format!("`interpolation` is `{name}`, which is not known"))?;
        let larger = |side: usize| whole((side as f64 / config.crop_pct).floor());
        let resize = match config.crop_mode.as_str() {
            "center" if height == width => Resize::Shortest(larger(height)?),
            "center" | "squash" => Resize::To(larger(height)?, larger(width)?),
            other => {
                return Err(format!("`crop_mode` is `{other}`; `center` and `squash` are known"));
            }
        };
        let sides = (height, width, channels);
        let built = Self::build((resize, filter), sides, 1.0 / 255.0, (&config.mean, &config.std))?;
        Ok(Self { middle: Middle::Even, ..built })
    }

    /// Puts checked parts together.
    pub fn build(
        (resize, filter): (Resize, Filter),
        (height, width, channels): (usize, usize, usize),
        rescale: f64,
        (mean, std): (&[f64], &[f64]),
    ) -> Result<Self, String> {
        let sides = match resize {
            Resize::Keep => vec![height, width],
            Resize::To(down, across) => vec![height, width, down, across],
            Resize::Shortest(side) => vec![height, width, side],
        };
        if let Some(side) = sides.iter().find(|side| !(1..=MOST_SIDE).contains(side)) {
            return Err(format!("a side of {side} pixels; 1 to {MOST_SIDE} can be had"));
        }
        if channels != 1 && channels != 3 {
            return Err(format!("{channels} channels; images have 1 (grey) or 3 (colours)"));
        }
        // One number for all channels is a way of writing it.
        let spread = |numbers: &[f64]| match numbers {
            [one] => vec![*one; channels],
            more => more.to_vec(),
        };
        let (mean, std) = (spread(mean), spread(std));
        if mean.len() != channels || std.len() != channels {
            return Err(format!(
                "a mean of {} and a deviation of {} numbers for {channels} channels",
                mean.len(),
                std.len()
            ));
        }
        if !rescale.is_finite()
            || mean.iter().any(|x| !x.is_finite())
            || std.iter().any(|x| !(x.is_finite() && *x > 0.0))
        {
            return Err("factors and means must be finite, deviations above 0".to_owned());
        }
        let factor = std.iter().map(|std| (rescale / std) as f32).collect();
        let shift = mean.iter().zip(&std).map(|(mean, std)| (-mean / std) as f32).collect();
        Ok(Self { resize, filter, height, width, channels, factor, shift, middle: Middle::Earlier })
    }

    /// The numbers of one input.
    pub fn numbers(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// Appends the image as height × width × channels.
    ///
    /// # Errors
    /// If it has another size and is not to be resized.
    pub fn apply(&self, image: Image, out: &mut Vec<f32>) -> Result<(), String> {
        let image = match self.resize {
            Resize::Keep if (image.height, image.width) != (self.height, self.width) => {
                return Err(format!(
                    "has {} × {} pixels (width × height), the model reads {} × {}",
                    image.width, image.height, self.width, self.height
                ));
            }
            Resize::Keep => image,
            Resize::To(height, width) => resized(&image, width, height, self.filter),
            Resize::Shortest(side) => {
                let (height, width) = shortest(image.height, image.width, side)?;
                resized(&image, width, height, self.filter)
            }
        };
        // Where the image is smaller than what is cut out, black stands in, as in torchvision.
        let start = |whole: usize, part: usize| self.middle.start(whole, part);
        let (top, left) = (start(image.height, self.height), start(image.width, self.width));
        let line_of = |y: isize| {
            let length = image.width * image.channels;
            let at = usize::try_from(y).ok()?.checked_mul(length)?;
            image.bytes.get(at..at + length)
        };
        for y in 0..self.height {
            let line = line_of(y as isize + top).unwrap_or_default();
            for x in 0..self.width {
                let at = usize::try_from(x as isize + left).ok().map(|x| x * image.channels);
                let pixel = at.and_then(|at| line.get(at..at + image.channels));
                self.push(pixel.unwrap_or(&[0; 3]).iter().map(|byte| f32::from(*byte)), out);
            }
        }
        Ok(())
    }

    /// Appends one pixel.
    fn push(&self, pixel: impl Iterator<Item = f32>, out: &mut Vec<f32>) {
        let scaling = self.factor.iter().zip(&self.shift);
        out.extend(pixel.zip(scaling).map(|(x, (factor, shift))| x * factor + shift));
    }

    /// Appends pixels that have the network's size already, as height × width × channels.
    pub fn apply_raw(&self, pixels: impl Iterator<Item = f32>, out: &mut Vec<f32>) {
        let scaling = self.factor.iter().zip(&self.shift).cycle();
        out.extend(pixels.zip(scaling).map(|(x, (factor, shift))| x * factor + shift));
    }
}

/// Height and width when the shorter side gets this length, the other one cut off to whole pixels.
fn shortest(height: usize, width: usize, side: usize) -> Result<(usize, usize), String> {
    let (short, long) = (height.min(width).max(1), height.max(width));
    let longer = (side as f64 * long as f64 / short as f64) as usize;
    if longer > 16 * MOST_SIDE {
        return Err(format!("is {width} × {height} pixels, too long and narrow to be resized"));
    }
    Ok(if height <= width { (side, longer) } else { (longer, side) })
}

fn whole(length: f64) -> Result<usize, String> {
    if (1.0..=MOST_SIDE as f64).contains(&length) {
        Ok(length as usize)
    } else {
        Err(format!("a side of {length} pixels; 1 to {MOST_SIDE} can be had"))
    }
}
