//! Makes the site folder that the server hands to browsers.
//!
//! In: the wasm file that cargo built, `style/main.css` with the partials it imports, and `public/`.
//! Out: `target/site` with hashed file names, each file also compressed with Brotli and gzip (the
//! server sends those as they are), and `hash.txt`, from which Leptos learns the names.
//!
//! This is what cargo-leptos would do after compiling. It is a program of our own because installing
//! cargo-leptos costs half an hour on a fresh machine and this costs two minutes. It compiles
//! nothing and starts nothing but `wasm-opt`.

mod browser_code;
mod fingerprint;
mod report;
mod site;
mod style;

use anyhow::{Context as _, Result};
use clap::Parser;
use std::path::{Path, PathBuf};

/// Every file the pages load is called `mailfate.<hash>.<extension>`.
const OUTPUT_NAME: &str = "mailfate";

/// Turns the compiled wasm, the style sheets and the public files into the site folder.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// The wasm file that cargo built from the package `mailfate-front`
    #[arg(long)]
    wasm: PathBuf,
    /// The style sheet that imports all others
    #[arg(long, default_value = "style/main.css")]
    style: PathBuf,
    /// Files to be served as they are, under their own names
    #[arg(long, default_value = "public")]
    public: PathBuf,
    /// The folder to make; what was in it is replaced
    #[arg(long, default_value = "target/site")]
    site: PathBuf,
    /// Where optimised wasm is kept between builds, and between checkouts
    #[arg(long, default_value = "target/wasm-opt")]
    cache: PathBuf,
    /// The `wasm-opt` of npm's package `binaryen`, run with Node.js; that step is left out when there is no such file
    #[arg(long)]
    wasm_opt: Option<PathBuf>,
    /// Fail when wasm and JavaScript together, Brotli-compressed, are above so many kilobytes (of 1000 bytes)
    #[arg(long)]
    budget_kb: Option<u64>,
}

impl Args {
    /// `None` on a machine without Node.js, where `make` could not install it.
    fn wasm_opt_program(&self) -> Option<&Path> {
        self.wasm_opt.as_deref().filter(|program| program.exists())
    }
}

fn main() -> Result<()> {
    let args = Args::parse();
    let inputs = fingerprint::of_inputs(&args)?;
    if fingerprint::is_current(&args.site, &inputs) {
        println!("{} is up to date", args.site.display());
    } else {
        make_site(&args)?;
        fingerprint::remember(&args.site, &inputs)?;
    }
    let sizes = report::measure(&args.site)?;
    print!("{sizes}");
    report::check_budget(&sizes, args.budget_kb)
}

fn make_site(args: &Args) -> Result<()> {
    let code = browser_code::from_wasm(&args.wasm)?;
    let wasm = if let Some(program) = args.wasm_opt_program() {
        browser_code::optimise(&code.wasm, program, &args.cache)?
    } else {
        println!(
            "wasm-opt is left out for want of Node.js with npm: all works, browsers load half as much again"
        );
        code.wasm
    };
    let css = style::bundle(&args.style)?;
    let mut site = site::NewSite::beside(&args.site)?;
    site.add_hashed("js", &code.glue)?;
    site.add_hashed("wasm", &wasm)?;
    site.add_hashed("css", css.as_bytes())?;
    for (name, content) in &code.snippets {
        site.add_to_package(name, content)?;
    }
    site.add_folder(&args.public)?;
    site.put_in_place()
        .with_context(|| format!("cannot replace the site folder {}", args.site.display()))
}
