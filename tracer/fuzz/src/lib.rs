//! The targets for cargo-fuzz. What they do is in `targets`, which an ordinary test runs as well.

pub mod targets;

#[doc(hidden)]
pub use libfuzzer_sys;

/// Runs the named target of [`targets::TARGETS`].
#[macro_export]
macro_rules! fuzz_target {
    ($name:literal) => {
        $crate::libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
            $crate::targets::run($name, bytes);
        });
    };
}
