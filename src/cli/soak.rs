//! `rehearsal soak`: a plan's traffic really served, beside its simulation.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::args::{On, tolerance};
use super::{Answer, bar, library, out, plan_file};
use crate::domain::SimSpan;
use crate::report::soak;
use crate::worker::{self, soak::Question};

const SOAK_EXAMPLES: &str = "\
Examples:
  rehearsal soak plan.toml --seconds 30
  rehearsal soak plan.toml --utilisation 0.7 --within 10

The models are opened and measured, then asked in real time: every server of every arm is a thread,
requests come when the plan says (whether or not earlier ones were answered), and waiting counts. All
arms are at full size from the start and the split stands still: that of the plan's A/B test or
shadow, else an even one. Gates, faults and jobs are left out.";

#[derive(Debug, clap::Args)]
#[command(after_help = SOAK_EXAMPLES)]
pub(super) struct SoakArgs {
    plan: PathBuf,
    /// How long requests come
    #[arg(long, default_value = "30", value_name = "SECONDS", value_parser = seconds)]
    seconds: SimSpan,
    /// Make the traffic so fast that the busiest arm's servers work for this share of the time
    /// [default: as fast as the plan says]
    #[arg(long, value_name = "SHARE", value_parser = utilisation)]
    utilisation: Option<f64>,
    /// Exit with 1 unless p50, p95 and p99 of every arm are within so many percent of the simulated
    #[arg(long, value_name = "PERCENT", value_parser = tolerance)]
    within: Option<f64>,
    #[command(flatten)]
    form: SoakForm,
    #[command(flatten)]
    on: On,
}

/// The form of a soak's result.
#[derive(Clone, Copy, Debug, clap::Args)]
#[group(multiple = false)]
struct SoakForm {
    /// As JSON, times in microseconds
    #[arg(long)]
    json: bool,
    /// As Markdown
    #[arg(long)]
    markdown: bool,
}

fn seconds(text: &str) -> Result<SimSpan, String> {
    match text.trim_end_matches('s').parse::<f64>() {
        Ok(secs) if (0.1..=86_400.0).contains(&secs) => Ok(SimSpan::from_secs_f64(secs)),
        _ => Err("seconds are a number from 0.1 to 86400".to_owned()),
    }
}

fn utilisation(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if share > 0.0 && share <= 2.0 => Ok(share),
        _ => Err("a utilisation is a share such as 0.7, above 0 and at most 2".to_owned()),
    }
}

pub(super) fn soak(args: &SoakArgs, library: Option<&Path>) -> Result<Answer> {
    let library = library::open(library)?;
    let file = plan_file::read(&args.plan)?;
    let question = Question { span: args.seconds, utilisation: args.utilisation };
    let soaked = bar::under(false, |status| {
        worker::soak(&file.plan, &file.base, args.on.device, Some(&library), &question, status)
    })
    .map_err(|error| plan_file::at_its_line(error, &args.plan))?;
    if args.form.json {
        out::print_json(&soaked)?;
    } else if args.form.markdown {
        out::print(&soak::markdown(&soaked))?;
    } else {
        out::print(&soak::terminal(&soaked))?;
    }
    let is_within = args.within.is_none_or(|percent| soaked.is_within(percent / 100.0));
    Ok(if is_within { Answer::Yes } else { Answer::No })
}
