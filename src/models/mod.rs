//! Models: reading cards and weights, asking them with candle and tract, measuring how long
//! they take, and taking over answers that other programs recorded.

pub mod answers;
pub mod card;
pub mod content;
pub mod device;
pub mod drift;
pub mod error;
pub mod features;
pub mod measure;
pub mod model;
pub mod network;
pub mod propose;
pub mod recorded;
pub mod weights;

mod archive;
mod asker;
mod backend;
mod card_check;
mod curves;
mod dense;
mod folder;
mod format;
mod generate;
mod joined;
mod label;
mod onnx;
mod pace;
mod shards;
mod text;
mod token_times;
mod trees;
mod vision;
mod wide;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod opening_tests;
#[cfg(test)]
mod scoring_tests;

pub use asker::Asker;
pub use card::{
    Activation, AnswerBy, Card, Generate, ImageInput, Input, Layer, OutputActivation, Step,
    TaskKind,
};
pub use content::{content_key, predictions, recorded_digest};
pub use device::DeviceChoice;
pub use drift::drifted;
pub use error::Error;
pub use features::Mismatch;
pub use folder::card_path;
pub use format::ENDINGS;
pub use joined::joined_file;
pub use measure::{ColdStart, FIRST_LOOK, Measured, Timing};
pub use model::{Model, open};
pub use pace::wait_until;
pub use propose::{Hints, propose_card};
pub use recorded::recorded_column;
pub use token_times::TokenTimes;
pub use vision::{Thumbnail, thumbnail};
