//! Automatic proxy configuration (PAC): a script from a network says which proxies lead to a host.
//!
//! The script is a stranger's program, and the daemon runs as root on many machines. So it runs in
//! a child process without rights ([`serve_child`], which the daemon's own program becomes when it
//! is started so), with little time and memory, and says nothing but one line of text
//! ([`candidates`] reads it). It reaches no file and no network; the names that it wants resolved
//! are resolved by the parent, a few of them, and never for long ([`Evaluator`]).

mod answer;
mod evaluator;
mod os;
mod sandbox;

pub use answer::{Candidate, candidates};
pub use evaluator::{Evaluator, PacError};
pub use sandbox::{CHILD_ARGUMENT, serve_child};
