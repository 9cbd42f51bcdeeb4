//! Image models: small stacks of layers that a card describes, and the folders of ResNet, ViT,
//! ConvNeXt (Hugging Face) and MobileNetV4 (timm).
//!
//! The forward passes are our own, not candle-transformers': that crate names tensors otherwise
//! than the files do, and on the processor its depthwise convolutions go channel by channel.
//! Images lie as rows × height × width × channels, so that most layers are one matrix product.

mod backend;
mod config;
mod conv;
mod convnext;
mod image;
mod input;
mod mobilenet;
mod ops;
mod preprocess;
mod resize;
mod resnet;
mod stack;
mod tensors;
mod thumbnail;
mod vit;

#[cfg(test)]
mod tests;

pub(super) use backend::ImageModel;
pub(super) use config::{classes_of, load};
pub use input::ImageInput;
pub(super) use input::Images;
pub(super) use preprocess::Preprocess;
pub use stack::Step;
pub use thumbnail::{Thumbnail, thumbnail};

use candle_core::{Result, Tensor};

/// A network from images to one row of outputs each.
pub(super) trait Net: Send + Sync {
    /// Images are rows × height × width × channels; the outputs rows × outputs.
    fn forward(&self, images: &Tensor) -> Result<Tensor>;
}
