"""Says again what others say in a room: `python examples/echo.py CONFERENCE`."""

import asyncio
import sys

from convene_client import Client, DaemonError, Happened


async def echo(conference: str) -> None:
    async with Client(program="echo 1") as client:
        client.on_status(lambda status: print(status, file=sys.stderr))
        watch = client.watch(conference)
        await watch.ready()
        print("listens", file=sys.stderr)
        async for news in watch:
            if not isinstance(news, Happened) or watch.state is None:
                continue
            for event in news.events:
                by, body = event.get("by"), event["body"]
                if body["kind"] == "said" and by is not None and by != watch.participant:
                    name = watch.state["public"]["participants"][by]["name"]
                    text = f"{name}: {body['text']}"
                    told = await watch.act({"kind": "say", "room": body["room"], "text": text})
                    print(told["state"], told.get("code") or "", file=sys.stderr)


if __name__ == "__main__":
    try:
        asyncio.run(echo(sys.argv[1]))
    except IndexError:
        sys.exit("usage: echo CONFERENCE")
    except DaemonError as error:
        sys.exit(str(error.word))
    except KeyboardInterrupt:
        pass
