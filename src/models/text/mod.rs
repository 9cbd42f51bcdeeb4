//! Models that read text: Hugging Face folders of BERT's kin with a head for classification or
//! regression, and sentence encoders with a linear head.
//!
//! The encoders are written here rather than taken from candle-transformers: that crate has no heads
//! for BERT and DistilBERT, pads and masks every batch, and spends more time between the matrix
//! products than in them. Here the texts of a call lie end to end, so nothing is padded, and what
//! stands between the products is fused (`fused`).

mod attention;
mod config;
mod dense;
mod encoder;
mod fused;
mod head;
mod model;
mod modern;
mod relative;
mod tensors;
mod tokens;
mod told;

#[cfg(test)]
mod tests;

pub(super) use model::{TextModel, Texts};
pub(super) use tokens::Tokens;
pub(super) use told::{Told, told};
