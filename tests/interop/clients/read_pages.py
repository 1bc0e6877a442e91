# pyright: basic, reportMissingImports=false
"""Print what search engines find in a page, or all pages of a sitemap, as JSON."""

import json
import sys
import urllib.request
from typing import Any

import extruct
from usp.tree import sitemap_tree_for_homepage


def structured(url: str) -> object:
    request = urllib.request.Request(url, headers={"Accept": "text/html"})
    with urllib.request.urlopen(request) as answer:
        text = answer.read().decode()
    return extruct.extract(text, base_url=url, syntaxes=["json-ld"])["json-ld"]


def listed(url: str) -> object:
    tree: Any = sitemap_tree_for_homepage(url)
    return [[page.url, page.last_modified.isoformat()] for page in tree.all_pages()]


sys.stdout.write(json.dumps({"structured": structured, "listed": listed}[sys.argv[1]](sys.argv[2])))
