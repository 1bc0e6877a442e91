"""The answers of OAI-PMH 2.0: six verbs, and errors in the words of the protocol.

The time of an answer is that of its generation. A commit that comes later has a later datestamp, or
one of the same second, so who asks for what is new since that time misses nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from graph.publishing.feeds.oai_metadata import metadata
from graph.publishing.feeds.oai_records import (
    DATASETS,
    DCAT_AP,
    OAI_DC,
    PREFIXES,
    SETS,
    Repository,
)
from graph.publishing.feeds.oai_request import OaiError, OaiRequest, request_from, token_of, utc
from graph.publishing.publisher import publisher_of
from graph.publishing.xml_text import element, xml_attribute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graph.publishing.edition import Edition
    from graph.publishing.feeds.oai_records import Header

PAGE_RECORDS = 50
"""How many records one answer lists."""

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">
"""
_FORMATS = {
    OAI_DC: (
        "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
        "http://www.openarchives.org/OAI/2.0/oai_dc/",
    ),
    DCAT_AP: (
        "https://raw.githubusercontent.com/SEMICeu/DCAT-AP/master/releases/3.0.1/html/shacl/shapes.ttl",
        "http://data.europa.eu/r5r/",
    ),
}
"""The schema and the namespace of each metadata format."""
_WITHOUT_ARGUMENTS = ("badVerb", "badArgument")
"""After these errors nothing of the request is repeated (3.2)."""


def write_oai(edition: Edition) -> None:
    """Answer the request whose fields the argument `fields` has, as JSON."""
    fields: dict[str, list[str]] = json.loads(edition.arguments["fields"])
    said = {name: values[0] for name, values in sorted(fields.items())}
    try:
        request = request_from(fields, edition.generation.store_id)
        pieces = list(_VERBS[request.verb](edition, request))
    except OaiError as error:
        if error.code in _WITHOUT_ARGUMENTS:
            said = {}
        pieces = [element("error", str(error), code=error.code)]
    attributes = "".join(f" {name}={xml_attribute(value)}" for name, value in said.items())
    date = element("responseDate", utc(edition.generation.built))
    base = element("request", f"{edition.public_url}oai").replace(">", f"{attributes}>", 1)
    edition.out.write("\n".join([f"{_HEAD}{date}", base, *pieces, "</OAI-PMH>\n"]).encode())


def _identify(edition: Edition, _: OaiRequest) -> Iterator[str]:
    yield "<Identify>"
    yield element("repositoryName", "Metapole")
    yield element("baseURL", f"{edition.public_url}oai")
    yield element("protocolVersion", "2.0")
    yield element("adminEmail", _mail(edition))
    yield element("earliestDatestamp", Repository(edition).earliest)
    yield element("deletedRecord", "persistent")
    yield element("granularity", "YYYY-MM-DDThh:mm:ssZ")
    yield "</Identify>"


def _mail(edition: Edition) -> str:
    """Return a mail address, which the protocol insists on: that of the publisher, if there is one.

    Otherwise that of whoever keeps the site, which every host has (RFC 2142, 5).
    """
    contact = publisher_of(edition.arguments).contact_at(edition.public_url)
    if contact.startswith("mailto:"):
        return contact.removeprefix("mailto:")
    return f"webmaster@{urlsplit(edition.public_url).hostname}"


def _list_metadata_formats(edition: Edition, request: OaiRequest) -> Iterator[str]:
    offered = PREFIXES[DATASETS]
    if identifier := request.arguments.get("identifier"):
        offered = PREFIXES[Repository(edition).header(identifier).group]
    yield "<ListMetadataFormats>"
    for prefix in offered:
        schema, namespace = _FORMATS[prefix]
        yield "<metadataFormat>"
        yield element("metadataPrefix", prefix)
        yield element("schema", schema)
        yield element("metadataNamespace", namespace)
        yield "</metadataFormat>"
    yield "</ListMetadataFormats>"


def _list_sets(_: Edition, request: OaiRequest) -> Iterator[str]:
    if request.selection:
        raise OaiError("badResumptionToken", "the list of sets is whole, and has no more parts")
    yield "<ListSets>"
    for name, title in SETS.items():
        yield f"<set>{element('setSpec', name)}{element('setName', title)}</set>"
    yield "</ListSets>"


def _get_record(edition: Edition, request: OaiRequest) -> Iterator[str]:
    repository = Repository(edition)
    header, prefix = repository.header(request.arguments["identifier"]), _prefix(request)
    if prefix not in PREFIXES[header.group]:
        raise OaiError(
            "cannotDisseminateFormat",
            f"this record comes as {' and '.join(PREFIXES[header.group])}, not as {prefix[:40]!a}",
        )
    yield "<GetRecord>"
    yield from _record(edition, repository, header, prefix)
    yield "</GetRecord>"


def _list(edition: Edition, request: OaiRequest) -> Iterator[str]:
    assert request.selection is not None  # noqa: S101 -- lists have one
    repository, selection = Repository(edition), request.selection
    headers, total = repository.selected(selection, PAGE_RECORDS)
    yield f"<{request.verb}>"
    for header in headers:
        if request.verb == "ListIdentifiers":
            yield _header(header)
        else:
            yield from _record(edition, repository, header, selection.prefix)
    left = total - selection.sent - len(headers)
    if left or selection.sent:
        last = headers[-1]
        following = selection.following(last.datestamp, last.identifier, len(headers))
        token = token_of(following, request.verb, edition.generation.store_id) if left else ""
        counts = {"completeListSize": str(total), "cursor": str(selection.sent)}
        yield element("resumptionToken", token, **counts)
    yield f"</{request.verb}>"


def _record(edition: Edition, repository: Repository, header: Header, prefix: str) -> Iterator[str]:
    yield "<record>"
    yield _header(header)
    if not header.is_deleted:
        yield f"<metadata>\n{metadata(edition, repository, header, prefix)}\n</metadata>"
    yield "</record>"


def _header(header: Header) -> str:
    status = ' status="deleted"' if header.is_deleted else ""
    return (
        f"<header{status}>{element('identifier', header.identifier)}"
        f"{element('datestamp', header.datestamp)}{element('setSpec', header.group)}</header>"
    )


def _prefix(request: OaiRequest) -> str:
    prefix = request.arguments["metadataPrefix"]
    if prefix not in _FORMATS:
        raise OaiError(
            "cannotDisseminateFormat",
            f"there is no metadataPrefix {prefix[:40]!a}; there are {' and '.join(_FORMATS)}",
        )
    return prefix


_VERBS: dict[str, Callable[[Edition, OaiRequest], Iterator[str]]] = {
    "Identify": _identify,
    "ListMetadataFormats": _list_metadata_formats,
    "ListSets": _list_sets,
    "GetRecord": _get_record,
    "ListIdentifiers": _list,
    "ListRecords": _list,
}
