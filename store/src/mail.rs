//! Questions about mail, one a file.
//!
//! Goes in: a scoped transaction and a typed query. Comes out: rows as `model` types. Subjects and raw lines are left out here, not in the
//! page, when the viewer may not see them.

mod search;
mod view;

pub use search::search;
pub use view::view;
