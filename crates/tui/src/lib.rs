//! `convene-tui`: takes part in conferences from a terminal.
//!
//! It shows what the page shows, in the same words, and has everything from the daemon over the
//! local API. Its core is pure: a message changes the state and has effects, and the screen is made
//! of the state.
//!
//! * `state` is all that is known and shown, as data; `message` is what comes in and what is wanted
//!   outside; `update` says what follows from one.
//! * `sheets` makes the views that are lists of entries, `words` the sentences, `hints` what is
//!   said of what is typed, and `completing` what Tab completes.
//! * `layout` says where everything stands, and `screen` draws it. `text` measures and wraps, and
//!   `editor` is a text that is typed.
//! * `shell` is the thin part around it: the terminal, the clock, the connection to the daemon.

mod commands;
mod completing;
mod editor;
mod hints;
mod layout;
mod message;
mod os;
mod screen;
mod sheets;
mod shell;
mod state;
#[cfg(test)]
mod tests;
mod text;
mod update;
mod words;

pub use commands::main;
