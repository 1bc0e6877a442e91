"""What OGC API Features says of itself: landing page, conformance, and its OpenAPI document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph.publishing.features.selection import DEFAULT_LIMIT, MOST_FEATURES

if TYPE_CHECKING:
    from graph.publishing.publisher import Publisher

_SPEC = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
CONFORMS_TO = tuple(_SPEC + name for name in ("core", "oas30", "html", "geojson"))
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"

JSON = "application/json"
GEOJSON = "application/geo+json"
HTML = "text/html"
PROBLEM = "application/problem+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"

_TITLE = "Metapole: clusters and areas"
_SAYS = (
    "Clusters and areas of the Metapole knowledge graph as features. Their positions are points "
    "within areas, where a map puts the area's name; they are not addresses. What has no known "
    "position is there, too, without one."
)

Link = dict[str, str]


def link(href: str, relation: str, media_type: str, title: str) -> Link:
    """Return a link as OGC APIs have it."""
    return {"href": href, "rel": relation, "type": media_type, "title": title}


def both(address: str, what: str, media_type: str = JSON) -> list[Link]:
    """Return links to a document itself and to its page."""
    return [
        link(f"{address}?f=json", "self", media_type, f"{what} as JSON"),
        link(f"{address}?f=html", "alternate", HTML, f"{what} as a page"),
    ]


def licence_of(publisher: Publisher) -> Link:
    """Return a link to the licence of the data."""
    return link(publisher.licence, "license", HTML, _name_of(publisher))


def _name_of(publisher: Publisher) -> str:
    return publisher.licence_code or "the licence of the data"


def landing(root: str, publisher: Publisher) -> dict[str, Any]:
    """Return what there is at *root*, the address of the API."""
    return {
        "title": _TITLE,
        "description": _SAYS,
        "attribution": publisher.name,
        "links": [
            *both(root, "this document"),
            link(f"{root}/api", "service-desc", OPENAPI, "the API as OpenAPI 3.0"),
            link(f"{root}/api?f=html", "service-doc", HTML, "the API as a page"),
            link(f"{root}/conformance", "conformance", JSON, "what it conforms to"),
            link(f"{root}/collections", "data", JSON, "the collections"),
            licence_of(publisher),
        ],
    }


def conformance(root: str) -> dict[str, Any]:
    """Return which parts of the standard are kept."""
    return {"conformsTo": list(CONFORMS_TO), "links": both(f"{root}/conformance", "this document")}


def openapi(
    root: str, publisher: Publisher, collections: tuple[str, ...], version: str
) -> dict[str, Any]:
    """Return the API as an OpenAPI 3.0 document."""
    described = {
        "/": _operation("getLandingPage", "What there is", [_FORMAT], JSON),
        "/conformance": _operation("getConformance", "What it conforms to", [_FORMAT], JSON),
        "/api": _operation("getApi", "This document", [_FORMAT], OPENAPI),
        "/collections": _operation("getCollections", "The collections", [_FORMAT], JSON),
    }
    for name in collections:
        title = name.capitalize()
        path = f"/collections/{name}"
        described[path] = _operation(f"describe{title}", f"About {name}", [_FORMAT], JSON)
        described[f"{path}/items"] = _operation(
            f"get{title}", f"Find {name}", [*_SELECTING, _FORMAT], GEOJSON
        )
        described[f"{path}/items/{{featureId}}"] = _operation(
            f"getOneOf{title}", f"One of {name}", [_FEATURE, _FORMAT], GEOJSON
        )
    return {
        "openapi": "3.0.3",
        "info": {
            "title": _TITLE,
            "description": _SAYS,
            "version": version,
            "license": {"name": _name_of(publisher), "url": publisher.licence},
        },
        "servers": [{"url": root, "description": "this server"}],
        "tags": [{"name": "Features", "description": _SAYS}],
        "paths": described,
    }


def _parameter(
    name: str, says: str, schema: dict[str, Any], place: str = "query"
) -> dict[str, Any]:
    return {
        "name": name,
        "in": place,
        "description": says,
        "required": place == "path",
        "schema": schema,
        "style": "form" if place == "query" else "simple",
        "explode": False,
    }


_FORMAT = _parameter(
    "f",
    "The format; without it, the Accept header decides.",
    {"type": "string", "enum": ["json", "html"]},
)
_FEATURE = _parameter(
    "featureId", "The id of a feature, such as cluster:minalogic.", {"type": "string"}, "path"
)
_SELECTING = [
    _parameter(
        "limit",
        f"How many features are wanted; {MOST_FEATURES} at most are given.",
        {"type": "integer", "minimum": 1, "maximum": MOST_FEATURES, "default": DEFAULT_LIMIT},
    ),
    _parameter(
        "offset",
        "How many features to leave out at the beginning.",
        {"type": "integer", "minimum": 0, "default": 0},
    ),
    _parameter(
        "bbox",
        "West, south, east and north of a box, in degrees (CRS84). What has no position is found, "
        "too, as the standard wants it.",
        {
            "type": "array",
            "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
            "items": {"type": "number"},
        },
    ),
    _parameter(
        "datetime",
        "A day, a time or an interval; found is what statements speak of at that time, and what "
        "they give no time for.",
        {"type": "string"},
    ),
]


def _operation(
    name: str, summary: str, parameters: list[dict[str, Any]], media_type: str
) -> dict[str, Any]:
    content = {media_type: {"schema": {"type": "object"}}, HTML: {"schema": {"type": "string"}}}
    problem = {"content": {PROBLEM: {"schema": {"type": "object"}}}}
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "tags": ["Features"],
            "parameters": parameters,
            "responses": {
                "200": {"description": "what was asked for", "content": content},
                "400": {"description": "a parameter that cannot be read", **problem},
                "404": {"description": "there is no such thing", **problem},
                "500": {"description": "a mistake of the server", **problem},
            },
        }
    }
