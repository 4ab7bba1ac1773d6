//! One style sheet out of many: follows `@import`, drops what a browser does not need.
//!
//! It translates nothing for old browsers. What is written in `style/` is what is sent.

use anyhow::{Result, anyhow};
use lightningcss::{
    bundler::{Bundler, FileProvider},
    printer::PrinterOptions,
    stylesheet::{MinifyOptions, ParserOptions},
};
use std::path::Path;

/// Reads `entry` and everything it imports; errors name the file, line and column.
pub(crate) fn bundle(entry: &Path) -> Result<String> {
    let files = FileProvider::new();
    // The library's errors borrow the files read, so they are turned into text here.
    let mut sheet = Bundler::new(&files, None, ParserOptions::default())
        .bundle(entry)
        .map_err(|error| anyhow!("cannot read the style sheet {}: {error}", entry.display()))?;
    sheet
        .minify(MinifyOptions::default())
        .map_err(|error| anyhow!("cannot shorten the style sheet {}: {error}", entry.display()))?;
    let printed = sheet
        .to_css(PrinterOptions {
            minify: true,
            ..PrinterOptions::default()
        })
        .map_err(|error| anyhow!("cannot write out the style sheet {}: {error}", entry.display()))?;
    Ok(printed.code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn follows_imports_in_order_and_keeps_modern_css() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(
            folder.path().join("main.css"),
            "@import \"./tokens.css\";\nbody { color: var(--ink); }",
        )
        .expect("a file");
        fs::write(
            folder.path().join("tokens.css"),
            ":root { --ink: light-dark(#111, #eee); }\n.row { &:hover { margin: 0px; } }",
        )
        .expect("a file");
        let css = bundle(&folder.path().join("main.css")).expect("a style sheet");
        assert_eq!(
            css, ":root{--ink:light-dark(#111,#eee)}.row{&:hover{margin:0}}body{color:var(--ink)}",
            "imports come first, and nothing is rewritten for old browsers"
        );
    }

    #[test]
    fn names_the_place_of_a_mistake() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let entry = folder.path().join("main.css");
        fs::write(&entry, "a { color: red; }\n}\n").expect("a file");
        let error = bundle(&entry).expect_err("a mistake");
        assert!(error.to_string().contains("main.css:2:"), "{error}");
    }
}
