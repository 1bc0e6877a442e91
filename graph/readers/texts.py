"""What a reader does with texts rather than with its store: it needs the parser, and loads it late.

`child` loads this module when the first text comes, or when there is nothing else to do.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from graph.gate.profile import profile_from
from graph.gate.upload import upload_extracts
from graph.sparql.admission import admit
from graph.sparql.parser import take_tables
from graph.sparql.template import TemplateCache
from graph.writing.plan import plan_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyoxigraph as ox

__all__ = ["extract", "plan", "read", "take_tables"]

Job = dict[str, Any]


def read(job: Job) -> bytes:
    """Return what the text of a query tells, as JSON."""
    templates = TemplateCache(job["base_iri"], max_nesting=job["nesting"])
    return json.dumps(admit(templates, job["text"]).as_values()).encode()


def plan(job: Job) -> bytes:
    """Return what an update is to do, as JSON."""
    using = (job["using_graphs"], job["using_named_graphs"])
    made = plan_of(job["text"], job["base_iri"], *using, max_nesting=job["nesting"])
    return json.dumps(made).encode()


def extract(store: ox.Store, job: Job, content: bytes) -> Iterator[bytes]:
    """Yield what a validator needs to judge *content*, which is N-Triples."""
    profile = profile_from(job["profile"])
    yield from upload_extracts(store, content, profile, replaces=job["replaces"])
