"""Make the tables of the parser in another process, while this one does something else.

    making = Making()
    ...
    making.take()

Who begins so has not loaded the parser yet, nor needs to.
"""

from __future__ import annotations

import contextlib
import subprocess

from graph.processes.child import ENVIRONMENT, command


class Making:
    """A process that makes the tables."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            command("graph.sparql.tables"),
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )

    def take(self) -> None:
        """Use what it has made; if it failed, the tables are made here when they are needed."""
        from graph.sparql.parser import take_tables  # noqa: PLC0415 -- see above

        content, _ = self._process.communicate()
        if self._process.returncode == 0:
            take_tables(content)


def main() -> None:
    """Write the tables to standard output, if anybody still wants them."""
    from graph.sparql.parser import tables  # noqa: PLC0415 -- the same

    content = tables()
    with contextlib.suppress(BrokenPipeError), open(1, "wb", buffering=0) as out:
        out.write(content)
