"""The validator: a process that is asked for a verdict, and files that are judged with its help."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

from graph.errors import EngineUnavailable, QueryRejected, UploadTooLarge
from graph.gate.extract import packed
from graph.gate.upload import validate_upload
from graph.gate.validator import GateLimits, Validator, Verdict
from graph.generations import publish_generation
from graph.limits import Limits
from graph.namespaces import SH
from graph.query import Engine

from .conftest import parsed
from .places import DATA, EX, PREFIXES, SHAPES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterable


def said(findings: Iterable[Any]) -> set[tuple[str, str]]:
    return {(each["focus"].removeprefix(EX), each["message"]) for each in findings}


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 100))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with shapes."""
    (tmp_path / "shapes").mkdir()
    (tmp_path / "shapes" / "a.ttl").write_text(PREFIXES + SHAPES, encoding="utf-8")
    return tmp_path / "shapes"


def one(text: str = ':one a :Place ; :name "One", "Uno" .') -> bytes:
    return packed([ox.NamedNode(EX + "one")], [quad.triple for quad in parsed(PREFIXES + text)])


async def stream(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def test_the_validator_says_what_is_wrong_and_what_to_do(folder: Path) -> None:
    async def work() -> None:
        async with Validator(shapes=folder) as validator:
            assert (await validator.verdict(one()))["findings"] == (
                {
                    "focus": EX + "one", "path": EX + "name", "value": None, "severity": "error",
                    "message": "a place has one name", "remedy": "choose",
                    "shape": EX + "PlaceShape", "component": SH + "MaxCountConstraintComponent",
                },
            )  # fmt: skip
            assert (await validator.verdict(one(":one a :Place .")))["findings"] == ()

    run(work)


def test_a_value_that_is_no_focus_node_is_not_judged(folder: Path) -> None:
    async def work() -> None:
        async with Validator(shapes=folder) as validator:
            text = ":one a :Place ; :in :two . :two a :Region, :Place ; :name 1, 2 ."
            assert (await validator.verdict(one(text)))["findings"] == ()

    run(work)


@pytest.mark.parametrize(
    "media_type",
    ["text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml"],
)
def test_a_report_is_standard_rdf(folder: Path, media_type: str) -> None:
    async def work() -> None:
        async with Validator(shapes=folder) as validator:
            broken = await validator.check(stream(one(), one()), media_type=media_type)
            whole = await validator.check(stream(one(":one a :Place .")), media_type=media_type)
        rdf_format = ox.RdfFormat.from_media_type(media_type)
        store = ox.Store()
        store.load(broken.report, rdf_format)
        rows = store.query(f"""
            PREFIX sh: <{SH}> PREFIX : <{EX}>
            SELECT ?message ?severity ?of {{
                [] a sh:ValidationReport ; sh:conforms false ; sh:result ?result .
                ?result a sh:ValidationResult ; sh:focusNode :one ; sh:resultPath :name ;
                    sh:sourceConstraintComponent sh:MaxCountConstraintComponent ;
                    sh:resultMessage ?message ; sh:resultSeverity ?severity ;
                    sh:sourceShape/sh:path ?of }}""")
        assert isinstance(rows, ox.QuerySolutions)
        assert [tuple(map(str, row)) for row in rows] == [
            ('"a place has one name; choose"', f"<{SH}Violation>", f"<{EX}name>")
        ] * 2
        assert (broken.conforms, broken.nodes, whole.conforms, whole.nodes) == (False, 2, True, 1)
        store.clear()
        store.load(whole.report, rdf_format)
        assert store.query(
            f"PREFIX sh: <{SH}> ASK {{ [] a sh:ValidationReport ; sh:conforms true }}"
        )

    run(work)


def test_the_kernel_holds_the_validator_in_its_sandbox(folder: Path) -> None:
    async def work() -> None:
        async with Validator(shapes=folder) as validator:
            process = Path(f"/proc/{validator.process_id}")
            assert re.search(r"NoNewPrivs:\s+1", (process / "status").read_text())
            for task in (process / "task").iterdir():
                assert re.search(r"Seccomp:\s+2", (task / "status").read_text()), task.name
            limits = (process / "limits").read_text()
            assert re.search(r"Max file size +0 +0", limits)
            assert not re.search(r"Max address space +unlimited", limits)

    run(work)


def test_a_job_that_takes_too_long_is_stopped_and_the_next_is_done(folder: Path) -> None:
    many = "".join(f":one :in :place{number} .\n" for number in range(200_000))
    limits = GateLimits(timeout_s=0.3)

    async def work() -> None:
        async with Validator(limits, shapes=folder) as validator:
            first = validator.process_id
            verdict = await validator.verdict(one(":one a :Place .\n" + many))
            assert verdict["failure"] == "EngineUnavailable"
            assert "not checked within 0.3 s" in verdict["message"]
            assert (await validator.verdict(one(":one a :Place .")))["findings"] == ()
            assert validator.process_id != first

    run(work)


def test_a_job_that_takes_too_much_memory_is_stopped_and_the_next_is_done(folder: Path) -> None:
    many = "".join(f":one :in :place{number} .\n" for number in range(200_000))
    limits = GateLimits(memory_mb=64)

    async def work() -> None:
        async with Validator(limits, shapes=folder) as validator:
            verdict = await validator.verdict(one(":one a :Place .\n" + many))
            assert "more than 64 MB" in verdict["message"]
            assert (await validator.verdict(one(":one a :Place .")))["findings"] == ()

    run(work)


def test_a_validator_has_its_own_eye_on_the_time_of_a_job(folder: Path) -> None:
    async def work() -> None:
        async with Validator(shapes=folder) as validator:
            assert validator.process_id
            await validator.verdict(one())
            limits = Path(f"/proc/{validator.process_id}/limits").read_text()
            assert not re.search(r"Max cpu time +unlimited", limits)
            held = asyncio.Event()

            async def endless() -> AsyncIterator[bytes]:
                yield one()
                await held.wait()

            checking = asyncio.ensure_future(validator.check(endless()))
            await asyncio.sleep(0.1)
            os.kill(validator.process_id, signal.SIGXCPU)
            held.set()
            with pytest.raises(EngineUnavailable, match="not checked within 20 s"):
                await checking

    run(work)


def test_a_validator_that_was_killed_is_replaced(folder: Path) -> None:
    async def work() -> None:
        async with Validator(shapes=folder) as validator:
            assert validator.process_id
            os.kill(validator.process_id, signal.SIGKILL)
            verdicts = [await validator.verdict(one()) for _ in range(2)]
            assert len(verdicts[1]["findings"]) == 1

    run(work)


def test_jobs_wait_for_each_other(folder: Path) -> None:
    async def work() -> None:
        async with Validator(shapes=folder, is_eager=False) as validator:
            assert validator.process_id is None
            verdicts = await asyncio.gather(*(validator.verdict(one()) for _ in range(5)))
            assert [len(each["findings"]) for each in verdicts] == [1] * 5

    run(work)


def test_who_waits_too_long_is_told_so(folder: Path) -> None:
    async def work() -> None:
        held = asyncio.Event()

        async def endless() -> AsyncIterator[bytes]:
            yield one()
            await held.wait()

        async with Validator(GateLimits(queue_wait_s=0.05), shapes=folder) as validator:
            other = asyncio.ensure_future(validator.check(endless()))
            await asyncio.sleep(0)
            verdict = await validator.verdict(one())
            assert "busy for 0.05 s" in verdict["message"]
            held.set()
            assert len((await other).findings) == 1

    run(work)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (":S sh:targetClass :C", "a.ttl:6: Unexpected end; correct"),
        (":S sh:targetClass :C ; sh:closed true .", "uses sh:closed"),
        ("", "holds no shapes"),
    ],
)
def test_shapes_that_cannot_be_used_stop_the_start(folder: Path, text: str, complaint: str) -> None:
    (folder / "a.ttl").write_text(PREFIXES + text, encoding="utf-8")

    async def work() -> None:
        with pytest.raises(EngineUnavailable, match=complaint):
            async with Validator(shapes=folder):
                pass

    run(work)


def as_file(path: Path, text: str) -> Path:
    triples = (quad.triple for quad in parsed(PREFIXES + text))
    path.write_bytes(ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"")
    return path


def judged(
    tmp_path: Path, folder: Path, text: str, replaces: tuple[str | None, ...] = (None,)
) -> list[Verdict]:
    """Judge the file *text* with a store of DATA and two graphs, in place of each of *replaces*."""
    store = tmp_path / "store"
    graphs = """
        :old { :four :name 'Fourth' }
        :many { :one :name 'One' . :five a :Place ; :in :north ; :name 07 }
    """
    publish_generation(store, parsed(PREFIXES + DATA + graphs))
    file = as_file(tmp_path / "upload.nt", text)
    verdicts = list[Verdict]()

    async def work() -> None:
        async with (
            Engine(store, Limits(readers=1, spares=0)) as engine,
            Validator(shapes=folder) as validator,
        ):
            for each in replaces:
                verdicts.append(await validate_upload(engine, validator, file, replaces=each))

    run(work)
    return verdicts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(":new a :Place ; :in :north .", set[Any](), id="the store knows the value"),
        pytest.param(":new a :Place ; :in :one .", {("new", "a place is in a region")}, id="no"),
        pytest.param(":new a :Place ; :in :x . :x a :County .", set[Any](), id="the file does"),
        pytest.param(':one :name "Uno" .', {("one", "a place has one name")}, id="added"),
        pytest.param(":unlike :note 1 . :other :x 1 .", set[Any](), id="nothing to judge"),
        pytest.param(":three :note 1 .", {("three", "a place is in a region")}, id="broken before"),
        pytest.param(":five :name 07 .", set[Any](), id="stated before, and written anew"),
        pytest.param("", set[Any](), id="empty"),
    ],
)
def test_a_file_is_judged_with_what_the_store_says(
    tmp_path: Path, folder: Path, text: str, expected: set[tuple[str, str]]
) -> None:
    first, second = judged(tmp_path, folder, text, (None, None))

    assert said(first.findings) == expected
    assert second.findings == first.findings  # so nothing was stored


def test_a_file_can_be_judged_in_place_of_a_graph(tmp_path: Path, folder: Path) -> None:
    text = ":four a :Place ; :in :north ; :name 'Four' ."
    added, instead, elsewhere = judged(
        tmp_path, folder, text, (None, f"{EX}old", f"{EX}unheard-of")
    )

    assert said(added.findings) == {("four", "a place has one name")}
    assert instead.findings == ()
    assert elsewhere.findings == added.findings


def test_a_graph_to_replace_needs_a_name(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(QueryRejected, match="'old' cannot name a graph"):
        judged(tmp_path, folder, ":one a :Place .", ("old",))


def test_a_file_too_large_to_judge_is_refused(tmp_path: Path, folder: Path) -> None:
    store = tmp_path / "store"
    publish_generation(store, parsed(PREFIXES + DATA))
    many = "".join(f":place{number} a :Place ; :in :place{number} .\n" for number in range(120_000))
    file = as_file(tmp_path / "upload.nt", many)

    async def work() -> None:
        limits = Limits(readers=1, spares=0, memory_mb=32)
        async with Engine(store, limits) as engine, Validator(shapes=folder) as validator:
            with pytest.raises(UploadTooLarge, match="fewer statements"):
                await validate_upload(engine, validator, file)
            as_file(file, ":one a :Place .")
            assert (await validate_upload(engine, validator, file)).nodes == 1

    run(work)
