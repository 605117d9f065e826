//! The command line.

mod act;
mod check;
mod forget;
mod join;
mod leave;
mod list;
mod proxy;
mod status;
mod tail;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;
use convene_command_lines::convene::{Command, CommandLine, Lang};
use convene_desktop::{Tokens, session_proxies};
use convene_local_client::{AskToken, CallError, Client};
use convene_wording::{Language, Wording};

use crate::stop::{DONE, FAILED, Stop};
use crate::{login, os, output};

/// The name and version by which this program introduces itself.
const PROGRAM: &str = concat!("convene ", env!("CARGO_PKG_VERSION"));

/// The settings of a command: its form of output, the daemon's sockets, and its language.
#[derive(Debug)]
struct Context {
    json: bool,
    sockets: Vec<PathBuf>,
    language: Language,
    wording: Wording,
}

impl Context {
    /// Attaches to the daemon, which may ask this terminal's person for a login, and tells it what
    /// this session knows of proxies.
    async fn connect(&self) -> Result<Client, Stop> {
        let ask = if self.json { None } else { login::asker(self.language) };
        let tokens = Tokens::default();
        let ask_token: AskToken = Arc::new(move |sources, asked| tokens.answer(sources, asked));
        let mut client = Client::connect(&self.sockets, PROGRAM, ask, Some(ask_token)).await?;
        offer(&mut client).await?;
        Ok(client)
    }
}

/// Tells the daemon what this session knows of proxies.
async fn offer(client: &mut Client) -> Result<(), CallError> {
    let sources = session_proxies(environment).await;
    if sources.is_empty() { Ok(()) } else { client.offer(sources).await }
}

fn environment(name: &str) -> Option<OsString> {
    std::env::vars_os().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// Reads the command line and does what it says.
pub(crate) fn main() -> ExitCode {
    let CommandLine { command, global } = CommandLine::parse();
    let language = language(global.lang, environment);
    let context = Context {
        json: global.json,
        sockets: convene_local_client::sockets(global.socket.as_deref(), environment),
        language,
        wording: Wording::new(language),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::complain(&error.to_string());
            return ExitCode::from(FAILED);
        }
    };
    match runtime.block_on(run(&command, &context)) {
        Ok(()) => ExitCode::from(DONE),
        Err(stop) => {
            if let Some(message) = stop.message(&context.wording) {
                output::complain(&message);
            }
            ExitCode::from(stop.code())
        }
    }
}

async fn run(command: &Command, context: &Context) -> Result<(), Stop> {
    match command {
        Command::Status(options) => status::run(options, context).await,
        Command::Check(options) => check::run(options, context).await,
        Command::Join(options) => join::run(options, context).await,
        Command::List(options) => list::run(options, context).await,
        Command::Say(options) => act::say(options, context).await,
        Command::Act(options) => act::act(options, context).await,
        Command::Tail(options) => tail::run(options, context).await,
        Command::Leave(options) => leave::run(options, context).await,
        Command::Forget(options) => forget::run(options, context).await,
        Command::Proxy(options) => proxy::run(options, context).await,
    }
}

fn language(chosen: Option<Lang>, environment: impl Fn(&str) -> Option<OsString>) -> Language {
    match chosen {
        Some(Lang::De) => Language::De,
        Some(Lang::En) => Language::En,
        None => {
            let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
                .into_iter()
                .filter_map(environment)
                .find(|value| !value.is_empty())
                .or_else(|| os::locale().map(OsString::from));
            Language::from_locale(&locale.unwrap_or_default().to_string_lossy())
        }
    }
}
