"""What the columns of tables mean: their names in three languages, their types and properties."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from graph.namespaces import GEO, MP, ORG, RDF_TYPE, SKOS

Datatype = Literal["anyURI", "string", "date", "decimal", "integer", "boolean"]

SEPARATOR = "|"
"""Between the values of a cell that has several; no IRI has it, and in texts it becomes `¦`."""

PREF_LABEL = f"{SKOS}prefLabel"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; its name is also that of a variable of the table's query."""

    name: str
    titles: tuple[str, str, str]
    """In English, French and German."""
    says: str
    datatype: Datatype = "string"
    property_iri: str = ""
    """What a cell says of the thing of its row, where one property says it."""
    about: str = ""
    """The column with the thing that a cell is about, where that is not the thing of its row."""
    is_many: bool = False
    is_required: bool = False
    language: str = ""


def iri(name: str, titles: tuple[str, str, str], says: str, property_iri: str = "") -> Column:
    """Return a column of IRIs."""
    return Column(name, titles, says, "anyURI", property_iri)


def key(name: str, titles: tuple[str, str, str], says: str) -> Column:
    """Return the column with the things that the rows are about."""
    return Column(name, titles, says, "anyURI", is_required=True)


def name_of(column: Column, titles: tuple[str, str, str], name: str = "") -> Column:
    """Return a column with the names of what is in *column*, in the same order."""
    says = f"The names of what is in '{column.name}', in English where there is an English name."
    return Column(
        name or f"{column.name}_name",
        titles,
        says,
        property_iri="" if column.is_many else PREF_LABEL,
        about="" if column.is_many else column.name,
        is_many=column.is_many,
    )


def many(column: Column) -> Column:
    """Return *column* with several values to a cell."""
    return replace(column, is_many=True)


NAME = Column(
    "name",
    ("name", "nom", "Name"),
    "Its name; in English, if it has a name in English.",
    property_iri=PREF_LABEL,
)
OTHER_NAMES = many(
    Column(
        "other_names",
        ("other names", "autres noms", "andere Namen"),
        "Its other names and acronyms.",
        property_iri=f"{SKOS}altLabel",
    )
)
IS_UNNAMED = Column(
    "is_unnamed",
    ("has no name in the sources", "sans nom dans les sources", "ohne Namen in den Quellen"),
    "True if no source gives it a name; then its name here stands in square brackets.",
    "boolean",
    f"{MP}unnamed",
)
COUNTRIES = many(
    iri(
        "countries",
        ("countries", "pays", "Länder"),
        "The countries it is in.",
        f"{MP}locatedIn",
    )
)
AREAS = many(
    iri(
        "areas",
        ("areas", "territoires", "Gebiete"),
        "The areas it is in that are not countries.",
        f"{MP}locatedIn",
    )
)
NUTS_CODES = many(
    Column(
        "nuts_codes",
        ("NUTS codes", "codes NUTS", "NUTS-Codes"),
        "The codes of these countries and areas in the NUTS classification of 2024.",
    )
)
MEMBER_OF = many(
    iri(
        "member_of",
        ("member of", "membre de", "Mitglied von"),
        "The clusters and networks that it is a member of.",
        f"{ORG}memberOf",
    )
)
DOCUMENTS = many(
    iri(
        "documents",
        ("source documents", "documents sources", "Quelldokumente"),
        "The documents in which this is stated; for a thing, those that say something about it.",
        f"{MP}statedIn",
    )
)
POSITIONS = many(
    Column(
        "positions",
        ("positions", "positions", "Positionen"),
        "Points as well-known text, longitude before latitude. Each is a point within an area, "
        "where a map puts the area's name; it is not the address of anybody.",
    )
)
POSITION_AREAS = many(
    iri(
        "position_areas",
        ("areas of the positions", "territoires des positions", "Gebiete der Positionen"),
        "The areas that the positions stand for, in the same order.",
    )
)
PLACED = (POSITIONS, POSITION_AREAS)
DOCUMENTED = (
    DOCUMENTS,
    name_of(
        DOCUMENTS,
        ("titles of the documents", "titres des documents", "Titel der Dokumente"),
        "document_names",
    ),
)
LOCATED = (
    COUNTRIES,
    name_of(
        COUNTRIES,
        ("names of the countries", "noms des pays", "Namen der Länder"),
        "country_names",
    ),
    AREAS,
    name_of(
        AREAS,
        ("names of the areas", "noms des territoires", "Namen der Gebiete"),
        "area_names",
    ),
    NUTS_CODES,
)
MEMBERSHIPS = (
    MEMBER_OF,
    name_of(
        MEMBER_OF,
        ("names of these groups", "noms de ces groupes", "Namen dieser Gruppen"),
        "member_of_names",
    ),
)
SPAN = (
    Column(
        "stated_from",
        ("statements from", "énoncés à partir du", "Aussagen ab"),
        "The first day that statements about it name; empty if one of them has no first day.",
        "date",
    ),
    Column(
        "stated_to",
        ("statements to", "énoncés jusqu’au", "Aussagen bis"),
        "The last day that statements about it name; empty if one of them has no last day.",
        "date",
    ),
)
STATED = (
    Column(
        "from",
        ("from", "à partir du", "von"),
        "The first possible day of its time, in the sense that 'time_basis' gives.",
        "date",
        f"{MP}from",
    ),
    Column(
        "to",
        ("to", "jusqu’au", "bis"),
        "The last possible day of its time; empty if the end is not known.",
        "date",
        f"{MP}to",
    ),
    Column(
        "time_as_printed",
        ("time as printed", "date imprimée", "Zeit wie gedruckt"),
        "The time as the source gives it, in the notation of EDTF.",
        property_iri=f"{MP}timeAsPrinted",
    ),
    iri(
        "time_basis",
        ("basis of the time", "base de la date", "Grundlage der Zeit"),
        "Whether the source prints the time, or it is that of the document, or it was inferred.",
        f"{MP}timeBasis",
    ),
    iri(
        "status",
        ("status", "statut", "Status"),
        "Whether the source says that it is planned, granted, active or over.",
        f"{MP}status",
    ),
    iri(
        "confidence",
        ("confidence", "degré de confiance", "Sicherheit"),
        "How sure it is, where no source document states it.",
        f"{MP}confidence",
    ),
    many(
        Column(
            "notes",
            ("notes", "notes", "Anmerkungen"),
            "Remarks on how the source was read.",
            property_iri=f"{SKOS}note",
        )
    ),
    many(
        iri(
            "evidence",
            ("evidence", "preuves", "Belege"),
            "The places in source documents that show it.",
            f"{MP}evidence",
        )
    ),
    many(
        Column(
            "printed",
            ("as printed", "tel qu’imprimé", "wie gedruckt"),
            "The words or the figure as printed at each piece of evidence, in the same order.",
        )
    ),
    many(
        Column(
            "lines",
            ("lines", "lignes", "Zeilen"),
            "The line of the document in which each piece of evidence begins, in the same order.",
            "integer",
        )
    ),
    *DOCUMENTED,
    *PLACED,
)
"""The columns of every statement: its time, and where it is printed."""

KIND_OF_AREA = iri(
    "kind",
    ("kind of area", "type de territoire", "Gebietsart"),
    "What sort of area it is.",
    f"{MP}areaKind",
)
PART_OF = many(
    iri(
        "part_of",
        ("part of", "partie de", "Teil von"),
        "The areas that it is a part of.",
        f"{MP}partOf",
    )
)
RANKS = many(
    iri(
        "ranks",
        ("ranks", "rangs", "Ränge"),
        "The ranks that a label gave it at some time; the labelling tells when.",
    )
)
SECTORS = many(
    iri(
        "sectors",
        ("sectors", "secteurs", "Branchen"),
        "The sectors it works in.",
        f"{MP}sector",
    )
)
SPECIALTIES = many(
    iri(
        "specialties",
        ("specialties", "spécialités", "Spezialgebiete"),
        "Its specialties.",
        f"{MP}specialty",
    )
)
MANAGED_BY = many(
    iri(
        "managed_by",
        ("managed by", "géré par", "geleitet von"),
        "Who runs it.",
        f"{MP}managedBy",
    )
)
KINDS = many(
    iri(
        "kinds",
        ("kinds", "types", "Arten"),
        "What sources call it.",
    )
)
MANAGES = many(
    iri(
        "manages",
        ("manages", "gère", "leitet"),
        "The clusters that it runs.",
        f"{MP}manages",
    )
)
PARTNERS = many(
    iri(
        "partners",
        ("partners", "partenaires", "Partner"),
        "Who works together.",
        f"{MP}partner",
    )
)
VIA = many(
    iri(
        "via",
        ("via", "par l’intermédiaire de", "vermittelt durch"),
        "Who arranges the partnership.",
        f"{MP}via",
    )
)
WITHIN = many(
    iri(
        "within",
        ("within", "au sein de", "innerhalb von"),
        "The cluster, network or project that it happens in.",
        f"{MP}within",
    )
)
KIND_OF_PARTNERSHIP = iri(
    "kind",
    ("kind of partnership", "type de partenariat", "Art der Partnerschaft"),
    "What sort of partnership it is.",
    f"{MP}partnershipKind",
)
ABOUT = iri(
    "about",
    ("about", "à propos de", "über"),
    "What the figure is about: a cluster, an organisation, an area, a programme, ...",
    f"{MP}about",
)
INDICATOR = iri(
    "indicator",
    ("indicator", "indicateur", "Kennzahl"),
    "What the figure measures.",
    f"{MP}indicator",
)
UNIT = iri("unit", ("unit", "unité", "Einheit"), "What the number counts.", f"{MP}unit")
PER = iri("per", ("per", "par", "pro"), "The unit of time of a rate.", f"{MP}per")
QUALIFIER = iri(
    "qualifier",
    ("qualifier", "qualificatif", "Genauigkeit"),
    "How exactly the source gives the number.",
    f"{MP}qualifier",
)
CLUSTER_OF_SPECIALTY = iri(
    "cluster", ("cluster", "cluster", "Cluster"), "The cluster.", f"{MP}about"
)
SPECIALTY = iri(
    "specialty",
    ("specialty", "spécialité", "Spezialgebiet"),
    "The specialty, worded as the source prints it.",
    f"{MP}field",
)
CLASSES = many(
    Column(
        "kinds",
        ("classes", "classes", "Klassen"),
        "The classes of Metapole's ontology that it belongs to.",
        property_iri=RDF_TYPE,
    )
)
NACE = tuple(
    many(
        iri(
            f"nace_{near}",
            titles,
            f"Divisions of NACE Rev. 2.1 that the specialty is {says}.",
        )
    )
    for near, titles, says in (
        ("close", ("NACE, close", "NACE, proche", "NACE, nah"), "close to"),
        ("related", ("NACE, related", "NACE, apparenté", "NACE, verwandt"), "related to"),
    )
)
LINKED = tuple(
    many(iri(name, titles, says, f"{SKOS}{match}"))
    for name, titles, says, match in (
        (
            "same_as",
            ("same as", "identique à", "dasselbe wie"),
            "Its IRIs in lists of the European Union: NUTS, countries.",
            "exactMatch",
        ),
        (
            "close_to",
            ("close to", "proche de", "nahe an"),
            "Its IRI in Wikidata.",
            "closeMatch",
        ),
    )
)
OWN_POINT = (replace(POSITIONS, property_iri=f"{GEO}asWKT"), POSITION_AREAS)
