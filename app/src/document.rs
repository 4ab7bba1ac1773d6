//! The HTML document around the application, made on the server only.
//!
//! Goes in: the visitor and the names of the built files. Comes out: `<html>` with head and body, and the content security policy, whose nonce
//! must match the scripts in it. It writes no inline style.

use std::sync::Arc;

use http::HeaderValue;
use http::header::CONTENT_SECURITY_POLICY;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::MetaTags;

use crate::app::App;
use crate::visitor::visitor;

/// The built files' URLs; `None` where a file was not built, as in tests. Pages work without scripts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssetUrls {
    /// The style sheet.
    pub css: Option<Arc<str>>,
    /// The browser's code.
    pub code: Option<CodeUrls>,
}

/// The browser's code: it takes both files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeUrls {
    /// The JavaScript that loads the wasm.
    pub js: Arc<str>,
    /// The wasm.
    pub wasm: Arc<str>,
}

/// The document.
pub fn document(assets: &AssetUrls) -> impl IntoView + use<> {
    let nonce = use_nonce();
    send_policy(nonce.as_deref());
    let css = assets
        .css
        .clone()
        .map(|href| view! { <link rel="stylesheet" href=href.to_string() /> });
    let code = assets.code.clone().map(|code| {
        let CodeUrls { js, wasm } = code;
        let start =
            format!("import start,{{hydrate}} from '{js}';start({{module_or_path:'{wasm}'}}).then(hydrate)");
        view! {
            <link rel="modulepreload" href=js.to_string() nonce=nonce.clone() />
            <link rel="preload" href=wasm.to_string() r#as="fetch" r#type="application/wasm" crossorigin="" />
            <script type="module" nonce=nonce.clone()>{start}</script>
        }
    });
    view! {
        <!DOCTYPE html>
        <html lang=visitor().language.id()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="referrer" content="same-origin" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                {css}
                {code}
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Only our own scripts with this answer's nonce run; nothing is embedded, nothing is sent elsewhere.
fn send_policy(nonce: Option<&str>) {
    let (Some(options), Some(nonce)) = (use_context::<ResponseOptions>(), nonce) else {
        return;
    };
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        options.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
}
