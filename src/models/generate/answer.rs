//! What a network answers to a prompt: how likely each choice is, or what it writes.

use candle_core::Tensor;

use super::llama::{Llama, Past};
use super::vocabulary::Vocabulary;
use crate::models::backend::Fault;

/// The logarithm of each choice's probability after the prompt.
pub(super) fn likelihoods(
    network: &Llama,
    prompt: &[u32],
    choices: &[Vec<u32>],
) -> Result<Vec<f32>, Fault> {
    let mut past = Past::default();
    let after = rows(&network.forward(prompt, &mut past, 1)?)?;
    let likelihood = |choice: &Vec<u32>| {
        let (_, given) =
            choice.split_last().ok_or_else(|| Fault("a choice is empty".to_owned()))?;
        let mut scores = after.clone();
        if !given.is_empty() {
            // The prompt's keys and values serve every choice.
            scores.extend(rows(&network.forward(given, &mut past.clone(), given.len())?)?);
        }
        Ok(scores.iter().zip(choice).map(|(scores, id)| log_probability(scores, *id)).sum())
    };
    choices.iter().map(likelihood).collect()
}

/// The tokens that the network writes, the likeliest each time, until it ends or `most` are written;
/// `on_token` is called as soon as each is known, that of the end included.
pub(super) fn written(
    network: &Llama,
    vocabulary: &Vocabulary,
    prompt: &[u32],
    most: usize,
    on_token: &mut dyn FnMut(),
) -> Result<Vec<u32>, Fault> {
    let mut past = Past::default();
    let mut answer = Vec::new();
    let mut next = likeliest(&network.forward(prompt, &mut past, 1)?)?;
    on_token();
    while !vocabulary.is_end(next) {
        answer.push(next);
        if answer.len() >= most {
            break;
        }
        next = likeliest(&network.forward(&[next], &mut past, 1)?)?;
        on_token();
    }
    Ok(answer)
}

fn rows(scores: &Tensor) -> candle_core::Result<Vec<Vec<f32>>> {
    scores.to_vec2()
}

/// The place of the largest score, the first of equal ones.
fn likeliest(scores: &Tensor) -> Result<u32, Fault> {
    let scores = rows(scores)?.pop().unwrap_or_default();
    if scores.iter().any(|score| score.is_nan()) {
        return Err(Fault("the network's scores are no numbers".to_owned()));
    }
    let best =
        (0_u32..).zip(&scores).reduce(|best, next| if next.1 > best.1 { next } else { best });
    best.map(|(id, _)| id).ok_or_else(|| Fault("the network gives no scores".to_owned()))
}

/// ln softmax(scores)\[id\].
fn log_probability(scores: &[f32], id: u32) -> f32 {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = scores.iter().map(|score| f64::from(score - largest).exp()).sum();
    let score = scores.get(id as usize).copied().unwrap_or(f32::NAN);
    (f64::from(score - largest) - sum.ln()) as f32
}
