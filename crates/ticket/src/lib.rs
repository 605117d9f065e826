//! The operating system's tickets (Kerberos, and on Windows whatever Negotiate is there) for
//! proxies that want them.
//!
//! The daemon asks for those of the account under which it runs, a frontend for those of its user:
//! a ticket stays where it was issued, and only tokens made of it travel.

mod os;

pub use os::Ticket;
