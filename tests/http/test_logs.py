"""The log of the server, which nobody waits for."""

import subprocess
import sys

PROGRAM = """
import logging
from server.logs import Log

log = Log()
log.start()
for number in range(5_000):
    logging.getLogger("metapole.test").warning("%d %s", number, "x" * 100)
log.finish()
print("not held up")
"""


def test_a_stderr_that_nobody_reads_holds_nothing_up() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        assert program.stdout.read() == "not held up\n"
        assert program.wait(10) == 0


def test_what_is_logged_is_written_in_order() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    lines = done.stderr.splitlines()
    assert len(lines) == 5_000
    assert lines[0].endswith(f"WARNING 0 {'x' * 100}")
    assert [int(line.split()[3]) for line in lines] == list(range(5_000))
