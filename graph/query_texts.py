"""The queries of `graph/queries`, by the names of their files without the ending."""

from __future__ import annotations

from pathlib import Path

from graph.held import held

_FOLDER = Path(__file__).with_name("queries")


def text_of(name: str) -> str:
    """Return the query of that *name*, such as `table-clusters` or `help/count`."""
    return _texts()[name]


def texts_in(folder: str) -> dict[str, str]:
    """Return the queries in *folder* of them, by their names there, in the order of these."""
    start = f"{folder}/"
    return {
        name.removeprefix(start): text for name, text in _texts().items() if name.startswith(start)
    }


@held
def _texts() -> dict[str, str]:
    return {
        path.relative_to(_FOLDER).with_suffix("").as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(_FOLDER.rglob("*.rq"))
    }
