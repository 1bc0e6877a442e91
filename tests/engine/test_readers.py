"""Readers: what they may not do, and what happens when they end."""

import asyncio
import os
import re
import resource
import signal
import socket
import threading
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graph.errors import (
    AnswerTooLong,
    EngineUnavailable,
    QueryOutOfMemory,
    QueryRejected,
    QueryTimedOut,
)
from graph.formats import format_named
from graph.generations import Generation, current_generation, publish_generation
from graph.processes import frames
from graph.query import READ_HERE_BYTES, Answer, Engine, Limits, Operation
from graph.readers.process import Reader
from graph.readers.run import HELD_BACK_BYTES

from .conftest import Publish, parsed

ENDLESS = "SELECT (COUNT(*) AS ?n) { %s }" % " ".join(  # noqa: UP031 -- braces
    f"VALUES ?{name} {{ {' '.join(map(str, range(300)))} }}" for name in "abcd"
)
LONG = "SELECT ?a ?b ?c {{ {} }}".format(
    " ".join(f"VALUES ?{name} {{ {' '.join(map(str, range(150)))} }}" for name in "abc")
)
HUNGRY = "SELECT * {{ {} }} ORDER BY ?c ?a ?b".format(LONG.partition("{")[2].rpartition("}")[0])
SHORT = ENDLESS.partition(" VALUES ?c")[0] + "}"
CSV = format_named("csv")
MEMORY = 512_000_000


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 60))


async def content(engine: Engine, text: str = "ASK {}") -> bytes:
    answer = await engine.answer(Operation(text), CSV)
    return b"".join([piece async for piece in answer])


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


def is_running(process_id: int) -> bool:
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def job(text: str) -> dict[str, Any]:
    return {
        "kind": "query", "text": text, "base_iri": "http://example.org/", "media_type": "text/csv",
        "default_graphs": [], "named_graphs": [], "default_graph": "union",
        "has_dataset": False, "prefixes": {}, "evaluate": True, "seconds": 10,
    }  # fmt: skip


def test_a_service_call_that_reaches_a_reader_sends_nothing(store: Path) -> None:
    """The lexer is not asked here: the sandbox alone is in the way."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.5)
        port = listener.getsockname()[1]

        async def work() -> None:
            reader = await _reader(store)
            await reader.send(job(f"SELECT * {{ SERVICE <http://127.0.0.1:{port}/> {{}} }}"))
            kind, payload = await reader.receive() or (b"", b"")
            assert (kind, b"not permitted" in payload) == (frames.END, True), payload
            await reader.send(job("ASK {}"))
            assert await reader.receive() == (frames.DATA, b"true")
            await _end(reader)

        run(work)
        with pytest.raises(TimeoutError):
            listener.accept()


def test_the_kernel_holds_a_reader_in_its_sandbox(store: Path) -> None:
    async def work() -> None:
        reader = await _reader(store)
        assert reader.missing == []
        status = Path(f"/proc/{reader.process_id}/status").read_text()
        assert re.search(r"NoNewPrivs:\s+1", status)
        for task in Path(f"/proc/{reader.process_id}/task").iterdir():
            assert re.search(r"Seccomp:\s+2", (task / "status").read_text()), task.name
        limits = Path(f"/proc/{reader.process_id}/limits").read_text()
        assert re.search(r"Max core file size +0 +0", limits)
        assert re.search(r"Max file size +0 +0", limits)
        assert not re.search(r"Max address space +unlimited", limits)
        await _end(reader)

    run(work)


def test_a_reader_has_no_environment_and_no_file_of_its_parent(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METAPOLE_SECRET", "hush")
    with (tmp_path / "open").open("w") as file, socket.create_server(("127.0.0.1", 0)) as listener:
        os.set_inheritable(file.fileno(), True)
        os.set_inheritable(listener.fileno(), True)

        async def work() -> None:
            reader = await _reader(store)
            process = Path(f"/proc/{reader.process_id}")
            assert b"METAPOLE_SECRET" not in (process / "environ").read_bytes()
            held = [str(each.readlink()) for each in (process / "fd").iterdir()]
            assert sum(name.startswith("socket:") for name in held) == 1, held
            assert str(tmp_path / "open") not in held
            await _end(reader)

        run(work)


def test_a_query_that_takes_too_long_is_stopped_and_its_reader_replaced(store: Path) -> None:
    async def work() -> None:
        # On a busy machine the next question may wait for a second, too.
        async with Engine(store, Limits(readers=1, spares=1, timeout_s=2.5)) as engine:
            await until(lambda: len(engine.process_ids) == 2)
            before = set(engine.process_ids)
            with pytest.raises(QueryTimedOut, match=r"after 2\.5 s"):
                await content(engine, ENDLESS)
            assert await content(engine) == b"true"
            await until(lambda: len(engine.process_ids) == 2)
            (gone,) = before - set(engine.process_ids)
            await until(lambda: not is_running(gone))

    run(work)


def test_a_query_that_takes_too_much_memory_is_stopped(store: Path) -> None:
    async def work() -> None:
        limits = Limits(readers=1, spares=0, timeout_s=30, memory_mb=64)
        async with Engine(store, limits) as engine:
            with pytest.raises(QueryOutOfMemory, match="more than 64 MB"):
                await content(engine, HUNGRY)
            assert await content(engine) == b"true"

    run(work)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("SELECT * { " + "{" * 450 + "}" * 450 + " }", id="braces"),
        pytest.param("ASK { FILTER(" + "STR(" * 450 + "1" + ")" * 450 + ' = "1") }', id="STR"),
        pytest.param("ASK { {} " + "UNION {} " * 7_000 + " }", id="union"),
        pytest.param("ASK { BIND(1" + "+1" * 8_000 + " AS ?x) }", id="sum"),
    ],
)
def test_what_overruns_an_ordinary_stack_is_answered(store: Path, text: str) -> None:
    async def work() -> None:
        async with Engine(store, Limits(readers=1, spares=0, memory_mb=1500)) as engine:
            reader = engine.process_ids
            assert await content(engine, text)
            assert engine.process_ids == reader, "the reader lives"

    run(work)


def test_a_client_that_loses_interest_frees_its_reader(store: Path) -> None:
    async def work() -> None:
        async with Engine(store, Limits(readers=1, spares=0)) as engine:
            (busy,) = engine.process_ids
            asking = asyncio.create_task(content(engine, ENDLESS))
            await asyncio.sleep(0.2)
            asking.cancel()
            assert await content(engine) == b"true"
            await until(lambda: not is_running(busy))

    run(work)


def test_an_answer_that_nobody_reads_is_held_by_the_reader_and_ends_in_time(store: Path) -> None:
    async def work() -> None:
        async with Engine(store, Limits(readers=1, spares=0, timeout_s=1)) as engine:
            answer = await engine.answer(Operation(LONG), CSV)
            assert answer.size is None
            await asyncio.sleep(1.1)
            assert await content(engine) == b"true", "the slot is free though nobody read"
            with pytest.raises(QueryTimedOut):
                await _read_all(answer)

    run(work)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_query_whose_reader_is_killed_is_answered_by_another(
    store: Path, number: signal.Signals
) -> None:
    async def work() -> None:
        async with Engine(store, Limits(readers=1, spares=1, timeout_s=1.5)) as engine:
            await until(lambda: len(engine.process_ids) == 2)
            asking = asyncio.create_task(content(engine, ENDLESS))
            await asyncio.sleep(0.3)
            busy = max(engine.process_ids, key=_processor_time)
            os.kill(busy, number)
            await until(lambda: busy not in engine.process_ids)
            assert not asking.done()
            with pytest.raises(QueryTimedOut):
                await asking

    run(work)


def test_a_query_that_loses_three_readers_is_given_up(store: Path) -> None:
    async def work() -> None:
        async with Engine(store, Limits(readers=1, spares=0, timeout_s=30)) as engine:
            endless = await engine.read(Operation(ENDLESS))
            asking = asyncio.create_task(engine.answer(endless, CSV))
            await asyncio.sleep(0.3)  # until the reader that read it has it again
            for _ in range(3):
                await until(lambda: any(map(_is_at_work, engine.process_ids)))
                os.kill(engine.process_ids[0], signal.SIGKILL)
                await asyncio.sleep(0.05)
            with pytest.raises(EngineUnavailable, match="3 readers in a row"):
                await asking
            assert await content(engine) == b"true"

    run(work)


def test_a_crash_that_the_query_caused_is_not_repeated(store: Path) -> None:
    async def work() -> None:
        async with Engine(store, Limits(readers=1, spares=0)) as engine:
            asking = asyncio.create_task(content(engine, ENDLESS))
            await until(lambda: any(map(_is_at_work, engine.process_ids)))
            os.kill(engine.process_ids[0], signal.SIGSEGV)
            with pytest.raises(EngineUnavailable, match="signal 11"):
                await asking

    run(work)


def test_a_reader_that_has_used_up_its_time_says_so_itself(store: Path) -> None:
    async def work() -> None:
        async with Engine(store, Limits(readers=1, spares=0)) as engine:
            asking = asyncio.create_task(content(engine, ENDLESS))
            await until(lambda: any(map(_is_at_work, engine.process_ids)))
            (reader,) = engine.process_ids
            limits = Path(f"/proc/{reader}/limits")
            await until(lambda: "Max cpu time  " in limits.read_text())
            await until(lambda: not re.search(r"Max cpu time +unlimited", limits.read_text()))
            os.kill(reader, signal.SIGXCPU)
            with pytest.raises(QueryTimedOut, match="after 30 s"):
                await asking
            assert engine.reader_counts.ended == {"time": 1}

    run(work)


def test_the_time_of_one_job_is_not_that_of_the_next(store: Path) -> None:
    async def work() -> None:
        """Each job may take half a second, and a second more; together they take two and a half."""
        reader = await _reader(store)
        started = _processor_time(reader.process_id)
        while _processor_time(reader.process_id) - started < 2.5 * os.sysconf("SC_CLK_TCK"):
            await reader.send(job(SHORT) | {"seconds": 0.5})
            while (frame := await reader.receive()) and frame[0] != frames.END:
                pass
            assert frame, "the reader lives"
        await reader.send(job(ENDLESS) | {"seconds": 0.5})
        assert await reader.receive() is None
        assert await reader.exit_status() == -signal.SIGXCPU
        await _end(reader)

    run(work)


@pytest.mark.parametrize("most", [1_000, HELD_BACK_BYTES // 2])
def test_an_answer_that_is_too_long_is_stopped_before_anything_is_said(
    store: Path, most: int
) -> None:
    async def work() -> None:
        limits = Limits(readers=1, spares=0, result_bytes=most)
        async with Engine(store, limits) as engine:
            with pytest.raises(AnswerTooLong, match=f"more than {most:,} bytes"):
                await engine.answer(Operation(LONG), CSV)
            assert engine.reader_counts.ended == {"size": 1}
            assert await content(engine) == b"true"

    run(work)


def test_an_answer_that_becomes_too_long_is_stopped_and_what_came_is_within_the_limit(
    store: Path,
) -> None:
    async def work() -> None:
        most = 3 * HELD_BACK_BYTES
        async with Engine(store, Limits(readers=1, spares=0, result_bytes=most)) as engine:
            answer = await engine.answer(Operation(LONG), CSV)
            pieces: list[bytes] = []
            with pytest.raises(AnswerTooLong):
                await _read_into(pieces, answer)
            assert HELD_BACK_BYTES < sum(map(len, pieces)) <= most
            assert engine.reader_counts.ended == {"size": 1}

    run(work)


def test_an_answer_may_have_just_that_length(store: Path) -> None:
    text, expected = "SELECT ?s ?p ?o {} LIMIT 1", b"s,p,o\r\n,,\r\n"

    async def work() -> None:
        exact = Limits(readers=1, spares=0, result_bytes=len(expected))
        async with Engine(store, exact) as engine:
            assert await content(engine, text) == expected
        async with Engine(store, replace(exact, result_bytes=len(expected) - 1)) as engine:
            with pytest.raises(AnswerTooLong):
                await content(engine, text)

    run(work)


def test_what_is_not_an_answer_to_a_client_has_no_such_limit(store: Path) -> None:
    async def work() -> None:
        async with Engine(store, Limits(readers=1, spares=0, result_bytes=10)) as engine:
            assert await content(engine, f"ASK {{}} # {'x' * READ_HERE_BYTES}") == b"true"

    run(work)


@pytest.mark.parametrize("padding", ["", "# " + "x" * READ_HERE_BYTES], ids=["here", "reader"])
def test_the_nesting_that_is_allowed_can_be_chosen(store: Path, padding: str) -> None:
    async def work() -> None:
        async with Engine(store, Limits(readers=1, spares=0, nesting=3)) as engine:
            assert await content(engine, f"ASK {{{{{{}}}}}} {padding}") == b"true"
            with pytest.raises(QueryRejected, match="nest deeper than 3"):
                await content(engine, f"ASK {{{{{{{{}}}}}}}} {padding}")
        async with Engine(store, Limits(readers=1, spares=0, nesting=800)) as engine:
            assert await content(engine, f"ASK {'{' * 800}{'}' * 800} {padding}") == b"true"

    run(work)


def test_idle_readers_that_die_are_replaced(store: Path) -> None:
    async def work() -> None:
        async with Engine(store, Limits(readers=3, spares=1)) as engine:
            await until(lambda: len(engine.process_ids) == 4)
            before = set(engine.process_ids)
            for process_id in before:
                os.kill(process_id, signal.SIGKILL)
            assert await content(engine) == b"true"
            await until(lambda: len(set(engine.process_ids) - before) == 4)

    run(work)


def test_a_reader_that_dies_while_it_starts_is_started_again(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, failures = Reader.on.__func__, [1, 2, 3]  # type: ignore[attr-defined]

    async def failing(generation: Generation, memory: int) -> Reader:
        if failures:
            failures.pop()
            raise EngineUnavailable("a reader ended before it was ready")
        return await start(Reader, generation, memory)

    async def work() -> None:
        async with Engine(store, Limits(readers=1, spares=0)) as engine:
            monkeypatch.setattr(Reader, "on", failing)
            os.kill(engine.process_ids[0], signal.SIGKILL)
            assert await content(engine) == b"true"
            assert not failures

    run(work)


def test_reading_a_long_text_and_answering_it_share_one_time_limit(store: Path) -> None:
    async def work() -> None:
        async with Engine(store, Limits(readers=1, spares=0)) as engine:
            query = await engine.read(Operation(f"ASK {{}} # {'x' * READ_HERE_BYTES}"))
            answer = await engine.answer(query, CSV)
            answer.close()
            assert query.deadline is not None
            assert answer.deadline == query.deadline
            assert (await engine.read(Operation("ASK {}"))).deadline is None

    run(work)


def test_when_all_are_busy_a_few_wait_and_the_rest_are_sent_away(store: Path) -> None:
    async def work() -> None:
        limits = Limits(readers=1, spares=0, timeout_s=20, queue_length=1, queue_wait_s=0.5)
        async with Engine(store, limits) as engine:
            endless = await engine.read(Operation(ENDLESS))
            asking = asyncio.create_task(engine.answer(endless, CSV))
            await asyncio.sleep(0.1)
            waiting = asyncio.create_task(content(engine))
            await asyncio.sleep(0.1)
            with pytest.raises(EngineUnavailable, match="1 queries wait already"):
                await content(engine)
            with pytest.raises(EngineUnavailable, match=r"busy for 0\.5 s"):
                await waiting
            asking.cancel()

    run(work)


def test_readers_move_to_a_new_generation_and_running_answers_stay_on_theirs(
    publish: Publish, tmp_path: Path
) -> None:
    publish("<x:a> <x:b> 1 .")

    async def work() -> None:
        async with Engine(tmp_path / "store", Limits(readers=2, spares=0)) as engine:
            old = await engine.answer(Operation(LONG), CSV)
            publish_generation(tmp_path / "store", parsed("<x:a> <x:b> 1, 2 ."))
            await until(lambda: engine.generation.number == 2)
            answer = await engine.answer(Operation("SELECT ?o { ?s ?p ?o } ORDER BY ?o"), CSV)
            assert answer.generation.number == 2
            assert await _read_all(answer) == b"o\r\n1\r\n2\r\n"
            assert old.generation.number == 1
            assert (await _read_all(old)).count(b"\r\n") == 150**3 + 1
            await until(lambda: len(engine.process_ids) == 2)

    run(work)


def test_no_reader_outlives_its_engine(store: Path) -> None:
    readers: list[int] = []

    async def work() -> None:
        async with Engine(store, Limits(readers=2, spares=1)) as engine:
            await until(lambda: len(engine.process_ids) == 3)
            readers.extend(engine.process_ids)
            asyncio.get_running_loop().create_task(content(engine, ENDLESS)).add_done_callback(
                lambda task: task.exception()
            )
            await asyncio.sleep(0.1)

    run(work)
    assert len(readers) == 3
    assert not any(map(is_running, readers))


def test_the_engine_starts_no_thread_of_its_own_kind(store: Path) -> None:
    """Readers die with the thread that starts them, so it is the one of the event loop."""
    before = set(threading.enumerate())

    async def work() -> None:
        async with Engine(store, Limits(readers=2, spares=0)) as engine:
            await content(engine)
            new = {each.name for each in threading.enumerate() if each not in before}
            assert all(name.startswith("asyncio_") for name in new), "those of the event loop"

    run(work)


def test_a_reader_works_whatever_number_its_descriptor_has(store: Path) -> None:
    """The front of a busy server has thousands of files open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    held = [os.dup(0) for _ in range(1100)]

    async def work() -> None:
        reader = await _reader(store)
        await reader.send(job(SHORT) | {"kind": "read", "nesting": 500})
        assert await reader.receive() is not None
        await _end(reader)

    try:
        run(work)
    finally:
        for descriptor in held:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def _reader(store: Path) -> Reader:
    generation = current_generation(store)
    assert generation is not None
    return await Reader.on(generation, MEMORY)


async def _end(reader: Reader) -> None:
    reader.kill()
    await reader.exit_status()


async def _read_all(answer: Answer) -> bytes:
    return b"".join([piece async for piece in answer])


async def _read_into(pieces: list[bytes], answer: Answer) -> None:
    async for piece in answer:
        pieces.append(piece)


def _processor_time(process_id: int) -> int:
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _is_at_work(process_id: int) -> bool:
    try:
        return _processor_time(process_id) > 20
    except FileNotFoundError:  # it has been killed, and its end is known already
        return False
