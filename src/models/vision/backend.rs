//! Image models as the rest of the folder asks them.

use candle_core::{Device, Tensor};

use super::Net;
use super::input::{ImageInput, Images};
use super::preprocess::Preprocess;
use super::stack::Stack;
use super::tensors::Tensors;
use crate::domain::Table;
use crate::models::backend::{Backend, Bound, Fault};
use crate::models::card::{Activation, Card, Input};
use crate::models::error::Error;
use crate::models::features::Mismatch;
use crate::models::weights::Weights;

/// Numbers of images in one call on the processor: larger batches leave the cache.
const MOST_NUMBERS: usize = 1 << 18;
const MOST_NUMBERS_ELSEWHERE: usize = 1 << 24;
/// Images in one call, at most.
const MOST_IMAGES: usize = 128;

/// A network on a device, and how images become its input.
pub(in crate::models) struct ImageModel {
    pub(super) net: Box<dyn Net>,
    pub(super) family: String,
    pub(super) preprocess: Preprocess,
    pub(super) outputs: usize,
    pub(super) last: Activation,
    pub(super) parameters: usize,
    pub(super) device: Device,
}

impl ImageModel {
    /// The stack of layers that the card describes.
    ///
    /// # Errors
    /// If card and weights do not fit together.
    pub fn of_layers(card: &Card, weights: Weights, device: &Device) -> Result<Self, Error> {
        let path = weights.path().to_owned();
        let input = image_input(card).ok_or_else(|| {
            Error::shape("The card has no [[inputs]] entry of kind image, which layers need", &path)
        })?;
        let preprocess = input
            .preprocess()
            .map_err(|message| Error::shape(format!("The card's image has {message}"), &path))?;
        let files = [weights];
        let tensors = Tensors::new(&files, device);
        let image = [preprocess.height, preprocess.width, preprocess.channels];
        let stack = Stack::load(&card.stack, &tensors, image)?;
        Ok(Self {
            family: format!("{} layers", card.stack.len()),
            outputs: stack.outputs(),
            last: stack.last_activation(),
            parameters: tensors.parameters(),
            net: Box::new(stack),
            preprocess,
            device: device.clone(),
        })
    }
}

fn image_input(card: &Card) -> Option<&ImageInput> {
    card.inputs.iter().find_map(|input| match input {
        Input::Image(image) => Some(image),
        _ => None,
    })
}

impl Backend for ImageModel {
    fn outputs(&self) -> usize {
        self.outputs
    }

    fn are_probabilities(&self) -> bool {
        self.last == Activation::Sigmoid
    }

    fn describe(&self) -> String {
        let Preprocess { height, width, channels, .. } = self.preprocess;
        let (family, parameters) = (&self.family, self.parameters);
        format!("{family}, images of {height} × {width} × {channels}, {parameters} parameters")
    }

    fn rows_per_call(&self) -> usize {
        let most = if self.device.is_cpu() { MOST_NUMBERS } else { MOST_NUMBERS_ELSEWHERE };
        (most / self.preprocess.numbers().max(1)).clamp(1, MOST_IMAGES)
    }

    fn is_shared(&self) -> bool {
        self.device.is_cpu()
    }

    fn bind<'a>(
        &'a self,
        card: &'a Card,
        table: &'a Table,
    ) -> (Box<dyn Bound + 'a>, Vec<Mismatch>) {
        let images = image_input(card).map_or_else(
            || {
                let message = "is not named: the card has no image among its inputs".to_owned();
                Err(Mismatch { column: "image".to_owned(), message, blocks: true })
            },
            |input| Images::bind(input, &self.preprocess, table),
        );
        let (images, mismatches) = match images {
            Ok(images) => (Some(images), Vec::new()),
            Err(mismatch) => (None, vec![mismatch]),
        };
        (Box::new(Rows { model: self, images, rows: table.rows }), mismatches)
    }
}

/// A model with a table's images at hand.
struct Rows<'a> {
    model: &'a ImageModel,
    images: Option<Images<'a>>,
    rows: usize,
}

impl Bound for Rows<'_> {
    fn ask(&self, first: usize, count: usize) -> Result<Vec<f32>, Fault> {
        let Some(images) = self.images.as_ref().filter(|_| self.rows > 0) else {
            return Err(Fault("there are no images".to_owned()));
        };
        let mut outputs = Vec::with_capacity(count * self.model.outputs);
        let mut input = Vec::new();
        let mut done = 0;
        while done < count {
            let now = self.model.rows_per_call().min(count - done);
            input.clear();
            for row in done..done + now {
                let row = (first + row) % self.rows;
                images.write(row, &self.model.preprocess, &mut input).map_err(Fault)?;
            }
            outputs.extend(self.model.forward(&input, now)?);
            done += now;
        }
        Ok(outputs)
    }
}

impl ImageModel {
    /// The outputs for `rows` images, each height × width × channels.
    pub(super) fn forward(&self, images: &[f32], rows: usize) -> candle_core::Result<Vec<f32>> {
        let Preprocess { height, width, channels, .. } = self.preprocess;
        let images = Tensor::from_slice(images, (rows, height, width, channels), &self.device)?;
        self.net.forward(&images)?.flatten_all()?.to_vec1()
    }
}
