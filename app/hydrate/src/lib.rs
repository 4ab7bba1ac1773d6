//! Where the browser's half begins: the page's script calls [`hydrate`] once the wasm is loaded.
//!
//! Nothing else lives here: the package exists to have only the `hydrate` features on, and a `cdylib`.

use wasm_bindgen::prelude::wasm_bindgen;

/// Takes over the page that the server rendered.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::app::App);
}
