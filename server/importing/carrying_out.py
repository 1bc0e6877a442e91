"""The way of every import: prepare it, show what it would do, ask, do it, and say what was done."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from graph.differences import counted, rdf_patch
from graph.errors import GraphError, ImportRefused, ShapesViolated
from graph.generations import current_generation
from graph.importing import commit
from graph.importing.local import LocalStore
from graph.importing.report import NOWHERE, Defect, defects_of, write_report
from graph.importing.words import in_words
from graph.search.making import make_index
from server.client import connected
from server.importing.remote import RemoteStore
from server.terminal import bars, can_ask, fail, is_confirmed, say

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    from graph.importing import Prepared
    from graph.importing.report import Places
    from graph.importing.target import Done, Finding, Target

COMMAND = "metapole import"
_STEPS = {"shapes": "Checking by the shapes"}
_SHOWN = 20
"""So many statements of a difference, and defects, are shown unasked."""


class Work:
    """What is asked for, as it goes on: *make* prepares it with a target and a folder for files."""

    def __init__(
        self,
        make: Callable[[Target, Path], Awaitable[Prepared]],
        places: Callable[[], Places] | None = None,
    ) -> None:
        self.make = make
        self.places = places
        """Where in a table the statements come from, once it was read."""
        self.progress: Callable[[str, float], None] = lambda _step, _done: None

    def tell_rows(self, name: str, rows: int) -> None:
        """Show that so many rows of the file *name* were read; how many there are, nobody knows."""
        self.progress(f"Reading {name}", rows / (rows + 10_000))

    def tell_judged(self, batches: int) -> None:
        """Show that shapes were asked so often."""
        self.progress("shapes", batches / (batches + 20))


def carry_out(args: argparse.Namespace, work: Work) -> int:
    """Do *work* as *args* say; return the exit status."""

    try:
        return asyncio.run(_carry_out(args, work))
    except ImportRefused as error:
        _tell_defects(args, [Defect(**each) for each in error.defects])
        return fail(COMMAND, f"{error}\nNothing was changed.", 1)
    except ShapesViolated as error:
        _report(args, work, [dict(each) for each in error.findings])
        return fail(COMMAND, f"{error}\nNothing was changed.", 1)
    except OSError as error:
        told = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        return fail(COMMAND, f"{told}\nNothing was changed.", 1)
    except (GraphError, ValueError) as error:
        return fail(COMMAND, f"{error}\nNothing was changed.", 1)


async def _carry_out(args: argparse.Namespace, work: Work) -> int:
    with TemporaryDirectory(prefix="metapole-import-") as folder:
        async with _target(args, work) as target:
            with bars(_STEPS) as work.progress:
                prepared = await work.make(target, Path(folder))
            _show(args, prepared)
            if prepared.is_unchanged:
                return 0
            if not _report(args, work, prepared.findings):
                return 1
            if args.dry_run:
                say("Nothing was changed; this was a dry run.")
                return 0
            if not args.yes:
                if not can_ask():
                    return fail(COMMAND, "nothing was changed; add --yes to do it unasked", 2)
                if not is_confirmed("Do it?"):
                    say("Nothing was changed.")
                    return 1
            _tell(await commit(target, prepared))
        _index_names(args)
    return 0


@asynccontextmanager
async def _target(args: argparse.Namespace, work: Work) -> AsyncGenerator[Target]:
    if args.to:
        async with connected(args.to, args.token_file) as client:
            yield RemoteStore(client)
        return

    async with LocalStore(args.store, work.tell_judged) as local:
        yield local


def _show(args: argparse.Namespace, prepared: Prepared) -> None:

    for line in in_words(prepared, None if args.all else _SHOWN):
        say(line)
    if args.diff:
        lines = rdf_patch([prepared.difference])
        args.diff.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _report(args: argparse.Namespace, work: Work, findings: Sequence[Finding]) -> bool:
    """Tell what is wrong with it; return whether it may be done all the same."""

    places = work.places() if work.places else NOWHERE
    defects = defects_of(findings, places)
    _tell_defects(args, defects)
    errors = sum(each.severity == "error" for each in defects)
    if errors:
        say(f"Nothing was changed: {counted(errors, 'error')}; correct the file, and import again.")
    return not errors


def _tell_defects(args: argparse.Namespace, defects: Sequence[Defect]) -> None:

    shown = defects if args.all else defects[:_SHOWN]
    for each in shown:
        say(f"  {each}")
    if len(shown) < len(defects):
        say(f"  and {len(defects) - len(shown):,} more; --report FILE has all")
    if args.report:
        write_report(args.report, f"{COMMAND}: {counted(len(defects), 'defect')}", defects)
        say(f"{args.report} has the report.")


def _tell(done: Done) -> None:
    if done.commit is None:
        say("It was so already; nothing was changed.")
        return
    say(f"Done: commit {done.commit}, generation {done.generation}.")
    for each in done.findings:
        say(f"  warning: {each['message']}; {each['remedy']}")


def _index_names(args: argparse.Namespace) -> None:
    """Make the index that names are searched in; a server makes its own when it is asked."""
    if args.to:
        return

    try:
        if generation := current_generation(args.store):
            make_index(generation)
    except OSError as error:
        say(f"{COMMAND}: the index of names was not made ({error})")
