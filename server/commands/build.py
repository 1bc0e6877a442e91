"""`metapole build`: make the next generation of the store from the files."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from server.commands.validate import add_inputs

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Generator

_STEPS = {
    "read": "Reading the files",
    "validate": "Checking them",
    "derive": "Deriving",
    "load": "Loading",
    "publish": "Publishing",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--store", type=Path, default=Path("metapole-store"), metavar="DIR",
        help="folder of the store (default: %(default)s)",
    )  # fmt: skip
    add_inputs(parser)


def run(args: argparse.Namespace) -> int:
    """Build; print findings and a summary to stderr; return 1 if nothing was built."""
    from graph.build import check, publish
    from graph.errors import GraphError

    try:
        with _progress() as progress:
            report = check(
                data=args.data, ontology=args.ontology, sources=args.sources, progress=progress
            )
            generation = None if report.errors else publish(args.store, report, progress=progress)
    except GraphError as error:
        sys.stderr.write(f"metapole build: {error}\n")
        return 1
    for finding in report.findings:
        sys.stderr.write(f"{finding}\n")
    sys.stderr.write(f"{report.summary}\n")
    if generation is None:
        sys.stderr.write("Nothing was built; the store is as it was.\n")
        return 1
    sys.stderr.write(f"Built generation {generation.number} in {args.store}\n")
    return 0


@contextmanager
def _progress() -> Generator[Callable[[str, float], None] | None]:
    """Show a bar for each step while stderr is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress, TaskID

    with Progress(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(step: str, done: float) -> None:
            for earlier in tasks.values():
                bars.update(earlier, completed=1.0)
            if step not in tasks:
                tasks[step] = bars.add_task(_STEPS.get(step, step), total=1.0)
            bars.update(tasks[step], completed=done)

        yield tell
