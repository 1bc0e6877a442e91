"""What `metapole serve` does before it serves: find or build a store, and hold its locks."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from graph.errors import BuildRejected, GraphError, StoreUnusable
from graph.generations import current_generation
from graph.generations.fallback import find_whole, mend_pointer
from graph.generations.keeping import Policy, policy_of, set_policy
from graph.generations.locks import serving, writing
from graph.release import upgrade_hint
from graph.source_texts import SourceTexts
from server.logs import teller
from server.supervisor import run_apart
from server.terminal import fail
from server.tokens import read_tokens

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from contextlib import ExitStack
    from pathlib import Path

    from graph.generations.fallback import Fallback
    from graph.generations.locks import Lock

_HOLDER = "metapole serve"


class NotBuiltError(Exception):
    """There was no store, and none could be built; why has been said."""


class Prepared(NamedTuple):
    """What is known of the store before it is served."""

    lock: Lock | None
    """The lock for writing, if we are to write."""
    fallback: Fallback | None
    """What is read, and nothing is written to, because the current generation is damaged."""
    sources: SourceTexts
    """The source documents that the operator has."""


def prepare(arguments: argparse.Namespace, held: ExitStack) -> Prepared:
    """See to it that there is a store that is ours to serve; *held* keeps the locks on it."""
    store: Path = arguments.store
    held.enter_context(serving(store, _HOLDER))
    if arguments.token_file:
        read_tokens(arguments.token_file)
    sources = SourceTexts(arguments.sources)
    if fallback := _fallback(arguments):
        return Prepared(None, fallback, sources)
    if see_to_store(arguments):
        raise NotBuiltError
    _keep(arguments)
    if arguments.token_file:
        return Prepared(held.enter_context(writing(store, _HOLDER)), None, sources)
    return Prepared(None, None, sources)


def as_it_is_now(arguments: argparse.Namespace, prepared: Prepared, held: ExitStack) -> Prepared:
    """Return what is known of the store, whose damage somebody may have seen to since.

    StoreUnusable when somebody else writes to it; *held* keeps the lock.
    """
    fallback = prepared.fallback
    if fallback is None or fallback.still_holds(arguments.store):
        return prepared
    lock = held.enter_context(writing(arguments.store, _HOLDER)) if arguments.token_file else None
    return prepared._replace(lock=lock, fallback=None)


def _keep(arguments: argparse.Namespace) -> None:
    """Have the store keep as many generations as was said, if anything was."""
    said = {"last": arguments.keep_generations, "days": arguments.keep_days}
    changes = {name: number for name, number in said.items() if number is not None}
    if not changes:
        return
    with writing(arguments.store, _HOLDER):
        try:
            policy = policy_of(arguments.store)
        except StoreUnusable:  # it is damaged, and made anew now
            policy = Policy()
        set_policy(arguments.store, replace(policy, **changes))


def _fallback(arguments: argparse.Namespace) -> Fallback | None:
    """Look whether the store is whole; say what is damaged, and mend what costs nothing.

    Return what is to be read in place of the current generation, if it is not.
    """
    found = find_whole(arguments.store)
    if found is None or found.fallback is None:
        return None
    teller(arguments.log)(found.fallback.message, "error")
    if not found.fallback.loses_nothing:
        return found.fallback
    try:
        with writing(arguments.store, _HOLDER):
            mend_pointer(arguments.store, found.fallback)
    except (StoreUnusable, OSError) as error:
        teller(arguments.log)(f"the pointer could not be mended ({error})", "error")
        return found.fallback
    return None


def see_to_store(arguments: argparse.Namespace) -> int:
    """Build the graph that ships if there is no store; else say if the store has an older one.

    Return an exit status: not 0 if none could be built, and why has been said.
    """
    store, tell = arguments.store, teller(arguments.log)
    if generation := current_generation(store):
        if hint := upgrade_hint(store, generation):
            tell(hint)
        return 0
    tell(f"{store} is empty: building the graph that ships with Metapole ...")
    return run_apart(lambda: _build(store))


def _build(store: Path) -> int:
    from graph.build import build  # noqa: PLC0415 -- it takes long to load, and is seldom needed

    try:
        build(store, progress=_progress() if sys.stderr.isatty() else None)
    except BuildRejected as error:
        findings = "\n".join(str(finding) for finding in error.findings)
        return fail(_HOLDER, f"{findings}\n{error}", 1)
    except GraphError as error:
        return fail(_HOLDER, str(error), 1)
    return 0


def _progress() -> Callable[[str, float], None]:
    def show(step: str, done: float) -> None:
        sys.stderr.write(f"\r\033[K{step} {done:4.0%}" + ("\r\033[K" if done >= 1 else ""))
        sys.stderr.flush()

    return show
