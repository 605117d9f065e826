//! What a person pastes, and what a desktop says of itself.

use convene_dial::ProxyList;
use convene_local_api::ProxySource;
use convene_local_api::spellings::{environment, gnome, kde, windows};
use convene_model::JoinLink;

/// A line by which an administrator's file of KDE's locks everything.
const LOCK: &str = "[$i]\n";

/// A join link in whatever was pasted: what is printed leads there again, pasted or read.
pub(crate) fn pasted_link(bytes: &[u8]) {
    let pasted = String::from_utf8_lossy(bytes);
    let Ok(link) = JoinLink::find(&pasted) else { return };
    let printed = link.to_string();
    assert!(!printed.contains(|c: char| c.is_whitespace() || c.is_control()), "{printed:?}");
    assert_eq!(printed.parse(), Ok(link.clone()), "{printed}");
    assert_eq!(JoinLink::find(&format!("Join here: <{printed}>.")), Ok(link), "{printed}");
}

/// The proxy settings of desktops, the files of KDE's parted by NUL: an exception is one word, and
/// what an administrator locks is changed by no file behind it.
pub(crate) fn desktop_settings(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let files: Vec<String> = text.split('\0').map(str::to_owned).collect();
    let (first, rest) = files.split_first().expect("a text has a first part");
    let value = |name: &str| (!name.is_empty()).then(|| first.clone());
    let bypass = rest.first().map(String::as_str).unwrap_or_default();
    let of_kde = kde(&files, value);
    let sources = [gnome(&text), windows("windows", first, bypass, None, false)];
    for source in sources.iter().chain([&of_kde]).chain(&environment(value)) {
        assert_usable_or_told(source);
    }
    let is_word = |word: &String| !word.is_empty() && !word.contains([' ', ',', '\n']);
    assert!(of_kde.exceptions.iter().all(is_word), "an exception is one word");
    let locked = format!("{LOCK}{first}");
    let mut behind = vec![locked.clone()];
    behind.extend(files);
    assert!(kde(&behind, |_| None) == kde(&[locked], |_| None), "a file changes what is locked");
}

/// What a place names is read, or it is said why it is not.
fn assert_usable_or_told(source: &ProxySource) {
    if let Err(error) = ProxyList::new(&source.proxies, &source.exceptions) {
        assert!(!error.to_string().is_empty());
    }
}
