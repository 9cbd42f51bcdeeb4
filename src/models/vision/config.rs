//! Which network lies in a folder, by its `config.json`.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::Device;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::convnext::{self, ConvNext};
use super::mobilenet::MobileNet;
use super::preprocess::{self, Preprocess};
use super::resnet::{self, ResNet};
use super::tensors::Tensors;
use super::vit::{self, Vit};
use super::{Net, backend::ImageModel};
use crate::models::card::{Activation, Card};
use crate::models::error::Error;
use crate::models::folder::Folder;
use crate::models::shards;
use crate::models::weights::Weights;

/// The largest configuration that is read, in bytes.
const MOST_CONFIG: u64 = 16 << 20;
/// More classes than a card may name.
const MOST_CLASSES: usize = 65_000;
const CONFIG: &str = "config.json";

/// What says which of the configurations it is.
#[derive(Deserialize)]
struct Which {
    /// Hugging Face's name of the family.
    model_type: Option<String>,
    num_channels: Option<usize>,
    image_size: Option<serde_json::Value>,
    /// timm's name of the model.
    architecture: Option<String>,
    pretrained_cfg: Option<preprocess::TimmConfig>,
}

/// The classes of the image classifier in a folder, in the order of its outputs; `None` if the
/// folder holds something else.
///
/// # Errors
/// If there is a configuration that cannot be read.
pub(in crate::models) fn classes_of(folder: &Path) -> Result<Option<Vec<String>>, Error> {
    #[derive(Deserialize)]
    struct Classes {
        #[serde(default)]
        model_type: String,
        #[serde(default)]
        architecture: String,
        #[serde(default)]
        id2label: BTreeMap<usize, String>,
        label_names: Option<Vec<String>>,
        num_classes: Option<usize>,
    }
    let mut files = Folder::new(folder);
    if !files.file(CONFIG).is_file() {
        return Ok(None);
    }
    let json = files.read(CONFIG, "configuration", MOST_CONFIG)?;
    let config: Classes = parse(&json, &files, CONFIG)?;
    let is_known = ["resnet", "vit", "convnext"].contains(&config.model_type.as_str())
        || config.architecture.starts_with("mobilenetv4");
    if !is_known {
        return Ok(None);
    }
    let numbered = || (0..config.num_classes.unwrap_or(2).min(MOST_CLASSES)).map(|n| n.to_string());
    Ok(Some(match config.label_names {
        Some(names) => names,
        None if config.id2label.is_empty() => numbered().collect(),
        None => config.id2label.into_values().collect(),
    }))
}

pub(super) fn relu() -> String {
    "relu".to_owned()
}

pub(super) fn gelu() -> String {
    "gelu".to_owned()
}

/// An activation by Hugging Face's name.
pub(super) fn activation(name: &str) -> Result<Activation, String> {
    match name {
        "relu" => Ok(Activation::Relu),
        "gelu" => Ok(Activation::Gelu),
        other => Err(format!("`hidden_act` is `{other}`; `relu` and `gelu` are computed")),
    }
}

/// Opens the vision model in a folder that answers with a number for each of the card's classes.
///
/// # Errors
/// If a file is missing or damaged, the architecture is not known, or the tensors are others than
/// the configuration asks for.
pub(in crate::models) fn load(
    card: &Card,
    folder: &mut Folder,
    device: &Device,
) -> Result<ImageModel, Error> {
    let classes = card.classes.len().max(1);
    let json = folder.read(CONFIG, "configuration", MOST_CONFIG)?;
    let which: Which = parse(&json, folder, CONFIG)?;
    let channels = which.num_channels.unwrap_or(3);
    let preprocess = match &which.pretrained_cfg {
        Some(config) => {
            Preprocess::of_timm(config).map_err(|message| unfit(folder, CONFIG, &message))?
        }
        None => {
            const FILE: &str = "preprocessor_config.json";
            if !folder.file(FILE).is_file() {
                return Err(Error::weights(
                    "The folder has no preprocessor_config.json, which says how images become \
                     numbers; save the model's image processor beside it",
                    &folder.file(FILE),
                ));
            }
            let json = folder.read(FILE, "preprocessing", MOST_CONFIG)?;
            let side = which.image_size.as_ref().and_then(serde_json::Value::as_u64);
            let side = side.and_then(|side| usize::try_from(side).ok());
            Preprocess::new(&parse(&json, folder, FILE)?, channels, side)
                .map_err(|message| unfit(folder, FILE, &message))?
        }
    };
    let files = shards::read(card, folder)?;
    let parts = files
        .iter()
        .map(|(path, bytes)| Weights::parse(bytes, path))
        .collect::<Result<Vec<_>, _>>()?;
    let tensors = Tensors::new(&parts, device);
    let (family, net) = network(&which, &json, folder, &tensors, classes)?;
    tensors.all_taken()?;
    Ok(ImageModel {
        net,
        family,
        preprocess,
        outputs: classes,
        last: Activation::None,
        parameters: tensors.parameters(),
        device: device.clone(),
    })
}

fn network(
    which: &Which,
    json: &[u8],
    folder: &Folder,
    tensors: &Tensors,
    classes: usize,
) -> Result<(String, Box<dyn Net>), Error> {
    if let Some(architecture) = &which.architecture {
        let channels = which.num_channels.unwrap_or(3);
        let net = MobileNet::load(architecture, channels, tensors, classes)?;
        return Ok((architecture.clone(), Box::new(net)));
    }
    match which.model_type.as_deref() {
        Some("resnet") => {
            let config: resnet::Config = parse(json, folder, CONFIG)?;
            Ok(("ResNet".to_owned(), Box::new(ResNet::load(&config, tensors, classes)?)))
        }
        Some("vit") => {
            let config: vit::Config = parse(json, folder, CONFIG)?;
            Ok(("ViT".to_owned(), Box::new(Vit::load(&config, tensors, classes)?)))
        }
        Some("convnext") => {
            let config: convnext::Config = parse(json, folder, CONFIG)?;
            Ok(("ConvNeXt".to_owned(), Box::new(ConvNext::load(&config, tensors, classes)?)))
        }
        other => Err(unfit(
            folder,
            CONFIG,
            &format!(
                "`model_type` is `{}`; resnet, vit, convnext and timm's mobilenetv4 are known. \
                 Export others to ONNX",
                other.unwrap_or("missing")
            ),
        )),
    }
}

fn parse<T: DeserializeOwned>(json: &[u8], folder: &Folder, file: &str) -> Result<T, Error> {
    serde_json::from_slice(json).map_err(|fault| unfit(folder, file, &fault.to_string()))
}

fn unfit(folder: &Folder, file: &str, message: &str) -> Error {
    Error::weights(format!("{file} cannot be used: {message}"), &folder.file(file))
}
