//! A store of form 1 goes on as one of this form.

use convene_conference::LEVEL;
use convene_seat::{Returned, WhyReturned};

use super::*;

const FORM_1: &str = include_str!("form-1.sql");

/// A store of form 1 with one seat, which is a participant's; another one was removed.
fn of_form_1(dir: &Path, rows: &str) {
    let path = dir.join("seats.db");
    let file = Connection::open(&path).expect("made");
    let seat = "INSERT INTO seats (user, host, https_port, ports, secret, join_code, join_name, join_id,
            conference, participant, role, log, cursor, state, state_at)";
    let code = JoinCode([1; 16]);
    let values = format!(
        "'uid:1000', 'conference.example.org', 443, '4500-4506', x'{}', '{code}', 'Anna', '{}', 'aaaaaaaaaa', 1,
            '\"participant\"', '{}'",
        "07".repeat(32),
        id(0),
        LogId([1; 8]),
    );
    file.execute_batch(&format!(
        "PRAGMA application_id = {}; PRAGMA user_version = 1; {FORM_1}
         {seat} VALUES ({values}, 9, '{{}}', 0);
         {seat} VALUES ({values}, 9, '{{}}', 0);
         DELETE FROM seats WHERE id = 2;
         {rows}",
        0x436e_7664,
    ))
    .expect("filled");
    drop(file);
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("closed");
}

/// Someone joins, as form 1 wrote it.
fn joined_before(seq: u64) -> String {
    joined(seq).text.get().replace(r#""role""#, r#""right""#)
}

#[tokio::test]
async fn a_store_of_form_1_goes_on_where_it_was() {
    let dir = directory();
    let rows: String = (1..=9)
        .map(|seq| format!("INSERT INTO events VALUES (1, {seq}, '{}');", joined_before(seq)))
        .collect();
    let digest = "05".repeat(16);
    of_form_1(
        dir.path(),
        &format!(
            r#"{rows} INSERT INTO outbox VALUES (1, 7, '{}', '{{"kind":"leave"}}');
            INSERT INTO settled VALUES (1, 5, '{}', '{{"accepted":{{"seq":4}}}}', x'{digest}', NULL);
            INSERT INTO settled VALUES (1, 6, '{}', '{{"refused":{{"code":"room_closed"}}}}', x'{digest}', '"kept"');"#,
            id(7),
            id(5),
            id(6),
        ),
    );
    for _ in 0..2 {
        let record = reload(dir.path()).record;
        let replica = record.replica.expect("a replica");
        assert_eq!((replica.cursor, replica.base, replica.level), (9, 0, LEVEL));
        assert_eq!((replica.participant, replica.was_participant), (Some(ParticipantId(1)), true));
        let state = replica.state.expect("a state");
        assert_eq!(state.public().participants().len(), 9, "it is folded from the events");
        let waiting: Vec<_> = record.outbox.iter().map(|queued| (queued.order, queued.id)).collect();
        assert_eq!(waiting, [(7, id(7))]);
        let why = WhyReturned::Refused { code: Refusal::RoomClosed };
        assert_eq!(record.returned.get(&id(6)), Some(&Returned { body: json("\"kept\""), why }));
        let receipts: Vec<_> = replica.receipts.iter().map(|(id, kept)| (id, kept.number)).collect();
        assert_eq!(receipts, [(id(5), 4), (id(6), 0)]);
    }
    let (store, _notices) = open(dir.path());
    assert_eq!(read(&store, SeatId(1)).await.len(), 9);
    assert_eq!(store.add(new_seat()).await, Ok(SeatId(3)), "no number is given twice");
}

#[tokio::test]
async fn a_seat_that_passed_something_over_begins_with_the_state_of_its_snapshot_or_asks_for_another() {
    let state = r#"{"settings":{"title":"T"},"ended":false,"participants":{"p1":{"name":"Anna","right":"organizer","present":true,"room":"plenary"}}}"#;
    for (state, level) in [(state, LEVEL), ("{}", 0)] {
        let dir = directory();
        let rows = format!(
            "INSERT INTO events VALUES (1, 9, '{}');
             UPDATE seats SET missing_after = 2, missing_through = 8, state = '{state}', state_at = 8;",
            joined_before(9),
        );
        of_form_1(dir.path(), &rows);
        let replica = reload(dir.path()).record.replica.expect("a replica");
        assert_eq!((replica.cursor, replica.base, replica.level), (9, 8, level));
        assert_eq!(replica.missing.spans(), [Span { after: 2, through: 8 }]);
        let state = replica.state.expect("a state");
        let names: Vec<&str> =
            state.public().participants().iter().map(|(_, one)| one.name.as_str()).collect();
        assert_eq!(names.len(), if level == LEVEL { 2 } else { 1 });
    }
}
