//! The command line.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};
use convene_command_lines::convene::Lang;
use convene_command_lines::convene_tui::CommandLine;
use convene_command_lines::reworded;
use convene_wording::{Language, Wording};

use crate::os;
use crate::shell::{Setup, environment, run, zone};
use crate::words::Words;

/// The exit code where there is no terminal.
const USAGE: u8 = 2;

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let line = read(&Wording::new(language(None)));
    let language = language(line.lang);
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        complain(&Wording::new(language).about("tui-no-terminal", &[]));
        return ExitCode::from(USAGE);
    }
    let setup = Setup {
        sockets: convene_local_client::sockets(line.socket.as_deref(), environment),
        words: Words::new(language, zone()),
        named: line.conference,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.and_then(|runtime| runtime.block_on(run(setup))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Reads the command line, whose help is in the language of the environment.
fn read(wording: &Wording) -> CommandLine {
    let matches = reworded(CommandLine::command(), &|key| wording.help(key)).get_matches();
    CommandLine::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

fn complain(text: &str) {
    // Where nobody reads that, the exit code says it alone.
    drop(writeln!(io::stderr(), "{text}"));
}

/// The language that was chosen, or that of the environment.
fn language(chosen: Option<Lang>) -> Language {
    match chosen {
        Some(Lang::De) => Language::De,
        Some(Lang::En) => Language::En,
        None => {
            let named = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(environment);
            let locale =
                named.map(|value| value.to_string_lossy().into_owned()).find(|value| !value.is_empty());
            Language::from_locale(&locale.or_else(os::locale).unwrap_or_default())
        }
    }
}
