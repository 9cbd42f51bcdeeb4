//! How the library is looked at: what is shown, in which order. It survives a restart.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::{OutcomeKind, StrategyKind};
use crate::store::{ExperimentId, Summary};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortBy {
    Name,
    Strategy,
    Outcome,
    Metric,
    Data,
    Author,
    #[default]
    Created,
}

/// Filters and order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LibraryView {
    pub sort: SortBy,
    pub is_reversed: bool,
    pub strategy: Option<StrategyKind>,
    pub outcome: Option<OutcomeKind>,
    pub tag: Option<String>,
    pub shows_archived: bool,
    /// Forks beneath what they were forked from.
    pub is_tree: bool,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub text: String,
    pub ids: BTreeSet<ExperimentId>,
}

/// A line of the list: an experiment's place in it, and how deep it lies in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LibraryRow {
    pub place: usize,
    pub depth: usize,
}

impl LibraryView {
    /// True if something is hidden that a search alone would show.
    pub fn is_filtered(&self) -> bool {
        self.strategy.is_some() || self.outcome.is_some() || self.tag.is_some()
    }

    /// The lines that are shown, in their order. `list` is newest first.
    pub fn rows(&self, list: &[Summary], found: Option<&Found>) -> Vec<LibraryRow> {
        let mut places: Vec<usize> = list
            .iter()
            .enumerate()
            .filter(|(_, one)| self.fits(one, found))
            .map(|(place, _)| place)
            .collect();
        self.sort(list, &mut places);
        if self.is_reversed {
            places.reverse();
        }
        if self.is_tree {
            return tree(list, &places);
        }
        places.into_iter().map(|place| LibraryRow { place, depth: 0 }).collect()
    }

    fn fits(&self, one: &Summary, found: Option<&Found>) -> bool {
        (self.shows_archived || !one.is_archived)
            && self.strategy.is_none_or(|strategy| one.strategy == strategy)
            && self.outcome.is_none_or(|outcome| one.outcome == Some(outcome))
            && self.tag.as_ref().is_none_or(|tag| one.tags.contains(tag))
            && found.is_none_or(|found| found.ids.contains(&one.id))
    }

    fn sort(&self, list: &[Summary], places: &mut [usize]) {
        let one = |place: &usize| list.get(*place);
        match self.sort {
            SortBy::Created => {}
            SortBy::Name => places.sort_by_cached_key(|p| one(p).map(|s| s.name.to_lowercase())),
            SortBy::Strategy => places.sort_by_key(|p| one(p).map(|s| s.strategy.label())),
            SortBy::Outcome => {
                places.sort_by_key(|p| one(p).and_then(|s| s.outcome).map(OutcomeKind::label));
            }
            SortBy::Data => places.sort_by_cached_key(|p| one(p).map(|s| s.dataset.clone())),
            SortBy::Author => {
                places.sort_by_cached_key(|p| one(p).map(|s| s.author.to_lowercase()));
            }
            // By the metric, the largest change of each first; without one last.
            SortBy::Metric => places.sort_by_cached_key(|p| {
                let key = one(p).and_then(|s| s.shown.as_ref()?.key);
                Reverse(key.map(|key| (Reverse(key.metric), (key.delta * 1e9) as i64)))
            }),
        }
    }
}

/// Forks follow what they were forked from, as far as that is among `places`.
fn tree(list: &[Summary], places: &[usize]) -> Vec<LibraryRow> {
    let shown: BTreeMap<&ExperimentId, usize> =
        places.iter().filter_map(|place| Some((&list.get(*place)?.id, *place))).collect();
    let mut children: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut roots = Vec::new();
    for place in places {
        let parent = list.get(*place).and_then(|one| one.parent.as_ref());
        match parent.and_then(|parent| shown.get(parent)).filter(|parent| *parent != place) {
            Some(parent) => children.entry(*parent).or_default().push(*place),
            None => roots.push(*place),
        }
    }
    let mut rows = Vec::new();
    let mut waiting: Vec<LibraryRow> =
        roots.into_iter().rev().map(|place| LibraryRow { place, depth: 0 }).collect();
    while let Some(row) = waiting.pop() {
        rows.push(row);
        let below = children.remove(&row.place).unwrap_or_default();
        let depth = row.depth + 1;
        waiting.extend(below.into_iter().rev().map(|place| LibraryRow { place, depth }));
    }
    rows
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::store::Status;

    pub(super) fn summary(id: &str, name: &str, parent: Option<&str>) -> Summary {
        Summary {
            id: ExperimentId::parse(id).unwrap(),
            name: name.to_owned(),
            strategy: StrategyKind::Canary,
            status: Status::Finished,
            outcome: Some(OutcomeKind::Promoted),
            reason: None,
            created: Timestamp::UNIX_EPOCH,
            arms: vec!["old".to_owned(), "new".to_owned()],
            dataset: "rows.csv".to_owned(),
            digest: None,
            parent: parent.and_then(ExperimentId::parse),
            program_version: "0.1.0".to_owned(),
            shown: None,
            tags: Vec::new(),
            author: String::new(),
            notes: String::new(),
            is_archived: false,
        }
    }

    fn names(view: &LibraryView, list: &[Summary], found: Option<&Found>) -> Vec<String> {
        let rows = view.rows(list, found).into_iter();
        rows.map(|row| format!("{}{}", "-".repeat(row.depth), list[row.place].name)).collect()
    }

    #[test]
    fn filters_search_and_order_work_together() {
        let mut list = vec![summary("aaaaaaaa", "b", None), summary("bbbbbbbb", "A", None)];
        list[0].tags = vec!["spring".to_owned()];
        list.push(Summary { is_archived: true, ..summary("cccccccc", "c", None) });
        let view = LibraryView { sort: SortBy::Name, ..LibraryView::default() };
        assert_eq!(names(&view, &list, None), ["A", "b"]);
        let all = LibraryView { shows_archived: true, is_reversed: true, ..view.clone() };
        assert_eq!(names(&all, &list, None), ["c", "b", "A"]);
        let tagged = LibraryView { tag: Some("spring".to_owned()), ..view.clone() };
        assert_eq!(names(&tagged, &list, None), ["b"]);
        let ids = [list[1].id.clone()].into();
        let found = Found { text: "a".to_owned(), ids };
        assert_eq!(names(&view, &list, Some(&found)), ["A"]);
    }

    #[test]
    fn forks_lie_beneath_their_parent_and_none_is_lost() {
        let list = vec![
            summary("dddddddd", "fork of fork", Some("bbbbbbbb")),
            summary("cccccccc", "other", None),
            summary("bbbbbbbb", "fork", Some("aaaaaaaa")),
            summary("eeeeeeee", "fork of a stranger", Some("zzzzzzzz")),
            summary("aaaaaaaa", "root", None),
        ];
        let view = LibraryView { is_tree: true, ..LibraryView::default() };
        let want = ["other", "fork of a stranger", "root", "-fork", "--fork of fork"];
        assert_eq!(names(&view, &list, None), want);
    }
}
