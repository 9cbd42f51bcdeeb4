//! From a table's rows to the tensors that a network reads: columns of numbers, images, or texts.

use tract_onnx::prelude::{Datum, DatumType, TVec, Tensor, tvec};

use super::super::feed::{self, Fed, Feed};
use super::super::file::Graph;
use super::super::matrix::{Cells, Matrix};
use super::engine::{Engine, Size};
use crate::domain::Table;
use crate::domain::words::count;
use crate::models::card::Card;
use crate::models::features::Mismatch;
use crate::models::text::{Texts, Tokens};
use crate::models::vision::{ImageInput, Images, Preprocess};

/// The input that takes the numbers of tokens.
pub(super) const IDS: &str = "input_ids";
/// Numbers of images in one call: larger batches leave the cache.
const MOST_NUMBERS: usize = 1 << 18;
/// Images in one call, at most.
const MOST_IMAGES: usize = 128;

/// What a network reads.
pub(super) enum Reader {
    Columns(Vec<Feed>),
    Images(Photos),
    /// Texts by their tokens, and what each of the graph's inputs takes of them.
    Texts(Box<Tokens>, Vec<Role>),
}

/// Images, and how the graph wants their numbers.
pub(super) struct Photos {
    input: ImageInput,
    preprocess: Preprocess,
    /// Channels come before height and width.
    is_channels_first: bool,
}

/// What an input takes of a text.
#[derive(Clone, Copy)]
pub(super) enum Role {
    Ids,
    /// 1 for each token: nothing is padded.
    Mask,
    /// 0 for each token: texts are not pairs.
    Types,
}

type Read = (Reader, Vec<Vec<Size>>);

/// A graph that reads columns, in the card's order.
pub(super) fn of_columns(graph: &Graph, card: &Card) -> Result<Read, String> {
    let feeds = feed::feeds(graph, card)?;
    let sizes = graph.inputs.iter().zip(&feeds).map(|(port, feed)| match port.shape.as_slice() {
        [_] => Vec::new(),
        [_, sizes @ ..] if !sizes.contains(&0) => sizes.iter().copied().map(Size::Of).collect(),
        _ => vec![Size::Of(feed.width)],
    });
    let sizes = sizes.collect();
    Ok((Reader::Columns(feeds), sizes))
}

/// A graph that reads one image a row.
pub(super) fn of_images(graph: &Graph, image: &ImageInput) -> Result<Read, String> {
    let preprocess =
        image.preprocess().map_err(|problem| format!("The card's image has {problem}"))?;
    let [port] = graph.inputs.as_slice() else {
        return Err(format!(
            "The card has one image, the graph {}",
            count(graph.inputs.len(), "input")
        ));
    };
    let Preprocess { height, width, channels, .. } = preprocess;
    let orders = [[channels, height, width], [height, width, channels]];
    let fits = |order: &[usize; 3]| {
        let written = port.shape.get(1..).unwrap_or_default();
        written.len() == 3 && written.iter().zip(order).all(|(size, own)| *size == 0 || size == own)
    };
    let Some(place) = orders.iter().position(fits) else {
        return Err(format!(
            "The graph's input `{}` has the shape {:?} (0: any), the card's image {height} × \
             {width} × {channels}",
            port.name, port.shape
        ));
    };
    let sizes = orders.get(place).into_iter().flatten().copied().map(Size::Of).collect();
    let photos = Photos { input: image.clone(), preprocess, is_channels_first: place == 0 };
    Ok((Reader::Images(photos), vec![sizes]))
}

/// A graph that reads the tokens of one text a row.
pub(super) fn of_texts(graph: &Graph, tokens: Tokens) -> Result<Read, String> {
    let role = |name: &str| match name {
        IDS => Ok(Role::Ids),
        "attention_mask" => Ok(Role::Mask),
        "token_type_ids" => Ok(Role::Types),
        other => Err(format!(
            "The graph's input `{other}` is not known of texts; `{IDS}`, `attention_mask` and \
             `token_type_ids` are"
        )),
    };
    let roles = graph.inputs.iter().map(|port| role(&port.name)).collect::<Result<Vec<_>, _>>()?;
    let sizes = vec![vec![Size::Tokens(tokens.longest())]; roles.len()];
    Ok((Reader::Texts(Box::new(tokens), roles), sizes))
}

impl Photos {
    pub fn rows_per_call(&self) -> usize {
        (MOST_NUMBERS / self.preprocess.numbers().max(1)).clamp(1, MOST_IMAGES)
    }

    /// The numbers of rows, in the order that the graph reads.
    fn numbers(
        &self,
        images: &Images,
        rows: impl Iterator<Item = usize>,
    ) -> Result<Vec<f32>, String> {
        let mut numbers = Vec::new();
        let mut image = Vec::new();
        for row in rows {
            image.clear();
            images.write(row, &self.preprocess, &mut image)?;
            if self.is_channels_first {
                let channels = self.preprocess.channels.max(1);
                for channel in 0..channels {
                    numbers.extend(image.iter().skip(channel).step_by(channels));
                }
            } else {
                numbers.extend_from_slice(&image);
            }
        }
        Ok(numbers)
    }
}

impl Reader {
    /// Finds what the network reads in the table; with what does not fit.
    pub fn bind<'a>(&'a self, card: &'a Card, table: &'a Table) -> (Source<'a>, Vec<Mismatch>) {
        match self {
            Self::Columns(feeds) => {
                // A missing number counts as the mean, as in other networks.
                let (fed, mismatches) = Fed::bind(feeds, card, 0.0, table);
                (Source::Columns(fed), mismatches)
            }
            Self::Images(photos) => match Images::bind(&photos.input, &photos.preprocess, table) {
                Ok(images) => {
                    (Source::Images { photos, images, rows: table.rows.max(1) }, Vec::new())
                }
                Err(mismatch) => (Source::None, vec![mismatch]),
            },
            Self::Texts(tokens, roles) => {
                let (texts, mismatches) = Texts::bind(card, table);
                (Source::Texts { tokens, roles, texts }, mismatches)
            }
        }
    }
}

/// A reader with a table's rows at hand.
pub(super) enum Source<'a> {
    Columns(Fed<'a>),
    Images {
        photos: &'a Photos,
        images: Images<'a>,
        rows: usize,
    },
    Texts {
        tokens: &'a Tokens,
        roles: &'a [Role],
        texts: Texts<'a>,
    },
    /// The table lacks the images.
    None,
}

impl Source<'_> {
    /// The graph's inputs for `count` rows from `first` on; of texts for one row.
    pub fn tensors(
        &self,
        first: usize,
        count: usize,
        engine: &Engine,
        sizes: &[Vec<Size>],
    ) -> Result<TVec<Tensor>, String> {
        match self {
            Self::None => Err("there are no images".to_owned()),
            Self::Columns(fed) => {
                let matrices = fed.matrices(first, count).into_iter().zip(sizes).enumerate();
                let tensor = |(place, (matrix, sizes)): (usize, (Matrix, &Vec<Size>))| {
                    let element = engine.element(place)?;
                    match &matrix.cells {
                        Cells::Numbers(cells) => shaped(cells, count, sizes, element),
                        Cells::Wholes(cells) => shaped(cells, count, sizes, element),
                        Cells::Texts(_) => Err("texts cannot be put into a network".to_owned()),
                    }
                };
                matrices.map(tensor).collect()
            }
            Self::Images { photos, images, rows } => {
                let numbers =
                    photos.numbers(images, (first..first + count).map(|row| row % rows))?;
                let sizes = sizes.first().map(Vec::as_slice).unwrap_or_default();
                Ok(tvec![shaped(&numbers, count, sizes, engine.element(0)?)?])
            }
            Self::Texts { tokens, roles, texts } => {
                let text = texts.of(first, 1).first().copied().unwrap_or_default();
                let ids: Vec<i64> = tokens.of(text)?.into_iter().map(i64::from).collect();
                let tensor = |(place, role): (usize, &Role)| {
                    let numbers = match role {
                        Role::Ids => ids.clone(),
                        Role::Mask => vec![1; ids.len()],
                        Role::Types => vec![0; ids.len()],
                    };
                    shaped(&numbers, 1, &[Size::Of(ids.len())], engine.element(place)?)
                };
                roles.iter().enumerate().map(tensor).collect()
            }
        }
    }
}

/// Numbers as a tensor of rows × sizes.
fn shaped<T: Datum + Copy>(
    numbers: &[T],
    rows: usize,
    sizes: &[Size],
    element: DatumType,
) -> Result<Tensor, String> {
    let mut shape: TVec<usize> = tvec![rows];
    shape.extend(sizes.iter().map(|size| match size {
        Size::Of(size) | Size::Tokens(size) => *size,
    }));
    let tensor = Tensor::from_shape(&shape, numbers).map_err(|fault| fault.to_string())?;
    let tensor = tensor.cast_to_dt(element).map_err(|fault| fault.to_string())?;
    Ok(tensor.into_owned())
}
