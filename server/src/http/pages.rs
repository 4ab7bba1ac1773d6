//! The routes of `app`: its pages, its server functions, and its word for addresses that do not exist.
//!
//! Goes in: requests with a visitor. Comes out: whole HTML pages (nothing is streamed, so that they need no script), and the server
//! functions' JSON. The list of routes is the application's own.

use std::sync::Arc;

use app::app::App;
use app::document::document;
use app::services::Services;
use axum::Router;
use axum::extract::Request;
use axum::http::Method;
use axum::routing::{MethodFilter, get, on};
use leptos::prelude::provide_context;
use leptos_axum::{generate_route_list, handle_server_fns_with_context, render_app_async_with_context};

use super::{AppState, assets};

/// Paths and methods of all server functions: each is a public endpoint, and a test holds them against a list.
pub fn server_functions() -> Vec<(&'static str, Method)> {
    leptos::server_fn::axum::server_fn_paths().collect()
}

/// Pages, server functions, and everything else.
pub(super) fn routes(state: &AppState) -> Router<AppState> {
    let services = Services {
        db: state.db.clone(),
        clock: Arc::clone(&state.clock),
    };
    let context = move || provide_context(services.clone());
    let assets = assets::urls(state.settings.site.as_deref());
    let page = render_app_async_with_context(context.clone(), move || document(&assets));
    let mut router = Router::new().fallback(page.clone());
    for route in generate_route_list(App) {
        router = router.route(route.path(), get(page.clone()));
    }
    for (path, method) in server_functions() {
        let context = context.clone();
        let answer = move |request: Request| handle_server_fns_with_context(context.clone(), request);
        let filter = MethodFilter::try_from(method).expect("invariant: server functions are GET or POST");
        router = router.route(path, on(filter, answer));
    }
    router
}
