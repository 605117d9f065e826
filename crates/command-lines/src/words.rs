//! A command line in the words of a language.

use clap::{Arg, Command};

/// The sentence of a key, where there is one.
pub type Speak<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The same command line in other words; what has no sentence stays as it is. A command's key is
/// made of its words, such as `convene-proxy-set`. `-more` behind it is what stands behind its
/// options, `-usage` how it is written, and `--room` its option `room`; the key of an option that
/// several commands have may begin with `every--`. `value-ROOM` is the word in capitals for a
/// value; `usage`, `commands`, `arguments`, `options` and `options_tag` are the words around them.
pub fn reworded(mut command: Command, say: Speak<'_>) -> Command {
    // This adds what clap adds by itself, so that it has other words too.
    command.build();
    let path = command.get_name().to_owned();
    in_words(command, &path, say)
}

fn in_words(command: Command, path: &str, say: Speak<'_>) -> Command {
    let mut command = command.mut_args(|arg| arg_in_words(arg, path, say)).mut_subcommands(|below| {
        if below.get_name() == "help" {
            return with(below, say("help"), Command::about);
        }
        let path = format!("{path}-{}", below.get_name());
        in_words(below, &path, say)
    });
    command = with(command, say(path), Command::about);
    command = with(command, say(&format!("{path}-more")), Command::after_help);
    command = with(command, say("commands"), Command::subcommand_help_heading);
    command = with(command, say("value-COMMAND"), Command::subcommand_value_name);
    let usage = say(&format!("{path}-usage")).or_else(|| usage(&mut command, say));
    command = with(command, usage, Command::override_usage);
    let template = say("usage").map(|heading| template(&command, &heading));
    with(command, template, Command::help_template)
}

/// Sets something of a command that is there.
fn with(command: Command, text: Option<String>, set: fn(Command, String) -> Command) -> Command {
    match text {
        Some(text) => set(command, text),
        None => command,
    }
}

/// How a command is written, made of its options.
fn usage(command: &mut Command, say: Speak<'_>) -> Option<String> {
    let rendered = command.render_usage().to_string();
    Some(rendered.strip_prefix("Usage: ")?.replace("[OPTIONS]", &say("options_tag")?))
}

/// The order of clap's own help, with this word in front of how a command is written.
fn template(command: &Command, heading: &str) -> String {
    let style = command.get_styles().get_usage();
    format!(
        "{{before-help}}{{about-with-newline}}\n{style}{heading}:{style:#} {{usage}}\n\n{{all-args}}{{after-help}}"
    )
}

fn arg_in_words(arg: Arg, path: &str, say: Speak<'_>) -> Arg {
    let id = arg.get_id().as_str();
    let Some(told) = say(&format!("{path}--{id}")).or_else(|| say(&format!("every--{id}"))) else {
        return arg;
    };
    let heading = say(if arg.is_positional() { "arguments" } else { "options" });
    let names = arg.get_value_names().unwrap_or_default();
    let names: Vec<String> =
        names.iter().map(|name| say(&format!("value-{name}")).unwrap_or_else(|| name.to_string())).collect();
    // What clap would write behind a sentence stands in the sentence, as far as it is worth it.
    let mut arg = arg.help(told.clone()).long_help(told).hide_default_value(true).hide_possible_values(true);
    if let Some(heading) = heading {
        arg = arg.help_heading(heading);
    }
    if names.is_empty() { arg } else { arg.value_names(names) }
}
