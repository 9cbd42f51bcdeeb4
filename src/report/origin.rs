//! What went into a run, in words: traffic, data, models, fleets and faults.

use super::Dossier;
use super::grid::{Align, Grid};
use crate::domain::{
    Arm, Arrivals, LabelDelay, Latency, Plan, RowOrder, SimSpan, Units, file_name, grouped,
};

/// The plan's main fields, one a line; the whole of it is in its text.
pub(super) fn plan_grid(dossier: &Dossier<'_>) -> Grid {
    let plan = dossier.run.plan;
    let mut grid = Grid::new([("The plan", Align::Left), ("", Align::Left)]);
    let mut line = |label: &str, text: String| {
        if !text.is_empty() {
            grid.push(vec![label.to_owned(), text]);
        }
    };
    line(
        "Strategy",
        format!("{}. {}", plan.strategy.kind().label(), plan.strategy.kind().sentence()),
    );
    line("Stages", dossier.run.recording.stages.join(" → "));
    line("Traffic", traffic(plan));
    line("Data", data(dossier));
    line("Labels", labels(plan));
    for fault in &plan.faults {
        let lasts = fault.lasts.map_or(" until the end".to_owned(), |span| format!(" for {span}"));
        let arm = fault.arm.as_ref().filter(|_| fault.what.is_of_arm());
        let at = arm.map_or(String::new(), |arm| format!(" at {arm}"));
        line("Fault", format!("{}{at}, from {}{lasts}", fault.what.sentence(), fault.at.clock()));
    }
    if let Some(batch) = &plan.batch {
        line("Batch jobs", format!("{} % of the requests, every {}", batch.share, batch.every));
    }
    grid
}

fn traffic(plan: &Plan) -> String {
    let traffic = &plan.traffic;
    let arrivals = match &traffic.arrivals {
        Arrivals::Recorded { speed_up } => format!("as recorded, {speed_up} times faster"),
        Arrivals::Trace { path, speed_up, .. } => {
            format!("as in the trace {}, {speed_up} times faster", file_name(path))
        }
        Arrivals::Poisson { per_second } => format!("{per_second} requests a second, at random"),
        Arrivals::Constant { per_second } => format!("{per_second} requests a second, evenly"),
        Arrivals::Bursts { per_second, burst_per_second, every, lasts } => {
            format!("{per_second} requests a second, {burst_per_second} for {lasts} every {every}")
        }
        Arrivals::DailyWave { trough, peak, period } => {
            format!("a wave of {trough} to {peak} requests a second every {period}")
        }
    };
    let order = match traffic.rows {
        RowOrder::InOrder => "rows in order",
        RowOrder::Shuffled => "rows shuffled anew on each pass",
        RowOrder::Sampled => "rows drawn with replacement",
    };
    let units = match &traffic.units {
        Units::Column => "users of the dataset keep their arm".to_owned(),
        Units::Request => "each request is assigned on its own".to_owned(),
        Units::Synthetic(count) => {
            format!("{} made-up users keep their arm", grouped(u64::from(*count)))
        }
    };
    format!("{arrivals}, for {}; {order}; {units}", traffic.duration)
}

fn data(dossier: &Dossier<'_>) -> String {
    let data = &dossier.run.plan.data;
    let roles = [
        ("label", &data.label),
        ("time", &data.time),
        ("user", &data.user),
        ("segment", &data.segment),
        ("value", &data.value),
    ];
    let roles: Vec<String> = roles
        .into_iter()
        .filter_map(|(role, column)| Some(format!("{role} `{}`", column.as_ref()?)))
        .collect();
    let file = file_name(&data.path);
    if roles.is_empty() { file.to_owned() } else { format!("{file}: {}", roles.join(", ")) }
}

fn labels(plan: &Plan) -> String {
    match plan.traffic.label_delay {
        LabelDelay::None => "known at once".to_owned(),
        LabelDelay::Constant(delay) => format!("known {delay} after the answer"),
        LabelDelay::Exponential { mean } => {
            format!("known {mean} after the answer on average (exponential)")
        }
    }
}

/// The dataset and each arm's answers with their digests.
pub(super) fn arms_grid(dossier: &Dossier<'_>) -> Grid {
    let mut grid = Grid::new([
        ("", Align::Left),
        ("Name", Align::Left),
        ("Fleet and time", Align::Left),
        ("Answers", Align::Left),
        ("Digest (BLAKE3)", Align::Left),
    ]);
    let plan = dossier.run.plan;
    if let Some(inputs) = dossier.inputs {
        grid.push(vec![
            "Dataset".to_owned(),
            file_name(&plan.data.path).to_owned(),
            String::new(),
            format!("{} rows", grouped(inputs.rows.count as u64)),
            inputs.rows.digest.clone(),
        ]);
    }
    for (place, arm) in plan.arms.iter().enumerate() {
        let known = dossier.inputs.and_then(|inputs| inputs.predictions.get(place));
        let answers = known.map_or(String::new(), |known| match known.latency.is_measured() {
            true => format!("{}, measured on {}", known.task.label(), known.latency.device),
            false => known.task.label().to_owned(),
        });
        let letter = crate::domain::ArmId::new(place);
        grid.push(vec![
            format!("Arm {letter}"),
            arm.name.clone(),
            fleet(arm),
            answers,
            known.map_or(String::new(), |known| known.digest.clone()),
        ]);
    }
    grid
}

fn fleet(arm: &Arm) -> String {
    let serving = &arm.serving;
    let time = match &arm.latency {
        Latency::Measured { scale, overhead } if *scale == 1.0 && overhead.is_zero() => {
            "measured time".to_owned()
        }
        Latency::Measured { scale, overhead } => format!("measured time × {scale} + {overhead}"),
        Latency::Constant(time) => format!("{time} each"),
        Latency::Exponential { mean } => format!("{mean} on average"),
        Latency::Lognormal { median, p95 } => format!("{median} median, {p95} p95"),
        Latency::File(path) => format!("times of {}", file_name(path)),
    };
    let batching = serving.batching.as_ref().map_or(String::new(), |batching| {
        format!(", batches of {} within {}", batching.max_size, batching.max_wait)
    });
    let start = if serving.cold_start == SimSpan::ZERO {
        String::new()
    } else {
        format!(", starts in {}", serving.cold_start)
    };
    format!(
        "{} × {} at a time{batching}; {time}; gives up after {}{start}",
        count(serving.replicas, "replica"),
        serving.concurrency,
        serving.timeout
    )
}

fn count(number: u32, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}
