//! Tells whether the site folder was made from the inputs that are there now.
//!
//! By content, not by time: a fresh clone gives all files new times and keeps a warm build cache.

use crate::Args;
use anyhow::{Context as _, Result};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// This program's own text belongs to the inputs: a changed recipe must not find its old result current.
const RECIPE: [&str; 5] = [
    include_str!("main.rs"),
    include_str!("browser_code.rs"),
    include_str!("report.rs"),
    include_str!("site.rs"),
    include_str!("style.rs"),
];

/// One fingerprint over everything that decides what the site folder holds.
pub(crate) fn of_inputs(args: &Args) -> Result<String> {
    let mut files = Vec::new();
    if let Some(style_folder) = args.style.parent() {
        list_files(style_folder, &mut files)?;
    }
    if args.public.exists() {
        list_files(&args.public, &mut files)?;
    }
    files.sort();
    files.push(args.wasm.clone());

    let mut parts: Vec<Vec<u8>> = RECIPE.iter().map(|source| source.as_bytes().to_vec()).collect();
    parts.push(
        args.wasm_opt_program()
            .map(|path| path.as_os_str().as_encoded_bytes().to_vec())
            .unwrap_or_default(),
    );
    for file in files {
        parts.push(file.as_os_str().as_encoded_bytes().to_vec());
        parts.push(fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?);
    }
    Ok(of_parts(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>()))
}

/// Hexadecimal, 16 characters: short enough for a file name, long enough never to meet another.
pub(crate) fn of_parts(parts: &[&[u8]]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        // The length keeps ["ab", "c"] apart from ["a", "bc"].
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().to_hex().chars().take(16).collect()
}

/// True when the site folder is there and was made from inputs with this fingerprint.
pub(crate) fn is_current(site: &Path, inputs: &str) -> bool {
    site.join("hash.txt").exists() && fs::read_to_string(stamp_file(site)).is_ok_and(|known| known == inputs)
}

/// Notes what the site folder was made from.
pub(crate) fn remember(site: &Path, inputs: &str) -> Result<()> {
    let stamp = stamp_file(site);
    fs::write(&stamp, inputs).with_context(|| format!("cannot write {}", stamp.display()))
}

/// Beside the site folder, not in it: everything inside is served.
fn stamp_file(site: &Path) -> PathBuf {
    site.with_extension("made-from")
}

fn list_files(folder: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    let listing =
        fs::read_dir(folder).with_context(|| format!("cannot list the folder {}", folder.display()))?;
    for entry in listing {
        let path = entry
            .with_context(|| format!("cannot list the folder {}", folder.display()))?
            .path();
        if path.is_dir() {
            list_files(&path, into)?;
        } else {
            into.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(of_parts(&[b"ab", b"c"]), of_parts(&[b"a", b"bc"]));
        assert_eq!(of_parts(&[b"ab"]).len(), 16);
    }

    #[test]
    fn a_site_is_current_only_for_what_it_was_made_from() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let site = folder.path().join("site");
        fs::create_dir(&site).expect("a folder");
        remember(&site, "one").expect("a stamp");
        assert!(
            !is_current(&site, "one"),
            "without hash.txt the folder is not whole"
        );
        fs::write(site.join("hash.txt"), "").expect("a file");
        assert!(is_current(&site, "one"));
        assert!(!is_current(&site, "two"));
    }
}
