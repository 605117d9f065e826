use std::path::Path;

use clap::{CommandFactory as _, Parser as _};

use crate::convene_server::{Command, CommandLine};
use crate::{convene, convene_tui, convene_web, convened};

/// The exit code for a command line that cannot be understood, in every program.
const USAGE: i32 = 2;

fn parse(line: &str) -> Result<CommandLine, clap::Error> {
    CommandLine::try_parse_from(line.split(' '))
}

#[test]
fn the_command_lines_are_sound() {
    convene::CommandLine::command().debug_assert();
    CommandLine::command().debug_assert();
    convened::CommandLine::command().debug_assert();
    convene_tui::CommandLine::command().debug_assert();
    convene_web::CommandLine::command().debug_assert();
}

#[test]
fn options_stand_before_or_behind_what_is_to_be_done() {
    let conference = convene_model::ConferenceId::from_random(1);
    for line in [
        format!("convene --json say {conference} hello"),
        format!("convene say {conference} hello --json"),
        format!("convene act {conference} {{}} --json"),
    ] {
        let parsed = convene::CommandLine::try_parse_from(line.split(' ')).unwrap();
        assert!(parsed.global.json, "{line}");
    }
    for line in [
        "convene-server conference --state-dir /s --json list",
        "convene-server conference list --state-dir /s --json",
        "convene-server conference --json list --state-dir /s",
    ] {
        let Ok(CommandLine { command: Command::Conference(options) }) = parse(line) else { panic!("{line}") };
        let options = options.options;
        assert_eq!(
            (options.state.state_dir.as_deref(), options.json),
            (Some(Path::new("/s")), true),
            "{line}"
        );
    }
}

#[test]
fn a_join_link_is_one_argument_or_comes_on_standard_input() {
    for (line, expected) in
        [("convene web --join -", "-"), ("convene web --join convene:https://a/j/b", "convene:https://a/j/b")]
    {
        let parsed = convene::CommandLine::try_parse_from(line.split(' ')).unwrap();
        let Some(convene::Command::Web(web)) = parsed.command else { panic!("{line}") };
        assert_eq!(web.join.as_deref(), Some(expected));
    }
    for line in ["convene web convene:https://a/j/b", "convene web --join --no-open", "convene-web --join"] {
        let words = line.split(' ');
        let failed = match line.strip_prefix("convene-web") {
            Some(_) => convene_web::CommandLine::try_parse_from(words).is_err(),
            None => convene::CommandLine::try_parse_from(words).is_err(),
        };
        assert!(failed, "{line}");
    }
}

#[test]
fn a_join_asks_for_what_is_left_out() {
    for (line, link, name) in [
        ("convene join", None, None),
        ("convene join -", Some("-"), None),
        ("convene join --name Anna", None, Some("Anna")),
        ("convene join https://a/j/b --name Anna", Some("https://a/j/b"), Some("Anna")),
    ] {
        let parsed = convene::CommandLine::try_parse_from(line.split(' ')).unwrap();
        let Some(convene::Command::Join(join)) = parsed.command else { panic!("{line}") };
        assert_eq!((join.link.as_deref(), join.name.as_deref()), (link, name), "{line}");
    }
}

#[test]
fn every_word_that_a_shell_completes_reaches_the_program() {
    for shell in <convene::Shell as clap::ValueEnum>::value_variants() {
        assert!(shell.script().contains("convene __complete -- "), "{shell:?}");
    }
    let line = ["convene", "__complete", "--", "say", "--room", "Room A", "=--j"];
    let parsed = convene::CommandLine::try_parse_from(line).unwrap();
    let Some(convene::Command::Complete(asked)) = parsed.command else { panic!("{line:?}") };
    assert_eq!(asked.words, ["say", "--room", "Room A", "=--j"]);
}

#[test]
fn every_listen_of_a_run_counts() {
    let line = "convene-server run --listen 127.0.0.1:4500-4506 --listen [::1]:443 --state-dir /s";
    let Ok(CommandLine { command: Command::Run(run) }) = parse(line) else { panic!("not understood") };
    assert_eq!(run.listen, ["127.0.0.1:4500-4506", "[::1]:443"].map(|one| one.parse().unwrap()));
}

#[test]
fn what_is_not_understood_is_a_matter_of_usage() {
    for line in [
        "convene-server",
        "convene-server conference",
        "convene-server conference show",
        "convene-server conference show plenary",
        "convene-server run --listen nowhere",
    ] {
        let error = parse(line).expect_err(line);
        assert_eq!(error.exit_code(), USAGE, "{line}");
    }
}

#[test]
fn every_command_of_the_server_shows_examples() {
    let mut root = CommandLine::command();
    root.build();
    let mut left = vec![root];
    while let Some(mut command) = left.pop() {
        let help = command.render_long_help().to_string();
        assert!(help.contains("Examples:\n  "), "{help}");
        left.extend(command.get_subcommands().filter(|one| one.get_name() != "help").cloned());
    }
}
