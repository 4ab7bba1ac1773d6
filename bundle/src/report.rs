//! What a browser has to load, in numbers, and whether that is still within the budget.
//!
//! Measured on the files as they lie in the site folder, so the numbers are those of the real thing.

use anyhow::{Context as _, Result, bail};
use std::{fmt, fs, path::Path};

/// The hashed files, one line each.
pub(crate) struct Sizes(Vec<FileSize>);

struct FileSize {
    name: String,
    is_code: bool,
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// Reads the sizes of all hashed files and of their compressed copies.
pub(crate) fn measure(site: &Path) -> Result<Sizes> {
    let package = site.join(crate::site::PACKAGE_FOLDER);
    let mut sizes = Vec::new();
    for entry in
        fs::read_dir(&package).with_context(|| format!("cannot list the folder {}", package.display()))?
    {
        let path = entry
            .with_context(|| format!("cannot list the folder {}", package.display()))?
            .path();
        let extension = path
            .extension()
            .and_then(|extension| extension.to_str())
            .unwrap_or_default();
        if matches!(extension, "js" | "wasm" | "css") {
            sizes.push(FileSize {
                name: path
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned(),
                is_code: extension != "css",
                raw: length(&path)?,
                gzip: length(&path.with_extension(format!("{extension}.gz")))?,
                brotli: length(&path.with_extension(format!("{extension}.br")))?,
            });
        }
    }
    sizes.sort_by_key(|file| std::cmp::Reverse(file.raw));
    Ok(Sizes(sizes))
}

/// Fails when the code the browser runs has outgrown `budget_kb`.
pub(crate) fn check_budget(sizes: &Sizes, budget_kb: Option<u64>) -> Result<()> {
    let Some(budget_kb) = budget_kb else { return Ok(()) };
    let code: u64 = sizes
        .0
        .iter()
        .filter(|file| file.is_code)
        .map(|file| file.brotli)
        .sum();
    if code > budget_kb * 1000 {
        bail!(
            "wasm and JavaScript are {} KB with Brotli, above the budget of {budget_kb} KB. \
             See what grew (a new dependency of the app package?) before raising the budget in the Makefile",
            code.div_ceil(1000)
        );
    }
    println!("wasm and JavaScript: {} of {budget_kb} KB", code.div_ceil(1000));
    Ok(())
}

impl fmt::Display for Sizes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "{:<36} {:>9} {:>9} {:>9}  bytes",
            "", "raw", "gzip", "brotli"
        )?;
        for FileSize {
            name,
            raw,
            gzip,
            brotli,
            ..
        } in &self.0
        {
            writeln!(out, "{name:<36} {raw:>9} {gzip:>9} {brotli:>9}")?;
        }
        Ok(())
    }
}

fn length(path: &Path) -> Result<u64> {
    Ok(fs::metadata(path)
        .with_context(|| format!("cannot read the size of {}", path.display()))?
        .len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(brotli: u64) -> Sizes {
        let file = |name: &str, is_code, brotli| FileSize {
            name: name.to_owned(),
            is_code,
            raw: 0,
            gzip: 0,
            brotli,
        };
        Sizes(vec![
            file("a.wasm", true, brotli),
            file("a.js", true, 1000),
            file("a.css", false, 900_000),
        ])
    }

    #[test]
    fn style_sheets_do_not_count_as_code() {
        assert!(check_budget(&sizes(349_000), Some(350)).is_ok());
        assert!(check_budget(&sizes(349_001), Some(350)).is_err());
        assert!(check_budget(&sizes(1_000_000), None).is_ok());
    }
}
