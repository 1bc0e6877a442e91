"""Map with RML, by morph-kgc, in an environment of its own: its pins and ours exclude each other.

It is a program that somebody installed for this, and is run as one: with a mapping that it reads,
in the folder of the mapping, and N-Quads that it writes, which are read as any file that was sent.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from graph.errors import ImportRefused
from graph.importing.origin import mapped_by

if TYPE_CHECKING:
    from pathlib import Path

TIMEOUT_S = 1800.0
_INSTALL = (
    "make an environment for it (python3 -m venv morph && morph/bin/pip install morph-kgc), "
    "and say --morph-kgc morph/bin/python"
)
_SHOWN = 1_500


async def map_with_rml(python: Path, mapping: Path, output: Path, folder: Path) -> None:
    """Write to *output* the N-Quads that *mapping* makes; *python* is that of the environment.

    ImportRefused says what is missing, or what morph-kgc says; *folder* is for its settings.
    """
    if not python.is_file():
        raise ImportRefused(f"{python}: there is no Python with morph-kgc; {_INSTALL}")
    if not mapping.is_file():
        raise ImportRefused(f"{mapping}: there is no such mapping")
    # It appends the ending that it thinks right to a name with any other.
    settings, made = folder / "morph-kgc.ini", folder / "morph-kgc.nq"
    settings.write_text(
        f"[CONFIGURATION]\noutput_file = {made}\noutput_format = N-QUADS\n"
        f"[Mapping]\nmappings = {mapping.resolve()}\n",
        encoding="utf-8",
    )
    status, said = await _run(python, settings, mapping.resolve().parent)
    if status or not made.exists():
        if "No module named" in said and "morph_kgc" in said:
            raise ImportRefused(f"{python} has no morph-kgc; {_INSTALL}")
        raise ImportRefused(f"morph-kgc made nothing of {mapping.name}: {said or status}")
    made.replace(output)


async def _run(python: Path, settings: Path, folder: Path) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        python.absolute(), "-m", "morph_kgc", settings, cwd=folder,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(TIMEOUT_S):
            _, said = await process.communicate()
    except TimeoutError as error:
        raise ImportRefused(f"morph-kgc was not done in {TIMEOUT_S:g} s") from error
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    return process.returncode or 0, said.decode(errors="replace").strip()[-_SHOWN:]


def label_of(mapping: Path) -> str:
    """Return what the graph says of the mapping in the file *mapping*."""
    return mapped_by(f"{mapping.name}, by morph-kgc", mapping.read_bytes())
