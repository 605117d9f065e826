//! Pages of a seat's past. A page holds whole entries, and says what lies beyond it.

use convene_seat::{EventText, HistoryWish, Missing, Span};
use rusqlite::{Connection, OptionalExtension as _, Result, params};

use super::columns::Number;
use super::{SeatId, load};

/// A stretch of a seat's past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    /// In order.
    pub(crate) items: Vec<EventText>,
    /// All that is numbered above `after`, up to `through`, is in it.
    pub(crate) span: Span,
    /// The part that comes next in the direction of reading.
    pub(crate) beyond: Beyond,
}

/// The part that comes behind a page that was read from its beginning, or before one that was read
/// from its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beyond {
    /// More that is here.
    More,
    /// This was passed over by a snapshot, and nobody has fetched it.
    Hole(Span),
    /// Nothing of what was wished for.
    Nothing,
}

/// A page of the replica in use: the beginning of the span, or the end of it where the newest is
/// wished for. It holds at most so many events and about so many bytes, but at least one entry.
pub(super) fn page(
    connection: &Connection,
    seat: SeatId,
    wish: HistoryWish,
    count: usize,
    bytes: usize,
) -> Result<Page> {
    // One look at the file, so that the events are those up to this cursor.
    let look = connection.unchecked_transaction()?;
    let replica = look
        .prepare_cached(
            "SELECT replicas.log AS log, cursor, missing FROM replicas JOIN seats
                 ON seats.id = seat AND seats.log = replicas.log WHERE seat = ?1",
        )?
        .query_row(params![seat.0], |row| {
            Ok((row.get::<_, String>("log")?, row.get::<_, Number>("cursor")?.0, load::missing(row)?))
        })
        .optional()?;
    let (log, cursor, missing) = replica.unwrap_or_else(|| (String::new(), 0, Missing::default()));
    let Span { after, through } = wish.span;
    let known = Span { after, through: through.min(cursor).max(after) };
    let mut holes = missing.within(known);
    let hole = if wish.newest { holes.next_back() } else { holes.next() };
    let here = match hole {
        None => known,
        Some(hole) if wish.newest => Span { after: hole.through, ..known },
        Some(hole) => Span { through: hole.after, ..known },
    };
    let (items, is_all) = events(&look, seat, &log, HistoryWish { span: here, ..wish }, count, bytes)?;
    let span = match (is_all, wish.newest) {
        (true, _) => here,
        (false, true) => Span { after: items.first().map_or(here.through, |first| first.seq - 1), ..here },
        (false, false) => Span { through: items.last().map_or(here.after, |last| last.seq), ..here },
    };
    let beyond = match hole {
        _ if !is_all => Beyond::More,
        Some(hole) => Beyond::Hole(hole),
        None => Beyond::Nothing,
    };
    Ok(Page { items, span, beyond })
}

/// Events of one replica, and whether those are all of the span.
pub(super) fn events(
    connection: &Connection,
    seat: SeatId,
    log: &str,
    wish: HistoryWish,
    count: usize,
    bytes: usize,
) -> Result<(Vec<EventText>, bool)> {
    // No event has such a number; its negative twin would mean all of them.
    let Ok(after) = i64::try_from(wish.span.after) else { return Ok((Vec::new(), true)) };
    let through = i64::try_from(wish.span.through).unwrap_or(i64::MAX);
    let order = if wish.newest { "DESC" } else { "ASC" };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT seq, step, text FROM events WHERE seat = ?1 AND log = ?2 AND seq > ?3 AND seq <= ?4
             ORDER BY seq {order}, step {order}"
    ))?;
    let mut rows = statement.query(params![seat.0, log, after, through])?;
    let (mut items, mut size, mut is_all) = (Vec::<EventText>::new(), 0, true);
    while let Some(row) = rows.next()? {
        let Number(seq) = row.get("seq")?;
        let item = EventText { seq, step: row.get("step")?, text: load::json_text(row, "text")? };
        size += item.text.get().len();
        let is_full = items.len() >= count || size > bytes;
        if is_full && items.last().is_some_and(|last| last.seq != seq) {
            is_all = false;
            break;
        }
        items.push(item);
    }
    if wish.newest {
        items.reverse();
    }
    Ok((items, is_all))
}
