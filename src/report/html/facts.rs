//! What a run was called, when and how it ran, and how to have it again.

use super::super::dossier::Dossier;
use super::super::escape::escaped;
use super::Page;
use crate::domain::{SimTime, grouped};

/// A term with its value, for a list of facts.
pub(super) fn fact(label: &str, value: &str) -> String {
    format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escaped(label), escaped(value))
}

pub(super) fn header(page: &mut Page, dossier: &Dossier<'_>) {
    let run = &dossier.run;
    let mut meta: Vec<String> = Vec::new();
    meta.extend(run.id.map(|id| format!("Experiment <code>{}</code>", escaped(id))));
    meta.extend(dossier.parent.map(|id| format!("forked from <code>{}</code>", escaped(id))));
    meta.extend(dossier.created.as_ref().map(|created| escaped(created)));
    meta.push(format!("Rehearsal {}", escaped(dossier.program_version)));
    page.push(&format!(
        "<header>\n<div><div class=\"kind\">Rehearsal of a rollout · {}</div>\n<h1>{}</h1></div>\n\
         <div class=\"meta\">{}</div>\n</header>\n",
        escaped(run.recording.strategy.label()),
        escaped(&run.plan.name),
        meta.join("<br>")
    ));
    let description = run.plan.description.trim();
    if !description.is_empty() {
        page.paragraph("about", &description.split_whitespace().collect::<Vec<_>>().join(" "));
    }
}

pub(super) fn facts(page: &mut Page, dossier: &Dossier<'_>) {
    let (run, outcome) = (&dossier.run, &dossier.run.recording.outcome);
    let end = run.recording.end();
    let requests = run.recording.until(end).map_or(0, |whole| whole.arrivals());
    let mut list = vec![
        ("Outcome", format!("{} at {}", outcome.kind.label(), outcome.at.clock())),
        ("In charge at the end", run.arm(outcome.winner.index())),
        ("Requests", grouped(requests)),
        ("Simulated time", end.since(SimTime::START).words()),
    ];
    if let Some(inputs) = dossier.inputs {
        list.push(("Rows replayed", grouped(inputs.rows.count as u64)));
    }
    list.push(("Seed", run.plan.seed.to_string()));
    let facts: String = list.iter().map(|(label, value)| fact(label, value)).collect();
    let reason = match outcome.reason.trim() {
        "" => String::new(),
        reason => format!("<p class=\"note\">Reason given by the run: {}</p>\n", escaped(reason)),
    };
    page.card("", &format!("<dl class=\"facts\">\n{facts}</dl>\n{reason}"));
}

pub(super) fn reproduce(page: &mut Page, dossier: &Dossier<'_>) {
    let mut text = String::from(
        "<p>A rehearsal is a function of its plan, inputs, seed and interventions: run again, every \
         window and event comes out the same, and so does the digest.</p>\n<pre>",
    );
    let commands = dossier.commands();
    let width = commands.iter().map(|(command, _)| command.chars().count()).max().unwrap_or(0);
    for (command, what) in &commands {
        text.push_str(&escaped(&format!("{command:<width$}  # {what}\n")));
    }
    text.push_str("</pre>\n<p class=\"note\">Digest of the recording (BLAKE3)</p>\n");
    text.push_str(&format!("<p class=\"digest\">{}</p>\n", escaped(&dossier.run.digest)));
    page.card("", &text);
    page.push("<h3>The plan</h3>\n");
    page.push(&format!("<pre>{}</pre>\n", escaped(&dossier.plan_text())));
    page.push(
        "<footer>Times are simulated, from the start of the run. Models answered real rows; traffic \
         and serving were simulated.</footer>\n",
    );
}
