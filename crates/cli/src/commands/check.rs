//! `convene check`.

use std::time::Duration;

use convene_command_lines::convene::Check;
use convene_local_api::{
    Connection, ConnectionChanged, ConnectionRetry, ConnectionState, ConnectionWatch, Empty, RetryParams,
    Told,
};
use convene_local_client::{CallError, Notifications};
use convene_wording::LetterFacts;
use tokio::time::timeout;

use super::{Context, status};
use crate::output;
use crate::stop::{NO_SERVER, Stop};

pub(super) async fn run(options: &Check, context: &Context) -> Result<(), Stop> {
    let (client, mut notifications) = context.listen().await?;
    let known = client.call::<ConnectionWatch>(&Empty {}).await?;
    if known.connections.is_empty() && !context.json {
        output::line(&context.wording.word("no_seats"))?;
    }
    client.call::<ConnectionRetry>(&RetryParams::default()).await?;
    let mut connections = known.connections;
    let reached = reach_all(&mut notifications, &mut connections);
    match timeout(Duration::from_secs(options.wait), reached).await {
        // A server that is not reached by now is shown in its present state.
        Ok(Ok(())) | Err(_) => {}
        Ok(Err(error)) => return Err(error.into()),
    }
    for connection in &connections {
        show(connection, options.letter, context)?;
    }
    if connections.iter().all(is_reached) { Ok(()) } else { Err(Stop::Code(NO_SERVER)) }
}

/// Follows the connections until all of them stand.
async fn reach_all(
    notifications: &mut Notifications,
    connections: &mut Vec<Connection>,
) -> Result<(), CallError> {
    while !connections.iter().all(is_reached) {
        if let Told::Connections(ConnectionChanged(now)) = notifications.next().await? {
            *connections = now.connections;
        }
    }
    Ok(())
}

fn is_reached(connection: &Connection) -> bool {
    connection.state == ConnectionState::Connected
}

fn show(connection: &Connection, with_letter: bool, context: &Context) -> Result<(), Stop> {
    let letter = (with_letter && !is_reached(connection)).then(|| letter(connection, context));
    if context.json {
        let mut line = serde_json::to_value(connection).unwrap_or_default();
        if let (Some(letter), Some(fields)) = (letter, line.as_object_mut()) {
            fields.insert("letter".to_owned(), letter.into());
        }
        output::json(&line)?;
        return Ok(());
    }
    match letter {
        Some(letter) => output::line(&letter)?,
        None => status::people(connection, context)?,
    }
    Ok(())
}

fn letter(connection: &Connection, context: &Context) -> String {
    context.wording.letter(&LetterFacts {
        server: &connection.server,
        ports: connection.ports,
        https_port: connection.https_port,
        attempts: &connection.attempts,
    })
}
