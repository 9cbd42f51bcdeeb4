//! The paths that a plan names.

use super::{Arrivals, Latency, ModelSource, PlanDraft};

impl PlanDraft {
    /// Takes folders of this machine out of the plan: of a path that leads elsewhere only the last
    /// part stays. A stored run does not depend on them.
    pub fn forget_folders(&mut self) {
        for path in self.paths() {
            if !stays_below(path) {
                *path = file_name(path).to_owned();
            }
        }
    }

    fn paths(&mut self) -> Vec<&mut String> {
        let mut paths = vec![&mut self.data.path];
        if let Arrivals::Trace { path, .. } = &mut self.traffic.arrivals {
            paths.push(path);
        }
        for arm in &mut self.arms {
            match &mut arm.model {
                ModelSource::Folder(path) | ModelSource::File { path, .. } => paths.push(path),
                ModelSource::Column(_) => {}
            }
            if let Latency::File(path) = &mut arm.latency {
                paths.push(path);
            }
        }
        paths
    }
}

/// True for a relative path that does not lead out of its folder, on any system.
fn stays_below(path: &str) -> bool {
    let drive = path.as_bytes().get(1) == Some(&b':');
    let leads_out = path.split(['/', '\\']).any(|step| step == "..");
    !(drive || leads_out || path.starts_with(['/', '\\', '~']))
}

/// The last part of a path of any system.
pub fn file_name(path: &str) -> &str {
    path.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_below_the_plan_are_kept() {
        for path in ["/home/ada/loans.csv", "C:\\Users\\ada\\loans.csv", "../ada/loans.csv", "~/x"]
        {
            assert!(!stays_below(path), "{path}");
        }
        assert!(stays_below("models/risk v2"));
        assert_eq!(file_name("/home/ada/loans.csv"), "loans.csv");
        assert_eq!(file_name("C:\\data\\loans\\"), "loans");
        assert_eq!(file_name("loans.csv"), "loans.csv");
    }
}
