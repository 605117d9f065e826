//! How the servers are reached now.

use convene_local_api::{Connection, ConnectionState};

use super::{Entry, Look};
use crate::state::{Act, App};

pub(super) fn entries(app: &App, entries: &mut Vec<Entry>) {
    if app.connections.is_empty() {
        return;
    }
    entries.push(Entry::gap());
    entries.push(Entry::new(Look::Strong, app.say("page-connection")));
    app.connections.iter().for_each(|connection| of_server(app, connection, entries));
    if app.connections.iter().any(|connection| connection.state != ConnectionState::Connected) {
        entries.push(Entry::button(app.say("page-try-now"), Act::Retry));
    }
}

fn of_server(app: &App, connection: &Connection, entries: &mut Vec<Entry>) {
    let reached = app.words.connection(Some(connection), app.is_attached());
    entries.push(Entry::new(reached.tone.into(), format!("{}: {}", connection.server, reached.text)));
    entries.extend(connection.route.iter().map(|route| Entry::hint(app.words.way(route))));
    entries.extend(reached.attempt.map(|attempt| Entry::hint(app.words.attempt(&attempt))));
    entries.extend(reached.page.map(Entry::plain));
    let inspected = connection.inspected_by.as_ref();
    entries.extend(inspected.map(|name| Entry::hint(app.words.with("inspected", &[("name", name)]))));
    let contact = connection.contact.as_ref();
    entries.extend(contact.map(|contact| Entry::hint(format!("{} {contact}", app.words.word("contact")))));
}
