"""The directories that there are."""

from __future__ import annotations

from dataclasses import replace

from graph.namespaces import DEF, ID
from graph.publishing.site.directory.definitions import Aspect, Band, Column, Directory, Facet

_PART_OF = "?lower mp:partOf ?value ."
_LOCATED_IN = "?lower mp:locatedIn ?value ."
_COUNTRIES_ONLY = "?value a mp:Country ."
_COUNTRY = Facet(
    "country",
    "?thing mp:locatedIn/mp:partOf* ?value . ?value a mp:Country .",
    f"{ID}country/",
    direct="?thing mp:locatedIn ?value .",
    above=_PART_OF,
    only=_COUNTRIES_ONLY,
)
"""Also of the things that are in an area of the country."""
_REGION = Facet(
    "region",
    "?thing mp:locatedIn/mp:partOf* ?value . FILTER NOT EXISTS { ?value a mp:Country }",
    f"{ID}area/",
    direct="?thing mp:locatedIn ?value .",
    above=_PART_OF,
    but=_COUNTRIES_ONLY,
)
_SECTOR = Facet(
    "sector",
    "?thing mp:sector/skos:broader* ?value .",
    f"{DEF}sector/",
    direct="?thing mp:sector ?value .",
    above="?lower a mp:Sector ; skos:broader ?value .",
)
_SOURCE = Facet(
    "source",
    "?source_statement mp:about ?thing ; mp:statedIn ?value .",
    f"{ID}document/",
)
_ROLE = Facet(
    "role",
    "?belonging mp:member|mp:participant ?thing ; mp:role ?value .",
    f"{DEF}role/",
)
_COMPLETENESS = Facet("completeness", is_completeness=True)

_COUNTRIES = Column("country", _COUNTRY.pattern)
_REGIONS = Column(
    "region", "?thing mp:locatedIn ?value . FILTER NOT EXISTS { ?value a mp:Country }"
)
_PLACES = Column("place", "?thing mp:locatedIn ?value .")
_SOURCES = Column("source", _SOURCE.pattern)

_PLACE_KNOWN = Aspect("place", "?thing mp:locatedIn ?aspect .", "region")
_SOURCE_KNOWN = Aspect(
    "source", "?aspect mp:about ?thing ; mp:statedIn ?aspect_document .", "source"
)
_FIGURES_KNOWN = Aspect("figures", "?aspect mp:indicator ?aspect_indicator ; mp:about ?thing .")
_PARTNERS_KNOWN = Aspect("partners", "?thing mp:partnerOf ?aspect .")

_SIZES = (
    Band("below-50", 0, 50),
    Band("50-99", 50, 100),
    Band("100-249", 100, 250),
    Band("250-499", 250, 500),
    Band("500-and-more", 500),
)

CLUSTERS = Directory(
    "clusters",
    "cluster",
    "Cluster",
    (
        _COUNTRY,
        _REGION,
        _SECTOR,
        Facet(
            "label",
            "?labelling mp:labelled ?thing ; mp:category ?value .",
            f"{DEF}label-category/",
        ),
        _ROLE,
        Facet(
            "size",
            "VALUES ?counted { indicator:member-count indicator:company-count } "
            "?figure mp:about ?thing ; mp:indicator ?counted ; mp:value ?value .",
            bands=_SIZES,
        ),
        Facet(
            "partner",
            "?thing mp:partnerOf/mp:locatedIn?/mp:partOf* ?value . ?value a mp:Country .",
            f"{ID}country/",
            direct="?thing mp:partnerOf ?value .",
            above=f"{{ {_PART_OF} }} UNION {{ ?other mp:partnerOf ?lower . {_LOCATED_IN} }}",
            only=_COUNTRIES_ONLY,
        ),
        _SOURCE,
        _COMPLETENESS,
    ),
    (
        _COUNTRIES,
        _REGIONS,
        Column("sector", "?thing mp:sector ?value ."),
        Column("label", "?labelling mp:labelled ?thing ; mp:category ?value ."),
    ),
    (
        _PLACE_KNOWN,
        Aspect("sector", "?thing mp:sector ?aspect .", "sector"),
        _FIGURES_KNOWN,
        Aspect("members", "?aspect mp:group ?thing ; mp:member ?aspect_member ."),
        Aspect("manager", "?thing mp:managedBy ?aspect ."),
        _PARTNERS_KNOWN,
        _SOURCE_KNOWN,
    ),
)
ORGANISATIONS = Directory(
    "organisations",
    "organisation",
    "Organisation",
    (
        Facet(
            "kind",
            "?classification mp:about ?thing ; mp:kind ?value .",
            f"{DEF}kind/",
        ),
        _COUNTRY,
        _REGION,
        _ROLE,
        _SOURCE,
        _COMPLETENESS,
    ),
    (
        Column("kind", "?classification mp:about ?thing ; mp:kind ?value ."),
        _PLACES,
        Column("manages", "?thing mp:manages ?value ."),
        Column("member_of", "?thing org:memberOf ?value ."),
    ),
    (
        _PLACE_KNOWN,
        Aspect("kind", "?aspect mp:about ?thing ; mp:kind ?aspect_kind .", "kind"),
        Aspect("roles", "?aspect mp:member|mp:participant ?thing ; mp:role ?aspect_role .", "role"),
        _PARTNERS_KNOWN,
        _SOURCE_KNOWN,
    ),
)
EVENTS = Directory(
    "events",
    "event",
    "Event",
    (_COUNTRY, _SOURCE),
    (
        Column("from", "?thing mp:starts ?value .", "days"),
        Column("to", "?thing mp:ends ?value .", "days"),
        _PLACES,
        _SOURCES,
    ),
    day="?thing mp:starts ?value .",
)
PROJECTS = replace(
    EVENTS,
    name="projects",
    variable="project",
    class_name="Project",
    facets=(_SOURCE,),
    columns=(
        *EVENTS.columns[:2],
        Column("participants", "?value mp:participatesIn ?thing ."),
        _SOURCES,
    ),
)
PROGRAMMES = replace(PROJECTS, name="programmes", variable="programme", class_name="Programme")
PARTNERSHIPS = Directory(
    "partnerships",
    "partnership",
    "Partnership",
    (
        Facet(
            "kind",
            "?thing mp:partnershipKind ?value .",
            f"{DEF}partnership-kind/",
        ),
        Facet(
            "partner",
            "?thing mp:partner/mp:locatedIn?/mp:partOf* ?value . ?value a mp:Country .",
            f"{ID}country/",
            direct="?thing mp:partner ?value .",
            above=f"{{ {_PART_OF} }} UNION {{ ?other mp:partner ?lower . {_LOCATED_IN} }}",
            only=_COUNTRIES_ONLY,
        ),
        Facet("source", "?thing mp:statedIn ?value .", f"{ID}document/"),
    ),
    (
        Column("partners", "?thing mp:partner ?value ."),
        Column("kind", "?thing mp:partnershipKind ?value ."),
        Column("within", "?thing mp:within ?value ."),
        Column("from", "?thing mp:from ?value .", "days"),
        Column("to", "?thing mp:to ?value .", "days"),
        Column("source", "?thing mp:statedIn ?value ."),
    ),
    day="?thing mp:from ?value .",
    named_by="partners",
)
DOCUMENTS = Directory(
    "documents",
    "document",
    "SourceDocument",
    (),
    (
        Column("publisher", "?thing mp:publisher ?value ."),
        Column("from", "?thing mp:issuedFrom ?value .", "days"),
        Column("to", "?thing mp:issuedTo ?value .", "days"),
    ),
    day="?thing mp:issuedFrom ?value .",
)
DIRECTORIES = {
    each.name: each
    for each in (
        CLUSTERS,
        ORGANISATIONS,
        PARTNERSHIPS,
        PROJECTS,
        PROGRAMMES,
        EVENTS,
        DOCUMENTS,
    )
}
"""All directories, by their names."""
