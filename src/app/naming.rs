//! What plans and arms are called until a person names them: after their data and models.

use std::path::Path;

use crate::domain::{ModelSource, PlanDraft, StrategyKind};

/// What further arms are called until they have a model.
const CANDIDATE: &str = "candidate";
/// Endings that are no part of a model's name.
const ENDINGS: &str = "onnx json ubj ubjson txt lgb model gguf safetensors pt pth bin npz toml card csv \
                       tsv ndjson jsonl parquet arrow ipc feather";
/// Files that are called like this in every folder; the folder's name says more.
const USUAL: [&str; 5] = ["model", "pytorch_model", "weights", "card", "predictions"];

/// What a plan is to be called after an edit: none if a person named it, or if there is too little to
/// name it after.
pub(super) fn plan(before: &PlanDraft, after: &PlanDraft) -> Option<String> {
    let is_given = before.name == PlanDraft::default().name
        || StrategyKind::ALL.iter().any(|kind| told(before, *kind).as_ref() == Some(&before.name));
    let is_kept = before.name == after.name;
    (is_given && is_kept).then(|| told(after, after.strategy.kind())).flatten()
}

/// `shop: canary of v2`.
fn told(draft: &PlanDraft, kind: StrategyKind) -> Option<String> {
    let data = Path::new(&draft.data.path).file_name()?.to_str().map(without_endings)?;
    if data.is_empty() || draft.arms.iter().any(|arm| name_of(&arm.model).is_none()) {
        return None;
    }
    let (baseline, candidate) = (&draft.arms.first()?.name, &draft.arms.last()?.name);
    let what = match kind {
        StrategyKind::Single => format!("{baseline} alone"),
        StrategyKind::Direct => format!("direct switch to {candidate}"),
        StrategyKind::Rolling => format!("rolling update to {candidate}"),
        StrategyKind::Shadow => format!("shadow of {candidate}"),
        StrategyKind::BlueGreen => format!("blue-green switch to {candidate}"),
        StrategyKind::Canary => format!("canary of {candidate}"),
        StrategyKind::Ab => format!("A/B test of {candidate}"),
        StrategyKind::Bandit => format!("bandit with {candidate}"),
    };
    Some(format!("{data}: {what}"))
}

/// The name of the arm at `place`, before it has a model.
pub(super) fn of_place(place: usize) -> String {
    format!("{CANDIDATE} {place}")
}

/// What the arm at `place` is to be called with a new model: none if a person named it, or if
/// another arm has that name.
pub(super) fn arm(draft: &PlanDraft, place: usize, source: &ModelSource) -> Option<String> {
    let renamed = draft.arms.get(place)?;
    let numbered = renamed.name.strip_prefix(CANDIDATE).and_then(|rest| rest.strip_prefix(' '));
    let is_given = PlanDraft::default().arms.iter().any(|first| first.name == renamed.name)
        || numbered.is_some_and(|rest| rest.parse::<usize>().is_ok())
        || name_of(&renamed.model).as_ref() == Some(&renamed.name);
    let name = name_of(source).filter(|_| is_given)?;
    let is_taken = draft.arms.iter().any(|other| other.name == name);
    (!is_taken).then_some(name)
}

fn name_of(source: &ModelSource) -> Option<String> {
    let path = match source {
        ModelSource::Column(column) => return (!column.is_empty()).then(|| column.clone()),
        ModelSource::Folder(path) | ModelSource::File { path, .. } => Path::new(path),
    };
    let names = path.ancestors().filter_map(|part| part.file_name()?.to_str()).map(without_endings);
    names.take(2).find(|name| !name.is_empty() && !USUAL.contains(name)).map(str::to_owned)
}

fn without_endings(mut name: &str) -> &str {
    while let Some((stem, ending)) = name.rsplit_once('.')
        && ENDINGS.split(' ').any(|known| ending.eq_ignore_ascii_case(known))
    {
        name = stem;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(path: &str) -> ModelSource {
        ModelSource::Folder(path.to_owned())
    }

    #[test]
    fn arms_are_called_after_their_models() {
        let cases = [
            ("/shop/v2.onnx", Some("v2")),
            ("/shop/v2.card.toml", Some("v2")),
            ("models/v2.1/", Some("v2.1")),
            ("/shop/tuned/model.safetensors", Some("tuned")),
            ("model.gguf", None),
            ("", None),
        ];
        for (path, name) in cases {
            assert_eq!(name_of(&folder(path)).as_deref(), name, "{path}");
        }
        assert_eq!(name_of(&ModelSource::Column("p_v2".to_owned())).as_deref(), Some("p_v2"));
    }

    #[test]
    fn plans_are_called_after_what_they_do() {
        let before = PlanDraft::default();
        let mut after = before.clone();
        after.data.path = "/data/shop.csv".to_owned();
        assert_eq!(plan(&before, &after), None, "there are no models yet");
        for (arm, name) in after.arms.iter_mut().zip(["v1", "v2"]) {
            arm.name = name.to_owned();
            arm.model = folder(name);
        }
        after.name = plan(&before, &after).unwrap();
        assert_eq!(after.name, "shop: canary of v2");
        let mut other = after.clone();
        other.strategy = StrategyKind::Ab.default_strategy();
        other.arms[1].name = "v3".to_owned();
        assert_eq!(plan(&after, &other).as_deref(), Some("shop: A/B test of v3"));
        other.name = "Spring".to_owned();
        assert_eq!(plan(&after, &other), None, "a person named it");
        assert_eq!(plan(&other, &other), None);
    }

    #[test]
    fn a_persons_names_stay_and_no_two_arms_share_one() {
        let mut draft = PlanDraft::default();
        assert_eq!(arm(&draft, 1, &folder("v2.onnx")).as_deref(), Some("v2"));
        draft.arms[1].name = "v2".to_owned();
        draft.arms[1].model = folder("v2.onnx");
        assert_eq!(arm(&draft, 1, &folder("v3.onnx")).as_deref(), Some("v3"));
        assert_eq!(arm(&draft, 0, &folder("old/v2.onnx")), None);
        draft.arms[1].name = "Tuned by Ana".to_owned();
        assert_eq!(arm(&draft, 1, &folder("v3.onnx")), None);
    }
}
