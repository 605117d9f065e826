//! The command line in the person's language: how it is read and explained, and what is wrong with
//! one that cannot be understood.

use std::ffi::OsString;

use clap::error::{ContextKind, ErrorKind};
use clap::{CommandFactory as _, FromArgMatches as _, ValueEnum as _};
use convene_command_lines::convene::{CommandLine, Lang};
use convene_command_lines::reworded;
use convene_wording::Wording;

use crate::output;
use crate::stop::{DONE, USAGE};

/// The errors that have a sentence of their own.
const SENTENCES: &[(ErrorKind, &str)] = &[
    (ErrorKind::InvalidSubcommand, "usage-command"),
    (ErrorKind::UnknownArgument, "usage-argument"),
    (ErrorKind::InvalidValue, "usage-choice"),
    (ErrorKind::ValueValidation, "usage-value"),
    (ErrorKind::MissingRequiredArgument, "usage-missing"),
    (ErrorKind::ArgumentConflict, "usage-conflict"),
    (ErrorKind::TooManyValues, "usage-too_many"),
];

/// The errors that are no errors, but something that clap shows.
const SHOWN: &[ErrorKind] =
    &[ErrorKind::DisplayHelp, ErrorKind::DisplayVersion, ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand];

/// The command line with its help in this language.
pub(crate) fn command(wording: &Wording) -> clap::Command {
    reworded(CommandLine::command(), &|key| wording.help(key))
}

/// Reads a command line, the name of the program first.
pub(crate) fn read(arguments: &[OsString], wording: &Wording) -> Result<CommandLine, clap::Error> {
    let matches = command(wording).try_get_matches_from(arguments)?;
    CommandLine::from_arg_matches(&matches)
}

/// The language that a command line asks for, as far as that can be seen before it is understood.
pub(crate) fn language(arguments: &[OsString]) -> Option<Lang> {
    let words = arguments.iter().filter_map(|word| word.to_str()).take_while(|word| *word != "--");
    let mut words = words.skip_while(|word| *word != "--lang" && !word.starts_with("--lang="));
    let found = words.next()?;
    let value = found.strip_prefix("--lang=").or_else(|| words.next())?;
    Lang::from_str(value, true).ok()
}

/// Shows the help that is asked for, or says why the command line cannot be understood. The exit
/// code.
pub(crate) fn tell(error: &clap::Error, wording: &Wording) -> u8 {
    if SHOWN.contains(&error.kind()) {
        // Where nobody reads it, the exit code says it alone.
        drop(error.print());
    } else {
        output::complain(&sentence(error, wording));
    }
    if error.use_stderr() { USAGE } else { DONE }
}

/// What is wrong with a command line.
pub(crate) fn sentence(error: &clap::Error, wording: &Wording) -> String {
    let field = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let fields = [
        ("argument", field(ContextKind::InvalidArg)),
        ("other", field(ContextKind::PriorArg)),
        ("command", field(ContextKind::InvalidSubcommand)),
        ("value", field(ContextKind::InvalidValue)),
        ("values", field(ContextKind::ValidValue)),
    ];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let own = SENTENCES.iter().find(|(kind, _)| *kind == error.kind());
    let own = own.map_or("usage-other", |(_, key)| *key);
    // clap takes the value of an option that has none for an empty one.
    let is_empty = own == "usage-choice" && field(ContextKind::InvalidValue).is_empty();
    let said = wording.about(if is_empty { "usage-missing" } else { own }, &fields);
    let meant = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    let meant = meant.map(field).into_iter().find(|meant| !meant.is_empty());
    let meant = meant.map(|meant| wording.about("usage-meant", &[("meant", &meant)]));
    let lines = [Some(said), meant, Some(wording.about("usage-help", &[]))];
    lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use convene_wording::Language;

    use super::*;

    const LANGUAGES: [Language; 2] = [Language::De, Language::En];

    fn arguments(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    /// The keys below a command that have no sentence.
    fn missing(command: &clap::Command, path: &str, wording: &Wording) -> Vec<String> {
        let options = command.get_arguments().filter(|arg| !arg.is_hide_set()).map(|arg| {
            let (own, every) = (format!("{path}--{}", arg.get_id()), format!("every--{}", arg.get_id()));
            if wording.help(&every).is_some() { every } else { own }
        });
        let mut missing: Vec<String> = options.chain([path.to_owned()]).collect();
        missing.retain(|key| wording.help(key).is_none());
        let below = command.get_subcommands().filter(|one| one.get_name() != "help" && !one.is_hide_set());
        for one in below {
            missing.extend(self::missing(one, &format!("{path}-{}", one.get_name()), wording));
        }
        missing
    }

    #[test]
    fn every_command_and_every_option_is_explained_in_both_languages() {
        let mut root = CommandLine::command();
        root.build();
        for language in LANGUAGES {
            assert_eq!(missing(&root, "convene", &Wording::new(language)), [] as [String; 0], "{language:?}");
        }
    }

    #[test]
    fn help_is_in_the_language_that_is_asked_for() {
        for (language, words, others) in [
            (
                Language::De,
                ["Aufruf: convene", "Befehle:", "Optionen:", "Beispiele:"],
                ["Usage:", "Options:"],
            ),
            (
                Language::En,
                ["Usage: convene", "Commands:", "Options:", "Examples:"],
                ["Aufruf:", "Optionen:"],
            ),
        ] {
            let wording = Wording::new(language);
            let help = read(&arguments("convene --help"), &wording).unwrap_err().render().to_string();
            assert!(words.iter().all(|word| help.contains(word)), "{help}");
            assert!(!others.iter().any(|word| help.contains(word)), "{help}");
        }
        let of_tail = read(&arguments("convene tail --help"), &Wording::new(Language::De)).unwrap_err();
        let of_tail = of_tail.render().to_string();
        assert!(of_tail.contains("Aufruf: convene tail [OPTIONEN] [KONFERENZ]"), "{of_tail}");
        assert!(of_tail.contains("--wait <SEKUNDEN>") && !of_tail.contains("default"), "{of_tail}");
    }

    #[test]
    fn a_command_line_is_read_as_without_its_words() {
        let line = arguments("convene --json say --room foyer Hello --wait 3");
        for language in LANGUAGES {
            let CommandLine { command, global } = read(&line, &Wording::new(language)).unwrap();
            let Some(convene_command_lines::convene::Command::Say(say)) = command else { panic!("{line:?}") };
            assert_eq!(
                (say.words.as_slice(), say.room.as_deref()),
                (["Hello".to_owned()].as_slice(), Some("foyer"))
            );
            assert_eq!((say.send.wait.wait, global.json), (3, true));
        }
    }

    #[test]
    fn what_is_wrong_is_told_in_the_language_and_with_what_may_be_meant() {
        let told = |line: &str, language| {
            let wording = Wording::new(language);
            sentence(&read(&arguments(line), &wording).unwrap_err(), &wording)
        };
        let german = told("convene tial", Language::De);
        assert!(
            german.contains("tial") && german.contains("Meinten Sie") && german.contains("tail"),
            "{german}"
        );
        assert!(!german.contains("error") && !german.contains("Usage"), "{german}");
        let english = told("convene tail --wait soon", Language::En);
        assert!(english.contains("--wait <SECONDS>") && english.contains("soon"), "{english}");
        for line in
            ["convene list --nothing", "convene --lang fr list", "convene proxy set", "convene go --wait"]
        {
            for language in LANGUAGES {
                let told = told(line, language);
                assert_eq!(told.lines().count(), if told.contains('?') { 3 } else { 2 }, "{line}: {told}");
            }
        }
    }

    #[test]
    fn the_language_is_seen_wherever_it_stands() {
        for (line, german) in [
            ("convene --lang de", true),
            ("convene list --lang=de --json", true),
            ("convene say -- --lang de", false),
            ("convene --lang", false),
            ("convene list", false),
        ] {
            assert_eq!(matches!(language(&arguments(line)), Some(Lang::De)), german, "{line}");
        }
    }
}
