//! What a large conference costs the page in a browser, as `tests/page` measures it.

use std::io::{Stdout, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// Has the page measured by what lies in this folder, and gives its figures.
pub(crate) fn measure(out: &mut Stdout, folder: &Path) -> Result<Value> {
    let mut command = Command::new("node");
    let done = command.arg("measure.mjs").current_dir(folder).stderr(Stdio::inherit()).output();
    let done = done.with_context(|| format!("cannot run measure.mjs in {}", folder.display()))?;
    let text = String::from_utf8_lossy(&done.stdout);
    if !done.status.success() {
        bail!("measure.mjs: {}\n{text}", done.status);
    }
    let (told, figures) = text.trim_end().rsplit_once('\n').context("it tells its figures last")?;
    writeln!(out, "{told}\n")?;
    let figures: Value = serde_json::from_str(figures).context("it prints no JSON")?;
    Ok(figures.get("page").cloned().unwrap_or_default())
}
