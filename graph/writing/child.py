"""The writer's process: it makes what the desk sends, a batch at a time, and publishes it.

Started by the desk with the directory of the store, the bytes of memory that it may add to what it
then has, the directory of the rules, what happens to a change that breaks shapes, and the seconds
that a change and storing a generation may take. The first that it is told are the tables of the
parser, with which it reads the rules.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graph.errors import GraphError
from graph.generations import current_generation
from graph.processes import frames, inside, sandbox
from graph.sparql.parser import take_tables
from graph.writing.evaluation import evaluate
from graph.writing.gating import AskedGate
from graph.writing.outcomes import failure
from graph.writing.upkeep import Upkeep
from graph.writing.writer import Writer, open_gate

if TYPE_CHECKING:
    from graph.generations import Generation


_THREADS = os.cpu_count() or 1
"""How many threads of the store may work for one change: that much processor time in a second."""


def main() -> None:
    """Make changes until the parent closes the socket."""
    inside.run(_serve)


def _serve(parent: inside.Parent, arguments: list[str]) -> None:
    """Do all of the writer's work, in the calling thread."""
    store, memory, rules, validate = arguments[:4]
    change_s, publish_s = (float(each) * _THREADS for each in arguments[4:])
    take_tables(parent.receive()[1])
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
    parent.seconds = change_s
    parent.say(frames.READY, {"missing": missing})
    inside.silence()
    grown = 0
    # What earlier changes left behind shall not count against the next: the desk starts another.
    while grown < int(memory) // 4:
        sandbox.limit_processor_time(None)  # the store may be tidying up
        _, payload = parent.receive()
        wishes = json.loads(payload)["wishes"]
        if not _make(writer, Path(store), parent, wishes, change_s, publish_s):
            return
        writer.sweep()
        grown = (sandbox.address_space() or 0) - at_rest


def _make(
    writer: Writer,
    store: Path,
    parent: inside.Parent,
    wishes: list[dict[str, Any]],
    change_s: float,
    publish_s: float,
) -> bool:
    """Make and publish one batch, and tell *parent*; False when nobody can say how it went.

    When the disk is the trouble, all is made once more in a fresh scratch store: the engine takes
    nothing more in one for which it once could not write, be it after the batch before.
    """
    before = _number(current_generation(store))

    def begin(index: int) -> None:
        sandbox.limit_processor_time(change_s)
        parent.say(frames.BEGUN, {"wish": index})

    for is_last in (False, True):
        try:
            outcomes = writer.apply_all(wishes, begin)
            sandbox.limit_processor_time(publish_s)
            parent.say(frames.OUTCOMES, outcomes)
            writer.publish()
        except Exception as error:
            if _number(current_generation(store)) != before:
                return False  # the pointer was switched, and may be back after a power cut
            if isinstance(error, OSError) and not is_last:
                continue
            parent.say(frames.END, failure(error))
            return True
        break
    parent.say(frames.END, {})
    return True


def _number(generation: Generation | None) -> int:
    return generation.number if generation else 0
