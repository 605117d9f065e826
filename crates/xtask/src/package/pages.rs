//! Manual pages and completions, made of the command lines.

use anyhow::Result;
use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;

use super::contents::Program;

/// Every page of a program: its own and one for each command in it, each with its file's name.
pub(super) fn manual(program: &Program) -> Result<Vec<(String, Vec<u8>)>> {
    let mut root = (program.command_line)().disable_help_subcommand(true);
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

/// The script that completes a program's command line in a shell.
pub(super) fn completion(program: &Program, shell: Shell) -> Vec<u8> {
    let mut command: Command = (program.command_line)();
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command, program.name, &mut text);
    text
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
            "convene-web.1",
            "convened.8",
            "convene-server-conference-create.8",
        ] {
            assert!(pages.iter().any(|one| one == page), "{page} is not among {pages:?}");
        }
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            for program in programs() {
                let text = String::from_utf8(completion(program, shell)).unwrap();
                assert!(text.contains("version"), "{} {shell}", program.name);
            }
        }
    }
}
