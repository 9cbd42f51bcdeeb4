//! Language models of the Llama family in GGUF files, quantised: they go on from a prompt with a
//! row's texts in it, and the answer is scored by the choice that is likeliest, by what is written,
//! or by its length alone.
//!
//! The network is written here: candle-transformers' would bring a second set of layers, keeps the
//! past inside the model (so that rows could not be asked apart) and knows no tokenizer.

mod answer;
mod gguf;
mod llama;
mod model;
mod prompt;
mod vocabulary;

#[cfg(test)]
mod tests;

pub use prompt::{AnswerBy, Generate};

pub(super) use model::{Generator, MOST_BYTES, told};
