//! The command line.

mod act;
mod ballots;
mod check;
mod complete;
mod conference;
mod doors;
#[cfg(test)]
mod fixture;
mod forget;
mod join;
mod leave;
mod list;
mod people;
mod phases;
mod proxy;
mod report;
mod rooms;
#[cfg(test)]
mod said;
mod settings;
mod standing;
mod status;
mod tail;
#[cfg(test)]
mod tests;
mod tomorrow;
mod tui;
mod web;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use convene_command_lines::convene::{Command, CommandLine, Lang};
use convene_desktop::{Tokens, session_proxies};
use convene_local_api::ProxySource;
use convene_local_client::{
    AskToken, Attachment, AttachmentError, Client, Introduction, Notifications, Patience,
};
use convene_model::Timestamp;
use convene_wording::{Language, Wording};

use crate::clock::Clock;
use crate::stop::{DONE, FAILED, Stop, USAGE};
use crate::{login, os, output, progress, usage};

/// The name and version by which this program introduces itself.
const PROGRAM: &str = concat!("convene ", env!("CARGO_PKG_VERSION"));

/// The settings of a command: its form of output, the daemon's sockets, its language and its clock.
#[derive(Debug)]
struct Context {
    json: bool,
    sockets: Vec<PathBuf>,
    language: Language,
    wording: Wording,
    clock: Clock,
}

impl Context {
    fn new(json: bool, sockets: Vec<PathBuf>, language: Language) -> Self {
        Self { json, sockets, language, wording: Wording::new(language), clock: Clock::of_system() }
    }

    /// A moment by the person's clock.
    fn time(&self, at: Timestamp) -> String {
        self.wording.clock(at, self.clock.now(), &self.clock.zone)
    }

    /// The same of a moment in writing (RFC 3339); one that is none stays as it is.
    fn time_of(&self, written: &str) -> String {
        written.parse::<Timestamp>().map_or_else(|_| output::inert(written), |at| self.time(at))
    }

    /// Connects to the daemon, for a command that asks and is told nothing beside.
    async fn connect(&self) -> Result<Client, Stop> {
        let (client, _) = self.listen().await?;
        Ok(client)
    }

    /// Connects to the daemon, and tells it what this session knows of proxies.
    async fn listen(&self) -> Result<(Client, Notifications), Stop> {
        let (client, notifications) = self.introduction().connect().await?;
        if let Some(sources) = known_proxies().await {
            client.offer(sources).await?;
        }
        Ok((client, notifications))
    }

    /// As [`Context::listen`], for a command that goes on when the daemon is restarted.
    async fn stay(&self, patience: Patience) -> Result<Attachment, Stop> {
        let mut attachment = Attachment::attach(self.introduction(), patience).await?;
        offer(&mut attachment).await?;
        Ok(attachment)
    }

    /// Awaits something that may take long, and shows a person that it goes on.
    async fn waits<T>(&self, work: impl Future<Output = T>) -> T {
        // On the heap: each future that it is moved into would become as large again.
        let work = Box::pin(work);
        if self.json { work.await } else { progress::shown(work, &self.wording).await }
    }

    /// The daemon may ask this terminal's person for a login, and this user's session for tokens.
    fn introduction(&self) -> Introduction {
        let tokens = Tokens::default();
        let ask_token: AskToken = Arc::new(move |sources, asked| tokens.answer(sources, asked));
        let introduction = Introduction::new(self.sockets.clone(), PROGRAM).with_tokens(ask_token);
        match login::asker(self.language).filter(|_| !self.json) {
            Some(ask) => introduction.with_logins(ask),
            None => introduction,
        }
    }
}

/// Tells the daemon what this session knows of proxies.
async fn offer(attachment: &mut Attachment) -> Result<(), AttachmentError> {
    match known_proxies().await {
        Some(sources) => attachment.offer(sources).await,
        None => Ok(()),
    }
}

async fn known_proxies() -> Option<Vec<ProxySource>> {
    Some(session_proxies(environment).await).filter(|sources| !sources.is_empty())
}

/// The path of the program of this name that lies where this one lies.
fn beside(program: &str) -> io::Result<PathBuf> {
    let own = std::env::current_exe()?;
    Ok(own.with_file_name(format!("{program}{}", std::env::consts::EXE_SUFFIX)))
}

fn environment(name: &str) -> Option<OsString> {
    std::env::vars_os().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// Reads the command line and does what it says.
pub(crate) fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let language = language(usage::language(&arguments), environment);
    let CommandLine { command, global } = match usage::read(&arguments, &Wording::new(language)) {
        Ok(line) => line,
        Err(error) => return ExitCode::from(usage::tell(&error, &Wording::new(language))),
    };
    if is_misused(command.as_ref(), global.socket.is_some()) {
        output::complain(&Wording::new(language).about("web-no_socket", &[]));
        return ExitCode::from(USAGE);
    }
    let sockets = convene_local_client::sockets(global.socket.as_deref(), environment);
    let context = Context::new(global.json, sockets, language);
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::complain(&error.to_string());
            return ExitCode::from(FAILED);
        }
    };
    match runtime.block_on(run(command.as_ref(), &context)) {
        Ok(()) => ExitCode::from(DONE),
        Err(stop) => {
            if let Some(message) = stop.message(&context.wording) {
                output::complain(&message);
            }
            ExitCode::from(stop.code())
        }
    }
}

/// A page that names a `convene:` link must not be able to name the daemon too: on Windows a quote
/// in the link may end its argument.
fn is_misused(command: Option<&Command>, names_socket: bool) -> bool {
    matches!(command, Some(Command::Web(options)) if names_socket && web::is_of_a_click(options))
}

async fn run(command: Option<&Command>, context: &Context) -> Result<(), Stop> {
    let Some(command) = command else { return standing::run(context).await };
    match command {
        Command::Status(options) => status::run(options, context).await,
        Command::Check(options) => check::run(options, context).await,
        Command::Join(options) => join::run(options, context).await,
        Command::List(options) => list::run(options, context).await,
        Command::Say(options) => act::say(options, context).await,
        Command::Act(options) => act::act(options, context).await,
        Command::Tail(options) => tail::run(options, context).await,
        Command::Rooms(words) => rooms::list(words, context).await,
        Command::Who(words) => rooms::who(words, context).await,
        Command::Go(words) => rooms::go(words, context).await,
        Command::Room(words) => rooms::room(words, context).await,
        Command::Table(words) => people::table(words, context).await,
        Command::Phase(words) => phases::run(words, context).await,
        Command::Organizer(words) => people::organizer(words, context).await,
        Command::Remove(words) => doors::remove(words, context).await,
        Command::Doors(words) => doors::doors(words, context).await,
        Command::Link(words) => doors::link(words, context).await,
        Command::Ballot(words) => ballots::ballot(words, context).await,
        Command::Vote(words) => ballots::vote(words, context).await,
        Command::Rename(words) => people::rename(words, context).await,
        Command::Tui(options) => tui::run(options, context),
        Command::Web(options) => web::run(options, context),
        Command::Leave(options) => leave::run(options, context).await,
        Command::Forget(options) => forget::run(options, context).await,
        Command::Proxy(options) => proxy::run(options, context).await,
        Command::Settings(options) => settings::run(options, context).await,
        Command::Tomorrow(options) => tomorrow::run(options, context).await,
        Command::Report(options) => report::run(options, context).await,
        Command::Completions(options) => complete::completions(options),
        Command::Complete(options) => complete::run(options, context).await,
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
