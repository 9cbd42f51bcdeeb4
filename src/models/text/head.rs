//! From a row per token to outputs per text: pooling, then the layers of a task.

use std::path::Path;

use candle_core::{D, Result, Tensor};
use serde_json::Value;

use super::config::{Config, Family};
use super::dense::{Dense, Norm};
use super::fused::Act;
use super::tensors::Tensors;
use super::tokens::MOST_SETTINGS;
use crate::models::card::{Activation, Card};
use crate::models::error::Error;
use crate::models::folder::Folder;
use crate::models::weights::{self, Weights};

/// How the tokens of a text become one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pooling {
    /// The first token, which stands for the whole text.
    First,
    Mean,
    Max,
}

/// What comes after the encoder.
pub(super) struct Head {
    pooling: Pooling,
    /// Scales each text's row to length 1.
    is_normalised: bool,
    layers: Vec<Dense>,
    /// Before the last layer.
    norm: Option<Norm>,
    outputs: usize,
}

impl Head {
    /// The head of a model for classification or regression, out of the model's own tensors.
    pub fn of_classifier(config: &Config, tensors: &Tensors) -> std::result::Result<Self, Error> {
        if config.problem_type.as_deref() == Some("multi_label_classification") {
            return Err(config.fail(
                "says `problem_type` `multi_label_classification`; models with one answer per \
                 text are read",
            ));
        }
        let pooler = tensors.prefixed("pooler.dense");
        let (first, act, last) = match config.family {
            Family::Bert => (pooler.as_str(), Act::Tanh, "classifier"),
            Family::DistilBert => ("pre_classifier", Act::Relu, "classifier"),
            Family::Roberta => ("classifier.dense", Act::Tanh, "classifier.out_proj"),
            Family::DebertaV2 => {
                ("pooler.dense", act_of(config, "pooler_hidden_act")?, "classifier")
            }
            Family::ModernBert => {
                ("head.dense", act_of(config, "classifier_activation")?, "classifier")
            }
        };
        let Some(&[outputs, _]) = tensors.shape(&format!("{last}.weight")).as_deref() else {
            return Err(config.fail(&format!(
                "belongs to a model without a head for classification (there is no tensor \
                 `{last}.weight` of two dimensions); is it an encoder of sentences? Then write \
                 `kind = \"encoder\"` in the card and name a linear head"
            )));
        };
        if !config.labels.is_empty() && config.labels.len() != outputs {
            return Err(config.fail(&format!(
                "names {} labels (`id2label`), but `{last}.weight` gives {outputs} outputs",
                config.labels.len()
            )));
        }
        let is_mean = config.text("classifier_pooling") == Some("mean");
        let has_norm = config.family == Family::ModernBert;
        let hidden = config.hidden;
        Ok(Self {
            pooling: if has_norm && is_mean { Pooling::Mean } else { Pooling::First },
            is_normalised: false,
            layers: vec![
                Dense::load(tensors, first, (hidden, hidden), Some(act))?,
                Dense::load(tensors, last, (outputs, hidden), None)?,
            ],
            norm: match has_norm {
                true => Some(Norm::load(tensors, "head.norm", hidden, config.eps)?),
                false => None,
            },
            outputs,
        })
    }

    /// The head of a sentence encoder: pooling as the folder says, then the card's layers, from the
    /// card's own file.
    pub fn of_encoder(
        config: &Config,
        card: &Card,
        folder: &mut Folder,
        device: &candle_core::Device,
    ) -> std::result::Result<Self, Error> {
        let (pooling, is_normalised) = pooling_in(folder)?;
        let name = card.head.as_deref().unwrap_or_default();
        let path = folder.file(name);
        let bytes = weights::read(&path)?;
        folder.add(&bytes);
        let tensors = Tensors::new(vec![Weights::parse(&bytes, &path)?], device);
        let mut layers = Vec::with_capacity(card.layers.len());
        let mut width = config.hidden;
        for layer in &card.layers {
            let Some(&[outputs, inputs]) = tensors.shape(&layer.weight).as_deref() else {
                let message = format!(
                    "The head has no tensor `{}` of two dimensions, outputs × inputs",
                    layer.weight
                );
                return Err(Error::shape(message, &path));
            };
            if inputs != width {
                let message = format!(
                    "`{}` ({outputs} × {inputs}) expects {inputs} inputs, but gets {width}",
                    layer.weight
                );
                return Err(Error::shape(message, &path));
            }
            let weight = tensors.get(&layer.weight, &[outputs, inputs])?;
            let bias = match &layer.bias {
                Some(bias) => Some(tensors.get(bias, &[outputs])?),
                None => None,
            };
            let act = act_in_card(layer.activation, &path)?;
            layers.push(Dense::new(&weight, bias, act).map_err(|fault| tensors.fault(&fault))?);
            width = outputs;
        }
        Ok(Self { pooling, is_normalised, layers, norm: None, outputs: width })
    }

    /// Numbers per text.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// A row per text of a row per token.
    pub fn forward(&self, tokens: &Tensor, lengths: &[usize]) -> Result<Tensor> {
        let mut x = self.pooling.of(tokens, lengths)?;
        if self.is_normalised {
            let length = x.sqr()?.sum_keepdim(D::Minus1)?.sqrt()?.maximum(1e-12)?;
            x = x.broadcast_div(&length)?;
        }
        let last = self.layers.len().saturating_sub(1);
        for (index, layer) in self.layers.iter().enumerate() {
            if let (true, Some(norm)) = (index == last, &self.norm) {
                x = norm.forward(x)?;
            }
            x = layer.forward(&x)?;
        }
        Ok(x)
    }
}

impl Pooling {
    fn of(self, tokens: &Tensor, lengths: &[usize]) -> Result<Tensor> {
        let mut first = 0;
        let mut rows = Vec::with_capacity(lengths.len());
        for &length in lengths {
            let text = tokens.narrow(0, first, length)?;
            rows.push(match self {
                Self::First => text.get(0)?,
                Self::Mean => text.mean(0)?,
                Self::Max => text.max(0)?,
            });
            first += length;
        }
        Tensor::stack(&rows, 0)
    }
}

fn act_of(config: &Config, name: &str) -> std::result::Result<Act, Error> {
    let named = config.text(name).unwrap_or("gelu");
    Act::named(named).ok_or_else(|| {
        config.fail(&format!("asks for the activation `{named}` (`{name}`), which is not known"))
    })
}

fn act_in_card(activation: Activation, path: &Path) -> std::result::Result<Option<Act>, Error> {
    match activation {
        Activation::None => Ok(None),
        Activation::Relu => Ok(Some(Act::Relu)),
        Activation::Gelu => Ok(Some(Act::Gelu)),
        Activation::Tanh => Ok(Some(Act::Tanh)),
        Activation::Sigmoid => Err(Error::weights(
            "A head's layers know none, relu, gelu and tanh; the card's `output` knows sigmoid",
            path,
        )),
    }
}

/// What `modules.json` of sentence-transformers says: the pooling, and whether rows are scaled to
/// length 1. Without that file: the mean of all tokens, as the library does.
fn pooling_in(folder: &mut Folder) -> std::result::Result<(Pooling, bool), Error> {
    let path = folder.file("modules.json");
    if !path.is_file() {
        return Ok((Pooling::Mean, false));
    }
    let mut pooling = Pooling::Mean;
    let mut is_normalised = false;
    let modules = json(folder, "modules.json")?;
    for module in modules.as_array().into_iter().flatten() {
        let kind = module.get("type").and_then(Value::as_str).unwrap_or_default();
        match kind.rsplit('.').next().unwrap_or_default() {
            "Transformer" => {}
            "Pooling" => {
                let place = module.get("path").and_then(Value::as_str).unwrap_or_default();
                pooling = pooling_of(folder, place)?;
            }
            "Normalize" => is_normalised = true,
            other => {
                let message =
                    format!("modules.json asks for a `{other}` module, which is not read");
                return Err(Error::weights(message, &path));
            }
        }
    }
    Ok((pooling, is_normalised))
}

fn pooling_of(folder: &mut Folder, place: &str) -> std::result::Result<Pooling, Error> {
    let name = format!("{place}/config.json");
    if !crate::models::card_check::stays_inside(&name) {
        let message = format!("modules.json names `{place}`, which is not inside the folder");
        return Err(Error::weights(message, &folder.file("modules.json")));
    }
    let settings = json(folder, &name)?;
    let is_on = |mode: &str| settings.get(mode).and_then(Value::as_bool) == Some(true);
    let other = ["mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken"];
    let modes = [
        ("pooling_mode_cls_token", Pooling::First),
        ("pooling_mode_mean_tokens", Pooling::Mean),
        ("pooling_mode_max_tokens", Pooling::Max),
    ];
    let mut chosen = modes.iter().filter(|(mode, _)| is_on(mode)).map(|(_, pooling)| *pooling);
    let first = chosen.next();
    if chosen.next().is_some() || other.iter().any(|mode| is_on(&format!("pooling_mode_{mode}"))) {
        return Err(Error::weights(
            "The pooling's settings ask for more or other than the first token, the mean or the \
             maximum, which are read one at a time",
            &folder.file(&name),
        ));
    }
    Ok(first.unwrap_or(Pooling::Mean))
}

fn json(folder: &mut Folder, name: &str) -> std::result::Result<Value, Error> {
    let bytes = folder.read(name, "settings", MOST_SETTINGS)?;
    serde_json::from_slice(&bytes).map_err(|fault| {
        Error::weights(format!("The settings are not JSON: {fault}"), &folder.file(name))
    })
}
