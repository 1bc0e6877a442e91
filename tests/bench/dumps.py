"""How fast our server sends dumps, beside what the engine does by itself, and in how much memory.

    python -m tests.bench.dumps STORE [nt ttl nq ...]

STORE is a store that `tests.bench.load` has made. Each format is timed twice, the engine first: it
writes the same graph (for formats with graphs: all of them, the union too) to nowhere. What counts
is bytes in a second, on the clock and of processor time (of the process that makes the dump, for
the others work beside it), and how much memory the server has at each tenth of a dump.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.memory import resident_mb, tree
from tests.bench.servers import metapole

_ENGINE = """
import json, os, sys, time
import pyoxigraph as ox

os.nice(10)  # as the server's own

class Nowhere:
    written = 0
    def write(self, content):
        self.written += len(content)
        return len(content)
    def flush(self):
        pass

store = ox.Store.read_only(sys.argv[1])
rdf_format = ox.RdfFormat.from_extension(sys.argv[2])
graph = ox.NamedNode(sys.argv[3]) if sys.argv[3] else None
out, begun = Nowhere(), time.perf_counter()
store.dump(out, rdf_format, from_graph=graph)
seconds, used = time.perf_counter() - begun, time.process_time()
print(json.dumps({"bytes": out.written, "seconds": seconds, "processor seconds": used}))
"""
_UNION = "https://w3id.org/metapole/graph/union"
_WITH_GRAPHS = ("nq", "trig")
_PIECE = 1 << 20


def by_the_engine(store: Path, extension: str) -> dict[str, Any]:
    """Have the engine write a dump to nowhere, in a process of its own."""
    number = json.loads((store / "current.json").read_text())["generation"]
    generation = store / "generations" / f"{number:06d}"
    graph = "" if extension in _WITH_GRAPHS else _UNION
    done = subprocess.run(
        [sys.executable, "-c", _ENGINE, generation, extension, graph],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def by_the_server(port: int, process: int, name: str, expected: int) -> dict[str, Any]:
    """Download a dump, and look at the memory of the server meanwhile."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    begun = time.perf_counter()
    connection.request("GET", f"/data/{name}")
    response = connection.getresponse()
    assert response.status == 200, response.read()
    size, piece = 0, bytearray(_PIECE)
    memory: list[float] = []
    used = 0.0
    while count := response.readinto(piece):
        size += count
        if size > expected / 10 * (len(memory) + 1):
            memory.append(round(resident_mb(process), 1))
            # The last tenth is like the others; the process is gone when it has been sent.
            used = max(map(_processor_seconds, tree(process))) * expected / size
    seconds = time.perf_counter() - begun
    return {
        "bytes": size,
        "seconds": seconds,
        "processor seconds": used,
        "MB of memory at each tenth": memory,
    }


def _processor_seconds(process: int) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has ended meanwhile
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(store: Path, extensions: list[str]) -> None:
    """Print what is measured, one format on a line."""
    with (
        tempfile.TemporaryDirectory() as folder,
        metapole(store, Path(folder) / "log", "--readers", "2") as target,
    ):
        for extension in extensions:
            load = os.getloadavg()[0]
            own = by_the_engine(store, extension)
            name = f"metapole.{extension}"
            sent = by_the_server(target.port, target.process_id, name, own["bytes"])
            ratios = {
                clock: (sent["bytes"] / sent[clock]) / (own["bytes"] / own[clock])
                for clock in ("seconds", "processor seconds")
            }
            measured = {
                "dump": name,
                "load": round(load, 1),
                "engine": own,
                "server": sent,
                "speed by the engine's": {name: round(each, 3) for name, each in ratios.items()},
            }
            sys.stdout.write(f"{json.dumps(measured)}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or ["nt"])
