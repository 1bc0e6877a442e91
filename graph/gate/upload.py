"""Judge a file that was sent, together with what the store says, and store nothing.

A file is judged as if its statements were added to those that are there, or, with the name of a
graph, as if they were put in place of that graph. Judged is what the file has statements about;
what else points there is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.errors import QueryOutOfMemory, QueryTimedOut, UploadTooLarge
from graph.gate.extract import extracts
from graph.gate.stated import Stated, can_have_values
from graph.readers.dataset import graph_name
from graph.terms import as_stored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graph.gate.profile import Profile
    from graph.gate.validator import Validator, Verdict
    from graph.query import Engine

_UPLOAD = ox.NamedNode("urn:x-metapole:upload")


async def validate_upload(
    engine: Engine,
    validator: Validator,
    ntriples: Path,
    *,
    replaces: str | None = None,
    media_type: str | None = None,
) -> Verdict:
    """Return what shapes say of the file *ntriples*, which has been checked.

    With *media_type*, as a report in RDF too. GraphError when there is no verdict.
    """
    try:
        answer = await engine.extracts(ntriples, await validator.profile(), replaces=replaces)
        try:
            return await validator.check(answer, media_type=media_type)
        finally:
            answer.close()
    except QueryTimedOut as error:
        raise QueryTimedOut(
            "the file was not judged in time; send fewer statements at a time"
        ) from error
    except QueryOutOfMemory as error:
        raise UploadTooLarge(
            "judging the file takes more memory than a reader has; send fewer statements at a time"
        ) from error


def upload_extracts(
    store: ox.Store, content: bytes, profile: Profile, *, replaces: str | None = None
) -> Iterator[bytes]:
    """Yield what is needed to judge the subjects of *content*, which is checked N-Triples.

    Its blank nodes are none of the store's, whatever they are called.
    """
    quads = [
        as_stored(ox.Quad(triple.subject, triple.predicate, triple.object, _UPLOAD))
        for triple in ox.parse(content, ox.RdfFormat.N_TRIPLES, rename_blank_nodes=True)
    ]
    hidden = () if replaces is None else (graph_name(replaces),)
    stated = Stated(store, also=quads, hidden=hidden)
    subjects = dict.fromkeys(quad.subject for quad in quads)
    yield from extracts(stated, filter(can_have_values, subjects), profile)
