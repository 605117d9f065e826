//! The commands by which shells complete a command line.

use clap::{Args, ValueEnum};

/// The options of `completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// Whose script it is.
    pub shell: Shell,
}

/// The shells that can ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[expect(
    missing_docs,
    reason = "a variant's doc comment would become part of the help text, where its name says enough"
)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell")]
    PowerShell,
}

impl Shell {
    /// The script that makes this shell ask the program what may come next.
    pub fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("../completions/convene.bash"),
            Self::Zsh => include_str!("../completions/_convene"),
            Self::Fish => include_str!("../completions/convene.fish"),
            Self::PowerShell => include_str!("../completions/convene.ps1"),
        }
    }
}

/// The question of those scripts: what may come next.
#[derive(Debug, Args)]
pub struct Complete {
    /// The words behind `convene`, as they are typed; the last one, behind a `=`, is not finished.
    #[arg(last = true, value_name = "WORD")]
    pub words: Vec<String>,
}
