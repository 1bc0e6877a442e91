"""Shares: what one client asks for is no other's wait."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from server.fairness import ClientLimits, Clients, Fair, TooMuch

LIMITS = ClientLimits(
    parallel=2,
    waiting=3,
    wait_s=0.2,
    work_s_per_minute=30,
    work_s_at_once=10,
    errors_per_minute=60,
    errors_at_once=5,
    recovery_s=10,
)


class Clock:
    """A clock that a test sets."""

    time = 1000.0

    def __call__(self) -> float:
        return self.time


async def work(clients: Clients, clock: Clock, name: str, seconds: float = 0) -> None:
    async with clients.turn(name):
        clock.time += seconds


async def fail(clients: Clients, name: str) -> None:
    async with clients.turn(name) as turn:
        turn.has_failed = True


def test_work_is_paid_for_with_time() -> None:
    async def story() -> None:
        clock = Clock()
        clients = Clients(LIMITS, clock)
        for _ in range(4):
            await work(clients, clock, "busy", 2)  # half of it comes back meanwhile
        await work(clients, clock, "busy", 30)
        with pytest.raises(TooMuch, match="10 s of work") as refused:
            await work(clients, clock, "busy")
        # Of 10 s, 4 * 2 + 30 were used and 4 * 1 + 15 came back: 9 are owed, and 1 is needed.
        assert refused.value.retry_after_s == 20
        await work(clients, clock, "other")
        clock.time += 19.5
        with pytest.raises(TooMuch):
            await work(clients, clock, "busy")
        clock.time += 0.6
        await work(clients, clock, "busy")

    asyncio.run(story())


def test_errors_are_counted_and_forgiven() -> None:
    async def story() -> None:
        clock = Clock()
        clients = Clients(LIMITS, clock)
        for _ in range(5):
            await fail(clients, "wrong")
        with pytest.raises(TooMuch, match="have failed"):
            await fail(clients, "wrong")
        await work(clients, clock, "right")
        clock.time += 1.01
        await fail(clients, "wrong")
        with pytest.raises(TooMuch):
            await work(clients, clock, "wrong")

    asyncio.run(story())


def test_a_client_has_a_few_turns_and_others_have_theirs() -> None:
    async def story() -> None:
        clients = Clients(LIMITS, Clock())
        done = asyncio.Event()

        async def long(name: str) -> None:
            async with clients.turn(name):
                await done.wait()

        flood = [asyncio.create_task(long("flood")) for _ in range(8)]
        await asyncio.sleep(0.05)
        # two work, three wait, and for three there is no room
        refused = [task for task in flood if task.done()]
        assert [type(task.exception()) for task in refused] == [TooMuch] * 3
        await asyncio.wait_for(work(clients, Clock(), "canary"), 1)
        await asyncio.sleep(0.3)
        assert [type(task.exception()) for task in flood if task.done()] == [TooMuch] * 6
        done.set()
        await asyncio.gather(*flood, return_exceptions=True)
        await asyncio.wait_for(work(clients, Clock(), "flood"), 1)

    asyncio.run(story())


def test_who_costs_readers_waits_until_there_are_others() -> None:
    async def story() -> None:
        readers: list[str] = []
        clients = Clients(LIMITS, Clock(), lambda: len(readers) >= LIMITS.parallel)
        for _ in range(LIMITS.parallel):
            async with clients.turn("careless") as turn:
                turn.has_broken = True
        with pytest.raises(TooMuch, match="2 of your requests were being worked on"):
            await work(clients, Clock(), "careless")
        await asyncio.wait_for(work(clients, Clock(), "careful"), 0.1)
        readers += ["one", "another"]
        await asyncio.wait_for(work(clients, Clock(), "careless"), 0.15)

    asyncio.run(story())


def test_nobody_waits_for_ever_for_readers_that_do_not_come() -> None:
    async def story() -> None:
        clients = Clients(replace(LIMITS, recovery_s=0.1), Clock(), lambda: False)
        for _ in range(LIMITS.parallel):
            async with clients.turn("careless") as turn:
                turn.has_broken = True
        await asyncio.wait_for(work(clients, Clock(), "careless"), 0.19)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("status", "more_body", "others_are_answered"),
    [
        pytest.param(200, False, True, id="answered"),
        pytest.param(400, False, True, id="refused"),
        pytest.param(200, True, False, id="cut short"),
        pytest.param(499, False, False, id="nobody was there"),
        pytest.param(504, False, False, id="too long"),
        pytest.param(507, False, False, id="too large"),
    ],
)
def test_a_request_that_ends_its_reader_keeps_its_turn(
    status: int, more_body: bool, others_are_answered: bool
) -> None:
    async def app(_: object, __: object, send: Callable[[object], Awaitable[None]]) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": more_body})

    async def statuses() -> list[int]:
        fair = Fair(app, LIMITS, lambda: False)  # type: ignore[arg-type]
        found: list[int] = []

        async def send(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                found.append(int(str(message["status"])))

        for _ in range(LIMITS.parallel + 1):
            scope: dict[str, object] = {"type": "http", "path": "/sparql", "headers": []}
            await fair(scope, None, send)  # type: ignore[arg-type]
        return found

    assert asyncio.run(statuses())[-1] == (status if others_are_answered else 429)


def test_a_turn_that_is_cancelled_is_free_again() -> None:
    async def story() -> None:
        clients = Clients(LIMITS, Clock())
        for _ in range(20):

            async def wait() -> None:
                async with clients.turn("impatient"):
                    await asyncio.sleep(10)

            tasks = [asyncio.create_task(wait()) for _ in range(4)]
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.wait_for(work(clients, Clock(), "impatient"), 1)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("path", "statuses"),
    [("/sparql", [400] * 5 + [429] * 2), ("/healthz", [400] * 7)],
)
def test_who_is_refused_is_told_when_to_come_back(path: str, statuses: list[int]) -> None:
    async def app(
        _: object, __: object, send: Callable[[dict[str, object]], Awaitable[None]]
    ) -> None:
        await send({"type": "http.response.start", "status": 400, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def story() -> list[int]:
        fair = Fair(app, LIMITS)  # type: ignore[arg-type]
        found: list[int] = []

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                found.append(int(str(message["status"])))
                if message["status"] == 429:
                    headers = dict(message["headers"])  # type: ignore[call-overload]
                    assert int(headers[b"retry-after"]) >= 1

        for _ in range(7):
            scope: dict[str, object] = {
                "type": "http",
                "path": path,
                "client": ("192.0.2.1", 9),
                "headers": [],
            }
            await fair(scope, receive, send)  # type: ignore[arg-type]
        return found

    assert asyncio.run(story()) == statuses
