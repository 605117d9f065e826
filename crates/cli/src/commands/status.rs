//! `convene status`.

use convene_command_lines::convene::Status;
use convene_local_api::{
    Connection, ConnectionRoute, ConnectionState, ConnectionWatch, Empty, SystemConnection, SystemStatus,
    SystemStatusResult,
};
use convene_local_client::Introduction;
use convene_model::Attempt;

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
    output::line(&sentence(server, *state, since, context))?;
    if let Some(storage) = storage {
        output::line(&format!("  {}", wording.word(storage.word())))?;
    }
    if let Some(route) = route {
        output::line(&format!("  {}", way(route, context)))?;
        if let Some(issuer) = inspected_by {
            output::line(&format!("  {}", wording.inspected(issuer)))?;
        }
        return Ok(());
    }
    let decisive = Attempt::decisive(attempts).filter(|_| *state == ConnectionState::Blocked);
    if let Some(decisive) = decisive {
        output::line(&format!("  {}", wording.unreached(decisive)))?;
    }
    for attempt in &Attempt::grouped(attempts) {
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
    let fields = [("version", version.as_str()), ("time", &context.time_of(started))];
    output::line(&context.wording.about("status-service", &fields))?;
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
        output::line(&sentence(&format!("{server} ({user})"), *state, since, context))?;
        let way = route.as_ref().map(|route| way(route, context));
        let why = code.as_ref().map(|code| context.wording.named("code", code));
        if let Some(told) = way.or(why) {
            output::line(&format!("  {told}"))?;
        }
        output::line(&format!("  {} {seats}  {} {waiting}", word("seats"), word("waiting")))?;
    }
    Ok(())
}

/// How a server is reached, and since when.
fn sentence(server: &str, state: ConnectionState, since: &str, context: &Context) -> String {
    let state = match state {
        ConnectionState::Connected => "connected",
        ConnectionState::Connecting => "connecting",
        ConnectionState::Blocked => "blocked",
        ConnectionState::Offline => "offline",
    };
    let time = context.time_of(since);
    context.wording.about("status-server", &[("server", server), ("state", state), ("time", &time)])
}

fn way(route: &ConnectionRoute, context: &Context) -> String {
    let wording = &context.wording;
    match &route.proxy {
        Some(proxy) => wording.about("status-by_proxy", &[("target", &route.target), ("proxy", proxy)]),
        None => wording.about("status-straight", &[("target", &route.target)]),
    }
}
