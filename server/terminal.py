"""What commands say to whoever watches them, and what they ask."""

from __future__ import annotations

import sys
import unicodedata
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping


def say(text: str) -> None:
    """Write *text* to stderr, where all talk goes; what steers a terminal is left out.

    It may quote files and servers of others.
    """
    shown = "".join(each for each in text if unicodedata.category(each)[0] != "C" or each in "\n\t")
    sys.stderr.write(f"{shown}\n")
    sys.stderr.flush()


def fail(command: str, text: str, status: int) -> int:
    """Say why *command* fails; return its exit *status*."""
    say(f"{command}: {text}")
    return status


def can_ask() -> bool:
    """Tell whether there is a terminal to ask on."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def is_confirmed(question: str) -> bool:
    """Ask *question* on the terminal, and tell whether the answer is yes."""
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


@contextmanager
def bars(names: Mapping[str, str]) -> Generator[Callable[[str, float], None]]:
    """Show a bar for each step while stderr is a terminal; *names* say what each is called."""
    if not sys.stderr.isatty():
        yield _silent
        return
    from rich.console import Console  # noqa: PLC0415 -- only who watches waits for it
    from rich.progress import Progress, TaskID  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as shown:
        tasks: dict[str, TaskID] = {}

        def tell(step: str, done: float) -> None:
            for earlier in tasks.values():
                shown.update(earlier, completed=1.0)
            if step not in tasks:
                tasks[step] = shown.add_task(names.get(step, step), total=1.0)
            shown.update(tasks[step], completed=done)

        yield tell


def _silent(step: str, done: float) -> None:
    """Show nothing to nobody."""
