"""A store with a history, and what the tests of backups and of going back do to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.generations import Generation, writing
from graph.generations.publishing import no_step
from graph.generations.record import generation_path
from graph.recovery.restoring import Plan, make_restore, plan_restore
from graph.recovery.sources import State, states_of

from .edits import build, opened, release, write

if TYPE_CHECKING:
    from pathlib import Path

    import pyoxigraph as ox

    from graph.generations.publishing import Step
    from graph.recovery.backups import Form

FORMS: tuple[Form, ...] = ("store", "archive")
SHIPPED = 'GRAPH :people { :a :knows :b . :a skos:prefLabel "A"@en }'
MINE = "http://example.org/mine"


class Crash(BaseException):
    """The process is gone."""


class Stop:
    """Lets the n-th step fail."""

    def __init__(self, after: int, error: BaseException) -> None:
        self.seen: list[str] = []
        self._after = after
        self._error = error

    def __call__(self, name: str) -> None:
        self.seen.append(name)
        if len(self.seen) == self._after:
            raise self._error


def four_generations(store: Path, rules: Path) -> Path:
    """Make a store of four commits, with a blank node, a triple term, and a graph that is gone."""
    build(store, release(SHIPPED, rules))
    write(store, rules, add="GRAPH :mine { :x :knows :y . :x :at [ :in :z ] }")
    says = ":x :says <<( :y :knows _:w )>>"
    write(store, rules, add=f"GRAPH :mine {{ {says} . :x :is 1 }} :own :is 2 .")
    write(store, rules, add="GRAPH :gone { :g :is 1 }", drop=MINE)
    return store


def quads(store: Path, generation: Generation | None = None) -> set[ox.Quad]:
    return set(opened(store, generation))


def plan_and_make(
    store: Path, state: State, agent: str = "a test", step: Step = no_step
) -> tuple[Plan, Generation]:
    """Make *state* the next generation of *store*."""
    with writing(store, agent):
        plan = plan_restore(store, state)
        return plan, make_restore(store, plan, agent, step=step)


def kept(store: Path, wanted: int) -> State:
    return next(each for each in states_of(store) if each.generation.number == wanted)


def damage(store: Path, wanted: int) -> None:
    path = next(generation_path(store, wanted).glob("*.sst"))
    changed = bytearray(path.read_bytes())
    changed[len(changed) // 2] ^= 0xFF
    path.unlink()
    path.write_bytes(changed)


def tell_nobody(step: str, done: float) -> None:
    """Make no noise."""
