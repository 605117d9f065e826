//! The real programs, killed and mistreated.

#[path = "system/abuse_of_conference.rs"]
mod abuse_of_conference;
#[path = "system/abuse_of_daemon.rs"]
mod abuse_of_daemon;
#[path = "system/abuse_of_server.rs"]
mod abuse_of_server;
#[path = "system/access.rs"]
mod access;
#[path = "system/backups.rs"]
mod backups;
#[path = "system/bad_input.rs"]
mod bad_input;
#[path = "system/closed_pipes.rs"]
mod closed_pipes;
#[path = "system/crowds.rs"]
mod crowds;
#[path = "system/damage.rs"]
mod damage;
#[path = "system/drafts.rs"]
mod drafts;
#[path = "system/field.rs"]
mod field;
#[path = "system/forty_people.rs"]
mod forty_people;
#[path = "system/hand.rs"]
mod hand;
#[path = "system/history.rs"]
mod history;
#[path = "system/hostile_server.rs"]
mod hostile_server;
#[path = "system/invitation.rs"]
mod invitation;
#[path = "system/kills.rs"]
mod kills;
#[path = "system/local_api.rs"]
mod local_api;
#[path = "system/may.rs"]
mod may;
#[path = "system/old_format.rs"]
mod old_format;
#[path = "system/older.rs"]
mod older;
#[path = "system/open_space.rs"]
mod open_space;
#[path = "system/open_space_of_40.rs"]
mod open_space_of_40;
#[path = "system/pretended.rs"]
mod pretended;
#[path = "system/resident.rs"]
mod resident;
#[path = "system/seats.rs"]
mod seats;
#[path = "system/server_service.rs"]
mod server_service;
#[path = "system/service.rs"]
mod service;
#[path = "system/settings.rs"]
mod settings;
#[path = "system/storage.rs"]
mod storage;
#[path = "system/strangers.rs"]
mod strangers;
#[path = "system/terminal.rs"]
mod terminal;
#[path = "system/terminal_view.rs"]
mod terminal_view;
#[path = "system/tomorrow.rs"]
mod tomorrow;
#[path = "system/versions.rs"]
mod versions;
#[path = "system/web.rs"]
mod web;
