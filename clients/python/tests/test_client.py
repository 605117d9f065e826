import asyncio
from typing import Any

from convene_client import (
    Connected,
    Connecting,
    ConveneError,
    DaemonError,
    DisconnectedError,
    LineTooLongError,
    TooManyCallsError,
    VersionError,
)
from convene_client.generated import ProxyPasswordAnswer, ProxyPasswordParams

from .fake import FakeCase, soon, until


class Calls(FakeCase):
    async def test_a_call_is_answered_and_an_error_has_its_code_its_word_and_its_fields(
        self,
    ) -> None:
        listing = asyncio.ensure_future(self.client.conference_list())
        asked = await self.daemon.asked("conference.list")
        self.assertEqual(asked.params, {})
        asked.answer({"conferences": []})
        self.assertEqual(await soon(listing), {"conferences": []})
        self.assertEqual(self.client.status, Connected("fake", 3))

        present = asyncio.ensure_future(self.client.conference_presence(conference="q7x2abcdef"))
        asked = await self.daemon.asked("conference.presence")
        asked.refuse("conference_ambiguous", -32021, servers=["a", "b"])
        with self.assertRaises(DaemonError) as raised:
            await soon(present)
        error = raised.exception
        self.assertEqual((error.code, error.word), (-32021, "conference_ambiguous"))
        self.assertEqual(error.data["servers"], ["a", "b"])

    async def test_what_is_left_out_is_not_sent(self) -> None:
        history = asyncio.ensure_future(self.client.conference_history(conference="c", limit=5))
        asked = await self.daemon.asked("conference.history")
        self.assertEqual(asked.params, {"conference": "c", "limit": 5})
        asked.answer({"events": [], "through": 0, "complete": True})
        await soon(history)

    async def test_a_daemon_that_starts_is_waited_for_within_patience(self) -> None:
        listing = asyncio.ensure_future(self.client.conference_list())
        for _ in range(3):
            (await self.daemon.asked("conference.list")).refuse("starting", -32023)
        (await self.daemon.asked("conference.list")).answer({"conferences": []})
        self.assertEqual(await soon(listing), {"conferences": []})

        impatient = asyncio.ensure_future(self.client.call("conference.list", patience=0.05))
        (await self.daemon.asked("conference.list")).refuse("starting", -32023)
        with self.assertRaises(ConveneError):
            await soon(impatient)

    async def test_a_call_goes_on_over_a_cut_but_for_one_that_is_not_to_be_repeated(self) -> None:
        act = {"conference": "c", "id": "1", "body": {"kind": "say", "text": "x"}}
        first = asyncio.ensure_future(self.client.call("conference.act", act))
        await self.daemon.asked("conference.act")
        second = asyncio.ensure_future(self.client.call("proxy.test", repeat=False))
        await self.daemon.asked("proxy.test")
        self.daemon.cut()
        with self.assertRaises(DisconnectedError):
            await soon(second)
        again = await self.daemon.asked("conference.act")
        self.assertEqual(again.params, act)
        again.answer({"command": "1", "state": "queued"})
        self.assertEqual((await soon(first))["state"], "queued")

    async def test_a_call_waits_for_a_daemon_that_is_not_there_and_not_longer_than_its_patience(
        self,
    ) -> None:
        await self.status(Connected)
        await self.daemon.stop()
        await until(
            lambda: (
                isinstance(self.client.status, Connecting)
                and isinstance(self.client.status.error, DisconnectedError)
                and "does not answer" in str(self.client.status.error)
            ),
            self.client.on_status,
        )
        listing = asyncio.ensure_future(self.client.conference_list())
        with self.assertRaises(DisconnectedError) as raised:
            await soon(self.client.call("conference.list", patience=0.01))
        self.assertIsInstance(raised.exception.__cause__, DisconnectedError)
        await self.daemon.listen()
        (await self.daemon.asked("conference.list")).answer({"conferences": []})
        self.assertEqual(await soon(listing), {"conferences": []})

    async def test_32_calls_are_under_way_1024_wait_and_more_are_refused_at_once(self) -> None:
        await self.status(Connected)
        calls = [asyncio.ensure_future(self.client.conference_list()) for _ in range(32 + 1_024)]
        await asyncio.sleep(0)
        with self.assertRaises(TooManyCallsError):
            await self.client.conference_list()
        for call in calls[:-1]:
            (await self.daemon.asked("conference.list")).answer({"conferences": []})
            await soon(call)
        self.assertEqual(self.daemon.under_way_max, 32)
        await self.daemon.asked("conference.list")
        await self.client.close()
        with self.assertRaises(DisconnectedError):
            await soon(calls[-1])
        with self.assertRaises(DisconnectedError):
            await self.client.conference_list()

    async def test_what_is_longer_than_a_line_is_refused_at_once(self) -> None:
        with self.assertRaises(LineTooLongError):
            await self.client.draft_set(
                conference="s1", key="room:foyer", revision=0, text="ü" * 2**19
            )

    async def test_a_call_that_is_cancelled_costs_nobody_else(self) -> None:
        listing = asyncio.ensure_future(self.client.conference_list())
        asked = await self.daemon.asked("conference.list")
        listing.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await listing
        asked.answer({"conferences": []})
        following = asyncio.ensure_future(self.client.conference_list())
        (await self.daemon.asked("conference.list")).answer({"conferences": []})
        await soon(following)


class Connections(FakeCase):
    async def test_questions_are_answered_and_declined_where_nobody_answers(self) -> None:
        async def login(asked: ProxyPasswordParams) -> ProxyPasswordAnswer:
            if asked.get("rejected") is not None:
                raise ValueError("not again")
            self.assertEqual(asked["proxy"], "proxy.example.org:3128")
            return {"user": "anna", "password": "secret"}

        await self.client.close()
        self.client = await self.begin({"proxy.password": login})
        await self.status(Connected)
        params = {"proxy": "proxy.example.org:3128", "server": "conference.example.org"}
        self.daemon.say({"id": "question-1", "method": "proxy.password", "params": params})
        reply = await soon(self.daemon.replies.get())
        self.assertEqual((reply["id"], reply["result"]["user"]), ("question-1", "anna"))
        self.daemon.say(
            {
                "id": "question-2",
                "method": "proxy.password",
                "params": {**params, "rejected": "anna"},
            },
            {"id": "question-3", "method": "proxy.token", "params": {}},
        )
        replies = [await soon(self.daemon.replies.get()) for _ in range(2)]
        words = {reply["id"]: reply["error"]["message"] for reply in replies}
        self.assertEqual(words, {"question-2": "declined", "question-3": "method_not_found"})

    async def test_a_daemon_that_is_too_old_is_told_apart_and_a_later_one_will_do(self) -> None:
        await self.status(Connected)
        self.daemon.hello = {"daemon": "earlier", "api": 2}
        self.daemon.cut()
        await until(
            lambda: (
                isinstance(self.client.status, Connecting)
                and isinstance(self.client.status.error, VersionError)
            ),
            self.client.on_status,
        )
        self.daemon.hello = {"daemon": "later", "api": 9}
        await self.status(Connected)

    async def test_the_last_word_of_a_daemon_that_cuts_is_the_reason(self) -> None:
        await self.status(Connected)
        told: list[Any] = []
        self.client.on_status(told.append)
        self.daemon.say(
            {"id": None, "error": {"code": -32010, "message": "frontend_too_slow", "data": {}}}
        )
        listing = asyncio.ensure_future(self.client.conference_list())
        # It comes behind what was said.
        (await self.daemon.asked("conference.list")).answer({"conferences": []})
        await soon(listing)
        self.daemon.cut()
        await self.status(Connecting)
        self.assertEqual(told[0].error.word, "frontend_too_slow")

    async def test_a_client_can_be_closed_at_any_moment(self) -> None:
        for steps in range(40):
            await soon(self.client.close())
            self.client = await self.begin()
            for _ in range(steps):
                await asyncio.sleep(0)

    async def test_a_line_that_is_no_object_costs_the_connection(self) -> None:
        await self.status(Connected)
        for writer in self.daemon._writers:
            writer.write(b"[]\n")
        await self.status(Connecting)
        await self.status(Connected)

    async def test_a_listener_that_fails_costs_nobody_else(self) -> None:
        await self.status(Connected)
        failed: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: failed.append(context))
        told: list[Any] = []
        self.client.on("connection.changed", lambda _: 1 // 0)
        self.client.on("connection.changed", told.append)
        self.daemon.tell(("connection.changed", {"number": 1, "connections": []}))
        await until(lambda: told != [], lambda look: self.client.on("connection.changed", look))
        self.assertIsInstance(failed[0]["exception"], ZeroDivisionError)

    async def test_what_is_followed_is_asked_on_each_connection_and_its_answer_comes_first(
        self,
    ) -> None:
        told: list[Any] = []
        self.client.on(
            "connection.changed", lambda changed: told.append(("changed", changed["number"]))
        )
        following = self.client.follow(
            "connection.watch", dict, lambda answer: told.append(("answered", answer["number"]))
        )

        def behind(number: int) -> Any:
            return ("connection.changed", {"number": number, "connections": []})

        for number in (1, 7):
            asked = await self.daemon.asked("connection.watch")
            asked.answer({"number": number, "connections": []}, behind(number + 1))
            count = len(told)
            await until(
                lambda: len(told) == count + 2,
                lambda look: self.client.on("connection.changed", look),
            )
            self.daemon.cut()
        expected = [("answered", 1), ("changed", 2), ("answered", 7), ("changed", 8)]
        self.assertEqual(told, expected)
        following.stop()
        await self.status(Connecting)
        await self.status(Connected)
        listing = asyncio.ensure_future(self.client.conference_list())
        (await self.daemon.asked("conference.list")).answer({"conferences": []})
        await soon(listing)

    async def test_what_is_followed_comes_before_calls_that_wait(self) -> None:
        await self.status(Connected)
        await self.daemon.stop()
        await self.status(Connecting)
        calls = [asyncio.ensure_future(self.client.conference_list()) for _ in range(1_024)]
        await asyncio.sleep(0)
        self.client.follow("connection.watch", dict, lambda _: None)
        await self.daemon.listen()
        await self.daemon.asked("connection.watch")
        await self.daemon.asked("conference.list")
        await self.client.close()
        for call in calls:
            with self.assertRaises(DisconnectedError):
                await soon(call)
