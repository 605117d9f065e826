//! The page inside of `convene-web`: whether it is there, and the libraries that came with it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::page::FOLDER;
use crate::workspace::root;

/// The program that holds the page.
pub(super) const PROGRAM: &str = "convene-web";
/// One that was built without the page holds this: `crates/web/build.rs` writes it.
const WITHOUT: &[u8] = b"CONVENE_WEB_WITHOUT_ITS_PAGE";
/// The libraries whose code is in the page. What npm installs beside them only builds it.
const BUNDLED: &[&str] = &["@fluent/bundle", "clsx", "esm-env", "svelte"];

/// A library in the page.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) licence: String,
    /// Where npm has put it.
    pub(super) folder: PathBuf,
}

impl Part {
    /// As package URLs name it.
    pub(super) fn reference(&self) -> String {
        format!("pkg:npm/{}@{}", self.name.replace('@', "%40"), self.version)
    }
}

/// Fails for a program that is to be packed and was built without the page.
pub(super) fn is_inside(program: &Path) -> Result<()> {
    let bytes = fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
    let is_inside = !bytes.windows(WITHOUT.len()).any(|window| window == WITHOUT);
    ensure!(is_inside, "{} was built without the page: `cargo xtask page` first", program.display());
    Ok(())
}

/// The libraries in the page, where one of these programs holds it.
pub(super) fn parts(programs: &[&str]) -> Result<Vec<Part>> {
    if !programs.contains(&PROGRAM) {
        return Ok(Vec::new());
    }
    let folder = root().join(FOLDER);
    let lock = folder.join("package-lock.json");
    let text = fs::read_to_string(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let lock: Value = serde_json::from_str(&text)?;
    BUNDLED.iter().map(|name| part(name, &lock, &folder)).collect()
}

fn part(name: &str, lock: &Value, folder: &Path) -> Result<Part> {
    let place = format!("node_modules/{name}");
    let about = lock.get("packages").and_then(|packages| packages.get(&place));
    let text = |key: &str| {
        let value = about.and_then(|about| about.get(key)).and_then(Value::as_str);
        value.map(str::to_owned).with_context(|| format!("package-lock.json tells no {key} of {name}"))
    };
    Ok(Part {
        name: name.to_owned(),
        version: text("version")?,
        licence: text("license")?,
        folder: folder.join(place),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_program_without_the_page_is_not_packed() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join(PROGRAM);
        fs::write(&program, b"\x7fELF\0 <!doctype html>").unwrap();
        assert!(is_inside(&program).is_ok());
        fs::write(&program, b"\x7fELF\0 CONVENE_WEB_WITHOUT_ITS_PAGE\0").unwrap();
        assert!(is_inside(&program).unwrap_err().to_string().contains("cargo xtask page"));
        let script = fs::read(root().join("crates/web/build.rs")).unwrap();
        assert!(script.windows(WITHOUT.len()).any(|window| window == WITHOUT), "the mark is another one");
    }

    #[test]
    fn a_library_of_the_page_is_told_as_its_lock_file_says() {
        let lock = json!({ "packages": { "node_modules/@a/b": { "version": "1.2.3", "license": "MIT" } } });
        let told = part("@a/b", &lock, Path::new("/page")).unwrap();
        assert_eq!((told.reference().as_str(), told.licence.as_str()), ("pkg:npm/%40a/b@1.2.3", "MIT"));
        assert_eq!(told.folder, Path::new("/page/node_modules/@a/b"));
        assert!(part("c", &lock, Path::new("/page")).unwrap_err().to_string().contains("version of c"));
        assert!(parts(&["convened"]).unwrap().is_empty());
    }
}
