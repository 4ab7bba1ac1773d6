//! Questions about mail, one a file.
//!
//! Goes in: a scoped transaction and a typed query. Comes out: rows as `model` types. Subjects and raw lines are left out here, not in the
//! page, when the viewer may not see them.

mod filter;
mod outcomes;
mod row;
mod search;
mod trail;
mod view;
mod windows;

pub use outcomes::counts_by_outcome;
pub use search::search;
pub use view::view;

pub(crate) use row::ip;
#[cfg(feature = "testing")]
pub use trail::json as trail_json;
pub(crate) use trail::{TrailPacker, decode as decode_trail};

use model::ids::DomainId;

use crate::scope::Scope;
use crate::timestamp::Timestamp;

/// The domains that a question is about, as the two arrays that every question of this module unnests: ids, and since when each belongs to
/// its owner. Ids outside of the scope are dropped: row level security would hide their rows anyway.
struct AskedDomains {
    ids: Vec<i32>,
    hosted_since: Vec<Option<Timestamp>>,
}

impl AskedDomains {
    fn new(scope: &Scope, subset: Option<&[DomainId]>) -> Self {
        let asked = || {
            scope
                .domains()
                .iter()
                .filter(|domain| subset.is_none_or(|subset| subset.contains(&domain.domain_id)))
        };
        Self {
            ids: asked().map(|domain| domain.domain_id.0).collect(),
            hosted_since: asked().map(|domain| domain.hosted_since.map(Timestamp)).collect(),
        }
    }
}
