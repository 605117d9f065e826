//! `convene-server conference …`: talks to the running server.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use convene_model::ConferenceId;
use serde_json::{Value, json};

use super::{DONE, FAILED, NOT_RUNNING, StateDirOption, USAGE};
use crate::config::ConferenceFile;
use crate::control::{Answer, CallError, Client, Created, Listed, Request, Shown};

/// The conference command's options.
#[derive(Debug, Args)]
pub(super) struct Conference {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
struct Common {
    #[command(flatten)]
    state: StateDirOption,
    /// Print one JSON object per line.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Creates a conference and prints its join links. FILE `-` reads standard input; only `title` is required in it.
    Create {
        /// The conference's description (TOML).
        file: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// Lists the conferences.
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Shows a conference, and its events on demand.
    Show {
        /// Which.
        conference: ConferenceId,
        /// Every event, whoever may see it.
        #[arg(long)]
        events: bool,
        #[command(flatten)]
        common: Common,
    },
    /// Prints a conference's join links again.
    Invite {
        /// Which.
        conference: ConferenceId,
        #[command(flatten)]
        common: Common,
    },
    /// Ends a conference: nothing more can happen in it, and everything stays readable.
    End {
        /// Which.
        conference: ConferenceId,
        #[command(flatten)]
        common: Common,
    },
}

/// Why a command ends without its result.
enum Stop {
    Code(u8, String),
    /// Who reads our output has gone.
    Quiet,
}

impl From<CallError> for Stop {
    fn from(error: CallError) -> Self {
        let code = match error {
            CallError::NotRunning { .. } => NOT_RUNNING,
            CallError::Failed(_) | CallError::Malformed => FAILED,
        };
        Self::Code(code, error.to_string())
    }
}

impl From<std::io::Error> for Stop {
    fn from(_: std::io::Error) -> Self {
        Self::Quiet
    }
}

/// Runs a conference command; gives the exit code.
#[expect(clippy::print_stderr, reason = "a command says on standard error why it failed")]
pub(super) fn run(options: &Conference) -> u8 {
    let done = match &options.command {
        Command::Create { file, common } => create(file, common),
        Command::List { common } => list(common),
        Command::Show { conference, events, common } => show(*conference, *events, common),
        Command::Invite { conference, common } => connect(common)
            .and_then(|mut client| links(&mut client, &Request::Invite { conference: *conference }, common)),
        Command::End { conference, common } => end(*conference, common),
    };
    match done {
        Ok(()) => DONE,
        Err(Stop::Code(code, message)) => {
            eprintln!("convene-server: {message}");
            code
        }
        Err(Stop::Quiet) => FAILED,
    }
}

fn connect(common: &Common) -> Result<Client, Stop> {
    Ok(Client::connect(&common.state.path())?)
}

#[expect(clippy::print_stderr, reason = "what is passed over is said beside the result")]
fn create(file: &Path, common: &Common) -> Result<(), Stop> {
    let conference = read(file)?;
    for warning in &conference.warnings {
        eprintln!("convene-server: {}: {warning}", file.display());
    }
    links(&mut connect(common)?, &Request::Create(conference.settings), common)
}

fn read(file: &Path) -> Result<ConferenceFile, Stop> {
    let usage = |message: String| Stop::Code(USAGE, message);
    if file == Path::new("-") {
        let mut text = String::new();
        let read = std::io::stdin().lock().take(1024 * 1024).read_to_string(&mut text);
        read.map_err(|error| usage(format!("standard input: {error}")))?;
        return ConferenceFile::parse(Path::new("standard input"), &text)
            .map_err(|error| usage(error.to_string()));
    }
    ConferenceFile::load(file).map_err(|error| usage(error.to_string()))
}

fn links(client: &mut Client, request: &Request, common: &Common) -> Result<(), Stop> {
    let Answer::Created(created) = client.call(request)? else { return Err(CallError::Malformed.into()) };
    if common.json {
        return print(&serde_json::to_string(&created).unwrap_or_default());
    }
    let Created { conference, organizer_link, participant_link } = created;
    print(&format!(
        "conference    {conference}\norganizers    {organizer_link}\nparticipants  {participant_link}"
    ))
}

fn list(common: &Common) -> Result<(), Stop> {
    let Answer::List(list) = connect(common)?.call(&Request::List {})? else {
        return Err(CallError::Malformed.into());
    };
    if list.is_empty() && !common.json {
        return print("no conferences; create one with `convene-server conference create FILE.toml`");
    }
    list.iter().try_for_each(|one| about(one, common))
}

fn about(one: &Listed, common: &Common) -> Result<(), Stop> {
    if common.json {
        return print(&serde_json::to_string(one).unwrap_or_default());
    }
    let Listed { conference, title, participants, present, last, ended } = one;
    let state = if *ended { "ended" } else { "open" };
    print(&format!(
        "{conference}  {state:5}  {present} of {participants} present  {last} entries  {}",
        inert(title)
    ))
}

fn show(conference: ConferenceId, events: bool, common: &Common) -> Result<(), Stop> {
    let mut client = connect(common)?;
    let mut after = 0;
    loop {
        let Answer::Shown(Shown { about: listed, events: page, through }) =
            client.call(&Request::Show { conference, after })?
        else {
            return Err(CallError::Malformed.into());
        };
        if after == 0 && !(events && common.json) {
            about(&listed, common)?;
        }
        if !events {
            return Ok(());
        }
        for raw in page {
            let event: Value = serde_json::from_str(raw.get()).map_err(|_| CallError::Malformed)?;
            let line = flat(conference, &event);
            print(&if common.json { line.to_string() } else { prose(&line) })?;
        }
        if through == after || through >= listed.last {
            return Ok(());
        }
        after = through;
    }
}

fn end(conference: ConferenceId, common: &Common) -> Result<(), Stop> {
    let Answer::Ended {} = connect(common)?.call(&Request::End { conference })? else {
        return Err(CallError::Malformed.into());
    };
    let line = json!({ "conference": conference, "state": "ended" }).to_string();
    print(&if common.json { line } else { format!("{conference} has ended") })
}

/// An event as one flat object: what its body says stands beside what all events have.
fn flat(conference: ConferenceId, event: &Value) -> Value {
    let mut line = json!({ "conference": conference });
    if let (Some(line), Some(event)) = (line.as_object_mut(), event.as_object()) {
        for (key, value) in event {
            match (key.as_str(), value.as_object()) {
                ("body", Some(body)) => line.extend(body.clone()),
                _ => {
                    line.insert(key.clone(), value.clone());
                }
            }
        }
    }
    line
}

fn prose(line: &Value) -> String {
    let field = |name: &str| {
        line.get(name)
            .map_or_else(String::new, |value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    let what = ["name", "room", "text"].map(|name| inert(&field(name))).join(" ");
    format!("{:>6}  {}  {:6}  {:8}  {}", field("seq"), field("at"), field("by"), field("kind"), what.trim())
}

/// Text from elsewhere, without what a terminal would obey.
fn inert(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn print(line: &str) -> Result<(), Stop> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(())
}
