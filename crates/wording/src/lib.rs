//! German and English sentences for everything that the rest of Convene says in codes.
//!
//! Rooms speak in codes and fields; prose is made here, once, for whoever shows it: what failed and
//! what to do about it, why something was refused, the letter to the administrator. The sentences
//! are Fluent files under `texts/`. Rooms, phases and times have names here too (`names`).
//!
//! Text from elsewhere that is put into a sentence is made inert first.

mod letter;
mod names;
mod sentences;
#[cfg(test)]
mod tests;

pub use letter::LetterFacts;
pub use sentences::{Language, Wording};
