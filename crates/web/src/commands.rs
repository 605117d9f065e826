//! The command line.

use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser as _;
use convene_command_lines::convene::Lang;
use convene_command_lines::convene_web::CommandLine;
use convene_local_client::Introduction;
use convene_model::limits::JOIN_LINK_BYTES_MAX;
use convene_wording::{Language, Wording};
use sha2::{Digest as _, Sha256};

use crate::language::Wanted;
use crate::session::environment;
use crate::{opening, os, serving};

/// The name and version by which the bridge introduces itself.
const PROGRAM: &str = concat!("convene-web ", env!("CARGO_PKG_VERSION"));
/// Bytes of a text in which there should be a join link: the page says what is wrong with one that
/// is too long.
const LINK_TEXT_BYTES_MAX: usize = 4 * JOIN_LINK_BYTES_MAX;
/// Bytes of the hash that tells the bridges of several daemons apart.
const NAME_BYTES: usize = 8;

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let line = CommandLine::parse();
    let wording = Wording::new(language(line.lang));
    let done = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) if line.serve => runtime.block_on(serve(&wording)),
        Ok(runtime) => runtime.block_on(open(&line, &wording)).map_err(|error| {
            io::Error::other(wording.about("web-failed", &[("reason", &error.to_string())]))
        }),
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where nobody reads that, the exit code says it alone.
            drop(writeln!(io::stderr(), "{error}"));
            ExitCode::FAILURE
        }
    }
}

async fn open(line: &CommandLine, wording: &Wording) -> io::Result<()> {
    let join = line.web.join.as_deref().map(join_link).transpose()?;
    let (place, _) = place(wording)?;
    let opened = opening::link(&place, &Wanted { join }).await?;
    let is_open = !line.web.no_open && opening::browser(&opened.url).await;
    if line.json {
        return say(&serde_json::to_string(&opened)?);
    }
    if line.web.no_open {
        return say(&opened.url);
    }
    let said = if is_open { "web-opened" } else { "web-address" };
    say(&wording.about(said, &[("url", &opened.url)]))
}

async fn serve(wording: &Wording) -> io::Result<()> {
    let (place, sockets) = place(wording)?;
    let ready = || drop(say(opening::READY));
    match serving::serve(&place, Introduction::new(sockets, PROGRAM), ready).await {
        // Another one was quicker, and is asked.
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Ok(()),
        served => served,
    }
}

fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// Where the bridge of this user is asked, and where the daemon is that it serves.
fn place(wording: &Wording) -> io::Result<(PathBuf, Vec<PathBuf>)> {
    let sockets = convene_local_client::sockets(None, environment);
    let mut hash = Sha256::new();
    for socket in &sockets {
        hash.update(socket.as_os_str().as_encoded_bytes());
        hash.update([0_u8]);
    }
    let name: String = hash.finalize().iter().take(NAME_BYTES).map(|byte| format!("{byte:02x}")).collect();
    match os::place(environment, &name) {
        Some(place) => Ok((place, sockets)),
        None => Err(io::Error::other(wording.about("web-no_place", &[]))),
    }
}

/// The join link of the command line, or the one on standard input, as the page shows it.
fn join_link(given: &str) -> io::Result<String> {
    let mut text = Vec::new();
    if given == "-" {
        io::stdin().lock().take(LINK_TEXT_BYTES_MAX as u64).read_to_end(&mut text)?;
    } else {
        text.extend(given.bytes().take(LINK_TEXT_BYTES_MAX));
    }
    Ok(without_scheme(&String::from_utf8_lossy(&text)).to_owned())
}

/// The join link inside of a link that the desktop gives (`convene:https://…`).
fn without_scheme(text: &str) -> &str {
    let text = text.trim();
    match text.split_once(':') {
        Some((scheme, link)) if scheme.eq_ignore_ascii_case("convene") => link,
        Some(_) | None => text,
    }
}

fn language(chosen: Option<Lang>) -> Language {
    match chosen {
        Some(Lang::De) => Language::De,
        Some(Lang::En) => Language::En,
        None => {
            let mut locales = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(environment);
            let locale = locales.find(|locale| !locale.is_empty()).unwrap_or_default();
            Language::from_locale(&locale.to_string_lossy())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desktops_scheme_is_taken_off_and_nothing_else() {
        let link = "https://conference.example.org/j/AAAA#fp=x";
        for given in [link.to_owned(), format!("convene:{link}"), format!(" Convene:{link}\n")] {
            assert_eq!(without_scheme(&given), link, "{given}");
        }
        assert_eq!(without_scheme("nonsense"), "nonsense");
        assert_eq!(join_link(&format!("convene:{link}")).unwrap(), link);
    }

    #[test]
    fn a_text_that_is_too_long_is_cut() {
        let long = "ä".repeat(LINK_TEXT_BYTES_MAX);
        assert!(join_link(&long).unwrap().len() <= LINK_TEXT_BYTES_MAX + 2);
    }
}
