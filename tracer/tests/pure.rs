//! The pure stages stay pure: no file, no socket, no clock, no waiting. Whoever brings one in is told here, by file and line.

use std::fs;
use std::path::{Path, PathBuf};

/// What a pure stage must not name.
const FORBIDDEN: [&str; 14] = [
    "std::fs",
    "std::io",
    "std::env",
    "std::process",
    "std::thread",
    "std::time",
    "std::net::Tcp",
    "std::net::Udp",
    "tokio",
    "async fn",
    ".await",
    "::now()",
    "store::",
    "tracing::",
];

#[test]
fn parsing_and_correlating_have_no_io_no_async_and_no_clock() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![
        sources.join("line.rs"),
        sources.join("event.rs"),
        sources.join("dialect.rs"),
        sources.join("correlate.rs"),
        sources.join("json.rs"),
    ];
    collect(&sources.join("line"), &mut files);
    collect(&sources.join("dialect"), &mut files);
    collect(&sources.join("correlate"), &mut files);
    assert!(
        files.len() >= 15,
        "the pure stages moved: tell this test where they are ({} files found)",
        files.len()
    );
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("the pure stages' own sources");
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            found.extend(
                FORBIDDEN
                    .iter()
                    .filter(|word| code.contains(*word))
                    .map(|word| format!("{}:{}: {word}", file.display(), number + 1)),
            );
        }
    }
    assert!(
        found.is_empty(),
        "a pure stage names what it must not:\n{}",
        found.join("\n")
    );
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry of it").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
