# pyright: basic, reportMissingImports=false
"""Read an Atom feed and all its archives with feedparser, and print what it says as JSON."""

import json
import sys

import feedparser

address = sys.argv[1]
versions, titles, complaints = set(), [], []
while address:
    feed = feedparser.parse(address)
    complaints += [str(feed.bozo_exception)] if feed.bozo else []
    versions.add(feed.version)
    titles += [entry.title for entry in feed.entries]
    links = {link.rel: link.href for link in feed.feed.links}
    address = links.get("prev-archive")
found = {"versions": sorted(versions), "titles": titles, "complaints": complaints}
sys.stdout.write(json.dumps(found))
