//! The commands that work on log files: `trace`, `show` and `top`, of which the latter two also take stored records; and `explain`, which needs no
//! log at all.
//!
//! Goes in: arguments as clap parsed them, and a clock. Comes out: text on standard output, and whether anything was found. The steps, each in its
//! module: [`source`] hands out lines of files in the order of time, [`trace`] makes records of them, [`select`] keeps those that were asked for,
//! [`print`] writes them. `show` and `top` only see records: those of a log, or those that [`stored`] is given. Nothing here reads a clock, a
//! configuration or a database.

pub mod error;
pub mod explain;
pub mod print;
pub mod select;
pub mod show;
pub mod source;
pub mod stored;
pub mod top;
pub mod trace;

pub use error::CommandError;

use model::time::Micros;

/// The time, given by the program's edge.
#[derive(Clone, Copy)]
pub struct Clock<'a>(pub &'a dyn Fn() -> Micros);

impl Clock<'_> {
    /// The present moment.
    pub fn now(self) -> Micros {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}
