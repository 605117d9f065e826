//! `convene status`.

use convene_command_lines::convene::Status;
use convene_local_api::{
    Connection, ConnectionRoute, ConnectionState, ConnectionWatch, Empty, SystemConnection, SystemStatus,
    SystemStatusResult,
};
use convene_local_client::Introduction;

use super::{Context, PROGRAM};
use crate::output;
use crate::stop::{NO_SERVER, Stop};

pub(super) async fn run(options: &Status, context: &Context) -> Result<(), Stop> {
    if options.system {
        return system(context).await;
    }
    let client = context.connect().await?;
    let shown = client.call::<ConnectionWatch>(&Empty {}).await?;
    if shown.connections.is_empty() && !context.json {
        output::line(&context.wording.word("no_seats"))?;
    }
    for connection in &shown.connections {
        if context.json { output::json(connection)? } else { people(connection, context)? }
    }
    Ok(())
}

pub(super) fn people(connection: &Connection, context: &Context) -> Result<(), Stop> {
    let wording = &context.wording;
    let Connection { server, state, route, since, attempts, inspected_by, contact, storage, .. } = connection;
    output::line(&format!("{}: {} ({since})", output::inert(server), wording.word(word(*state))))?;
    if let Some(storage) = storage {
        output::line(&format!("  {}", wording.word(storage.word())))?;
    }
    if let Some(route) = route {
        output::line(&format!("  {}", way(route)))?;
        if let Some(issuer) = inspected_by {
            output::line(&format!("  {}", wording.inspected(issuer)))?;
        }
        return Ok(());
    }
    for attempt in attempts {
        output::line(&format!("  {}", wording.attempt(attempt)))?;
    }
    if let Some(contact) = contact {
        output::line(&format!("  {} {}", wording.word("contact"), output::inert(contact)))?;
    }
    Ok(())
}

/// The service, for whoever watches over it: what this user's session knows of proxies is of no use
/// here.
async fn system(context: &Context) -> Result<(), Stop> {
    let (client, _) = Introduction::new(context.sockets.clone(), PROGRAM).connect().await?;
    let status = client.call::<SystemStatus>(&Empty {}).await?;
    if context.json {
        output::json(&status)?;
    } else {
        people_of_system(&status, context)?;
    }
    let stands = |one: &SystemConnection| one.state == ConnectionState::Connected;
    if status.connections.iter().all(stands) { Ok(()) } else { Err(Stop::Code(NO_SERVER)) }
}

fn people_of_system(status: &SystemStatusResult, context: &Context) -> Result<(), Stop> {
    let word = |word: &str| context.wording.word(word);
    let SystemStatusResult { version, started, state_directory, socket, configuration, .. } = status;
    let formats = status.formats;
    output::line(&format!("convened {} ({started})", output::inert(version)))?;
    let formats = format!("{}, {}, {}", formats.store, formats.protocol, formats.api);
    for (name, value) in [
        ("state_directory", state_directory.clone()),
        ("socket", socket.clone()),
        ("configuration", configuration.join(", ")),
        ("formats", formats),
        ("frontends", status.frontends.to_string()),
        ("users", status.users.to_string()),
    ] {
        output::line(&format!("  {} {}", word(name), output::inert(&value)))?;
    }
    if let Some(storage) = status.storage {
        output::line(&format!("  {}", word(storage.word())))?;
    }
    for SystemConnection { user, server, state, route, since, code, seats, waiting } in &status.connections {
        let [server, user] = [server, user].map(|text| output::inert(text));
        output::line(&format!("{server} ({user}): {} ({since})", word(self::word(*state))))?;
        if let Some(way) = route.as_ref().map(way).or_else(|| code.clone()) {
            output::line(&format!("  {way}"))?;
        }
        output::line(&format!("  {} {seats}  {} {waiting}", word("seats"), word("waiting")))?;
    }
    Ok(())
}

fn word(state: ConnectionState) -> &'static str {
    match state {
        ConnectionState::Connected => "connected",
        ConnectionState::Connecting => "connecting",
        ConnectionState::Blocked => "blocked",
        ConnectionState::Offline => "offline",
    }
}

fn way(route: &ConnectionRoute) -> String {
    let via = route.proxy.as_ref().map_or_else(String::new, |proxy| format!(" via {}", output::inert(proxy)));
    format!("{}{via}", output::inert(&route.target))
}
