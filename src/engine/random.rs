//! Random numbers by counter: any part of any stream can be drawn in any order on any thread.

/// What a stream of random numbers is for. Changing one concern leaves the others as they are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Concern {
    Arrivals = 1,
    Repeats,
    Rows,
    Users,
    Assignment,
    Mirror,
    Batch,
    Service,
    Errors,
    LabelDelay,
}

/// A stream of independent 64-bit numbers, addressed by index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stream {
    key: u64,
}

impl Stream {
    pub fn new(seed: u64, concern: Concern) -> Self {
        Self { key: mix(mix(seed) ^ (concern as u64) << 56) }
    }

    /// The number at `index`. SplitMix64 (Steele, Lea & Flood 2014) read at a place of its sequence.
    #[inline(always)]
    pub fn bits(self, index: u64) -> u64 {
        mix(self.key.wrapping_add(index.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }

    /// The upper half of the number at `index`.
    #[inline(always)]
    pub fn bits32(self, index: u64) -> u32 {
        (self.bits(index) >> 32) as u32
    }

    /// A number below `bound`, by multiplication (Lemire 2019); its bias is below `bound` / 2³².
    #[inline(always)]
    pub fn below(self, index: u64, bound: u32) -> u32 {
        ((u64::from(self.bits32(index)) * u64::from(bound)) >> 32) as u32
    }
}

/// The finaliser of SplitMix64: a bijection in which each input bit flips each output bit with a
/// probability near one half.
#[inline(always)]
pub(super) fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// A share (0 to 1) as the number of 32-bit values below which a draw falls inside it. The full
/// share is one too large for 32 bits, hence the wider type.
pub(super) fn threshold(share: f64) -> u64 {
    (share.clamp(0.0, 1.0) * 4_294_967_296.0).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix_matches_its_published_first_numbers() {
        // The sequence of SplitMix64 from state 1234567 (the reference's own example).
        let at = |n: u64| mix(1_234_567u64.wrapping_add(n.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        assert_eq!(at(1), 6_457_827_717_110_365_317);
        assert_eq!(at(2), 3_203_168_211_198_807_973);
    }

    #[test]
    fn streams_do_not_resemble_one_another() {
        let (a, b) = (Stream::new(7, Concern::Rows), Stream::new(7, Concern::Service));
        assert!((0..1_000).all(|i| a.bits(i) != b.bits(i)));
    }

    #[test]
    fn draws_below_a_bound_are_even() {
        let stream = Stream::new(3, Concern::Rows);
        let mut counts = [0u32; 7];
        (0..70_000).for_each(|i| counts[stream.below(i, 7) as usize] += 1);
        assert!(counts.iter().all(|n| n.abs_diff(10_000) < 400), "{counts:?}");
    }
}
