//! How long something took: the only thing that sources and the worker's pace ask a clock for.

use std::time::Instant;

/// The present moment, to measure durations from.
#[expect(
    clippy::disallowed_methods,
    reason = "durations only: pauses between looks, quiet times, time-outs"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}
