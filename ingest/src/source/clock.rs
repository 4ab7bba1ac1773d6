//! How long something took: the only thing that sources ask a clock for.

use std::time::Instant;

/// The present moment, to measure durations from.
#[expect(
    clippy::disallowed_methods,
    reason = "durations only: pauses between looks, quiet times, time-outs"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}
