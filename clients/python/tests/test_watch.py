import asyncio
import json
from typing import Any, Callable

from convene_client import Changed, DaemonError, Decided, Happened, PassedOver, Reset
from convene_client.watch import UNTAKEN_MAX

from .fake import Asked, FakeCase, Told, soon

CONFERENCE = "q7x2abcdef"
TERM = "0000000000000001"
ANNA = {"name": "Anna", "role": "participant", "room": "foyer", "takes_part": True}
STATE: dict[str, Any] = {
    "public": {
        "settings": {"title": "A test"},
        "ended": False,
        "participants": {"p1": ANNA},
        "schedule": {"phases": {}},
    },
    "own": {},
}


def answer(**fields: Any) -> dict[str, Any]:
    begin = {"conference": CONFERENCE, "participant": "p1", "log": "l", "seat": "joined"}
    state = {"cursor": 5, "after": 5, "term": TERM, "level": 2, "state": STATE}
    return {**begin, **state, "may": {"acts": {}, "speak": {}}, **fields}


def told(name: str, **fields: Any) -> Told:
    return (f"conference.{name}", {"conference": CONFERENCE, **fields})


def said(seq: int) -> dict[str, Any]:
    body = {"kind": "said", "room": "foyer", "text": f"text {seq}"}
    return {"seq": seq, "at": "2026-12-01T09:00:00.000Z", "by": "p1", "body": body}


def events(after: int, through: int, **fields: Any) -> Told:
    happened = [said(seq) for seq in range(after + 1, through + 1)]
    return told("events", after=after, through=through, term=TERM, events=happened, **fields)


class Watches(FakeCase):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.watch = self.client.watch(CONFERENCE)
        self.told: list[Any] = []

    async def begin(self, *arguments: Any) -> Any:
        return await super().begin(*arguments)

    async def begun(self, *behind: Told) -> Asked:
        asked = await self.daemon.asked("conference.watch")
        asked.answer(answer(), *behind)
        return asked

    async def take(self, holds: Callable[[], bool]) -> None:
        """Takes news until something holds."""
        while not holds():
            news = await soon(self.watch.next())
            if isinstance(news, Happened):
                self.told += [event["seq"] for event in news.events]
            elif isinstance(news, (PassedOver, Reset)):
                self.told.append(news)

    async def test_patches_make_the_state_and_what_one_may_do_is_kept(self) -> None:
        asked = await self.begun()
        self.assertEqual(asked.params, {"conference": CONFERENCE, "state": True})
        state = await soon(self.watch.ready())
        self.assertEqual(state["public"]["participants"]["p1"]["name"], "Anna")
        patch = {"public": {"participants": {"p2": {"name": "Bernd"}}, "ended": True}}
        may = {"acts": {"say": {"allowed": False, "code": "conference_ended"}}, "speak": {}}
        self.daemon.tell(
            events(5, 7, patches=[{}, patch]),
            told("may", may=may),
            told("presence", online=["p1"]),
            told("clock", offset_ms=-20),
        )
        await self.take(lambda: self.watch.clock_offset_ms == -20)
        patched = self.watch.state
        assert patched is not None and self.watch.may is not None
        self.assertEqual(patched["public"]["participants"]["p2"]["name"], "Bernd")
        self.assertIs(
            patched["public"]["participants"]["p1"], state["public"]["participants"]["p1"]
        )
        self.assertEqual(self.watch.may["acts"]["say"].get("code"), "conference_ended")
        self.assertEqual(
            (self.watch.participant, self.watch.seat, self.watch.is_live), ("p1", "joined", True)
        )
        self.assertEqual((self.watch.online, self.told), (["p1"], [6, 7]))

    async def test_a_watch_goes_on_behind_what_was_taken_and_tells_each_event_once(self) -> None:
        await self.begun(events(5, 7, patches=[{}, {}]), events(7, 8, patches=[{}]))
        await self.take(lambda: self.told == [6, 7])
        # News that were told and not taken are told again.
        self.daemon.cut()
        asked = await self.daemon.asked("conference.watch")
        self.assertFalse(self.watch.is_live)
        self.assertEqual(asked.params["after"], {"number": 7, "term": TERM, "level": 2})
        ended = {**STATE, "public": {**STATE["public"], "ended": True}}
        asked.answer(answer(cursor=9, after=7, state=ended, may=None), events(5, 7), events(6, 9))
        await self.take(lambda: len(self.told) == 4)
        assert self.watch.state is not None
        self.assertEqual((self.told, self.watch.state["public"]["ended"]), ([6, 7, 8, 9], True))
        self.assertIsNone(self.watch.may)
        self.assertEqual(self.watch.point, {"number": 9, "term": TERM})

    async def test_a_state_in_parts_replaces_all_at_the_beginning_and_behind_a_reset(self) -> None:
        text = json.dumps(STATE)

        def parts(cut: int) -> list[Told]:
            pieces = (text[:cut], text[cut:])
            return [
                told("state", part=part, parts=2, data=data) for part, data in enumerate(pieces)
            ]

        asked = await self.daemon.asked("conference.watch")
        first, second = parts(10)
        asked.answer(answer(state=None, parts=2), first)
        await self.take(lambda: self.watch.participant == "p1")
        self.assertEqual((self.watch.is_live, self.watch.state), (False, None))
        self.daemon.tell(second, events(5, 6, patches=[{"public": {"ended": True}}]))
        await self.take(lambda: self.told == [6])
        assert self.watch.state is not None
        self.assertEqual((self.watch.is_live, self.watch.state["public"]["ended"]), (True, True))

        reset = told("reset", cursor=4, term="0000000000000002")
        self.daemon.tell(reset, *parts(20), events(4, 5, patches=[{}]))
        await self.take(lambda: len(self.told) == 3)
        self.assertEqual(
            (self.told, self.watch.state["public"]["ended"]), ([6, Reset(4), 5], False)
        )

    async def test_what_is_passed_over_is_told_and_its_state_follows(self) -> None:
        await self.begun(
            told("passed_over", after=5, through=90, term=TERM),
            told("state", part=0, parts=1, data='{"public":{"ended":true},"own":{}}'),
            events(90, 91, patches=[{}]),
        )
        await self.take(lambda: len(self.told) == 2)
        assert self.watch.state is not None
        self.assertEqual(
            (self.told, self.watch.state["public"]["ended"]), ([PassedOver(5, 90), 91], True)
        )

    async def test_where_something_is_missing_the_watch_begins_anew_behind_what_was_taken(
        self,
    ) -> None:
        await self.begun(events(5, 6, patches=[{}]), events(8, 9, patches=[{}]))
        await self.take(lambda: self.told == [6])
        taking = asyncio.ensure_future(self.take(lambda: len(self.told) == 4))
        unwatch = await self.daemon.asked("conference.unwatch")
        self.assertFalse(self.watch.is_live)
        unwatch.answer({"ended": True})
        again = await self.daemon.asked("conference.watch")
        self.assertEqual(again.params["after"], {"number": 6, "term": TERM, "level": 2})
        again.answer(answer(after=6, cursor=9), events(6, 9))
        await soon(taking)
        self.assertEqual((self.told, self.watch.is_live), ([6, 7, 8, 9], True))

    async def test_where_too_much_is_not_taken_it_is_told_again(self) -> None:
        await self.begun(events(5, 6, patches=[{}]))
        await self.take(lambda: self.told == [6])
        last = 6 + UNTAKEN_MAX + 1
        self.daemon.tell(*(events(seq - 1, seq, patches=[{}]) for seq in range(7, last + 1)))
        listing = asyncio.ensure_future(self.client.conference_list())
        (await self.daemon.asked("conference.list")).answer({"conferences": []})
        await soon(listing)
        self.assertFalse(self.watch.is_live)
        taking = asyncio.ensure_future(self.take(lambda: len(self.told) == last - 5))
        (await self.daemon.asked("conference.unwatch")).answer({"ended": True})
        again = await self.daemon.asked("conference.watch")
        again.answer(answer(after=6, cursor=last), events(6, last))
        await soon(taking)
        self.assertEqual(self.told, list(range(6, last + 1)))

    async def test_commands_that_wait_or_came_back_are_kept_until_they_are_let_go(self) -> None:
        body = {"kind": "say", "text": "x"}

        def states() -> list[Any]:
            return [(kept.command, kept.state, kept.code) for kept in self.watch.kept.values()]

        await self.begun(
            told("outbox", command="a", body=body),
            told("outbox", command="b", body=body),
            told("lost", command="c", body=body),
        )
        await self.take(lambda: len(self.watch.kept) == 3)
        self.assertEqual(
            states(), [("a", "waiting", None), ("b", "waiting", None), ("c", "lost", None)]
        )
        self.daemon.tell(
            told("receipt", command="a", state="accepted", seq=6),
            told("receipt", command="b", state="refused", code="room_closed", body=body),
        )
        receipt = await soon(self.watch.next())
        assert isinstance(receipt, Decided)
        self.assertEqual((receipt.receipt["command"], receipt.receipt.get("seq")), ("a", 6))
        await self.take(lambda: states()[0][1] == "refused")
        self.assertEqual(states(), [("b", "refused", "room_closed"), ("c", "lost", None)])
        self.daemon.tell(told("dismissed", command="b"), told("dismissed", command="c"))
        await self.take(lambda: not self.watch.kept)

    async def test_a_command_bears_a_new_id_and_where_its_author_saw_the_conference(self) -> None:
        await self.begun()
        await soon(self.watch.ready())
        acting = asyncio.ensure_future(self.watch.act({"kind": "say", "text": "x"}, wait_ms=5))
        asked = await self.daemon.asked("conference.act")
        self.assertRegex(asked.params["id"], "^[0-9a-f]{8}-[0-9a-f]{4}-4")
        self.assertEqual(
            (asked.params["seen"], asked.params["wait_ms"]), ({"number": 5, "term": TERM}, 5)
        )
        asked.answer({"command": asked.params["id"], "state": "accepted", "seq": 6})
        self.assertEqual((await soon(acting)).get("seq"), 6)

    async def test_a_conference_that_may_not_be_watched_says_why_until_the_next_connection(
        self,
    ) -> None:
        ready = asyncio.ensure_future(self.watch.ready())
        (await self.daemon.asked("conference.watch")).refuse("conference_unknown", -32003)
        with self.assertRaises(DaemonError) as raised:
            await soon(ready)
        self.assertEqual(raised.exception.word, "conference_unknown")
        self.daemon.cut()
        await self.begun()
        await soon(self.watch.ready())
        self.assertTrue(self.watch.is_live)

    async def test_a_watch_that_is_stopped_tells_nothing_more_and_the_daemon_is_told(self) -> None:
        self.assertIs(self.client.watch(CONFERENCE), self.watch)
        await self.begun()
        await soon(self.watch.ready())
        taking = asyncio.ensure_future(self.watch.next())
        await asyncio.sleep(0)
        self.watch.stop()
        self.assertIsNone(await soon(taking))
        (await self.daemon.asked("conference.unwatch")).answer({"ended": True}, events(5, 6))
        other = self.client.watch(CONFERENCE)
        self.assertIsNot(other, self.watch)
        await self.begun(events(5, 6))
        first = await soon(other.next())
        self.assertIsInstance(first, Changed)
        second = await soon(other.next())
        self.assertIsInstance(second, Happened)
        self.assertIsNone(await self.watch.next())
