//! Who asks: the result of the session, worked out once a request before any page or server function runs.
//!
//! Goes in: a [`Visitor`] that the server's session layer put into the request. Comes out: the scope with which the store may be asked, the
//! language and the zone. A scope never comes from anywhere else.

use http::request::Parts;
use leptos::prelude::use_context;
use store::Scope;

use crate::chrome::{Chrome, PICKER_LIMIT, Viewer};
use crate::format::Format;
use crate::language::Language;
use crate::problem::{Problem, ProblemKind};
use crate::services::services;
use crate::texts::Texts;

/// Who asks, and in which language.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// `None` for whoever is not signed in.
    pub scope: Option<Scope>,
    /// The language to answer in.
    pub language: Language,
    /// Finds this request in the log.
    pub request_id: String,
}

impl Visitor {
    /// What stands around this visitor's pages.
    pub fn chrome(&self) -> Chrome {
        Chrome {
            language: self.language.id().to_owned(),
            words: Texts::of(self.language).words(),
            viewer: self.scope.as_ref().map(|scope| Viewer {
                name: scope.display_name().to_owned(),
                login: scope.login().to_owned(),
                tenant: scope.tenant_name().to_owned(),
                domains: scope
                    .domains()
                    .iter()
                    .take(if scope.domains().len() > PICKER_LIMIT {
                        0
                    } else {
                        PICKER_LIMIT
                    })
                    .map(|domain| domain.name.clone())
                    .collect(),
                domain_count: scope.domains().len(),
            }),
        }
    }

    /// The scope, or the problem that nobody is signed in.
    pub fn scope(&self) -> Result<&Scope, Problem> {
        self.scope
            .as_ref()
            .ok_or_else(|| Problem::new(ProblemKind::SignedOut))
    }

    /// How this visitor reads times and numbers.
    pub fn format(&self) -> Format {
        let zone = self.scope.as_ref().map_or("UTC", |scope| scope.zone());
        Format::new(self.language, zone, (services().clock)())
    }
}

/// The visitor of the running request; a stranger when there is no request, as when routes are listed at start.
pub fn visitor() -> Visitor {
    use_context::<Parts>()
        .and_then(|parts| parts.extensions.get::<Visitor>().cloned())
        .unwrap_or_default()
}

/// The running request's id.
pub(crate) fn request_id() -> String {
    visitor().request_id
}
