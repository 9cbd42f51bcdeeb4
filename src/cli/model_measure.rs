//! `rehearsal model measure`: how fast a model is on this machine, and how surely.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use super::args::On;
use super::{Answer, bar, out};
use crate::data;
use crate::domain::grouped;
use crate::domain::words::count;
use crate::models::{self, ColdStart, Measured, Timing, TokenTimes};
use crate::report::WIDTH;
use crate::report::grid::{Align, Grid, wrapped};
use crate::report::soak::micros;
use crate::stats::soak::Quantiles;

#[derive(Debug, clap::Args)]
pub(super) struct MeasureArgs {
    /// The model's folder or file
    path: PathBuf,
    /// Rows that it is asked: CSV, Parquet, NDJSON or Arrow IPC
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// How long single rows are asked
    #[arg(long, default_value_t = 2, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3_600))]
    seconds: u64,
    /// Write JSON, times in microseconds
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    on: On,
}

/// All that was measured of a model.
struct Found {
    name: String,
    cold_start: ColdStart,
    measured: Measured,
    tokens: Option<TokenTimes>,
}

pub(super) fn measure(args: &MeasureArgs) -> Result<Answer> {
    let found = bar::under(args.json, |status| -> Result<Found> {
        status.begin("Reading the rows");
        let table = data::load(&args.data, &status.progress)?.table;
        status.begin("Opening the model");
        let model = models::open(&args.path, &args.on.device)?;
        if let Some(note) = model.note() {
            status.note(note);
        }
        let cold_start = model.cold_start(&table)?;
        status.begin("Measuring the model");
        let time = Duration::from_secs(args.seconds);
        let measured = model.measure(&table, time, &status.progress)?;
        let tokens = model.token_times(&table)?;
        Ok(Found { name: model.card().name.clone(), cold_start, measured, tokens })
    })?;
    if args.json {
        out::print_json(&document(&found))?;
    } else {
        out::print(&text(&found))?;
    }
    Ok(Answer::Yes)
}

fn text(found: &Found) -> String {
    let Found { name, cold_start, measured, tokens } = found;
    let profile = &measured.profile;
    let mut text = format!(
        "{name}, on {} with {}\n\n{}\n",
        profile.device,
        count(profile.threads, "thread"),
        grid(measured).terminal()
    );
    text.push_str(&wrapped(&cold_start_sentence(cold_start), "", WIDTH));
    if let Some(tokens) = tokens {
        text.push_str(&wrapped(&token_sentence(tokens), "", WIDTH));
    }
    if let Some(noise) = &measured.noise {
        text.push_str(&wrapped(&noise.sentence(), "", WIDTH));
    }
    text
}

fn grid(measured: &Measured) -> Grid {
    let right = |heading| (heading, Align::Right);
    let heads = ["time", "95 % interval", "rows/s"].map(right);
    let mut grid = Grid::new([("", Align::Left)].into_iter().chain(heads));
    let mut push = |what: String, timing: &Timing, rate: String| {
        let interval = timing.interval.map_or("–".to_owned(), |interval| {
            format!("{} – {}", micros(interval.low), micros(interval.high))
        });
        grid.push(vec![what, micros(timing.micros), interval, rate]);
    };
    for timing in &measured.single_row {
        push(format!("1 row, p{:.0}", timing.quantile * 100.0), timing, String::new());
    }
    for (rows, timing) in measured.batches.iter().filter(|(rows, _)| *rows > 1) {
        let rate = f64::from(*rows) * 1e6 / timing.micros.max(1e-3);
        push(format!("{rows} rows, p50"), timing, grouped(rate.round() as u64));
    }
    grid
}

fn cold_start_sentence(cold_start: &ColdStart) -> String {
    let time = |duration: Duration| micros(duration.as_secs_f64() * 1e6);
    format!(
        "Cold start {}: loaded in {} (files may have lain in the system's cache), first answer after \
         another {}.",
        time(cold_start.whole()),
        time(cold_start.load),
        time(cold_start.first_answer)
    )
}

fn token_sentence(tokens: &TokenTimes) -> String {
    let quantiles = |q: Quantiles| {
        format!("p50 {}, p95 {}, p99 {}", micros(q.p50), micros(q.p95), micros(q.p99))
    };
    let next = tokens.next.map_or_else(String::new, |next| {
        format!("; each further token {} ({})", quantiles(next), count(tokens.tokens, "token"))
    });
    let rows = count(tokens.rows, "answer");
    format!("Time to the first token {} ({rows}){next}.", quantiles(tokens.first))
}

fn document(found: &Found) -> Value {
    let Found { name, cold_start, measured, tokens } = found;
    let micros = |duration: Duration| duration.as_secs_f64() * 1e6;
    let timing = |timing: &Timing| {
        json!({
            "quantile": timing.quantile,
            "micros": timing.micros,
            "interval": timing.interval,
        })
    };
    let batch = |(rows, median): &(u32, Timing)| json!({ "rows": rows, "median": timing(median) });
    json!({
        "model": name,
        "device": measured.profile.device,
        "threads": measured.profile.threads,
        "cold_start": {
            "load": micros(cold_start.load),
            "first_answer": micros(cold_start.first_answer),
        },
        "calls": measured.calls,
        "single_row": measured.single_row.iter().map(timing).collect::<Vec<_>>(),
        "quantiles": measured.profile.single_row,
        "batches": measured.batches.iter().map(batch).collect::<Vec<_>>(),
        "tokens": tokens.map(|tokens| json!({
            "answers": tokens.rows,
            "first": tokens.first,
            "next": tokens.next,
            "tokens": tokens.tokens,
        })),
        "noise": measured.noise,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_to_tokens_are_told_with_their_numbers() {
        let quantiles = Quantiles { p50: 41_000.0, p95: 42_000.0, p99: 43_000.0 };
        let tokens = TokenTimes { first: quantiles, next: None, rows: 1, tokens: 0 };
        let text = token_sentence(&tokens);
        assert_eq!(
            text,
            "Time to the first token p50 41.0 ms, p95 42.0 ms, p99 43.0 ms (1 answer)."
        );
        let text = token_sentence(&TokenTimes { next: Some(quantiles), tokens: 9, ..tokens });
        assert!(text.ends_with("p99 43.0 ms (9 tokens)."), "{text}");
    }
}
