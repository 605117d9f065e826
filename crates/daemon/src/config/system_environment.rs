//! `/etc/environment`: the variables of every login, which a service that starts at boot does not
//! get.

use std::collections::BTreeMap;
use std::path::Path;

/// Bytes that are read: such files have a few lines.
const BYTES_MAX: u64 = 64 * 1024;

/// The variables of the file; none where there is no such file or it cannot be read, which is told.
pub(super) fn read(path: &Path) -> BTreeMap<String, String> {
    use std::io::Read as _;
    let mut text = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(BYTES_MAX).read_to_end(&mut text));
    match read {
        Ok(_) => parse(&String::from_utf8_lossy(&text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "the system's environment cannot be read");
            BTreeMap::new()
        }
    }
}

/// As pam_env(8) reads it: `NAME=value` lines, with or without `export` and quotes; `#` begins a
/// comment. A mark of the encoding in front is no part of a name.
fn parse(text: &str) -> BTreeMap<String, String> {
    text.trim_start_matches('\u{feff}').lines().filter_map(variable).collect()
}

fn variable(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=').filter(|_| !line.starts_with('#'))?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let value = match value.trim().chars().next() {
        Some(quote @ ('"' | '\'')) => value.trim().trim_matches(quote),
        Some(_) | None => value.split(" #").next().unwrap_or(value).trim(),
    };
    is_name.then(|| (name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_pam_reads_them() {
        let text = "\u{feff}https_proxy=http://proxy.test:3128\n# proxies\nexport no_proxy=\"localhost, .test\"\n\
                    ALL_PROXY='socks5://a:1' \n#http_proxy=x\nPATH=/bin # not more\nbroken line\n=x\na b=c\n";
        let read = parse(text);
        let expected = [
            ("ALL_PROXY", "socks5://a:1"),
            ("PATH", "/bin"),
            ("https_proxy", "http://proxy.test:3128"),
            ("no_proxy", "localhost, .test"),
        ];
        assert_eq!(
            read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>(),
            expected
        );
    }

    #[test]
    fn a_file_that_is_not_there_or_no_text_names_nothing_or_what_can_be_read() {
        assert!(read(Path::new("/nonexistent/environment")).is_empty());
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("environment");
        std::fs::write(&path, b"\xff\xfe\nA=b\n").unwrap();
        assert_eq!(read(&path).get("A").map(String::as_str), Some("b"));
    }
}
