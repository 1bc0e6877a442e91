"""Who publishes a server's data, and under which licence: what the operator knows, and no graph."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Mapping

_PUBLISHER_TYPES = "http://purl.org/adms/publishertype/"
_EU_LICENCES = "http://publications.europa.eu/resource/authority/licence/"
_MAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+")

PUBLISHER_KINDS = (
    "Academia-ScientificOrganisation",
    "Company",
    "IndustryConsortium",
    "LocalAuthority",
    "NationalAuthority",
    "NonGovernmentalOrganisation",
    "NonProfitOrganisation",
    "PrivateIndividual(s)",
    "RegionalAuthority",
    "StandardisationBody",
    "SupraNationalAuthority",
)
"""What a publisher may be (ADMS, publisher types)."""

_CC_BY_4 = "https://creativecommons.org/licenses/by/4.0/"
_SAME_AS_EU = {
    _CC_BY_4: "CC_BY_4_0",
    "https://creativecommons.org/licenses/by-sa/4.0/": "CC_BYSA_4_0",
    "https://creativecommons.org/publicdomain/zero/1.0/": "CC0",
}
"""Licences that the EU's table of licences has, and their names there."""
_SPDX = {
    _CC_BY_4: "CC-BY-4.0",
    "https://creativecommons.org/licenses/by-sa/4.0/": "CC-BY-SA-4.0",
    "https://creativecommons.org/publicdomain/zero/1.0/": "CC0-1.0",
}


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who answers for the data that a server publishes."""

    name: str = "Metapole contributors"
    kind: str = "NonProfitOrganisation"
    """One of `PUBLISHER_KINDS`."""
    contact: str = ""
    """Where to ask: a mail address or a web address; without it, the page of the data."""
    licence: str = _CC_BY_4
    """The address of the licence of the data."""

    def of(self, licence: str | None) -> Publisher:
        """Return who publishes data that have a *licence* of their own; None: they have not."""
        return self if licence is None else replace(self, licence=licence)

    @property
    def arguments(self) -> tuple[tuple[str, str], ...]:
        """What documents that tell of the publisher get told."""
        return (
            ("publisher", self.name),
            ("publisher-kind", self.kind),
            ("contact", self.contact),
            ("licence", self.licence),
        )

    @property
    def kind_iri(self) -> str:
        """The name of its kind."""
        return _PUBLISHER_TYPES + self.kind

    @property
    def licence_iri(self) -> str:
        """The name of the licence in the EU's table of licences; its address if it is not there."""
        name = _SAME_AS_EU.get(self.licence)
        return _EU_LICENCES + name if name else self.licence

    @property
    def licence_code(self) -> str | None:
        """The name of the licence in SPDX's list, where it is known."""
        return _SPDX.get(self.licence)

    def contact_at(self, public_url: str) -> str:
        """Return where to ask, as an IRI."""
        if _MAIL.fullmatch(self.contact):
            return f"mailto:{self.contact}"
        return self.contact or f"{public_url}data"


def publisher_of(arguments: Mapping[str, str]) -> Publisher:
    """Return the publisher that a document was told of; the opposite of `Publisher.arguments`."""
    known = Publisher()
    return Publisher(
        arguments.get("publisher", known.name),
        arguments.get("publisher-kind", known.kind),
        arguments.get("contact", known.contact),
        arguments.get("licence", known.licence),
    )


def fault_of_contact(text: str) -> str | None:
    """Say why nobody can be reached at *text*; None when somebody can."""
    if _MAIL.fullmatch(text) and _is_iri(f"mailto:{text}"):
        return None
    return fault_of_address(text) and (
        f"{text!r} is neither a mail address nor a web address; give one such as "
        "data@example.org or https://example.org/contact"
    )


def fault_of_address(text: str) -> str | None:
    """Say why *text* is no web address; None when it is one."""
    if re.match(r"https?://[^/]", text) and _is_iri(text):
        return None
    return f"{text!r} is no web address; give one that begins with https://"


def _is_iri(text: str) -> bool:
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True
