"""What one client may use of the server, and how many may use it at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

MAX_NESTING = 500
"""How deep brackets may nest unless one says otherwise; the engine spends stack on each level."""

Validate = Literal["off", "warn", "reject"]
"""What happens to a change after which data would break a shape."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use, and how many may run at once."""

    readers: Annotated[int, "How many queries are evaluated at once."] = 4
    spares: Annotated[int, "How many readers wait to take the place of one that is lost."] = 1
    timeout_s: Annotated[float, "Seconds that a query may take, its answer included."] = 30.0
    memory_mb: Annotated[int, "Megabytes that a query may use."] = 512
    result_bytes: Annotated[int, "How long an answer may be, in bytes before it is compressed."] = (
        1_000_000_000
    )
    nesting: Annotated[int, "How deep brackets may nest in the text of a query or an update."] = (
        MAX_NESTING
    )
    queue_length: Annotated[int, "How many queries may wait for a reader."] = 16
    queue_wait_s: Annotated[float, "Seconds that a query may wait for a reader."] = 5.0


@dataclass(frozen=True, slots=True)
class DumpLimits:
    """What one dump may use, and how many may be made at once."""

    at_once: Annotated[int, "How many dumps are made at once."] = 6
    timeout_s: Annotated[float, "Seconds that a dump may take, until its last byte is sent."] = (
        3600.0
    )
    memory_mb: Annotated[int, "Megabytes that making a dump may use."] = 768
    result_bytes: Annotated[int, "How long a dump may be, in bytes."] = 100_000_000_000
    grace_s: Annotated[float, "Seconds that a client may let a dump wait."] = 30.0
    bytes_per_s: Annotated[
        int, "How many bytes make one second more that a client may let it wait."
    ] = 20_000


@dataclass(frozen=True, slots=True)
class WriteLimits:
    """What one change may use, and how many may wait."""

    timeout_s: Annotated[float, "Seconds that one change may take."] = 60.0
    memory_mb: Annotated[int, "Megabytes that the writer may use."] = 1536
    publish_timeout_s: Annotated[float, "Seconds that storing a generation may take."] = 60.0
    start_limit_s: Annotated[
        float, "Seconds that the writer may take to start, when it has to derive all anew."
    ] = 600.0
    queue_length: Annotated[int, "How many changes may wait."] = 256
    queue_wait_s: Annotated[float, "Seconds that a change may wait."] = 30.0
    batch: Annotated[int, "How many changes may share a generation."] = 64
    attempts: Annotated[
        int,
        "How often a change is tried when the writer is lost for a reason that is not its fault.",
    ] = 3


@dataclass(frozen=True, slots=True)
class Writing:
    """How changes are taken."""

    limits: WriteLimits = WriteLimits()
    validate: Validate = "reject"
    lock: int | None = None
    """The descriptor of the lock of the store, which the writer holds as long as it lives."""


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What one upload may hold, and what reading it may use."""

    triples: Annotated[int, "How many triples an upload may have."] = 500_000
    literal_bytes: Annotated[int, "How long a literal may be, in bytes."] = 1_000_000
    iri_bytes: Annotated[int, "How long an IRI may be, in bytes."] = 8_192
    written_bytes: Annotated[
        int, "How long the triples of an upload may be, written as N-Triples."
    ] = 1_000_000_000
    timeout_s: Annotated[float, "Seconds that reading an upload may take."] = 120.0
    memory_mb: Annotated[int, "Megabytes that reading an upload may use."] = 512


@dataclass(frozen=True, slots=True)
class GateLimits:
    """What looking at a change or a file by the shapes may use."""

    timeout_s: Annotated[float, "Seconds that a verdict may take."] = 20.0
    memory_mb: Annotated[int, "Megabytes that the validator may use."] = 512
    start_limit_s: Annotated[float, "Seconds that the validator may take to start."] = 30.0
    queue_wait_s: Annotated[float, "Seconds that one may wait for the validator."] = 20.0


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one address on the list of others may take; its entry in the file can say otherwise."""

    connect_s: Annotated[float, "Seconds that connecting may take."] = 3.0
    read_s: Annotated[float, "Seconds that it may be silent."] = 15.0
    total_s: Annotated[float, "Seconds that a request may take, with redirects and repetition."] = (
        30.0
    )
    bytes: Annotated[int, "How long an answer may be, in bytes, packed and unpacked."] = 20_000_000
    rows: Annotated[int, "How many rows an answer may have."] = 100_000
    concurrency: Annotated[int, "How many requests it gets at once."] = 2
    waiting: Annotated[int, "How many requests may wait for that."] = 16
    batch: Annotated[int, "How many keys are asked for in one request."] = 500
    max_keys: Annotated[int, "For how many keys it is asked, all in all."] = 20_000
    cache_ttl_s: Annotated[float, "Seconds that its answers are kept."] = 300.0


@dataclass(frozen=True, slots=True)
class FetcherLimits:
    """What the processes that ask others may use, together."""

    processes: Annotated[int, "How many requests to others are made at once."] = 6
    memory_mb: Annotated[int, "Megabytes that reading an answer may use."] = 256
    idle_s: Annotated[float, "Seconds after which a process ends that has nothing to do."] = 60.0
    cache_bytes: Annotated[int, "How many bytes of answers of others are kept."] = 32_000_000
    file_bytes: Annotated[int, "How long a file may be that is fetched."] = 500_000_000
    file_s: Annotated[float, "Seconds that fetching a file may take."] = 600.0
