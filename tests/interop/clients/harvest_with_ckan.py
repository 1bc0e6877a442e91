# pyright: basic, reportMissingImports=false
"""Harvest a catalogue as CKAN does: HEAD, then GET, page after page; print the datasets as JSON."""

import json
import sys
import urllib.request
from typing import Any

from ckan.common import config

config["ckan.site_url"] = "http://ckan.example.org"

from ckanext.dcat.processors import RDFParser  # noqa: E402

FORMATS = {"text/turtle": "turtle", "application/rdf+xml": "xml", "application/ld+json": "json-ld"}


def main(url: str | None, accept: str) -> None:
    pages: list[str] = []
    datasets: list[dict[str, Any]] = []
    while url:
        if url in pages:
            sys.exit(f"page {url} came twice")
        pages.append(url)
        headers = {"Accept": accept}
        urllib.request.urlopen(urllib.request.Request(url, method="HEAD", headers=headers))
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            media_type = answer.headers["Content-Type"].partition(";")[0]
            parser: Any = RDFParser(profiles=["euro_dcat_ap_3"])
            parser.parse(answer.read(), _format=FORMATS[media_type])
        for each in parser.datasets():
            extras = {extra["key"]: extra["value"] for extra in each["extras"]}
            datasets.append({**each, "extras": extras})
        url = parser.next_page()
    sys.stdout.write(json.dumps({"pages": pages, "datasets": datasets}))


main(sys.argv[1], sys.argv[2])
