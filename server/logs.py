"""Log to stderr so that nobody waits for it: while nobody reads stderr, lines are lost and counted.

A line is JSON, or text for people. Whatever a client sends, it stays within its line: in JSON all
but ASCII is escaped, in text all that cannot be seen is.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import select
import sys
import time
from datetime import UTC, datetime
from logging.handlers import QueueHandler, QueueListener
from typing import TYPE_CHECKING, Any, Literal

import structlog

from graph.asker import ASKER

if TYPE_CHECKING:
    from collections.abc import Callable

    from structlog.types import EventDict, WrappedLogger

LogForm = Literal["auto", "json", "text"]
"""How lines are written; "auto" is for people at a terminal, and JSON anywhere else."""

_STDERR = 2
_LINES_AT_MOST = 10_000
_LAST_LINES_S = 1.0
_TOGETHER_S = 0.05
_ATOMIC_BYTES = 4096
"""What a pipe takes as a whole when it takes anything."""


class Log:
    """The log of a server: everything that is logged in this process, written by a thread."""

    def __init__(self, form: LogForm = "text") -> None:
        self._lines = _Lines(_LINES_AT_MOST)
        self._listener = _Patient(self._lines, _Writing(self._lines, _formatter(form)))

    def start(self) -> None:
        """Take over the log."""
        logging.basicConfig(handlers=[_Dropping(self._lines)])
        logging.getLogger("metapole").setLevel(logging.INFO)
        self._listener.start()

    def finish(self) -> None:
        """Let the last lines be written, unless nobody reads them."""
        deadline = time.monotonic() + _LAST_LINES_S
        while self._lines.unfinished_tasks and time.monotonic() < deadline:
            time.sleep(0.01)


def teller(form: LogForm) -> Callable[..., None]:
    """Return what tells whoever has started the server something at once, while there is no log.

    Nobody waits for it either: it is left out while nobody reads stderr.
    """

    def tell(text: str, level: str = "info") -> None:
        line = text
        if _is_json(form):
            line = json.dumps({"time": _moment(time.time()), "level": level, "event": text})
        if select.select((), (_STDERR,), (), 0)[1]:
            os.write(_STDERR, f"{line}\n".encode(errors="backslashreplace")[:_ATOMIC_BYTES])

    return tell


def visible(text: str) -> str:
    """Return *text* with all that cannot be seen, or breaks a line, escaped as in Python."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


class _Lines(queue.Queue[logging.LogRecord]):
    """Lines on their way to whoever writes them."""

    lost = 0
    """How many found no place since it was told last."""


class _Patient(QueueListener):
    """Lets lines come together: a thread that woke for each would hold up who works on the next."""

    def __init__(self, lines: queue.Queue[logging.LogRecord], handler: logging.Handler) -> None:
        super().__init__(lines, handler)
        self._lines = lines

    def dequeue(self, block: bool) -> logging.LogRecord:
        """Wait for a line, and for others if there is none yet."""
        if self._lines.empty():
            time.sleep(_TOGETHER_S)
        return super().dequeue(block)


class _Writing(logging.Handler):
    """Writes to the descriptor itself: at its end Python waits for whoever holds a stream."""

    def __init__(self, lines: _Lines, formatter: logging.Formatter) -> None:
        super().__init__()
        self._lines = lines
        self.setFormatter(formatter)

    def createLock(self) -> None:  # noqa: N802 -- so it is called in logging
        """Do without a lock, since one thread writes."""
        self.lock = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        if lost := self._lines.lost:
            self._lines.lost -= lost
            self._write(_record(f"{lost} lines are missing here: nobody has read the log"))
        self._write(record)

    def _write(self, record: logging.LogRecord) -> None:
        try:
            os.write(_STDERR, f"{self.format(record)}\n".encode(errors="backslashreplace"))
        except OSError:  # nobody is there who could read it, or not now
            self._lines.lost += 1


class _Dropping(QueueHandler):
    def __init__(self, lines: _Lines) -> None:
        super().__init__(lines)
        self._lines = lines

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """Settle, in the thread that logs, what can be known only there."""
        record.msg, record.args = record.getMessage(), None
        fields: dict[str, Any] = record.__dict__.setdefault("fields", {})
        if (asker := ASKER.get()) and "request_id" not in fields:
            fields["request_id"] = asker.id
        if record.exc_info:
            fields["exception"] = _TRACEBACKS.formatException(record.exc_info)
            record.exc_info = record.exc_text = None
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self._lines.put_nowait(record)
        except queue.Full:
            self._lines.lost += 1  # saying so now would wait, too


_TRACEBACKS = logging.Formatter()


def _formatter(form: LogForm) -> logging.Formatter:
    renderer = structlog.processors.JSONRenderer() if _is_json(form) else _as_text
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[_complete],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def _is_json(form: LogForm) -> bool:
    return form == "json" or (form == "auto" and not sys.stderr.isatty())


def _complete(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Add to *event* what its record knows."""
    record: logging.LogRecord = event["_record"]
    first = {"time": _moment(record.created), "level": record.levelname.lower()}
    return {**first, **event, **record.__dict__.get("fields", {})}


def _as_text(_: WrappedLogger, __: str, event: EventDict) -> str:
    """Write *event* for people; a line that goes on is indented, so that it begins no other."""
    level, text = str(event.pop("level")).upper(), str(event.pop("event"))
    moment = datetime.fromisoformat(event.pop("time")).astimezone()
    more = event.pop("exception", "")
    fields = "".join(f" {name}={_value(value)}" for name, value in event.items())
    first, *rest = [*f"{text}{fields}".split("\n"), *more.splitlines()]
    stamp = moment.strftime("%Y-%m-%d %H:%M:%S,") + f"{moment.microsecond // 1000:03d}"
    return "\n    ".join((f"{stamp} {level} {visible(first)}", *map(visible, rest)))


def _value(value: object) -> str:
    text = str(value)
    return text if text.isalnum() and text.isascii() else json.dumps(text)


def _record(text: str) -> logging.LogRecord:
    return logging.LogRecord("metapole.log", logging.WARNING, "", 0, text, None, None)


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
