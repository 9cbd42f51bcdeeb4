//! Several tests at once: adjusted p-values, to compare with the level itself.

/// How p-values are adjusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correction {
    /// p times the number of tests.
    Bonferroni,
    /// Holm 1979: as strict a promise as Bonferroni's (no false finding at all), with more power.
    Holm,
    /// Hochberg 1988: more power than Holm's for independent or positively dependent tests.
    Hochberg,
    /// Benjamini & Hochberg 1995: the expected share of false findings, independent tests.
    BenjaminiHochberg,
    /// Benjamini & Yekutieli 2001: the same under any dependence.
    BenjaminiYekutieli,
}

/// Adjusted p-values in the order of `p`, at most 1; a test is significant where its value is not
/// above the level.
pub fn adjust(p: &[f64], correction: Correction) -> Vec<f64> {
    let m = p.len() as f64;
    let mut places: Vec<usize> = (0..p.len()).collect();
    places.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let harmonic: f64 = (1..=p.len()).map(|k| 1.0 / k as f64).sum();
    let factor = |rank: usize| match correction {
        Correction::Bonferroni => m,
        Correction::Holm | Correction::Hochberg => m - rank as f64,
        Correction::BenjaminiHochberg => m / (rank as f64 + 1.0),
        Correction::BenjaminiYekutieli => m * harmonic / (rank as f64 + 1.0),
    };
    let mut adjusted = vec![f64::NAN; p.len()];
    for (rank, place) in places.iter().enumerate() {
        adjusted[*place] = (p[*place] * factor(rank)).min(1.0);
    }
    // Step down: no value below a smaller p's. Step up: none above a larger p's.
    if correction == Correction::Holm {
        let mut most: f64 = 0.0;
        for place in &places {
            most = most.max(adjusted[*place]);
            adjusted[*place] = most;
        }
    } else if correction != Correction::Bonferroni {
        let mut least: f64 = 1.0;
        for place in places.iter().rev() {
            least = least.min(adjusted[*place]);
            adjusted[*place] = least;
        }
    }
    adjusted
}
