//! Writes the site folder: hashed names, compressed copies, `hash.txt`.
//!
//! The names carry a hash of the content so that browsers may keep a file for ever; the compressed
//! copies (`.br`, `.gz`) are made once here instead of at every request. The new folder is
//! written beside the old one and takes its place when it is whole.

use crate::{OUTPUT_NAME, fingerprint};
use anyhow::{Context as _, Result};
use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

/// The folder inside the site, and the path in the URL, of all hashed files.
pub(crate) const PACKAGE_FOLDER: &str = "pkg";

/// These are compressed already; a second time makes them larger.
const COMPRESSED_FORMATS: [&str; 6] = ["png", "jpg", "webp", "avif", "woff2", "ico"];

/// A site folder that is being written.
pub(crate) struct NewSite {
    folder: PathBuf,
    place: PathBuf,
    /// The lines of `hash.txt`.
    hashes: Vec<String>,
}

impl NewSite {
    /// Starts an empty folder beside `place`.
    pub(crate) fn beside(place: &Path) -> Result<Self> {
        let folder = place.with_extension("new");
        if folder.exists() {
            fs::remove_dir_all(&folder)
                .with_context(|| format!("cannot remove the unfinished folder {}", folder.display()))?;
        }
        let package = folder.join(PACKAGE_FOLDER);
        fs::create_dir_all(&package)
            .with_context(|| format!("cannot create the folder {}", package.display()))?;
        Ok(Self {
            folder,
            place: place.to_owned(),
            hashes: Vec::new(),
        })
    }

    /// Adds `pkg/mailfate.<hash>.<extension>` and its line in `hash.txt`.
    pub(crate) fn add_hashed(&mut self, extension: &str, content: &[u8]) -> Result<()> {
        let hash = fingerprint::of_parts(&[content]);
        self.add_to_package(&format!("{OUTPUT_NAME}.{hash}.{extension}"), content)?;
        self.hashes.push(format!("{extension}: {hash}\n"));
        Ok(())
    }

    /// Adds a file under `pkg/` that keeps its name.
    pub(crate) fn add_to_package(&self, name: &str, content: &[u8]) -> Result<()> {
        write_with_copies(&self.folder.join(PACKAGE_FOLDER).join(name), content)
    }

    /// Adds everything in `source`, if there is such a folder, under the same names.
    pub(crate) fn add_folder(&self, source: &Path) -> Result<()> {
        if source.exists() {
            copy_folder(source, &self.folder)
        } else {
            Ok(())
        }
    }

    /// Writes `hash.txt` and replaces the old site.
    pub(crate) fn put_in_place(self) -> Result<()> {
        let hash_file = self.folder.join("hash.txt");
        fs::write(&hash_file, self.hashes.concat())
            .with_context(|| format!("cannot write {}", hash_file.display()))?;
        if self.place.exists() {
            fs::remove_dir_all(&self.place)?;
        }
        fs::rename(&self.folder, &self.place)?;
        Ok(())
    }
}

fn copy_folder(source: &Path, target: &Path) -> Result<()> {
    let listing =
        fs::read_dir(source).with_context(|| format!("cannot list the folder {}", source.display()))?;
    for entry in listing {
        let entry = entry.with_context(|| format!("cannot list the folder {}", source.display()))?;
        let path = entry.path();
        let copy = target.join(entry.file_name());
        if path.is_dir() {
            copy_folder(&path, &copy)?;
        } else {
            let content = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            write_with_copies(&copy, &content)?;
        }
    }
    Ok(())
}

fn write_with_copies(path: &Path, content: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create the folder {}", folder.display()))?;
    }
    write(path, content)?;
    let extension = path
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default();
    if !COMPRESSED_FORMATS.contains(&extension) {
        write(
            &path.with_extension(format!("{extension}.br")),
            &brotli_of(content)?,
        )?;
        write(
            &path.with_extension(format!("{extension}.gz")),
            &gzip_of(content)?,
        )?;
    }
    Ok(())
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}

fn brotli_of(content: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let settings = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 24,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &*content, &mut compressed, &settings)
        .context("Brotli compression failed")?;
    Ok(compressed)
}

fn gzip_of(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content).context("gzip compression failed")?;
    encoder.finish().context("gzip compression failed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn writes_hashed_names_copies_and_the_hash_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let place = folder.path().join("site");
        let public = folder.path().join("public");
        fs::create_dir(&public).expect("a folder");
        fs::write(public.join("favicon.svg"), "<svg/>").expect("a file");
        fs::write(public.join("icon.png"), "png").expect("a file");

        let mut site = NewSite::beside(&place).expect("a new site");
        site.add_hashed("css", b"body{color:red}").expect("a style sheet");
        site.add_folder(&public).expect("public files");
        site.put_in_place().expect("the site in place");

        let hashes = fs::read_to_string(place.join("hash.txt")).expect("hash.txt");
        let hash = hashes
            .trim_end()
            .strip_prefix("css: ")
            .expect("the form that Leptos reads");
        let css = place.join(format!("pkg/mailfate.{hash}.css"));
        let mut unpacked = String::new();
        flate2::read::GzDecoder::new(fs::File::open(css.with_extension("css.gz")).expect("a gzip copy"))
            .read_to_string(&mut unpacked)
            .expect("gzip");
        assert_eq!(unpacked, "body{color:red}");
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(
            &mut fs::File::open(css.with_extension("css.br")).expect("a Brotli copy"),
            &mut unpacked,
        )
        .expect("Brotli");
        assert_eq!(unpacked, b"body{color:red}");
        assert!(place.join("favicon.svg.br").exists());
        assert!(place.join("icon.png").exists() && !place.join("icon.png.br").exists());
        assert!(!folder.path().join("site.new").exists());
    }
}
