"""The validator: a process that has the shapes, and judges one extract after the other.

Started by `validator.Validator` with the folder of the shapes, the bytes of memory that it may add
to what it then has, and the seconds that a job may take. A job is `Q`, then extracts as `D`, cut
anywhere, then `E`; its answer is the report in RDF as `D`, if the job names a media type, then `E`
with the findings.
"""

from __future__ import annotations

import json
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph import shacl
from graph.errors import UnreadableSource, UnwritableAnswer
from graph.gate.extract import name_of, unpacked
from graph.gate.profile import TYPE, Profile, read_profile
from graph.namespaces import SH, prefixes
from graph.processes import frames, inside, sandbox
from graph.readers.xml_names import written_as_xml
from graph.shapes import read_shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def main() -> None:
    """Judge extracts until the parent closes the socket."""
    inside.run(_serve)


def _serve(parent: inside.Parent, arguments: list[str]) -> None:
    folder, memory, seconds = Path(arguments[0]), int(arguments[1]), float(arguments[2])
    try:
        processor, profile = _prepared(folder)
    except UnreadableSource as error:
        return parent.say(frames.END, str(error))
    inside.silence()
    missing = sandbox.enter(memory)
    at_rest = sandbox.address_space()
    parent.seconds = seconds
    parent.say(frames.READY, {"missing": missing})
    while True:
        _, payload = parent.receive()
        ending = _answer(processor, profile, parent, json.loads(payload))
        # What one job left behind shall not count against the next.
        grown = (sandbox.address_space() or 0) - (at_rest or 0)
        ending["is_usable"] = at_rest is None or grown < memory // 4
        parent.say(frames.END, ending)


def _prepared(folder: Path) -> tuple[shacl.Processor, Profile]:
    """Read the shapes, and have all that is loaded on demand loaded: there may be no files soon."""
    shapes = read_shapes(folder)
    if shapes.findings or not shapes.quads:
        problem = str(min(shapes.findings, default=f"{folder} holds no shapes"))
        raise UnreadableSource(problem)
    processor, profile = shacl.Processor(shapes.quads), read_profile(shapes.quads)
    examples = [ox.Quad(each, TYPE, each) for each in profile.by_class]
    shacl.report([processor.judge(examples)])
    return processor, profile


def _answer(
    processor: shacl.Processor, profile: Profile, parent: inside.Parent, job: dict[str, Any]
) -> dict[str, Any]:
    """Do *job*, whose extracts follow; return what there is to say at its end."""
    if job["kind"] == "profile":
        return {"profile": profile.as_plain()}
    start = time.perf_counter()
    judging = _Judging(processor, job)
    kind, payload = parent.receive()
    while kind == frames.DATA:
        judging.take(payload)
        kind, payload = parent.receive()
    if judging.failure is None and job["media_type"]:
        judging.attempt(lambda: _send_report(parent, judging.parts, job["media_type"]))
    if judging.failure is not None:
        return judging.failure
    return {
        "findings": sorted(judging.findings(), key=json.dumps),
        "nodes": judging.nodes,
        "is_complete": judging.is_complete,
        "milliseconds": (time.perf_counter() - start) * 1000,
    }


class _Judging:
    """One job: the extracts as they come, and what was found in them."""

    def __init__(self, processor: shacl.Processor, job: dict[str, Any]) -> None:
        self.parts: list[shacl.Report] = []
        self.nodes = 0
        self.is_complete = True
        self.failure: dict[str, Any] | None = None
        self._processor = processor
        self._most = job["most"]
        self._buffer = bytearray()

    def findings(self) -> list[dict[str, Any]]:
        """Return what was found so far."""
        return [finding_of(each) for part in self.parts for each in part.results]

    def take(self, payload: bytes) -> None:
        """Judge what is complete now; after a failure the rest is only received."""
        if self.failure is None:
            self._buffer += payload
            self.attempt(self._judge)

    def attempt(self, work: Callable[[], None]) -> None:
        try:
            work()
        except MemoryError:
            self.parts.clear()
            self.failure = {"failure": "memory", "message": "out of memory"}
        except UnwritableAnswer as error:
            self.failure = {"failure": "unwritable", "message": str(error)}
        except Exception as error:  # the parent knows what to make of it
            message = "".join(traceback.format_exception(error))
            self.failure = {"failure": "bug", "message": message}

    def _judge(self) -> None:
        for nodes, data in unpacked(self._buffer):
            if sum(len(part.results) for part in self.parts) >= self._most:
                self.is_complete = False
                continue
            self.nodes += len(nodes)
            self.parts.append(self._processor.judge(data, nodes))


def _send_report(parent: inside.Parent, parts: Iterable[shacl.Report], media_type: str) -> None:
    rdf_format = ox.RdfFormat.from_media_type(media_type)
    assert rdf_format is not None  # noqa: S101 -- the parent asks for formats that there are
    triples: Iterable[ox.Triple] = shacl.report(parts)
    if rdf_format == ox.RdfFormat.RDF_XML:
        triples = written_as_xml(triples)
    content = ox.serialize(triples, format=rdf_format, prefixes={**prefixes(), "sh": SH})
    parent.send(content or b"")


def finding_of(result: shacl.Result) -> dict[str, Any]:
    """Return *result* as a finding; the shapes end their messages with what to do."""
    message, _, remedy = result.message.partition("; ")
    return {
        "focus": name_of(result.focus),
        "path": result.path,
        "value": None if result.value is None else name_of(result.value),
        "severity": result.severity,
        "message": message,
        "remedy": remedy or "correct it",
        "shape": result.shape,
        "component": result.component,
    }
