//! Manual pages and completions, made of the command lines.

use anyhow::Result;
use clap::{Command, ValueEnum};
use clap_complete::Shell;
use clap_mangen::Man;
use convene_command_lines::{convene, reworded};
use convene_wording::{Language, Wording};

use super::contents::Program;

/// Every page of a program: its own and one for each command in it, each with its file's name.
pub(super) fn manual(program: &Program) -> Result<Vec<(String, Vec<u8>)>> {
    let mut root = in_words((program.command_line)().disable_help_subcommand(true));
    root.build();
    let mut pages = Vec::new();
    let mut left = vec![root];
    while let Some(command) = left.pop() {
        left.extend(command.get_subcommands().filter(|command| !command.is_hide_set()).cloned());
        let man = Man::new(command).section(program.section.to_string()).manual("Convene");
        let mut page = Vec::new();
        man.render(&mut page)?;
        pages.push((man.get_filename(), page));
    }
    Ok(pages)
}

/// The script that completes a program's command line in a shell. `convene` knows more than its
/// command line, and has scripts that ask it.
pub(super) fn completion(program: &Program, shell: Shell) -> Vec<u8> {
    let asks = <convene::Shell as ValueEnum>::from_str(&shell.to_string(), true);
    if let (true, Ok(asks)) = (program.name == "convene", asks) {
        return asks.script().into();
    }
    let mut command = in_words((program.command_line)());
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command, program.name, &mut text);
    text
}

/// The sentences of the help of `convene` are in wording; the other programs have their own.
fn in_words(command: Command) -> Command {
    if command.get_name() != "convene" {
        return command;
    }
    let english = Wording::new(Language::En);
    reworded(command, &|key| english.help(key))
}

#[cfg(test)]
mod tests {
    use super::super::contents::PACKAGES;
    use super::*;

    #[test]
    fn every_program_and_every_command_has_a_page_and_every_shell_a_completion() {
        let programs = || PACKAGES.iter().flat_map(|package| package.programs);
        let pages: Vec<String> =
            programs().flat_map(|program| manual(program).unwrap()).map(|(name, _)| name).collect();
        for page in [
            "convene.1",
            "convene-proxy-set.1",
            "convene-tui.1",
            "convene-web.1",
            "convened.8",
            "convene-server-conference-create.8",
        ] {
            assert!(pages.iter().any(|one| one == page), "{page} is not among {pages:?}");
        }
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            for program in programs() {
                let text = String::from_utf8(completion(program, shell)).unwrap();
                let word = if program.name == "convene" { "convene __complete" } else { "version" };
                assert!(text.contains(word), "{} {shell}", program.name);
            }
        }
    }
}
