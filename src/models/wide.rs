//! Loops with the widest vector instructions that the processor is found to have at run time, so that
//! one build serves old machines and new ones.
//!
//! Each number is computed by the same operations in the same order either way, so the answers are the
//! same to the bit.

/// Runs `work` compiled for the best of what the processor has. Only what is inlined into `work`
/// gains by it: hence the `#[inline(always)]` of what the loops call.
#[inline]
pub(super) fn wide<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}
