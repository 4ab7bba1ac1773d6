//! From the wasm that rustc wrote to the wasm and JavaScript that a browser runs.
//!
//! `wasm-bindgen` splits the file into wasm and the JavaScript that joins it to the page; `wasm-opt`
//! then makes the wasm a third smaller. Neither looks at the network.

use crate::{OUTPUT_NAME, fingerprint};
use anyhow::{Context as _, Result, bail};
use std::{fs, path::Path, process::Command};
use wasm_bindgen_cli_support::Bindgen;

/// Exactly these: `--all-features`, as well as Debian's own wasm-opt (release 108), make a file that
/// every tool accepts and that breaks in the browser when hydration starts.
const WASM_OPT_FLAGS: [&str; 3] = ["-Oz", "--enable-bulk-memory", "--enable-nontrapping-float-to-int"];

/// Optimised files kept in the cache; some for going back and forth between branches.
const KEPT_OPTIMISED: usize = 8;

/// What `wasm-bindgen` made of one wasm file.
pub(crate) struct BrowserCode {
    pub(crate) wasm: Vec<u8>,
    pub(crate) glue: Vec<u8>,
    /// JavaScript that crates brought along, with the paths under which the glue imports it.
    pub(crate) snippets: Vec<(String, Vec<u8>)>,
}

/// Runs wasm-bindgen for browsers that load modules themselves (`--target web`).
pub(crate) fn from_wasm(path: &Path) -> Result<BrowserCode> {
    let mut output = Bindgen::new()
        .input_path(path)
        .web(true)
        .and_then(|bindgen| bindgen.typescript(false).out_name(OUTPUT_NAME).generate_output())
        .with_context(|| {
            format!(
                "wasm-bindgen cannot work with {}: was it built by make?",
                path.display()
            )
        })?;
    let mut snippets = Vec::new();
    for (crate_name, sources) in output.snippets() {
        for (number, source) in sources.iter().enumerate() {
            snippets.push((
                format!("snippets/{crate_name}/inline{number}.js"),
                source.clone().into_bytes(),
            ));
        }
    }
    for (name, source) in output.local_modules() {
        snippets.push((format!("snippets/{name}"), source.clone().into_bytes()));
    }
    snippets.sort();
    Ok(BrowserCode {
        glue: output.js().as_bytes().to_vec(),
        wasm: output.wasm_mut().emit_wasm(),
        snippets,
    })
}

/// Runs `program` (the npm package binaryen's `wasm-opt`) on `wasm`, or takes the result of an earlier run.
pub(crate) fn optimise(wasm: &[u8], program: &Path, cache: &Path) -> Result<Vec<u8>> {
    let key = fingerprint::of_parts(&[wasm, WASM_OPT_FLAGS.join(" ").as_bytes(), &version_of(program)]);
    let kept = cache.join(format!("{key}.wasm"));
    if let Ok(optimised) = fs::read(&kept) {
        return Ok(optimised);
    }
    fs::create_dir_all(cache).with_context(|| format!("cannot create the folder {}", cache.display()))?;
    let input = cache.join(format!("{key}.in"));
    let output = cache.join(format!("{key}.out"));
    fs::write(&input, wasm).with_context(|| format!("cannot write {}", input.display()))?;
    let status = Command::new("node")
        .arg(program)
        .args(WASM_OPT_FLAGS)
        .arg(&input)
        .arg("-o")
        .arg(&output)
        .status()
        .with_context(|| format!("cannot start node for {}", program.display()))?;
    if !status.success() {
        bail!("wasm-opt failed ({status}) on {}", input.display());
    }
    fs::remove_file(&input).with_context(|| format!("cannot remove {}", input.display()))?;
    // Renamed only when whole, so that an interrupted run leaves nothing that looks finished.
    fs::rename(&output, &kept).with_context(|| format!("cannot rename {}", output.display()))?;
    forget_oldest(cache)?;
    fs::read(&kept).with_context(|| format!("cannot read {}", kept.display()))
}

/// The package description beside `bin/wasm-opt`, which names the release.
fn version_of(program: &Path) -> Vec<u8> {
    program
        .parent()
        .and_then(Path::parent)
        .and_then(|package| fs::read(package.join("package.json")).ok())
        .unwrap_or_default()
}

fn forget_oldest(cache: &Path) -> Result<()> {
    let listing = fs::read_dir(cache).with_context(|| format!("cannot list {}", cache.display()))?;
    let mut files: Vec<_> = listing
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            Some((fs::metadata(&path).ok()?.modified().ok()?, path))
        })
        .collect();
    files.sort();
    files.reverse();
    for (_, path) in files.iter().skip(KEPT_OPTIMISED) {
        fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_only_the_newest_optimised_files() {
        let cache = tempfile::tempdir().expect("a temporary folder");
        for number in 0..KEPT_OPTIMISED + 3 {
            fs::write(cache.path().join(format!("{number}.wasm")), b"x").expect("a file");
        }
        forget_oldest(cache.path()).expect("old files are removed");
        assert_eq!(
            fs::read_dir(cache.path()).expect("a listing").count(),
            KEPT_OPTIMISED
        );
    }

    #[test]
    fn names_the_file_that_is_no_wasm() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("broken.wasm");
        fs::write(&path, b"not wasm at all").expect("a file");
        let error = from_wasm(&path).err().expect("an error");
        assert!(format!("{error:#}").contains("broken.wasm"), "{error:#}");
    }
}
