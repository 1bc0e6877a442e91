"""What the catalogue calls things, in the languages of the ontology."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graph.publishing.catalogue.describing import Texts

LANGUAGES = {"en": "ENG", "fr": "FRA", "de": "DEU"}
"""The languages that texts are in, and their names in the EU's table of languages."""


def filled(texts: Texts, **values: str) -> Texts:
    """Return *texts* with *values* in the places that they have for them."""
    return {tag: text.format(**values) for tag, text in texts.items()}


CATALOGUE_TITLE = {
    "en": "Metapole: data on industrial clusters",
    "fr": "Metapole : données sur les clusters industriels",
    "de": "Metapole: Daten zu Industrieclustern",
}
CATALOGUE_DESCRIPTION = {
    "en": "All that this server publishes of its graph of industrial clusters: the whole, each of "
    "its named graphs, and its tables, with every file and every service they can be had from.",
    "fr": "Tout ce que ce serveur publie de son graphe des clusters industriels : l’ensemble, "
    "chacun de ses graphes nommés et ses tableaux, avec tous les fichiers et services qui y "
    "donnent accès.",
    "de": "Alles, was dieser Server von seinem Graphen der Industriecluster veröffentlicht: das "
    "Ganze, jeden seiner benannten Graphen und seine Tabellen, mit allen Dateien und Diensten, "
    "über die man sie erhält.",
}

WHOLE_TITLE = {
    "en": "Metapole: a knowledge graph of industrial clusters",
    "fr": "Metapole : un graphe de connaissances des clusters industriels",
    "de": "Metapole: ein Wissensgraph der Industriecluster",
}
WHOLE_DESCRIPTION = {
    "en": "Clusters, the organisations that run them, their networks, places, sectors, "
    "partnerships, projects, funding and key figures, statement by statement: each with its "
    "source, the place in it, the figure as printed and the time it held for. Sources that "
    "disagree stand side by side. {triples} triples in {graphs} named graphs, one for each source.",
    "fr": "Les clusters, les organismes qui les gèrent, leurs réseaux, territoires, secteurs, "
    "partenariats, projets, financements et chiffres clés, énoncé par énoncé : chacun avec sa "
    "source, le passage, le chiffre tel qu’imprimé et la période de validité. Les sources qui se "
    "contredisent figurent côte à côte. {triples} triplets dans {graphs} graphes nommés, un par "
    "source.",
    "de": "Cluster, ihre Träger, Netzwerke, Orte, Branchen, Partnerschaften, Projekte, Förderungen "
    "und Kennzahlen, Aussage für Aussage: jede mit ihrer Quelle, der Stelle darin, der Zahl wie "
    "gedruckt und der Zeit, für die sie galt. Quellen, die sich widersprechen, stehen "
    "nebeneinander. {triples} Tripel in {graphs} benannten Graphen, einer je Quelle.",
}

SOURCE_TITLE = {
    "en": "Statements of the document “{document}”",
    "fr": "Énoncés du document « {document} »",
    "de": "Aussagen des Dokuments „{document}“",
}
SOURCE_DESCRIPTION = {
    "en": "What the document “{document}” states about clusters, each statement with the place "
    "that supports it. {triples} triples. The document itself is not part of it.",
    "fr": "Ce que le document « {document} » énonce sur les clusters, chaque énoncé avec le "
    "passage qui l’appuie. {triples} triplets. Le document lui-même n’en fait pas partie.",
    "de": "Was das Dokument „{document}“ über Cluster aussagt, jede Aussage mit der Stelle, die "
    "sie belegt. {triples} Tripel. Das Dokument selbst gehört nicht dazu.",
}
GRAPH_TITLES: dict[str, Texts] = {
    "ontology": {
        "en": "Ontology and concept schemes of Metapole",
        "fr": "Ontologie et schémas de concepts de Metapole",
        "de": "Ontologie und Begriffssysteme von Metapole",
    },
    "enrichment": {
        "en": "Enrichment: what is known of clusters from elsewhere",
        "fr": "Enrichissement : ce que l’on sait des clusters par ailleurs",
        "de": "Anreicherung: was man anderswoher über Cluster weiß",
    },
    "links": {
        "en": "Links: clusters and places in other data sets",
        "fr": "Liens : les clusters et territoires dans d’autres jeux de données",
        "de": "Verweise: Cluster und Orte in anderen Datensätzen",
    },
    "derived": {
        "en": "What follows from the statements on clusters",
        "fr": "Ce qui découle des énoncés sur les clusters",
        "de": "Was aus den Aussagen über Cluster folgt",
    },
    "review/matches": {
        "en": "Suggested matches, and what was decided about them",
        "fr": "Correspondances proposées, et ce qui en a été décidé",
        "de": "Vorgeschlagene Zuordnungen, und wie über sie entschieden wurde",
    },
    "links/accepted": {
        "en": "Links that were accepted in a review",
        "fr": "Liens acceptés lors d’un examen",
        "de": "Verknüpfungen, die bei einer Prüfung angenommen wurden",
    },
}
"""Titles of the graphs that every build makes, and of those that reviews write to."""

OTHER_TITLE = {"en": "Graph {name}", "fr": "Graphe {name}", "de": "Graph {name}"}
GRAPH_DESCRIPTION = {
    "en": "{title}: one named graph of the knowledge graph of industrial clusters, as it is in the "
    "store. {triples} triples.",
    "fr": "{title} : un graphe nommé du graphe de connaissances des clusters industriels, tel "
    "qu’il est enregistré. {triples} triplets.",
    "de": "{title}: ein benannter Graph des Wissensgraphen der Industriecluster, wie er im "
    "Speicher steht. {triples} Tripel.",
}

TABLE_TITLES: dict[str, Texts] = {
    "clusters": {
        "en": "Table of clusters",
        "fr": "Tableau des clusters",
        "de": "Tabelle der Cluster",
    },
    "organisations": {
        "en": "Table of organisations",
        "fr": "Tableau des organismes",
        "de": "Tabelle der Organisationen",
    },
    "partnerships": {
        "en": "Table of partnerships of clusters",
        "fr": "Tableau des partenariats de clusters",
        "de": "Tabelle der Partnerschaften von Clustern",
    },
    "figures": {
        "en": "Table of key figures of clusters",
        "fr": "Tableau des chiffres clés des clusters",
        "de": "Tabelle der Kennzahlen von Clustern",
    },
    "specialties": {
        "en": "Table of specialties of clusters",
        "fr": "Tableau des spécialités des clusters",
        "de": "Tabelle der Spezialgebiete von Clustern",
    },
    "areas": {
        "en": "Table of areas",
        "fr": "Tableau des territoires",
        "de": "Tabelle der Gebiete",
    },
    "places": {
        "en": "Places of clusters and areas",
        "fr": "Lieux des clusters et des territoires",
        "de": "Orte der Cluster und Gebiete",
    },
    "network": {
        "en": "Network of partnerships of clusters",
        "fr": "Réseau des partenariats de clusters",
        "de": "Netzwerk der Partnerschaften von Clustern",
    },
    "events": {
        "en": "Events of clusters",
        "fr": "Événements des clusters",
        "de": "Veranstaltungen von Clustern",
    },
}
TABLE_DESCRIPTION = {
    "en": "{title}, made from the knowledge graph of industrial clusters for programs and people "
    "that read no RDF; every row leads back to the thing it is about.",
    "fr": "{title}, tiré du graphe de connaissances des clusters industriels pour les programmes "
    "et les personnes qui ne lisent pas le RDF ; chaque ligne renvoie à la chose qu’elle décrit.",
    "de": "{title}, aus dem Wissensgraphen der Industriecluster für Programme und Menschen, die "
    "kein RDF lesen; jede Zeile führt zu dem Ding zurück, von dem sie handelt.",
}

KEYWORDS: dict[str, tuple[str, ...]] = {
    "en": ("industrial clusters", "competitiveness clusters", "meta-clusters", "partnerships"),
    "fr": ("clusters industriels", "pôles de compétitivité", "métaclusters", "partenariats"),
    "de": ("Industriecluster", "Kompetenznetze", "Metacluster", "Partnerschaften"),
}

DISTRIBUTION_TITLE = {
    "en": "{title} ({format})",
    "fr": "{title} ({format})",
    "de": "{title} ({format})",
}
DISTRIBUTION_DESCRIPTION = {
    "en": "The file {file}, in the format {format}, written from the newest generation.",
    "fr": "Le fichier {file}, au format {format}, écrit à partir de la génération la plus récente.",
    "de": "Die Datei {file} im Format {format}, geschrieben aus der neuesten Generation.",
}
QUERIES_DESCRIPTION = {
    "en": "Answers to queries in SPARQL, over HTTP.",
    "fr": "Réponses aux requêtes en SPARQL, par HTTP.",
    "de": "Antworten auf Abfragen in SPARQL, über HTTP.",
}
GRAPH_STORE_DESCRIPTION = {
    "en": "The graph as it is, in the format that the client prefers.",
    "fr": "Le graphe tel quel, au format que préfère le client.",
    "de": "Der Graph, wie er ist, in dem Format, das der Client vorzieht.",
}

SERVICE_TITLES: dict[str, Texts] = {
    "sparql": {
        "en": "Queries in SPARQL",
        "fr": "Requêtes en SPARQL",
        "de": "Abfragen in SPARQL",
    },
    "features": {
        "en": "Clusters and areas as features (OGC API)",
        "fr": "Clusters et territoires comme entités géographiques (OGC API)",
        "de": "Cluster und Gebiete als Geoobjekte (OGC API)",
    },
    "harvesting": {
        "en": "Harvesting by OAI-PMH",
        "fr": "Moissonnage par OAI-PMH",
        "de": "Ernte über OAI-PMH",
    },
    "changes": {
        "en": "Changes as a linked data event stream",
        "fr": "Modifications sous forme de flux d’événements de données liées",
        "de": "Änderungen als Linked-Data-Ereignisstrom",
    },
}
SERVICE_DESCRIPTIONS: dict[str, Texts] = {
    "sparql": {
        "en": "The endpoint answers queries of SPARQL 1.1 on the union of all graphs.",
        "fr": "Le point d’accès répond aux requêtes SPARQL 1.1 sur l’union de tous les graphes.",
        "de": "Der Endpunkt beantwortet Abfragen in SPARQL 1.1 auf der Vereinigung aller Graphen.",
    },
    "features": {
        "en": "Collections of clusters and areas with their places, as GeoJSON.",
        "fr": "Collections de clusters et de territoires avec leurs lieux, en GeoJSON.",
        "de": "Sammlungen von Clustern und Gebieten mit ihren Orten, als GeoJSON.",
    },
    "harvesting": {
        "en": "Descriptions of the datasets of this catalogue, deleted ones included.",
        "fr": "Descriptions des jeux de données de ce catalogue, y compris ceux supprimés.",
        "de": "Beschreibungen der Datensätze dieses Katalogs, gelöschte eingeschlossen.",
    },
    "changes": {
        "en": "What was created, updated and deleted, for clients that come back for what is new.",
        "fr": "Ce qui a été créé, modifié et supprimé, pour les clients qui reviennent chercher "
        "les nouveautés.",
        "de": "Was erstellt, geändert und gelöscht wurde, für Clients, die nach Neuem fragen.",
    },
}
