//! Looking for words in everything that programs have written.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use crate::run;

/// Whatever matches this extended regular expression in these files, and in all files of these
/// folders, byte by byte. Databases and their logs are searched as they lie there. It is grep that
/// searches: there may be hundreds of megabytes, and this build is not optimised.
///
/// # Panics
/// When something cannot be read.
pub fn search(places: &[PathBuf], pattern: &str) -> BTreeSet<String> {
    let mut grep = Command::new("grep");
    grep.args(["--recursive", "--text", "--only-matching", "--no-filename", "--extended-regexp", "--regexp"]);
    let found = run(grep.arg(pattern).arg("--").args(places).env("LC_ALL", "C"));
    let (told, wrong) = (String::from_utf8_lossy(&found.stdout), String::from_utf8_lossy(&found.stderr));
    // 1: nothing matches.
    assert!(matches!(found.status.code(), Some(0 | 1)), "{wrong}");
    told.lines().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_each_word_once_in_whatever_bytes_it_stands() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("deep");
        std::fs::create_dir(&deep).unwrap();
        std::fs::write(deep.join("a.db"), b"\0\xffsesame-1\0sesame-2,\"sesame-1\"").unwrap();
        let file = folder.path().join("b.log");
        std::fs::write(&file, "nothing\n").unwrap();
        assert_eq!(
            search(&[deep, file.clone()], "sesame-[0-9]+"),
            ["sesame-1", "sesame-2"].map(String::from).into()
        );
        assert_eq!(search(&[file], "sesame-[0-9]+"), BTreeSet::new());
    }
}
