//! The files of the site: style, the browser's code, the icon.
//!
//! Goes in: the site folder. Comes out: routes to its files, compressed copies first, and the names under which the pages load them. The names
//! carry a hash of the content, so browsers may keep them for ever.

use std::path::Path;

use app::document::{AssetUrls, CodeUrls};
use axum::Router;
use tower_http::services::{ServeDir, ServeFile};

use super::AppState;

/// The folder of hashed files, in the site and in URLs.
const PACKAGE: &str = "/pkg";
const ICON: &str = "/favicon.svg";
/// Every hashed file is called `mailfate.<hash>.<extension>`.
const NAME: &str = "mailfate";

/// How long a browser may keep a file.
#[derive(Clone, Copy)]
pub(super) enum Keep {
    /// Its name changes with its content.
    ForEver,
    /// It may change under its name.
    AnHour,
}

/// Routes to the files; none without a site.
pub(super) fn routes(site: Option<&Path>) -> Router<AppState> {
    let Some(site) = site else {
        return Router::new();
    };
    let package = ServeDir::new(site.join("pkg"))
        .precompressed_br()
        .precompressed_gzip();
    let icon = ServeFile::new(site.join("favicon.svg"))
        .precompressed_br()
        .precompressed_gzip();
    Router::new()
        .nest_service(PACKAGE, package)
        .route_service(ICON, icon)
}

/// How long the file at this path may be kept; `None` for everything that is no file.
pub(super) fn keeping(path: &str) -> Option<Keep> {
    if path == ICON {
        return Some(Keep::AnHour);
    }
    let file = path.strip_prefix(PACKAGE)?.strip_prefix('/')?;
    Some(if file.starts_with(NAME) {
        Keep::ForEver
    } else {
        Keep::AnHour
    })
}

/// The names of the built files, as `hash.txt` in the site folder lists them (`css: <hash>`). Pages work without the files that are missing.
pub(super) fn urls(site: Option<&Path>) -> AssetUrls {
    let Some(site) = site else {
        return AssetUrls::default();
    };
    let file = site.join("hash.txt");
    let hashes = std::fs::read_to_string(&file).unwrap_or_else(|error| {
        tracing::warn!(file = %file.display(), %error, "the site was not built: pages come without style; run make site");
        String::new()
    });
    let url = |extension: &str| {
        hashes
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.trim() == extension)
            .map(|(_, hash)| format!("{PACKAGE}/{NAME}.{}.{extension}", hash.trim()).into())
    };
    AssetUrls {
        css: url("css"),
        code: url("js").zip(url("wasm")).map(|(js, wasm)| CodeUrls { js, wasm }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_the_hash_file() {
        let site = std::env::temp_dir().join(format!("mailfate-assets-{}", std::process::id()));
        std::fs::create_dir_all(&site).expect("a folder");
        std::fs::write(site.join("hash.txt"), "js: 1a\nwasm: 2b\ncss: 3c\n").expect("a file");
        let found = urls(Some(&site));
        std::fs::remove_dir_all(&site).expect("the folder is ours");
        assert_eq!(found.css.as_deref(), Some("/pkg/mailfate.3c.css"));
        assert_eq!(
            found
                .code
                .map(|code| (code.js.to_string(), code.wasm.to_string())),
            Some((
                "/pkg/mailfate.1a.js".to_owned(),
                "/pkg/mailfate.2b.wasm".to_owned()
            ))
        );
        assert_eq!(urls(None), AssetUrls::default());
    }
}
