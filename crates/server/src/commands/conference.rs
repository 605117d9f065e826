//! `convene-server conference …`: talks to the running server.

use std::io::{Read as _, Write as _};
use std::path::Path;

use convene_command_lines::convene_server::{Conference, ConferenceCommand, ConferenceOptions};
use convene_model::{ConferenceId, JoinLink, inert};
use serde_json::{Value, json};

use super::place::state_dir;
use super::{DONE, FAILED, NOT_RUNNING, USAGE, complain};
use crate::certificate::BROWSERS_WARN;
use crate::config::ConferenceFile;
use crate::control::{self, Answer, CallError, Created, Listed, Request, Shown};

/// Why a command ends without its result.
enum Stop {
    Code(u8, String),
    /// The reader of our output has gone.
    Quiet,
}

impl From<CallError> for Stop {
    fn from(error: CallError) -> Self {
        let code = match error {
            CallError::Path(_) | CallError::NotRunning { .. } => NOT_RUNNING,
            CallError::Unanswered { .. } | CallError::Failed(_) | CallError::Malformed => FAILED,
        };
        Self::Code(code, error.to_string())
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self::Quiet;
        }
        Self::Code(FAILED, format!("standard output: {error}"))
    }
}

/// Runs a conference command; gives the exit code.
pub(super) fn run(wanted: &Conference) -> u8 {
    let options = &wanted.options;
    let done = match &wanted.command {
        ConferenceCommand::Create { file } => create(file, options),
        ConferenceCommand::List => list(options),
        ConferenceCommand::Show { conference, events } => show(*conference, *events, options),
        ConferenceCommand::Invite { conference } => {
            links(&Request::Invite { conference: *conference }, options)
        }
        ConferenceCommand::End { conference } => end(*conference, options),
        ConferenceCommand::Delete { conference } => delete(*conference, options),
    };
    match done {
        Ok(()) => DONE,
        Err(Stop::Code(code, message)) => {
            complain(&format_args!("convene-server: {}", inert(&message)));
            code
        }
        Err(Stop::Quiet) => FAILED,
    }
}

fn ask(request: &Request, options: &ConferenceOptions) -> Result<Answer, Stop> {
    Ok(control::call(&state_dir(&options.state), request)?)
}

fn create(file: &Path, options: &ConferenceOptions) -> Result<(), Stop> {
    let conference = read(file)?;
    for warning in &conference.warnings {
        complain(&format_args!("convene-server: {}: {warning}", file.display()));
    }
    links(&Request::Create(conference.description), options)
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

fn links(request: &Request, options: &ConferenceOptions) -> Result<(), Stop> {
    let Answer::Created(created) = ask(request, options)? else { return Err(CallError::Malformed.into()) };
    if options.json {
        return print(&serde_json::to_string(&created).unwrap_or_default());
    }
    let Created { conference, organizer_link, participant_link } = created;
    print(&format!(
        "conference    {conference}\norganizers    {organizer_link}\nparticipants  {participant_link}"
    ))?;
    if participant_link.parse::<JoinLink>().is_ok_and(|link| link.fingerprint.is_some()) {
        complain(&format_args!("convene-server: {BROWSERS_WARN}"));
    }
    Ok(())
}

fn list(options: &ConferenceOptions) -> Result<(), Stop> {
    let Answer::List(list) = ask(&Request::List {}, options)? else {
        return Err(CallError::Malformed.into());
    };
    if list.is_empty() && !options.json {
        return print("no conferences; create one with `convene-server conference create FILE.toml`");
    }
    list.iter().try_for_each(|one| about(one, options))
}

fn about(one: &Listed, options: &ConferenceOptions) -> Result<(), Stop> {
    if options.json {
        return print(&serde_json::to_string(one).unwrap_or_default());
    }
    let Listed { conference, title, participants, taking_part, last, ended } = one;
    let state = if *ended { "ended" } else { "ongoing" };
    let entries = if *last == 1 { "entry" } else { "entries" };
    print(&format!(
        "{conference}  {state:7}  {taking_part} of {participants} take part  {last} {entries}  {}",
        inert(title)
    ))
}

fn show(conference: ConferenceId, events: bool, options: &ConferenceOptions) -> Result<(), Stop> {
    let mut after = 0;
    loop {
        let Answer::Shown(Shown { about: listed, events: page, through }) =
            ask(&Request::Show { conference, after }, options)?
        else {
            return Err(CallError::Malformed.into());
        };
        if after == 0 && !(events && options.json) {
            about(&listed, options)?;
        }
        if !events {
            return Ok(());
        }
        for raw in page {
            let event: Value = serde_json::from_str(raw.get()).map_err(|_| CallError::Malformed)?;
            let line = flat(conference, &event);
            print(&if options.json { line.to_string() } else { prose(&line) })?;
        }
        if through == after || through >= listed.last {
            return Ok(());
        }
        after = through;
    }
}

fn end(conference: ConferenceId, options: &ConferenceOptions) -> Result<(), Stop> {
    let Answer::Ended {} = ask(&Request::End { conference }, options)? else {
        return Err(CallError::Malformed.into());
    };
    let line = json!({ "conference": conference, "state": "ended" }).to_string();
    print(&if options.json { line } else { format!("{conference} has ended") })
}

fn delete(conference: ConferenceId, options: &ConferenceOptions) -> Result<(), Stop> {
    let Answer::Deleted {} = ask(&Request::Delete { conference }, options)? else {
        return Err(CallError::Malformed.into());
    };
    let line = json!({ "conference": conference, "state": "deleted" }).to_string();
    print(&if options.json { line } else { format!("{conference} is deleted") })
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

fn print(line: &str) -> Result<(), Stop> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_flat_object() {
        let conference = ConferenceId::from_random(9);
        let body = json!({ "kind": "said", "room": "plenary", "text": "a" });
        let event =
            json!({ "seq": 7, "at": "2026-12-01T08:00:00.000Z", "by": 1, "command": "c", "body": body });
        let line = flat(conference, &event);
        let flat = json!({
            "conference": conference, "seq": 7, "at": "2026-12-01T08:00:00.000Z", "by": 1, "command": "c",
            "kind": "said", "room": "plenary", "text": "a"
        });
        assert_eq!(line, flat);
    }

    #[test]
    fn nothing_that_a_terminal_obeys_is_printed_for_people() {
        let event = json!({ "seq": 1, "kind": "said", "text": "a\u{1b}[2Jb\u{9b}c\u{202e}d\ne" });
        assert!(prose(&event).ends_with("a [2Jb c d e"));
    }

    #[test]
    fn each_failure_has_its_exit_code() {
        let code = |error| if let Stop::Code(code, _) = Stop::from(error) { code } else { DONE };
        let gone = || std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        assert_eq!(code(CallError::NotRunning { path: "s".into(), source: gone() }), NOT_RUNNING);
        // A script that repeats what was not begun must not repeat what may have been done.
        assert_eq!(code(CallError::Unanswered { path: "s".into(), source: gone() }), FAILED);
        assert_eq!(code(CallError::Malformed), FAILED);
    }
}
