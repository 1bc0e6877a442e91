"""The pages that all tests of the site look at: one of each kind."""

from __future__ import annotations

HOME = "/"
THINGS = {
    "cluster": "/cluster/minalogic",
    "cluster-with-figures": "/cluster/avia",
    "cluster-without-name": "/cluster/unnamed-nrw-automotive",
    "organisation": "/organisation/stmicroelectronics",
    "person": "/person/anthony-auert",
    "area": "/area/greater-region",
    "country": "/country/france",
    "sector": "/sector/automotive",
    "specialty": "/specialty/biotechnology",
    "partnership": "/partnership/minalogic-atmel",
    "project": "/project/pae",
    "programme": "/programme/interreg-v-a",
    "event": "/event/automotive-day-liege",
    "document": "/document/ifa-competitive-clusters-2007",
    "statements": "/document/ifa-competitive-clusters-2007?page=2&part=3",
    "cluster-on-a-day": "/cluster/avia?asof=2016-01-01",
    "evidence": "/evidence/avia-turnover",
}
"""A page of each type of thing, by a name for its picture."""
SECTIONS = {
    "clusters": "/clusters",
    "clusters-in-france": "/clusters?country=france",
    "organisations": "/organisations",
    "search": "/search?q=vehicule",
    "search-nothing": "/search?q=xyzzyqwv",
    "compare": "/compare?c=avia&c=unnamed-nrw-automotive",
    "compare-nothing": "/compare",
    "map": "/map",
    "network": "/network",
    "path": "/network?from=minalogic&to=nanoquebec",
    "figures": "/figures",
    "indicator": "/figures/turnover",
    "questions": "/questions",
    "question": "/questions/specialties-of-a-cluster",
    "quality": "/quality",
    "lacking": "/quality/lacking?class=Cluster&what=sector",
    "checks": "/quality/checks",
    "review": "/review",
    "sparql": "/sparql",
    "answer": "/sparql?query=SELECT%20*%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D%20LIMIT%205",
    "ontology": "/ontology",
    "term": "/ontology/term/Cluster",
    "ontology-network": "/ontology/network",
    "scheme": "/ontology/sector",
    "data": "/data",
    "dataset": "/data/catalogue/metapole",
    "graph": "/graph/enrichment",
    "graphs": "/graph",
    "shapes": "/ontology/shapes",
    "versions": "/data/versions",
    "features": "/ogc/collections/clusters/items?f=html",
    "changes": "/changes",
    "help": "/help",
    "about": "/about",
    "accessibility": "/accessibility",
    "missing": "/cluster/minalogik",
}
"""The other pages, by a name for the picture."""
PAGES = {"home": HOME, **THINGS, **SECTIONS}
OTHER_LANGUAGES = {
    f"{language}-{name}": f"/{language}{PAGES[name]}"
    for language in ("fr", "de")
    for name in (
        "home", "cluster", "clusters", "figures", "question", "network", "sparql", "help",
        "changes", "versions", "graph", "graphs", "features",
    )
}  # fmt: skip
EMBEDDED = {f"embed-{name}": f"/embed{PAGES[name]}" for name in ("cluster", "clusters", "map")}
ALL = {**PAGES, **OTHER_LANGUAGES, **EMBEDDED}
NOT_FOUND = ("missing",)
"""The pages that say that something is not there."""
MAIN = (
    "home", "clusters", "cluster", "map", "network", "compare", "indicator", "question", "quality",
    "sparql",
)  # fmt: skip
"""The pages whose pictures a person should look at first."""
