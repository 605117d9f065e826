//! `convene status`.

use convene_command_lines::convene::Status;
use convene_local_api::{Connection, ConnectionState, ConnectionWatch, Empty};

use super::Context;
use crate::output;
use crate::stop::Stop;

pub(super) async fn run(_: &Status, context: &Context) -> Result<(), Stop> {
    let mut client = context.connect().await?;
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
    let Connection { server, state, route, since, attempts, inspected_by, contact, ports: _, https_port: _ } =
        connection;
    let word = match state {
        ConnectionState::Connected => "connected",
        ConnectionState::Connecting => "connecting",
        ConnectionState::Blocked => "blocked",
        ConnectionState::Offline => "offline",
    };
    output::line(&format!("{}: {} ({since})", output::inert(server), wording.word(word)))?;
    if let Some(route) = route {
        let via =
            route.proxy.as_ref().map_or_else(String::new, |proxy| format!(" via {}", output::inert(proxy)));
        output::line(&format!("  {}{via}", output::inert(&route.target)))?;
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
