//! Users by how much they send, as a second kind of segments.

use crate::domain::words::count;

/// Groups of users, and the group of each row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Volume {
    pub names: Vec<String>,
    pub of_row: Vec<u8>,
}

impl Volume {
    /// Users in thirds by their rows, those with equally many together; empty where all have equally
    /// many. It is the data that decides, so the groups are the same for every run.
    pub fn new(users: &[u64]) -> Self {
        let mut sorted = users.to_vec();
        sorted.sort_unstable();
        let of_user: Vec<(u64, usize)> =
            sorted.chunk_by(|a, b| a == b).map(|rows| (rows[0], rows.len())).collect();
        let mut counts: Vec<usize> = of_user.iter().map(|(_, count)| *count).collect();
        counts.sort_unstable();
        let at = |third: usize| counts.get(third * counts.len() / 3).copied().unwrap_or(0);
        let [first, second] = [1, 2].map(at);
        let third = |count: usize| usize::from(count > first) + usize::from(count > second);
        let range = |group: usize| {
            let mut own = counts.iter().copied().filter(|count| third(*count) == group);
            let least = own.next()?;
            Some((least, own.next_back().unwrap_or(least)))
        };
        let ranges: Vec<(usize, usize, usize)> = (0..3)
            .filter_map(|group| range(group).map(|(least, most)| (group, least, most)))
            .collect();
        if ranges.len() < 2 {
            return Self::default();
        }
        let place = |user: &u64| {
            let found = of_user.binary_search_by_key(user, |(user, _)| *user);
            let count = found.ok().and_then(|at| of_user.get(at)).map_or(0, |(_, count)| *count);
            ranges.iter().position(|(group, ..)| *group == third(count)).unwrap_or(0) as u8
        };
        Self {
            names: ranges.iter().map(|range| name(*range)).collect(),
            of_row: users.iter().map(place).collect(),
        }
    }
}

/// `Heavy users, 4 to 17 rows each`
fn name((group, least, most): (usize, usize, usize)) -> String {
    let kind = ["Light", "Medium", "Heavy"][group];
    let rows = match most {
        _ if most == least => count(least, "row"),
        _ => format!("{least} to {}", count(most, "row")),
    };
    format!("{kind} users, {rows} each")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_fall_into_thirds_by_their_rows() {
        // Six users with 1, 1, 2, 2, 5 and 9 rows.
        let rows = [(7, 1), (3, 1), (9, 2), (1, 2), (4, 5), (2, 9)];
        let users: Vec<u64> = rows.iter().flat_map(|(user, n)| vec![*user; *n]).collect();
        let volume = Volume::new(&users);
        assert_eq!(
            volume.names,
            [
                "Light users, 1 to 2 rows each",
                "Medium users, 5 rows each",
                "Heavy users, 9 rows each"
            ]
        );
        assert_eq!(volume.of_row[..7], [0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(Volume::new(&[1, 1, 2, 2]), Volume::default(), "all alike");
        assert_eq!(Volume::new(&[]), Volume::default());
    }
}
