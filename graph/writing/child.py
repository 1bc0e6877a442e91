"""The writer's process: it makes what the desk sends, a batch at a time, and publishes it.

Started by the desk with the directory of the store, the bytes of memory that it may add to what it
then has, the directory of the rules, and what happens to a change that breaks shapes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graph.errors import GraphError
from graph.generations import current_generation
from graph.processes import frames, inside, sandbox
from graph.writing.evaluation import evaluate
from graph.writing.gating import AskedGate
from graph.writing.outcomes import failure
from graph.writing.upkeep import Upkeep
from graph.writing.writer import Writer, open_gate

if TYPE_CHECKING:
    from graph.generations import Generation


def main() -> None:
    """Make changes until the parent closes the socket."""
    inside.run(_serve)


def _serve(parent: inside.Parent, arguments: list[str]) -> None:
    """Do all of the writer's work, in the calling thread."""
    store, memory, rules, validate = arguments
    gate = AskedGate(parent, validate) if validate in ("warn", "reject") else open_gate
    writer = Writer(Path(store), evaluate, Upkeep(Path(rules)), gate=gate)
    try:
        writer.begin_anew()
        writer.publish()
    except (GraphError, OSError) as error:
        parent.say(frames.END, str(error))
        return
    missing = sandbox.enter(int(memory), needs_files=True)
    at_rest = sandbox.address_space() or 0
    parent.say(frames.READY, {"missing": missing})
    inside.silence()
    grown = 0
    # What earlier changes left behind shall not count against the next: the desk starts another.
    while grown < int(memory) // 4:
        _, payload = parent.receive()
        if not _make(writer, Path(store), parent, json.loads(payload)["wishes"]):
            return
        writer.sweep()
        grown = (sandbox.address_space() or 0) - at_rest


def _make(writer: Writer, store: Path, parent: inside.Parent, wishes: list[dict[str, Any]]) -> bool:
    """Make and publish one batch, and tell *parent*; False when nobody can say how it went."""
    before = _number(current_generation(store))
    try:
        outcomes = writer.apply_all(wishes, lambda index: parent.say(frames.BEGUN, {"wish": index}))
        parent.say(frames.OUTCOMES, outcomes)
        writer.publish()
    except Exception as error:
        if _number(current_generation(store)) != before:
            return False  # the pointer was switched, and may be back after a power cut
        parent.say(frames.END, failure(error))
        return True
    parent.say(frames.END, {})
    return True


def _number(generation: Generation | None) -> int:
    return generation.number if generation else 0
