//! The fields of a gate that judges several metrics into a score.

use egui::{RichText, Ui};

use crate::domain::judge::{Harm, JudgeGroup, JudgeMetric};
use crate::domain::{Judge, Metric};
use crate::ui::form::{Field, Form};
use crate::ui::theme::{Tokens, small};

/// Draws the fields of the judge of the gate at `place`.
pub fn judge_ui(ui: &mut Ui, form: &mut Form<'_>, place: usize, judge: &mut Judge) {
    let usual = Judge::default();
    let at = |name: &str, label| Field::new(format!("gates[{place}].judge.{name}"), label);
    let pass = at("pass", "Passes from").unit("of 100").usual(&usual.pass);
    form.value(ui, &pass, &mut judge.pass);
    let marginal = at("marginal", "Marginal from")
        .unit("of 100")
        .help("Below the pass it is inconclusive, below this it fails")
        .usual(&usual.marginal);
    form.value(ui, &marginal, &mut judge.marginal);
    let point = at("point", "One value per")
        .hint("the plan's window")
        .help("The judge compares series of values, not requests")
        .usual(&usual.point);
    form.value(ui, &point, &mut judge.point);
    let fewest = at("min_points", "Evidence from")
        .unit("values per arm")
        .help("Kayenta itself has no such limit; with two values it is wrong in 23 % of the looks")
        .usual(&usual.min_points);
    form.value(ui, &fewest, &mut judge.min_points);
    for (number, group) in judge.groups.iter_mut().enumerate() {
        group_ui(ui, form, &format!("gates[{place}].judge.groups[{number}]"), group);
    }
    judge.groups.retain(|group| !group.metrics.is_empty());
    if ui.button("Add a metric").clicked() {
        let metric = JudgeMetric { metric: Metric::Accuracy, ..JudgeMetric::default() };
        let name = format!("Group {}", judge.groups.len() + 1);
        judge.groups.push(JudgeGroup { name, weight: None, metrics: vec![metric] });
    }
}

fn group_ui(ui: &mut Ui, form: &mut Form<'_>, at: &str, group: &mut JudgeGroup) {
    ui.add_space(6.0);
    ui.label(small(group.name.as_str()).color(Tokens::of(ui).subdued));
    let about = group.name.clone();
    form.about(about, |form| {
        let weight = Field::new(format!("{at}.weight"), "Weight")
            .unit("%")
            .hint("what is left")
            .usual(&None::<f64>);
        form.value(ui, &weight, &mut group.weight);
        let mut removed = None;
        for (number, judged) in group.metrics.iter_mut().enumerate() {
            if metric_ui(ui, form, &format!("{at}.metrics[{number}]"), judged) {
                removed = Some(number);
            }
        }
        if let Some(number) = removed {
            group.metrics.remove(number);
        }
    });
}

/// True if the metric is to go.
fn metric_ui(ui: &mut Ui, form: &mut Form<'_>, at: &str, judged: &mut JudgeMetric) -> bool {
    let field = |name: &str, label| Field::new(format!("{at}.{name}"), label);
    let metrics = Metric::ALL.map(|metric| (metric, metric.label()));
    form.choice(ui, &field("metric", "Metric"), &mut judged.metric, &metrics);
    let harm = judged.harm();
    let help = "The size of the effect from which a sure shift is harmful: the candidate's mean \
                over the baseline's. Empty: any sure shift is";
    if harm != Harm::Decrease {
        let up = field("allowed_increase", "Allowed up to").unit("×").help(help);
        form.value(ui, &up.usual(&None::<f64>), &mut judged.allowed_increase);
    }
    if harm != Harm::Increase {
        let down = field("allowed_decrease", "Allowed down to").unit("×").help(help);
        form.value(ui, &down.usual(&None::<f64>), &mut judged.allowed_decrease);
    }
    let critical = field("critical", "Failing it makes the score 0");
    form.switch(ui, &critical, &mut judged.critical);
    ui.button(RichText::new("Remove this metric").small()).clicked()
}
