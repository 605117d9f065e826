//! Puts the page into the program, where it was built, and gives the program for Windows its
//! version, names and manifest.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The sources of the page, and what was built of them.
const PAGE: &str = "page";
const BUILT: &str = "page/dist";

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed={PAGE}");
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let built = here.join(BUILT);
    let files = if built.join("index.html").is_file() { files(&built)? } else { Vec::new() };
    let mut list = fs::File::create(out_dir().join("page.rs"))?;
    writeln!(list, "const FILES: &[(&str, &[u8])] = &[")?;
    for file in &files {
        let path = file.strip_prefix(&built).map_err(io::Error::other)?;
        let path = format!("/{}", path.display()).replace('\\', "/");
        writeln!(list, "    ({path:?}, include_bytes!({:?})),", file.display().to_string())?;
    }
    writeln!(list, "];")?;
    // The mark stands in programs without the page alone: no package is made of one.
    let mark = if files.is_empty() { "Some(\"CONVENE_WEB_WITHOUT_ITS_PAGE\")" } else { "None" };
    writeln!(list, "const WITHOUT_PAGE: Option<&str> = {mark};")?;
    convene_windows_resource::embed("convene-web", "Convene: takes part in conferences from a browser")
}

#[expect(clippy::disallowed_methods, reason = "cargo tells build scripts in the environment where to write")]
fn out_dir() -> PathBuf {
    std::env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default()
}

/// Every file below a folder, in order of path.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(self::files(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
