//! The files of the page, which lie in the program.

use bytes::Bytes;
use convene_wording::{Language, Wording};

include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// The file that is the page.
const INDEX: &str = "/index.html";

/// A file as it is served.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ServedFile {
    /// Its media type.
    pub(crate) kind: &'static str,
    pub(crate) content: Bytes,
}

/// The file at this path of an address.
pub(crate) fn find(path: &str) -> Option<ServedFile> {
    let path = if path == "/" { INDEX } else { path };
    match WITHOUT_PAGE {
        Some(mark) => {
            (path == INDEX).then(|| ServedFile { kind: kind(path), content: sentence(mark).into() })
        }
        None => {
            let &(path, content) = FILES.iter().find(|(known, _)| *known == path)?;
            Some(ServedFile { kind: kind(path), content: Bytes::from_static(content) })
        }
    }
}

/// A page that says why there is no page.
fn sentence(mark: &str) -> String {
    let said = |language| Wording::new(language).about("web-no_page", &[]);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Convene</title>\n\
         <p lang=\"de\">{}</p>\n<p lang=\"en\">{}</p>\n<!-- {mark} -->\n</html>\n",
        said(Language::De),
        said(Language::En)
    )
}

/// The media type of a file, by the end of its name.
fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, end)| end) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("json") => "application/json",
        Some("woff2") => "font/woff2",
        Some(_) | None => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_page_or_a_sentence_in_both_languages() {
        let page = find("/").expect("something is served");
        assert_eq!(Some(&page), find(INDEX).as_ref());
        assert_eq!(page.kind, "text/html; charset=utf-8");
        let text = String::from_utf8(page.content.to_vec()).unwrap();
        assert!(text.starts_with("<!doctype html>"), "{text}");
        let said = sentence("MARK");
        assert!(said.contains("ohne seine Seite") && said.contains("without its page"), "{said}");
        assert_eq!(text.contains("ohne seine Seite"), WITHOUT_PAGE.is_some());
    }

    #[test]
    fn what_is_not_there_is_not_found_and_every_file_has_its_kind() {
        for path in ["", "//", "/../Cargo.toml", "/index.htm", "/socket"] {
            assert_eq!(find(path), None, "{path}");
        }
        for (path, _) in FILES {
            assert_ne!(kind(path), "application/octet-stream", "{path}");
        }
        assert_eq!(kind("/assets/index-a1.js"), "text/javascript; charset=utf-8");
        assert_eq!(kind("/no-end"), "application/octet-stream");
    }
}
