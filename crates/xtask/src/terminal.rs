//! Lines on the terminal.
//!
//! The macros stand in for those of the standard library, which panic where nobody reads any more
//! (`cargo xtask test | head -1`): a run that takes half an hour goes on and tells by its exit
//! code.

use std::fmt::Arguments;
use std::io::{self, Write as _};

macro_rules! println {
    ($($words:tt)*) => { $crate::terminal::say(format_args!($($words)*)) };
}

macro_rules! eprintln {
    ($($words:tt)*) => { $crate::terminal::complain(format_args!($($words)*)) };
}

/// Prints a line.
pub(crate) fn say(words: Arguments<'_>) {
    drop(writeln!(io::stdout(), "{words}"));
}

/// Prints a line on standard error.
pub(crate) fn complain(words: Arguments<'_>) {
    drop(writeln!(io::stderr(), "{words}"));
}
