//! A soak: what was served beside what was simulated.

use super::WIDTH;
use super::grid::{Align, Grid, wrapped};
use crate::domain::grouped;
use crate::stats::soak::{Load, Quantiles, Soaked, SoakedArm};

/// A table for each arm, and what to mind in reading them.
pub fn terminal(soaked: &Soaked) -> String {
    let mut text =
        format!("{}: {} s of traffic, served and simulated\n", soaked.plan, soaked.seconds);
    for arm in &soaked.arms {
        text.push_str(&format!("\n{}\n\n{}", title(arm), grid(arm).terminal()));
    }
    text.push('\n');
    for line in sentences(soaked) {
        text.push_str(&wrapped(&line, "", WIDTH));
    }
    text
}

/// The same in Markdown.
pub fn markdown(soaked: &Soaked) -> String {
    let mut text = String::new();
    for arm in &soaked.arms {
        text.push_str(&format!("**{}**\n\n{}\n", title(arm), grid(arm).markdown()));
    }
    for line in sentences(soaked) {
        text.push_str(&format!("- {line}\n"));
    }
    text
}

fn title(arm: &SoakedArm) -> String {
    let noun = if arm.servers == 1 { "server" } else { "servers" };
    let requests = grouped(arm.served.requests);
    format!("{}: {} {noun}, {requests} requests", arm.name, arm.servers)
}

fn grid(arm: &SoakedArm) -> Grid {
    let right = |heading| (heading, Align::Right);
    let heads = ["simulated", "served", "difference"].map(right);
    let mut grid = Grid::new([("", Align::Left)].into_iter().chain(heads));
    let (simulated, served) = (&arm.simulated, &arm.served);
    let mut times = |what: &str, of: fn(&Load) -> Option<Quantiles>| {
        let all = |load: &Load| of(load).map(Quantiles::all);
        let (ours, theirs) = (all(simulated), all(served));
        for (place, name) in ["p50", "p95", "p99"].into_iter().enumerate() {
            let at = |all: Option<[f64; 3]>| all.and_then(|all| all.get(place).copied());
            let (ours, theirs) = (at(ours), at(theirs));
            grid.push(vec![
                format!("{what} {name}"),
                ours.map_or("–".to_owned(), micros),
                theirs.map_or("–".to_owned(), micros),
                ours.zip(theirs).map_or(String::new(), |(a, b)| difference(a, b)),
            ]);
        }
    };
    times("Latency", |load| load.latency);
    times("Service", |load| load.service);
    let mut row = |name: &str, show: &dyn Fn(&Load) -> String| {
        grid.push(vec![name.to_owned(), show(simulated), show(served)]);
    };
    row("Utilisation", &|load| format!("{:.2}", load.utilisation));
    row("Longest queue", &|load| grouped(load.longest_queue));
    row("Answers per second", &|load| format!("{:.1}", load.per_second));
    for (name, of) in [
        ("Gave up", (|load| load.timed_out) as fn(&Load) -> u64),
        ("Turned away", |load| load.rejected),
    ] {
        if of(simulated) + of(served) > 0 {
            row(name, &|load| grouped(of(load)));
        }
    }
    grid
}

fn sentences(soaked: &Soaked) -> Vec<String> {
    let mut lines = vec![format!(
        "Service is the time that one call kept a server busy: on the left as measured before, with \
         pauses between calls; on the right between requests, with {} processors for all servers.",
        soaked.processors
    )];
    let late: Vec<String> = soaked
        .arms
        .iter()
        .filter_map(|arm| {
            let late = arm.late?;
            Some(format!("{} p50 {}, p99 {}", arm.name, micros(late.p50), micros(late.p99)))
        })
        .collect();
    if !late.is_empty() {
        lines.push(format!(
            "Servers began later than they could have, since the system wakes nobody at once: {}.",
            late.join("; ")
        ));
    }
    lines.extend(soaked.noise.map(|noise| noise.sentence()));
    lines
}

/// `+4 %`.
fn difference(simulated: f64, served: f64) -> String {
    let percent = (served / simulated.max(1e-3) - 1.0) * 100.0;
    let sign = if percent < 0.0 { '−' } else { '+' };
    format!("{sign}{:.0} %", percent.abs())
}

/// A time for people: `431 µs`, `31.2 ms`.
pub fn micros(micros: f64) -> String {
    match micros {
        ..10.0 => format!("{micros:.1} µs"),
        ..1e3 => format!("{micros:.0} µs"),
        ..1e4 => format!("{:.2} ms", micros / 1e3),
        ..1e6 => format!("{:.1} ms", micros / 1e3),
        _ => format!("{:.2} s", micros / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_stand_side_by_side() {
        let load = |p50: f64| Load {
            requests: 1_200,
            answered: 1_190,
            latency: Some(Quantiles { p50, p95: 2.0 * p50, p99: 3.0 * p50 }),
            ..Load::default()
        };
        let arm = SoakedArm {
            name: "risk v2".to_owned(),
            servers: 2,
            simulated: load(20_000.0),
            served: Load { rejected: 10, ..load(19_000.0) },
            late: None,
        };
        let soaked = Soaked {
            plan: "Soak".to_owned(),
            seconds: 30.0,
            arms: vec![arm],
            processors: 2,
            noise: None,
        };
        let text = terminal(&soaked);
        assert!(text.contains("risk v2: 2 servers, 1,200 requests"), "{text}");
        let row = text.lines().find(|line| line.starts_with("Latency p50")).unwrap();
        let cells: Vec<&str> = row.split("  ").map(str::trim).filter(|x| !x.is_empty()).collect();
        assert_eq!(cells, ["Latency p50", "20.0 ms", "19.0 ms", "−5 %"]);
        assert!(text.contains("Turned away") && !text.contains("Gave up"), "{text}");
    }
}
