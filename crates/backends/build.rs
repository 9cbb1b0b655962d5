//! Embeds the documents of the repository, and the built Jaeger UI.
//!
//! Every Markdown file and picture of `docs/` is embedded, so a new page needs no entry in a list.
//!
//! The UI is inside the pinned package `otlp-embedded`.
//! The package is in Cargo.lock, so its content is pinned by a checksum, but it is a dependency
//! only under a `cfg` that no build sets: nothing of it is compiled. This script sets the `cfg` for
//! `cargo metadata`, which then unpacks the package and says where it is.

use std::{
    env,
    error::Error,
    ffi::OsStr,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The `cfg` of the dependency in Cargo.toml.
const CFG: &str = "jaeger_ui_files";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let documents = PathBuf::from(env::var("OUT_DIR")?).join("documents.rs");
    fs::write(documents, table_of_documents()?)?;
    let out = PathBuf::from(env::var("OUT_DIR")?).join("jaeger_ui.rs");
    let table = match find_ui() {
        Ok(folder) => {
            // Comes back if somebody clears cargo's cache.
            println!("cargo::rerun-if-changed={}", folder.display());
            table_of_files(&folder)?
        }
        // A build without a network still builds: the server then has a placeholder page.
        Err(reason) => {
            println!("cargo::warning=no Jaeger UI in this build: {reason}");
            // A file that is never there makes cargo try again at the next build.
            println!("cargo::rerun-if-changed={}.missing", out.display());
            "&[]".to_owned()
        }
    };
    Ok(fs::write(out, table)?)
}

/// A Rust expression: a slice of `(path in the repository, content)`.
fn table_of_documents() -> Result<String, Box<dyn Error>> {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../..");
    let mut table = "&[\n".to_owned();
    let mut open = vec!["README.md".to_owned(), "docs".to_owned()];
    while let Some(name) = open.pop() {
        let path = root.join(&name);
        println!("cargo::rerun-if-changed={}", path.display());
        if path.is_dir() {
            for entry in fs::read_dir(&path)? {
                let entry = entry?.file_name();
                let entry = entry
                    .to_str()
                    .ok_or("the name of a document is not UTF-8")?;
                open.push(format!("{name}/{entry}"));
            }
        } else if let Some("md" | "png" | "svg") = path.extension().and_then(OsStr::to_str) {
            let path = path.to_str().ok_or("the path of a document is not UTF-8")?;
            writeln!(table, "({name:?}, include_bytes!({path:?})),")?;
        }
    }
    table.push(']');
    Ok(table)
}

/// The folder with `index.html`.
fn find_ui() -> Result<PathBuf, Box<dyn Error>> {
    let output = Command::new(env::var("CARGO")?)
        .args(["metadata", "--format-version=1", "--locked"])
        // Packages for other systems than this one stay where they are.
        .args(["--filter-platform", &env::var("HOST")?])
        .env("CARGO_ENCODED_RUSTFLAGS", format!("--cfg\x1f{CFG}"))
        .current_dir(env::var("CARGO_MANIFEST_DIR")?)
        .output()?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(reason.trim().replace('\n', "; ").into());
    }
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let manifest = metadata["packages"]
        .as_array()
        .and_then(|packages| {
            packages
                .iter()
                .find(|package| package["name"] == "otlp-embedded")
        })
        .and_then(|package| package["manifest_path"].as_str())
        .ok_or("cargo metadata does not list otlp-embedded")?;
    let folder = Path::new(manifest)
        .with_file_name("jaeger-ui")
        .join("build");
    if !folder.join("index.html").is_file() {
        return Err(format!("no index.html in {}", folder.display()).into());
    }
    Ok(folder)
}

/// A Rust expression: a slice of `(path, content)`.
fn table_of_files(folder: &Path) -> Result<String, Box<dyn Error>> {
    let mut table = "&[\n".to_owned();
    for below in ["", "static/"] {
        for entry in fs::read_dir(folder.join(below))? {
            let path = entry?.path();
            let path = path.to_str().ok_or("the path of a file is not UTF-8")?;
            let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
            // Half of the size is a second copy for browsers without modules.
            if fs::metadata(path)?.is_file() && !name.contains("legacy") {
                let key = format!("{below}{name}");
                writeln!(table, "({key:?}, include_bytes!({path:?})),")?;
            }
        }
    }
    table.push(']');
    Ok(table)
}
