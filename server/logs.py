"""Log to stderr so that nobody waits for it: while nobody reads stderr, lines are lost."""

import logging
import os
import queue
import time
from logging.handlers import QueueHandler, QueueListener

_STDERR = 2
_LINES_AT_MOST = 10_000
_LAST_LINES_S = 1.0


class Log:
    """The log of a server: everything that is logged in this process, written by a thread."""

    def __init__(self) -> None:
        self._lines: queue.Queue[logging.LogRecord] = queue.Queue(_LINES_AT_MOST)
        self._listener = QueueListener(self._lines, _Writing())

    def start(self) -> None:
        """Take over the log."""
        handler = _Dropping(self._lines)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        logging.basicConfig(handlers=[handler])
        logging.getLogger("metapole").setLevel(logging.INFO)
        self._listener.start()

    def finish(self) -> None:
        """Let the last lines be written, unless nobody reads them."""
        deadline = time.monotonic() + _LAST_LINES_S
        while not self._lines.empty() and time.monotonic() < deadline:
            time.sleep(0.01)


class _Writing(logging.Handler):
    """Writes to the descriptor itself: at its end Python waits for whoever holds a stream."""

    def createLock(self) -> None:  # noqa: N802 -- so it is called in logging
        """Do without a lock, since one thread writes."""
        self.lock = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        os.write(_STDERR, f"{self.format(record)}\n".encode(errors="backslashreplace"))


class _Dropping(QueueHandler):
    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            return  # saying so would wait, too
