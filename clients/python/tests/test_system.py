"""With the real programs."""

import asyncio
import unittest
from typing import Any

from convene_client import DaemonError, Happened
from convene_client.watch import ConferenceWatch

from .fake import soon
from .place import PROGRAMS, Place


@unittest.skipIf(PROGRAMS is None, "CONVENE_BIN_DIR names no programs")
class RealPrograms(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        asyncio.get_running_loop().set_debug(False)
        self.place = Place()
        self.addCleanup(self.place.close)
        await self.place.server()
        created = self.place.create()
        self.conference: str = created["conference"]
        self.link: str = created["participant_link"]

    async def hear(self, watch: ConferenceWatch, count: int) -> list[str]:
        """Takes news until so many texts were said."""
        heard: list[str] = []
        while len(heard) < count:
            news = await soon(watch.next())
            for event in news.events if isinstance(news, Happened) else []:
                if event["body"]["kind"] == "said":
                    heard.append(event["body"]["text"])
        return heard

    async def test_two_people_talk_while_a_daemon_is_killed_and_each_hears_all_once_in_order(
        self,
    ) -> None:
        for name in ("anna", "bernd"):
            self.place.daemon(name)
        async with self.place.client("anna") as anna, self.place.client("bernd") as bernd:
            for client, name in ((anna, "Anna"), (bernd, "Bernd")):
                joined = await soon(
                    client.conference_join(link=self.link, name=name, wait_ms=20_000)
                )
                self.assertEqual(joined["state"], "joined")
            watches = [client.watch(self.conference) for client in (anna, bernd)]
            state = await soon(watches[0].ready())
            self.assertEqual(state["public"]["settings"]["title"], "A test")
            await soon(watches[1].ready())
            sent = [f"message {number}" for number in range(30)]
            hearing = [asyncio.ensure_future(self.hear(watch, len(sent))) for watch in watches]
            for number, text in enumerate(sent):
                said = asyncio.ensure_future(
                    watches[0].act({"kind": "say", "room": "foyer", "text": text}, wait_ms=5_000)
                )
                await asyncio.sleep(0)
                if number % 10 == 5:
                    killed = "bernd" if number == 15 else "anna"
                    self.place.kill(killed)
                    self.place.daemon(killed)
                self.assertIn((await soon(said))["state"], ("accepted", "queued"))
            for heard in hearing:
                self.assertEqual(await soon(heard), sent)
            assert watches[1].state is not None
            people = watches[1].state["public"]["participants"].values()
            self.assertEqual(sorted(person["name"] for person in people), ["Anna", "Bernd"])
            page = await anna.conference_history(conference=self.conference, limit=1_000)
            texts = [
                event["body"]["text"] for event in page["events"] if event["body"]["kind"] == "said"
            ]
            self.assertEqual((texts, page["complete"]), (sent, True))

    async def test_the_example_says_again_what_others_say(self) -> None:
        for name in ("anna", "bernd"):
            self.place.daemon(name)
        async with self.place.client("anna") as anna, self.place.client("bernd") as bernd:
            for client, name in ((anna, "Anna"), (bernd, "Echo")):
                await soon(client.conference_join(link=self.link, name=name, wait_ms=20_000))
            watch = anna.watch(self.conference)
            await soon(watch.ready())
            await self.place.example("bernd", self.conference)
            await watch.act({"kind": "say", "room": "foyer", "text": "Good morning"})
            self.assertEqual(await self.hear(watch, 2), ["Good morning", "Anna: Good morning"])

    async def refusal(self, call: Any) -> DaemonError:
        with self.assertRaises(DaemonError) as raised:
            await soon(call)
        return raised.exception

    async def test_what_the_daemon_refuses_is_an_error_with_its_word_and_its_fields(self) -> None:
        self.place.daemon("anna")
        async with self.place.client("anna") as client:
            unknown = await self.refusal(
                client.conference_act(
                    conference=self.conference,
                    id="6f1c2d9e-95c5-4a1e-8a8b-1d2f4c5b6a70",
                    body={"kind": "say", "text": "x"},
                )
            )
            self.assertEqual(unknown.word, "conference_unknown")
            malformed = await self.refusal(
                client.conference_join(link="https://localhost/nothing", name="Anna")
            )
            self.assertEqual(malformed.word, "link_malformed")
            self.assertIn("reason", malformed.data)
            watch = client.watch(self.conference)
            self.assertEqual((await self.refusal(watch.ready())).word, "conference_unknown")
            watch.stop()
            await soon(client.conference_join(link=self.link, name="Anna", wait_ms=20_000))
            watch = client.watch(self.conference)
            await soon(watch.ready())
            told = await soon(watch.act({"kind": "go", "room": "nowhere"}, wait_ms=20_000))
            self.assertEqual((told["state"], told.get("code")), ("refused", "room_unknown"))
            while (
                told["command"] not in watch.kept or watch.kept[told["command"]].state == "waiting"
            ):
                await soon(watch.next())
            self.assertEqual(watch.kept[told["command"]].code, "room_unknown")
            await soon(watch.dismiss(told["command"]))
            while watch.kept:
                await soon(watch.next())
