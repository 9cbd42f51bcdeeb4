//! From the sum of a forest's votes to what its library answers.

/// What a library does with the sums of one row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::models) enum Link {
    None,
    /// `1 / (1 + e^(-slope · x))`.
    Sigmoid {
        slope: f64,
    },
    Softmax,
    /// `e^x`, for counts and other numbers above 0.
    Exp,
    /// `ln(1 + e^x)`.
    Softplus,
    /// `x²` with the sign of `x`.
    SignedSquare,
    /// 1 above 0, else 0.
    Step,
}

impl Link {
    /// Whether the results are probabilities.
    pub fn gives_probabilities(self) -> bool {
        matches!(self, Self::Sigmoid { .. } | Self::Softmax | Self::Step)
    }

    /// Replaces one row's sums.
    pub fn apply(self, row: &mut [f64]) {
        match self {
            Self::None => {}
            Self::Sigmoid { slope } => each(row, |x| 1.0 / (1.0 + (-slope * x).exp())),
            Self::Softmax => softmax(row),
            Self::Exp => each(row, f64::exp),
            Self::Softplus => each(row, |x| x.max(0.0) + (-x.abs()).exp().ln_1p()),
            Self::SignedSquare => each(row, |x| x * x.abs()),
            Self::Step => each(row, |x| f64::from(u8::from(x > 0.0))),
        }
    }
}

fn each(row: &mut [f64], f: impl Fn(f64) -> f64) {
    row.iter_mut().for_each(|x| *x = f(*x));
}

fn softmax(row: &mut [f64]) {
    // The largest becomes e⁰, so nothing overflows.
    let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    each(row, |x| (x - largest).exp());
    let sum: f64 = row.iter().sum();
    each(row, |x| x / sum);
}
