//! All that is known and shown, as data: what was told, what is being written, where one looks.

mod act;
mod app;
mod conference;
mod dialog;
mod links;
mod pending;
mod people;
mod schedule;
pub(crate) mod talk;
mod talking;
mod unread;
mod writing;

pub(crate) use act::{Act, FormKind, View};
pub(crate) use app::{App, Away, AwayKind, Daemon, Focus, Sheet};
pub(crate) use conference::{Allowed, Conference, MARKS, draft_key};
pub(crate) use dialog::{Choice, Confirm, Dialog, Field, Form, Menu, Typed};
pub(crate) use links::invitations;
pub(crate) use pending::{Pending, Standing};
pub(crate) use people::{Group, Person, beginning, headcounts, matching, named};
pub(crate) use schedule::{
    Course, Left, MINUTE_MS, Span, Timed, coming, later, left, next_change, running, timed,
};
pub(crate) use talking::{Direction, ItemKey, Top, Wanted};
pub(crate) use unread::Marks;
pub(crate) use writing::Writing;
