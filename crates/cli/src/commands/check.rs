//! `convene check`.

mod lines;
#[cfg(test)]
mod tests;

use std::time::Duration;

use convene_command_lines::convene::Check;
use convene_local_api::{
    AccessChanged, AccessCheck, AccessCheckParams, AccessCheckRecord, AccessVerdict, Connection,
    ConnectionChanged, ConnectionRetry, ConnectionState, ConnectionWatch, Empty, RetryParams, Told,
};
use convene_local_client::Notifications;
use convene_model::{Attempt, Remedy};
use convene_wording::LetterFacts;
use serde_json::{Map, Value, json};
use tokio::time::timeout;

use self::lines::Lines;
use super::{Context, status};
use crate::output;
use crate::stop::{NO_SERVER, Stop};

pub(super) async fn run(options: &Check, context: &Context) -> Result<(), Stop> {
    let (client, mut notifications) = context.listen().await?;
    let known = client.call::<ConnectionWatch>(&Empty {}).await?;
    client.call::<ConnectionRetry>(&RetryParams::default()).await?;
    let begun = client.call::<AccessCheck>(&AccessCheckParams::default()).await?;
    if begun.checks.is_empty() && !context.json {
        output::line(&context.wording.word("no_seats"))?;
    }
    let mut board = Board { connections: known.connections, checks: begun.checks };
    // What is written for scripts, or to be handed on, is written once it is whole.
    let mut lines = (!context.json && !options.letter).then(|| Lines::new(context));
    let followed = follow(&mut notifications, &mut board, lines.as_mut());
    match timeout(Duration::from_secs(options.wait), followed).await {
        // A check that is not over by now is shown as far as it came.
        Ok(Ok(())) | Err(_) => {}
        Ok(Err(stop)) => return Err(stop),
    }
    for place in board.places() {
        match &lines {
            Some(lines) => conclude(&place, lines, context)?,
            None => show(&place, options.letter, context)?,
        }
    }
    if board.places().iter().all(Place::is_reached) { Ok(()) } else { Err(Stop::Code(NO_SERVER)) }
}

/// Follows the checks until all are over, and the connections until all stand that can; tells each
/// step that is over.
async fn follow(
    notifications: &mut Notifications,
    board: &mut Board,
    mut lines: Option<&mut Lines<'_>>,
) -> Result<(), Stop> {
    loop {
        if let Some(lines) = &mut lines {
            lines.tell(&board.checks)?;
        }
        if board.places().iter().all(Place::is_decided) {
            return Ok(());
        }
        let told = notifications.next().await?;
        if let Told::Connections(ConnectionChanged(now)) = told {
            board.connections = now.connections;
        } else if let Told::Access(AccessChanged { check }) = told {
            board.take(check);
        }
    }
}

/// The servers, as the daemon told last.
struct Board {
    connections: Vec<Connection>,
    checks: Vec<AccessCheckRecord>,
}

/// One server: its connection, its check, or both.
struct Place<'a> {
    connection: Option<&'a Connection>,
    check: Option<&'a AccessCheckRecord>,
}

impl Board {
    fn take(&mut self, check: AccessCheckRecord) {
        match self.checks.iter_mut().find(|known| is_of_one(known, &check)) {
            Some(known) => *known = check,
            None => self.checks.push(check),
        }
    }

    /// The servers of the user, and then those that only the configuration names.
    fn places(&self) -> Vec<Place<'_>> {
        let check_of = |connection: &Connection| self.checks.iter().find(|check| is_about(check, connection));
        let own = self.connections.iter().map(|connection| {
            let check = check_of(connection);
            Place { connection: Some(connection), check }
        });
        let is_alone = |check: &&AccessCheckRecord| {
            !self.connections.iter().any(|connection| is_about(check, connection))
        };
        let others = self.checks.iter().filter(is_alone);
        own.chain(others.map(|check| Place { connection: None, check: Some(check) })).collect()
    }
}

fn is_of_one(one: &AccessCheckRecord, other: &AccessCheckRecord) -> bool {
    (&one.server, one.ports, one.https_port) == (&other.server, other.ports, other.https_port)
}

fn is_about(check: &AccessCheckRecord, connection: &Connection) -> bool {
    let Connection { server, ports, https_port, .. } = connection;
    (&check.server, check.ports, check.https_port) == (server, *ports, *https_port)
}

impl Place<'_> {
    fn is_connected(&self) -> bool {
        self.connection.is_some_and(|connection| connection.state == ConnectionState::Connected)
    }

    fn verdict(&self) -> Option<AccessVerdict> {
        self.check?.verdict
    }

    fn is_reached(&self) -> bool {
        let is_well = |verdict| matches!(verdict, AccessVerdict::Green | AccessVerdict::Yellow);
        self.is_connected() || self.verdict().is_some_and(is_well)
    }

    /// Whether there is nothing to wait for: a connection follows a check that went well.
    fn is_decided(&self) -> bool {
        let is_over = self.check.is_none_or(|check| check.ended.is_some());
        let comes = self.verdict() != Some(AccessVerdict::Red) && self.connection.is_some();
        is_over && (self.is_connected() || !comes)
    }

    /// What failed: at the check, or as long as that is not over, at the connection.
    fn attempts(&self) -> Vec<Attempt> {
        match (self.check.filter(|check| check.ended.is_some()), self.connection) {
            (Some(check), _) => check.attempts().cloned().collect(),
            (None, Some(connection)) => connection.attempts.clone(),
            (None, None) => Vec::new(),
        }
    }

    fn letter(&self, context: &Context) -> Option<String> {
        let of_check = self.check.map(|check| (&check.server, check.ports, check.https_port));
        let of_connection = self.connection.map(|one| (&one.server, one.ports, one.https_port));
        let (server, ports, https_port) = of_check.or(of_connection)?;
        // Where the connection knows better whose turn it is, no letter is written: a check has not
        // seen that the server was reached here.
        let is_of_server = self.connection.is_some_and(|connection| {
            let decisive = Attempt::decisive(&connection.attempts);
            decisive.is_some_and(|attempt| attempt.remedy == Remedy::AskOperator)
        });
        if is_of_server {
            return None;
        }
        let attempts = self.attempts();
        let at = self.check.map(|check| check.ended.as_ref().unwrap_or(&check.began).as_str());
        context.wording.letter(&LetterFacts {
            server,
            ports,
            https_port,
            attempts: &attempts,
            at: at.or_else(|| self.connection.map(|one| one.since.as_str())).unwrap_or_default(),
            zone: &context.clock.zone,
            machine: self.check.map(|check| check.machine.as_str()).unwrap_or_default(),
            version: self.check.map(|check| check.version.as_str()).unwrap_or_default(),
            contact: self.contact(),
        })
    }

    fn contact(&self) -> Option<&str> {
        let of_check = self.check.and_then(|check| check.contact.as_deref());
        of_check.or_else(|| self.connection.and_then(|connection| connection.contact.as_deref()))
    }

    /// As a line for scripts: the fields of the connection, and the check. Of a server that only
    /// the configuration names there is no connection, and so no state.
    fn fields(&self) -> Map<String, Value> {
        let mut fields = match self.connection.map(serde_json::to_value) {
            Some(Ok(Value::Object(fields))) => fields,
            Some(_) | None => Map::new(),
        };
        if let Some(check) = self.check {
            fields.entry("server").or_insert_with(|| json!(check.server));
            fields.entry("ports").or_insert_with(|| json!(check.ports));
            fields.entry("https_port").or_insert_with(|| json!(check.https_port));
            fields.entry("attempts").or_insert_with(|| json!(self.attempts()));
            fields.insert("check".to_owned(), json!(check));
        }
        fields
    }
}

/// Says what it comes to, behind the steps that were told.
fn conclude(place: &Place<'_>, lines: &Lines<'_>, context: &Context) -> Result<(), Stop> {
    let connection = place.connection.filter(|_| place.verdict().is_none());
    if let Some(check) = place.check {
        lines.conclude(check)?;
    }
    // Where the check says nothing yet, the connection does.
    connection.map_or(Ok(()), |connection| status::people(connection, context))
}

/// Shows a server as a whole: for scripts, or with the letter.
fn show(place: &Place<'_>, with_letter: bool, context: &Context) -> Result<(), Stop> {
    let letter = (with_letter && !place.is_reached()).then(|| place.letter(context)).flatten();
    if context.json {
        let mut fields = place.fields();
        if let Some(letter) = letter {
            fields.insert("letter".to_owned(), letter.into());
        }
        output::json(&fields)?;
        return Ok(());
    }
    match (letter, place.connection, place.check) {
        (Some(letter), ..) => output::line(&letter)?,
        (None, Some(connection), _) => status::people(connection, context)?,
        (None, None, Some(check)) => Lines::new(context).conclude(check)?,
        (None, None, None) => {}
    }
    Ok(())
}
