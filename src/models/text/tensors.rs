//! The tensors of a model by name, from one or several files, each with the shape that is expected.

use std::path::PathBuf;

use candle_core::{Device, Tensor};

use crate::domain::table::nearest_of;
use crate::models::error::{Error, did_you_mean};
use crate::models::weights::Weights;

/// Named tensors, taken onto a device as 32-bit numbers.
pub(super) struct Tensors<'a> {
    files: Vec<Weights<'a>>,
    /// What stands before every name of the encoder, for example `bert.`.
    prefix: String,
    device: Device,
}

impl<'a> Tensors<'a> {
    pub fn new(files: Vec<Weights<'a>>, device: &Device) -> Self {
        Self { files, prefix: String::new(), device: device.clone() }
    }

    /// Finds out what stands before `name` in these files: models for one task carry a prefix that
    /// bare encoders lack.
    pub fn find_prefix(&mut self, name: &str) {
        let names = self.files.iter().flat_map(Weights::names);
        let prefix = names.filter_map(|known| known.strip_suffix(name)).min_by_key(|p| p.len());
        self.prefix = prefix.unwrap_or_default().to_owned();
    }

    /// The same tensors with names that carry the prefix.
    pub fn prefixed(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The tensor of this name and shape.
    pub fn get(&self, name: &str, shape: &[usize]) -> Result<Tensor, Error> {
        self.find(name, shape)?.ok_or_else(|| Error::MissingTensor {
            name: name.to_owned(),
            hint: did_you_mean(nearest_of(self.files.iter().flat_map(Weights::names), name)),
            path: self.path(),
        })
    }

    /// As [`Tensors::get`], where the tensor may be absent.
    pub fn find(&self, name: &str, shape: &[usize]) -> Result<Option<Tensor>, Error> {
        let found = self.files.iter().find_map(|file| Some((file, file.shape(name)?)));
        let Some((file, found)) = found else { return Ok(None) };
        if found != shape {
            let message = format!(
                "Tensor `{name}` has the shape {found:?}, where config.json asks for {shape:?}"
            );
            return Err(Error::shape(message, file.path()));
        }
        let values = file.tensor(name)?;
        Tensor::from_vec(values.values, shape, &self.device)
            .map(Some)
            .map_err(|fault| Error::weights(format!("Tensor `{name}`: {fault}"), file.path()))
    }

    /// The shape of a tensor, if there is such a tensor.
    pub fn shape(&self, name: &str) -> Option<Vec<usize>> {
        self.files.iter().find_map(|file| file.shape(name))
    }

    /// A failure of the device while weights were put together.
    pub fn fault(&self, fault: &candle_core::Error) -> Error {
        Error::weights(format!("The weights cannot be put together: {fault}"), &self.path())
    }

    /// The first file: where a person looks first.
    fn path(&self) -> PathBuf {
        self.files.first().map_or_else(PathBuf::new, |file| file.path().to_owned())
    }

    /// The numbers in all tensors, of which the model may leave some aside.
    pub fn parameters(&self) -> usize {
        let names = self.files.iter().flat_map(|file| file.names().map(move |name| (file, name)));
        names
            .filter_map(|(file, name)| file.shape(name))
            .map(|shape| shape.iter().product::<usize>())
            .sum()
    }
}
