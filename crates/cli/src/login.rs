//! Asking the person at the terminal for a login at a proxy.

use std::io::{self, IsTerminal as _, Write as _};

use convene_local_api::{ProxyPasswordAnswer, ProxyPasswordParams};
use convene_local_client::AskLogin;
use convene_wording::{Language, Wording};

use crate::output::inert;
use crate::progress;

/// Bytes of a name that is typed.
const NAME_BYTES_MAX: usize = 1_024;

/// Asks at this terminal; `None` where there is none to ask at.
pub(crate) fn asker(language: Language) -> Option<AskLogin> {
    let person = io::stdin().is_terminal() && io::stderr().is_terminal();
    person.then(|| -> AskLogin { Box::new(move |asked| ask(asked, &Wording::new(language)).ok().flatten()) })
}

/// An empty name declines.
fn ask(asked: &ProxyPasswordParams, wording: &Wording) -> io::Result<Option<ProxyPasswordAnswer>> {
    let _question = progress::question();
    let mut out = io::stderr().lock();
    let word = if asked.rejected.is_some() { "login_again" } else { "login_wanted" };
    writeln!(out, "{}: {}", inert(&asked.proxy), wording.word(word))?;
    write!(out, "{} ", wording.word("login_user"))?;
    out.flush()?;
    let mut user = String::new();
    io::stdin().read_line(&mut user)?;
    let user = user.trim();
    if user.is_empty() || user.len() > NAME_BYTES_MAX {
        return Ok(None);
    }
    let password = rpassword::prompt_password(format!("{} ", wording.word("login_password")))?;
    Ok(Some(ProxyPasswordAnswer { user: user.to_owned(), password }))
}
